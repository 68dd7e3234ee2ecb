"""A simulated Google whose every text has invisible characters planted in it, as people outside could write them."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from google_workspace_mcp.sandbox.service import JSON, Call, GoogleService, Handler, Media, Reply

WORD = "planted"
# Zero-width, bidi override and isolate, tag letters, carriers of hidden bytes, a filler, a control, half a character.
POISON = f" \u200b{WORD}\u202e\u2066\U000e0041\U000e0042\ufe00\ufe0f\U000e0100\u3164\u00ad\x07\ud83d"
_IN_HTML = f" &#8203;&#x202e;{WORD}&#xE0041;&#xFE0F;&shy;&#xD83D;"
# What Google itself makes or checks: ids, moments, kinds, addresses of its own. All other text is planted.
_OWN = frozenset(
    (
        "id", "threadId", "historyId", "internalDate", "labelIds", "partId", "attachmentId", "kind", "etag",
        "nextPageToken", "nextSyncToken", "newStartPageToken", "startPageToken", "iCalUID", "dateTime", "date",
        "timeZone", "status", "accessRole", "responseStatus", "eventType", "visibility", "transparency", "recurrence",
        "recurringEventId", "backgroundColor", "foregroundColor", "textColor", "colorId", "htmlLink", "hangoutLink",
        "webViewLink", "iconLink", "createdTime", "modifiedTime", "created", "updated", "role", "type", "driveId",
        "parents", "size", "targetId", "permissionId", "method", "md5Checksum", "sha1Checksum", "sha256Checksum",
        "messageListVisibility", "labelListVisibility", "verificationStatus", "uri", "conferenceId", "entryPointType",
        "key", "fileId", "spaces", "teamDriveId", "quotaBytesUsed", "version", "headRevisionId", "nextLink", "gadget",
        "start", "end", "timeMin", "timeMax", "reason", "limit", "usage", "usageInDrive", "usageInDriveTrash",
        "maxUploadSize",
    )
)  # fmt: skip
_OWN_ENDINGS = ("Time", "Date", "Id", "Token", "Link", "Checksum", "Url")
_KNOWN_TYPES = ("text/", "multipart/", "message/", "application/vnd.google-apps.", "image/", "application/pdf")
# The person's own zone: nobody else sets it, and it decides how times show.
_LEFT = frozenset(("calendar.settings.get", "calendar.settings.list"))


class Planted:
    """A service of the simulated Google, its answers poisoned."""

    def __init__(self, service: GoogleService) -> None:
        self._service = service

    def handlers(self) -> Mapping[str, Handler]:
        return {name: _around(name, handler) for name, handler in self._service.handlers().items()}


def planted(services: Sequence[GoogleService]) -> list[GoogleService]:
    return [Planted(service) for service in services]


def _around(method: str, handler: Handler) -> Handler:
    def answer(call: Call) -> JSON | Reply:
        found = handler(call)
        if method in _LEFT:
            return found
        if not isinstance(found, Reply):
            return _poisoned(found)
        json = None if found.json is None else _poisoned(found.json)
        return Reply(json, _media(found.media), found.headers)

    return answer


def _media(media: Media | None) -> Media | None:
    if media is None or not media.content_type.startswith("text/"):
        return media
    return Media(media.data + _IN_HTML.encode() + _utf8(POISON), media.content_type)


def _poisoned(value: Any, key: str = "", holder: Any = None) -> Any:
    if isinstance(value, dict):
        return {name: _poisoned(each, name, value) for name, each in value.items()}
    if isinstance(value, list):
        return [_poisoned(each, key) for each in value]
    if (
        not isinstance(value, str)
        or not value  # where there is no text, nobody wrote one
        or key in _OWN
        or key.endswith(_OWN_ENDINGS)
        or (key == "name" and "value" in (holder or {}))
    ):
        return value
    return _text(key, value)


def _text(key: str, value: str) -> str:
    match key:
        case "mimeType" | "targetMimeType" | "contentType":
            return value if value.startswith(_KNOWN_TYPES) else value + POISON
        case "data":
            # The content of a mail's part, or of an attachment.
            return _encoded(_decoded(value) + _utf8(_IN_HTML + POISON))
        case "raw":
            # A whole message.
            subject = b"\nSubject: " + _utf8(POISON.replace("\x07", ""))
            return _encoded(_decoded(value).replace(b"\nSubject:", subject, 1))
        case "value" if "<" in value:
            # In the name in front of an address, so that it stays one.
            return value.replace("<", f"{POISON} <", 1)
        case _:
            return value + POISON


def _decoded(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
