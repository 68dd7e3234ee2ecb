"""What a tool works with: one of the caller's accounts, and Google through it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.files.claims import NO_UPLOADS, CallersUploads
from google_workspace_mcp.core.files.links import NO_LINKS, LinkMaker
from google_workspace_mcp.core.google.session import GoogleSession
from google_workspace_mcp.core.google.uploads import Progress, tell_nobody
from google_workspace_mcp.core.policy.reach import Reach, nobody


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone that times are shown in. `known` is False when Google would not say: then it is UTC and told so."""

    info: ZoneInfo
    known: bool = True

    @property
    def name(self) -> str:
        return self.info.key

    @property
    def label(self) -> str:
        """The name as results show it; with a word when it only stands in for one that Google would not tell."""
        return self.name if self.known else f"{self.name} (the account's own zone is unknown)"


class CursorSealer(Protocol):
    """Cursors that only their caller can use, and only for the same request."""

    def seal(self, state: Mapping[str, Any], bound: str, *, life: int = ...) -> str:
        """An opaque cursor holding `state`, good for the tool and arguments that `bound` spells, for a day or `life`
        seconds."""
        ...

    def open(self, cursor: str, bound: str) -> dict[str, Any]:
        """The state. Raises UserInputError for a cursor that is damaged, expired or made for another call."""
        ...


def never_barred(_capability: str) -> None:
    """Where nothing but the tool's own capability is asked for."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """One tool call on one account.

    `google` sends requests within the call's deadline; `address` names the account in results; `zone()` is the user's
    calendar zone, looked up once per account and kept for an hour; `connection_id` is the key for per-account caches.
    `links` makes download links to things of this account, `uploads` has the bytes that the caller has sent.
    `permit` is the gate: a tool that reaches people calls it with whom it is about to reach, as soon as it knows, and
    before it does; it raises PolicyRefusedError. `barred` says why this caller may not use a capability on this
    account, None when they may: a tool that is usable with any one of several asks it before it uses one. `progress` is
    told how many bytes of how many have been sent.
    """

    google: GoogleSession
    address: str
    connection_id: str
    clock: Clock
    zone: Callable[[], Awaitable[Zone]]
    cursors: CursorSealer
    permit: Callable[[Reach], None] = nobody
    links: LinkMaker = NO_LINKS
    uploads: CallersUploads = NO_UPLOADS
    barred: Callable[[str], WorkspaceError | None] = never_barred
    progress: Progress = tell_nobody
