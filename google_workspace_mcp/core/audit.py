"""The audit trail: one line for each thing that gives or takes access, with who, which client, what, and how it ended.

Who is the principal's key and a client is its id or a hash, so a line says nothing about a person to somebody who does
not know them already. Addresses, tokens and content have no place here. The lines go to the log as the event `audit`,
whatever level is configured.
"""

import hashlib
import re
from typing import Final, Literal

from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.principal import Owner

type What = Literal[
    "account_sign_in",
    "account_sign_out",
    "client_added",
    "client_registered",
    "client_removed",
    "client_signed_out",
    "code_replayed",
    "disconnect",
    "grant",
    "grant_ended",
    "grant_widened",
    "object_set_aside",
    "refresh",
    "refresh_reuse_detected",
    "revocation",
    "sign_in",
]
type Outcome = Literal["ok", "refused", "failed"]

_OURS: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_log = get_logger(__name__)


class Audit:
    """Writes audit lines."""

    def record(
        self,
        what: What,
        *,
        who: Owner | None = None,
        client: str = "",
        outcome: Outcome = "ok",
        reason: str = "",
    ) -> None:
        """One line. `reason` is a word from a fixed vocabulary, never an error's text."""
        line = {"what": what, "who": who.key if who else "", "client": client_label(client), "outcome": outcome}
        _log.info("audit", **line, **({"reason": reason} if reason else {}))


def client_label(client_id: str) -> str:
    """A client as audit lines name it: ids that we made as they are, others (addresses of documents) by their hash."""
    if not client_id or _OURS.fullmatch(client_id):
        return client_id
    return f"sha256-{hashlib.sha256(client_id.encode()).hexdigest()[:16]}"
