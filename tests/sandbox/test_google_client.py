"""Google's own Python clients, unchanged, against the simulator over a real socket."""

import io
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from google_auth_oauthlib.flow import Flow
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import BatchError, HttpError
from googleapiclient.http import MediaIoBaseDownload, MediaIoBaseUpload, build_http

from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Media
from google_workspace_mcp.sandbox.uploads import CHUNK
from tests.sandbox.pages import consent_form
from tests.sandbox.world import ALICE, APP, CALLBACK, EVERYTHING, MAIL, READ_MAIL, Recorder


class Built:
    """Clients of the three APIs for one person, closed at the end."""

    def __init__(self, google: SimulatedGoogle) -> None:
        credentials = Credentials(google.grant(ALICE.email, EVERYTHING).access_token)
        self._http = AuthorizedHttp(credentials, http=build_http())
        self._google = google

    def __getitem__(self, key: str) -> Any:
        return build_from_document(self._google.document(key), http=self._http)

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def client(served: SimulatedGoogle) -> Iterator[Built]:
    built = Built(served)
    yield built
    built.close()


def test_it_reads_a_message(client: Built, served: SimulatedGoogle) -> None:
    message = client["gmail.v1"].users().messages().get(userId="me", id="a1", format="full").execute()

    assert message["payload"]["headers"] == [{"name": "Subject", "value": "Hello"}]
    assert served.violations == []


def test_it_raises_its_own_errors(client: Built) -> None:
    with pytest.raises(HttpError) as caught:
        client["gmail.v1"].users().messages().get(userId="me", id="gone").execute()

    assert caught.value.status_code == 404
    assert caught.value.reason == "Requested entity was not found."


def test_its_long_gets_arrive(client: Built, recorder: Recorder) -> None:
    query = " OR ".join(f"from:person{number}@example.com" for number in range(200))
    client["gmail.v1"].users().messages().list(userId="me", q=query, maxResults=5).execute()

    assert recorder.last.params["q"] == query
    assert recorder.last.params["maxResults"] == 5


def test_its_batches_work(client: Built, served: SimulatedGoogle) -> None:
    answers: dict[str, Any] = {}

    def keep(name: str, answer: Any, error: HttpError | None) -> None:
        answers[name] = error.status_code if error else answer["id"]

    gmail = client["gmail.v1"]
    batch = gmail.new_batch_http_request(callback=keep)
    for message_id in ("a1", "gone", "a3"):
        batch.add(gmail.users().messages().get(userId="me", id=message_id), request_id=message_id)
    batch.execute()

    assert answers == {"a1": "a1", "gone": 404, "a3": "a3"}
    assert len({call.batch for call in served.calls.all()}) == 1


def test_its_batches_of_changes_work(client: Built, recorder: Recorder) -> None:
    calendar = client["calendar.v3"]
    batch = calendar.new_batch_http_request()
    body = {"summary": "Mittag ü", "start": {"date": "2026-03-02"}, "end": {"date": "2026-03-03"}}
    batch.add(calendar.events().insert(calendarId="team@group.calendar.google.com", body=body))
    batch.add(calendar.events().delete(calendarId="primary", eventId="e1"))
    batch.execute()

    assert recorder.seen[0].body == body
    assert recorder.seen[0].params["calendarId"] == "team@group.calendar.google.com"
    assert recorder.seen[1].method_id == "calendar.events.delete"


def test_it_is_told_when_a_batch_is_too_large(client: Built) -> None:
    gmail = client["gmail.v1"]
    batch = gmail.new_batch_http_request()
    for _ in range(101):
        batch.add(gmail.users().getProfile(userId="me"))

    with pytest.raises((HttpError, BatchError)):
        batch.execute()


def test_its_multipart_upload_arrives(client: Built, recorder: Recorder) -> None:
    data = bytes(range(256)) + b"\r"
    media = MediaIoBaseUpload(io.BytesIO(data), mimetype="image/png")
    created = client["drive.v3"].files().create(body={"name": "Bild ü"}, media_body=media, fields="id,name").execute()

    assert created == {"id": "file1", "name": "Bild ü"}
    assert recorder.files["file1"] == Media(data, "image/png")


def test_its_resumable_upload_arrives(client: Built, recorder: Recorder) -> None:
    data = bytes(range(256)) * 2500
    media = MediaIoBaseUpload(io.BytesIO(data), mimetype="video/mp4", chunksize=CHUNK, resumable=True)
    request = client["drive.v3"].files().create(body={"name": "Long"}, media_body=media)
    seen: list[int] = []
    answer = None
    while answer is None:
        status, answer = request.next_chunk()
        if status:
            seen.append(status.resumable_progress)

    assert seen == [CHUNK, 2 * CHUNK]
    assert answer["size"] == str(len(data))
    assert recorder.files["file1"].data == data


def test_its_download_comes_in_ranges(client: Built, recorder: Recorder) -> None:
    recorder.files["f1"] = Media(bytes(range(256)) * 20, "application/pdf")
    target = io.BytesIO()
    download = MediaIoBaseDownload(target, client["drive.v3"].files().get_media(fileId="f1"), chunksize=2000)
    done = False
    while not done:
        _, done = download.next_chunk()

    assert target.getvalue() == recorder.files["f1"].data
    assert len(recorder.seen) == 3


# -- sign-in


def flow(google: SimulatedGoogle, scopes: list[str]) -> Flow:
    config = {
        "web": {
            "client_id": APP.client_id,
            "client_secret": APP.client_secret,
            "auth_uri": f"{google.url}/o/oauth2/v2/auth",
            "token_uri": f"{google.url}/token",
        }
    }
    return Flow.from_client_config(config, scopes=scopes, redirect_uri=CALLBACK, autogenerate_code_verifier=True)


def test_its_flow_redeems_a_code(served: SimulatedGoogle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    identity = [f"https://www.googleapis.com/auth/userinfo.{name}" for name in ("email", "profile")]
    signing_in = flow(served, ["openid", *identity, READ_MAIL])
    address, state = signing_in.authorization_url(access_type="offline", prompt="consent", login_hint=ALICE.email)
    with httpx2.Client(base_url=served.url, timeout=10) as browser:
        form = consent_form(browser.get(address))
        back = browser.post(form.action, data=form.filled("allow", form.scopes)).headers["location"]
    signing_in.fetch_token(authorization_response=back)
    signing_in.oauth2session.close()

    credentials = signing_in.credentials
    assert f"state={state}" in back
    assert isinstance(credentials, Credentials)
    assert credentials.refresh_token
    assert credentials.id_token
    assert set(credentials.scopes or ()) == {"openid", *identity, READ_MAIL}


def test_its_credentials_refresh_and_notice_a_revocation(served: SimulatedGoogle) -> None:
    grant = served.grant(ALICE.email, [MAIL], APP.client_id)
    credentials = Credentials(
        None,
        refresh_token=grant.refresh_token,
        token_uri=f"{served.url}/token",
        client_id=APP.client_id,
        client_secret=APP.client_secret,
    )
    request = Request()
    credentials.refresh(request)
    fresh = credentials.token
    served.revoke(ALICE.email)
    with pytest.raises(RefreshError, match="expired or revoked"):
        credentials.refresh(request)
    request.session.close()

    assert isinstance(fresh, str)
    assert fresh.startswith("ya29.sim-")
