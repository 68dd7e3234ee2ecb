"""Reading and adding headers at the ASGI level."""

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import Scope


def header_values(scope: Scope, name: bytes) -> list[str]:
    """Every value of a header, in order. `name` is lower-case."""
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    return [value.decode("latin-1") for key, value in headers if key == name]


def add_page_headers(headers: MutableHeaders) -> None:
    """Headers of every page that does not bring its own."""
    # Not `no-referrer`: with it browsers send `Origin: null` on a page's own form (Fetch, "append a request Origin
    # header"), which is refused here. To other sites `same-origin` gives just as little away.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Content-Security-Policy", "frame-ancestors 'none'")
    headers.setdefault("Cache-Control", "no-store")
