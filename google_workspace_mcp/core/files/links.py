"""Download links: sealed capabilities for the bytes of one thing in one connected account.

Whoever has the link may fetch them, for fifteen minutes and as long as the connection lives. It names the connection
and the thing by ids alone: name and type are looked up when it is followed, which keeps a link at about 200 characters
of a model's context, and true when the thing has changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from google_workspace_mcp.core.capsules import BrokenCapsuleError, Capsules
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import InternalError
from google_workspace_mcp.core.http.paths import FILES
from google_workspace_mcp.core.keys import Ring

LINK_SECONDS: Final = 15 * 60
_OWNER_BYTES = 16
_CONNECTION_BYTES = 12
_SINCE_BYTES = 6
_HEAD = _OWNER_BYTES + _CONNECTION_BYTES + _SINCE_BYTES


@dataclass(frozen=True, slots=True)
class Item:
    """What a link leads to: the source that has it, and the ids that this source finds it by."""

    source: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose bytes they are: the owner's key, the connection's id, and since when (milliseconds) it is connected.

    An account that was disconnected and connected again has the same id: links from before stay dead all the same.
    """

    owner_key: str
    connection_id: str
    since: int


@dataclass(frozen=True, slots=True)
class Link:
    """An address to hand out, and until when it is good."""

    url: str
    expires: datetime

    @property
    def until(self) -> str:
        """`14:05 UTC`."""
        return f"{self.expires:%H:%M} UTC"


class LinkMaker(Protocol):
    """Makes links for one connection."""

    def to(self, item: Item) -> Link:
        """A link to that thing of the connection's."""
        ...


class _NoLinks:
    """Where no bytes can be fetched."""

    def to(self, item: Item) -> Link:
        raise InternalError(f"There are no links to {item.source} here", reason="no_links")


NO_LINKS: Final[LinkMaker] = _NoLinks()


class DownloadLinks:
    """Makes and opens links. `address` gives the base URL that the present caller reaches this service by."""

    def __init__(
        self, keys: Ring, clock: Clock, randomness: Callable[[int], bytes], address: Callable[[], str]
    ) -> None:
        self._capsules = Capsules(keys, "download-link", clock, randomness)
        self._clock = clock
        self._address = address

    def of(self, holder: Holder) -> LinkMaker:
        """Links for one connection of one owner."""
        return _HoldersLinks(self, holder)

    def make(self, holder: Holder, item: Item) -> Link:
        """A link that is good from now on for fifteen minutes."""
        expires = int(epoch(self._clock)) + LINK_SECONDS
        head = bytes.fromhex(holder.owner_key) + bytes.fromhex(holder.connection_id)
        content = head + holder.since.to_bytes(_SINCE_BYTES) + "\0".join((item.source, *item.where)).encode()
        url = f"{self._address()}{FILES}/{self._capsules.seal(content, expires)}"
        return Link(url, datetime.fromtimestamp(expires, UTC))

    def open(self, token: str) -> tuple[Holder, Item]:
        """What the end of a link's path stands for. Raises BrokenCapsuleError, ExpiredCapsuleError."""
        content = self._capsules.open(token)
        if len(content) <= _HEAD:
            raise BrokenCapsuleError
        owner, rest = content[:_OWNER_BYTES], content[_OWNER_BYTES:]
        connection, since = rest[:_CONNECTION_BYTES], rest[_CONNECTION_BYTES : _CONNECTION_BYTES + _SINCE_BYTES]
        source, *where = content[_HEAD:].decode().split("\0")
        return Holder(owner.hex(), connection.hex(), int.from_bytes(since)), Item(source, tuple(where))


@dataclass(frozen=True, slots=True)
class _HoldersLinks:
    links: DownloadLinks
    holder: Holder

    def to(self, item: Item) -> Link:
        return self.links.make(self.holder, item)
