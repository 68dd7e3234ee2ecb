"""The simulated Gmail driven by google-api-python-client over HTTP: another view than our own of what Gmail is."""

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httplib2
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseUpload

from google_workspace_mcp.sandbox.gmail import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, PEOPLE
from google_workspace_mcp.sandbox.people.mail import fill_mail
from google_workspace_mcp.sandbox.server import SimulatedGoogle

from .support import FULL_SCOPE, SteppingClock

type Users = Callable[..., Any]


@pytest.fixture(scope="module")
def google() -> Iterator[SimulatedGoogle]:
    clock = SteppingClock()
    gmail = GmailService(clock)
    fill_mail(gmail, clock)
    with SimulatedGoogle([gmail], PEOPLE, clock=clock) as google:
        yield google
    assert google.violations == []


@pytest.fixture
def users(google: SimulatedGoogle) -> Iterator[Users]:
    """Makes the client's `users()` resource for a person, Alice by default."""
    with ExitStack() as stack:

        def make(email: str = ALICE.email) -> Any:
            token = google.grant(email, [FULL_SCOPE]).access_token
            http = AuthorizedHttp(Credentials(token), http=httplib2.Http(timeout=10))
            service = build_from_document(google.document("gmail.v1"), http=http)
            stack.callback(service.close)
            resource = service.users()
            stack.callback(resource.close)
            return resource

        yield make


def test_all_pages_of_a_search_are_walked(users: Users) -> None:
    messages = users().messages()
    request, ids = messages.list(userId="me", q="in:anywhere", maxResults=40), list[str]()
    while request is not None:
        answer = request.execute()
        ids += [row["id"] for row in answer["messages"]]
        request = messages.list_next(request, answer)
    total = users().getProfile(userId="me").execute()["messagesTotal"]
    assert len(ids) == len(set(ids)) == total


def test_an_attachment_is_fetched(users: Users) -> None:
    messages = users().messages()
    [row] = messages.list(userId="me", q='filename:"Invoice 2026-1187.pdf"').execute()["messages"]
    message = messages.get(userId="me", id=row["id"]).execute()
    attachment_id = message["payload"]["parts"][1]["body"]["attachmentId"]
    answer = messages.attachments().get(userId="me", messageId=row["id"], id=attachment_id).execute()
    assert base64.urlsafe_b64decode(answer["data"]).startswith(b"%PDF-")


def test_metadata_headers_are_repeated_parameters(users: Users) -> None:
    messages = users().messages()
    [row] = messages.list(userId="me", maxResults=1, labelIds=["INBOX", "UNREAD"]).execute()["messages"]
    message = messages.get(userId="me", id=row["id"], format="metadata", metadataHeaders=["Subject", "From"]).execute()
    assert {header["name"] for header in message["payload"]["headers"]} == {"Subject", "From"}


def test_an_unknown_operator_is_an_error_of_googles_shape(users: Users) -> None:
    with pytest.raises(HttpError, match="wibble:") as caught:
        users().messages().list(userId="me", q="wibble:1").execute()
    assert caught.value.status_code == 400


def test_a_draft_is_made_sent_and_arrives(users: Users) -> None:
    raw = base64.urlsafe_b64encode(b"To: ben@example.com\r\nSubject: Through the wire\r\n\r\nzeppelin").decode()
    drafts = users().drafts()
    draft = drafts.create(userId="me", body={"message": {"raw": raw}}).execute()
    sent = drafts.send(userId="me", body={"id": draft["id"]}).execute()
    assert "SENT" in sent["labelIds"]
    found = users(BEN.email).messages().list(userId="me", q="zeppelin is:unread").execute()
    assert len(found["messages"]) == 1


def test_a_message_is_sent_as_an_upload(users: Users) -> None:
    message = b"To: chiara@studio.example\r\nSubject: Upload\r\n\r\n" + b"x" * 100_000
    media = MediaIoBaseUpload(io.BytesIO(message), mimetype="message/rfc822")
    sent = users().messages().send(userId="me", body={}, media_body=media).execute()
    assert users().messages().get(userId="me", id=sent["id"]).execute()["sizeEstimate"] > 100_000


def test_labels_change_one_by_one_and_in_a_batch(users: Users) -> None:
    messages = users().messages()
    ids = [row["id"] for row in messages.list(userId="me", q="list:makers").execute()["messages"]]
    label = users().labels().create(userId="me", body={"name": "Lists/Read later"}).execute()
    messages.modify(userId="me", id=ids[0], body={"addLabelIds": [label["id"]]}).execute()
    assert messages.batchModify(userId="me", body={"ids": ids, "addLabelIds": [label["id"]]}).execute() in ("", None)
    counted = users().labels().get(userId="me", id=label["id"]).execute()
    assert counted["messagesTotal"] == len(ids)
    history = users().history().list(userId="me", startHistoryId="100000", labelId=label["id"]).execute()
    assert len(history["history"]) == len(ids)
