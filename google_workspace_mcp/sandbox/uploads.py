"""Uploads: `media`, `multipart` and `resumable`, turned into one body and one `Media` for the handler."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from urllib.parse import parse_qs, urlencode

from google_workspace_mcp.sandbox.discovery import Match, Method
from google_workspace_mcp.sandbox.errors import malformed
from google_workspace_mcp.sandbox.multipart import split
from google_workspace_mcp.sandbox.service import Call, GoogleError, Media
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing

# Google takes chunks in multiples of this, but for the last.
CHUNK = 256 * 1024
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18}|\*)")


def read_upload(method: Method, kind: str | None, incoming: Incoming) -> tuple[bytes, Media | None, bool]:
    """JSON part, media, and whether this opens a resumable session. Raises Google's 400 and 413."""
    content_type = incoming.headers.get("content-type", "")
    if kind == "resumable":
        declared = incoming.headers.get("x-upload-content-type", "application/octet-stream")
        length = incoming.headers.get("x-upload-content-length", "0")
        if not length.isdecimal():
            raise malformed("X-Upload-Content-Length is not a number.", field_path="X-Upload-Content-Length")
        _check_media(method, declared, int(length))
        return incoming.body, None, True
    if kind == "media":
        _check_media(method, content_type, len(incoming.body))
        return b"", Media(incoming.body, content_type), False
    if kind == "multipart":
        parts = split(incoming.body, content_type)
        if len(parts) != 2:
            raise malformed(f"A multipart upload has two parts, JSON and media, not {len(parts)}.")
        media = Media(parts[1].decoded(), parts[1].headers.get("content-type", "application/octet-stream"))
        _check_media(method, media.content_type, len(media.data))
        return parts[0].decoded(), media, False
    raise malformed("An upload needs uploadType=media, multipart or resumable.", field_path="uploadType")


def _check_media(method: Method, content_type: str, size: int) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if not any(fnmatchcase(kind, pattern) for pattern in method.accepts):
        valid = ", ".join(method.accepts)
        raise GoogleError(400, "badContent", f"Media type '{kind}' is not supported. Valid media types: [{valid}]")
    if size > method.max_upload:
        raise GoogleError(413, "uploadTooLarge", f"The upload is larger than {method.max_upload} bytes.")


@dataclass(slots=True)
class _Session:
    match: Match
    call: Call
    content_type: str
    received: bytearray = field(default_factory=bytearray)
    answer: Outgoing | None = None


class Uploads:
    """Resumable uploads under way. A session's address is its own credential, as at Google."""

    def __init__(self, token: Callable[[int], str]) -> None:
        self._token = token
        self._sessions: dict[str, _Session] = {}

    def match(self, incoming: Incoming) -> Match | None:
        """The method that a request to a session belongs to."""
        session = self._session(incoming)
        return session.match if session else None

    def begin(self, match: Match, call: Call, incoming: Incoming) -> Outgoing:
        """200 with the session's address in `Location`."""
        upload_id = self._token(24)
        content_type = incoming.headers.get("x-upload-content-type", "application/octet-stream")
        self._sessions[upload_id] = _Session(match, call, content_type)
        query = urlencode({"uploadType": "resumable", "upload_id": upload_id})
        location = f"{incoming.origin}{incoming.path}?{query}"
        return Outgoing(200, headers={"Location": location, "X-GUploader-UploadID": upload_id})

    def resume(self, incoming: Incoming) -> Call | Outgoing | None:
        """308 while bytes are missing, the call once all are there, None when this is not about a session."""
        if "upload_id=" not in incoming.query:
            return None
        session = self._session(incoming)
        if session is None or incoming.verb not in {"PUT", "POST"}:
            raise GoogleError(404, "notFound", "The upload session is unknown.")
        if session.answer is not None:
            return session.answer
        complete = _receive(session, incoming.headers.get("content-range", ""), incoming.body)
        if not complete:
            return _incomplete(session)
        media = Media(bytes(session.received), session.content_type)
        _check_media(session.match.method, media.content_type, len(media.data))
        return replace(session.call, media=media)

    def finished(self, incoming: Incoming, answer: Outgoing) -> Outgoing:
        """Keep the answer: whoever asks the session again, having lost it, gets the same."""
        session = self._session(incoming)
        if session is not None:
            session.answer = answer
            session.received = bytearray()
        return answer

    def _session(self, incoming: Incoming) -> _Session | None:
        upload_id = parse_qs(incoming.query).get("upload_id", [""])[0]
        return self._sessions.get(upload_id)


def _receive(session: _Session, content_range: str, body: bytes) -> bool:
    """Add a chunk; whether the upload is complete now. Without `Content-Range` the body is all of it."""
    if not content_range:
        session.received = bytearray(body)
        return True
    found = _CONTENT_RANGE.fullmatch(content_range.strip())
    if found is None:
        raise malformed("The Content-Range header is not understood.", field_path="Content-Range")
    total = None if found[3] == "*" else int(found[3])
    if found[1] is None:
        return total is not None and total == len(session.received)
    first, last = int(found[1]), int(found[2])
    if last - first + 1 != len(body):
        raise malformed("The Content-Range header and the body differ in length.", field_path="Content-Range")
    if first > len(session.received):
        return False
    if total != last + 1 and len(body) % CHUNK:
        raise malformed(f"Chunks must be multiples of {CHUNK} bytes.", field_path="Content-Range")
    # A chunk sent again after a break overlaps what is there.
    session.received[first:] = body
    return total is not None and total == len(session.received)


def _incomplete(session: _Session) -> Outgoing:
    headers = {"Range": f"bytes=0-{len(session.received) - 1}"} if session.received else {}
    return Outgoing(308, headers=headers)
