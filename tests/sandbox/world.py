"""A small world for the tests of the simulator's front: two people, one app, a service that records what reaches it."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google_workspace_mcp.sandbox.oauth.book import OAuthClient
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Handler, Media, Person, Reply

ALICE = Person("alice@example.com", "Alice Ferreira", "100000000000000000001")
BEN = Person("ben@gmail.com", "Ben Okafor", "100000000000000000002")
CALLBACK = "http://127.0.0.1:9/auth/google/callback"
APP = OAuthClient("app.apps.example", "app-secret", "Paper Crane", (CALLBACK,))

MAIL = "https://mail.google.com/"
READ_MAIL = "https://www.googleapis.com/auth/gmail.readonly"
READ_DRIVE = "https://www.googleapis.com/auth/drive.readonly"
DRIVE = "https://www.googleapis.com/auth/drive"
CALENDAR = "https://www.googleapis.com/auth/calendar"
EVERYTHING = (MAIL, DRIVE, CALENDAR, "openid", "email", "profile")


class StoppedClock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self._now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class Recorder:
    """Answers a few methods with the least that their schemas allow, and keeps every call."""

    def __init__(self) -> None:
        self.seen: list[Call] = []
        self.files: dict[str, Media] = {}
        self.answers_nothing = False
        self.label: JSON = {"id": "Label_1", "name": "Work"}

    @property
    def last(self) -> Call:
        return self.seen[-1]

    def handlers(self) -> Mapping[str, Handler]:
        plain: dict[str, Handler] = {
            "gmail.users.getProfile": lambda call: {"emailAddress": call.person.email, "historyId": "7"},
            "gmail.users.messages.list": lambda _: {
                "messages": [{"id": "a1", "threadId": "a1"}],
                "resultSizeEstimate": 1,
            },
            "gmail.users.messages.get": self._message,
            "gmail.users.messages.send": lambda _: {"id": "a2", "threadId": "a2", "labelIds": ["SENT"]},
            "gmail.users.messages.trash": lambda call: {"id": call.params["id"]},
            "gmail.users.labels.create": lambda call: {"id": "Label_2", **(call.body or {})},
            "gmail.users.labels.get": lambda _: self.label,
            "drive.files.list": self._files,
            "drive.files.get": self._file,
            "drive.files.create": self._create,
            "drive.files.update": self._create,
            "drive.files.generateIds": lambda call: {"ids": ["x"] * call.params["count"]},
            "calendar.calendars.get": lambda call: {"id": call.params["calendarId"], "summary": "Work"},
            "calendar.events.list": lambda _: {"items": []},
            "calendar.events.insert": lambda call: {"id": "e1", **(call.body or {})},
            "calendar.events.delete": lambda _: Reply(),
            "people.people.get": lambda call: {"resourceName": call.params["resourceName"]},
        }
        return {method_id: self._recording(handler) for method_id, handler in plain.items()}

    def _recording(self, handler: Handler) -> Handler:
        def recorded(call: Call) -> JSON | Reply:
            self.seen.append(call)
            return Reply() if self.answers_nothing else handler(call)

        return recorded

    def _message(self, call: Call) -> JSON:
        if call.params["id"] == "gone":
            raise GoogleError(404, "notFound", "Requested entity was not found.")
        if call.params["id"] == "broken":
            raise LookupError("no such thing")
        body = base64.urlsafe_b64encode(b"Good morning").decode()
        payload = {"mimeType": "text/plain", "headers": [{"name": "Subject", "value": "Hello"}], "body": {"data": body}}
        return {"id": call.params["id"], "threadId": "t1", "sizeEstimate": 12, "payload": payload}

    def _files(self, _call: Call) -> JSON:
        owner = {"displayName": "Alice", "emailAddress": ALICE.email}
        files = [
            {"id": "f1", "name": "One", "size": "5", "owners": [owner], "properties": {"colour": "red"}},
            {"id": "f2", "name": "Two", "owners": [owner]},
        ]
        return {"kind": "drive#fileList", "files": files, "nextPageToken": "more"}

    def _file(self, call: Call) -> JSON | Reply:
        media = self.files.get(call.params["fileId"])
        if media is None:
            raise GoogleError(404, "notFound", f"File not found: {call.params['fileId']}.", location="fileId")
        if call.params["alt"] == "media":
            return Reply(media=media, headers={"ETag": '"v1"'})
        return {
            "id": call.params["fileId"],
            "name": "One",
            "mimeType": media.content_type,
            "size": str(len(media.data)),
        }

    def _create(self, call: Call) -> JSON:
        file_id = f"file{len(self.files) + 1}"
        if call.media:
            self.files[file_id] = call.media
        size = str(len(call.media.data)) if call.media else "0"
        return {"id": file_id, "name": (call.body or {}).get("name", "Untitled"), "size": size}


def small_google(recorder: Recorder, clock: StoppedClock) -> SimulatedGoogle:
    """The simulator with the recorder behind it; not yet started."""
    return SimulatedGoogle([recorder], [ALICE, BEN], clients=[APP], clock=clock, default_fields={})


def bearer(google: SimulatedGoogle, *scopes: str, email: str = ALICE.email) -> dict[str, str]:
    """Headers of a request by that person, who allowed those scopes, or everything."""
    return {"Authorization": f"Bearer {google.grant(email, scopes or EVERYTHING).access_token}"}
