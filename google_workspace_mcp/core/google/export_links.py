"""Exports beside the API, for documents that are larger than the 10 MB that its own method gives.

Google hands such addresses over in `exportLinks`. They take the account's token, so one is used only where it leads to
Google's host for documents by a path that is known; and where that sends on, the token stays behind.
"""

from urllib.parse import urlsplit

from google_workspace_mcp.core.errors import GoogleRefusedError
from google_workspace_mcp.core.google.outgoing import Outgoing, refuse_dot_segments

HOST = "docs.google.com"
_PATHS = ("/feeds/download/", "/document/", "/spreadsheets/", "/presentation/", "/drawings/")
# Where Google's hosts for people's content lie; their addresses carry a permission of their own.
_CONTENT = ".googleusercontent.com"
# What the call is called in prices, figures and traces.
METHOD = "drive.files.export"
_LONGEST = 2000
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def export_request(link: str, root: str) -> Outgoing:
    """The request for an export link, sent to `root`, which stands for Google's host. Raises GoogleRefusedError."""
    parts = urlsplit(link) if len(link) <= _LONGEST and link.isascii() and link.isprintable() else urlsplit("")
    if (parts.scheme, parts.netloc) != ("https", HOST) or not parts.path.startswith(_PATHS) or "\\" in link:
        raise _not_followed()
    refuse_dot_segments(link)
    return Outgoing(METHOD, "GET", f"{root.rstrip('/')}{parts.path}?{parts.query}", {}, None, promises_json=False)


def redirect_request(location: str) -> Outgoing:
    """The request that an answer to such a request sends on to. It is sent without a token."""
    parts = urlsplit(location) if location.isascii() and location.isprintable() else urlsplit("")
    host = parts.hostname or ""
    if parts.scheme != "https" or parts.netloc != host or not host.endswith(_CONTENT) or "\\" in location:
        raise _not_followed()
    return Outgoing(METHOD, "GET", location, {}, None, promises_json=False)


def _not_followed() -> GoogleRefusedError:
    return GoogleRefusedError(
        "Google names an address for the export that is not known here, and it is not followed",
        next_step="Open the document in Google Drive",
        reason="export_link",
    )
