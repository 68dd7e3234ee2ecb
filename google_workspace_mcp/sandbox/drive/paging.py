"""Pages of a listing: a token is good for the question that it was made for, and for no other."""

import hashlib
import json

from google_workspace_mcp.sandbox.drive.errors import invalid_value
from google_workspace_mcp.sandbox.drive.store import DriveStore
from google_workspace_mcp.sandbox.service import Call

# What may differ between the pages of one listing.
_PAGE_ONLY = frozenset(
    {"pageToken", "pageSize", "fields", "alt", "prettyPrint", "key", "quotaUser", "access_token", "oauth_token"}
)


def fingerprint(call: Call) -> str:
    """What makes two requests pages of the same listing: the person and all parameters but the page's own."""
    asked = {name: value for name, value in call.params.items() if name not in _PAGE_ONLY and value is not None}
    text = json.dumps([call.method_id, call.person.email, asked], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def waiting(store: DriveStore, call: Call) -> list[str] | None:
    """The ids that the call's page token stands for; None when it has none. Raises 400 for a foreign one."""
    token = str(call.params.get("pageToken") or "")
    if not token:
        return None
    ids = store.page(token, fingerprint(call))
    if ids is None:
        raise invalid_value("pageToken")
    return ids


def next_page(store: DriveStore, call: Call, ids: list[str], size: int) -> dict[str, str]:
    """`nextPageToken`, when there are more ids than fit on this page."""
    return {"nextPageToken": store.keep_page(fingerprint(call), ids[size:])} if len(ids) > size else {}
