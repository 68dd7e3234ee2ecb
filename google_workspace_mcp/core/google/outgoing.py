"""A request of google-api-python-client's as it goes over the wire."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from google_workspace_mcp.core.errors import InternalError

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

# googleapiclient.http.MAX_URI_LENGTH; what it does beyond it is a public habit of Google's APIs.
MAX_URI_LENGTH = 2048
# The shared client sets its own agent and negotiates only what it can decode.
_OURS = frozenset({"user-agent", "accept-encoding", "content-length", "authorization"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Method, address, headers and body. `promises_json` is false for methods that answer bytes or nothing."""

    method_id: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    promises_json: bool

    @classmethod
    def of(cls, request: "HttpRequest") -> Self:
        """The request as it is sent; the given one stays as it was, so that it can be sent again.

        A GET of more than 2,048 characters becomes a POST with X-HTTP-Method-Override, as the library does it.
        Raises InternalError for a path with `.` or `..` in it, which would lead to another resource.
        """
        if request.resumable is not None:
            # Sent as it is, only the file's metadata would arrive, and look like success.
            raise InternalError("A resumable upload was sent as a plain request", reason="resumable")
        url, method, body = str(request.uri), str(request.method), request.body
        refuse_dot_segments(url)
        headers = {str(name): str(value) for name, value in request.headers.items() if name.lower() not in _OURS}
        promises_json = headers.get("accept") == "application/json"
        if method == "GET" and len(url) > MAX_URI_LENGTH:
            url, _, body = url.partition("?")
            method = "POST"
            headers |= {"x-http-method-override": "GET", "content-type": "application/x-www-form-urlencoded"}
        content = body.encode() if isinstance(body, str) else body
        return cls(str(request.methodId), method, url, headers, content, promises_json)


def refuse_dot_segments(url: str) -> None:
    """Raises InternalError for a path with `.` or `..` in it."""
    segments = unquote(urlsplit(url).path).split("/")
    if "." in segments or ".." in segments:
        raise InternalError("An id that was not checked came into a Google address", reason="bad_path")
