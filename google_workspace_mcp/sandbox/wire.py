"""Requests and answers as plain values, so that a whole request and one part of a batch take the same way."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from google_workspace_mcp.sandbox.errors import error_headers, error_json, oauth_json
from google_workspace_mcp.sandbox.made import MadeBytes
from google_workspace_mcp.sandbox.service import JSON, GoogleError

JSON_TYPE = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One HTTP request. Path and query are percent-encoded, header names lower-case, `origin` is scheme and host."""

    verb: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    origin: str = ""
    batch: str = ""

    @property
    def bearer(self) -> str:
        """The token of the Authorization header, or an empty string."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One HTTP answer. `reset` means that the connection is to be dropped instead; `made` is sent as it is made."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    reset: bool = False
    media: bool = False
    made: MadeBytes | None = None


def json_answer(body: JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> Outgoing:
    """A JSON answer."""
    try:
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half a character can only be escaped
        data = json.dumps(body, separators=(",", ":")).encode()
    return Outgoing(status, data, {"Content-Type": JSON_TYPE, **(headers or {})})


def error_answer(error: GoogleError, api: str = "") -> Outgoing:
    """An error in the shape of that API."""
    return json_answer(error_json(error, api), error.status, error_headers(error))


def oauth_error(error: GoogleError) -> Outgoing:
    """An error in the shape of the OAuth endpoints."""
    return json_answer(oauth_json(error), error.status, error_headers(error))


def html_answer(status: int, text: str) -> Outgoing:
    """The bare HTML page that Google's outermost front answers with."""
    page = (
        f"<!DOCTYPE html>\n<html lang=en>\n<title>Error {status}</title>\n"
        f"<p><b>{status}.</b> <ins>That's an error.</ins>\n<p>{text} <ins>That's all we know.</ins>\n</html>\n"
    )
    return Outgoing(status, page.encode(), {"Content-Type": "text/html; charset=UTF-8"})
