"""What a room offers to the tools that go across services, which know no room.

A room's `Source` is handed over by the composition root. Ids are the room's own; the tools put `kind` in front of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from google_workspace_mcp.core.tools.workspace import Workspace

type State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, texts cleaned: `about` is one line that tells it from others of the same title."""

    id: str
    title: str
    url: str
    about: str


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, best first. `unseen` says in our words what could not be looked at."""

    items: tuple[Hit, ...]
    complete: bool
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One item as text. `facts` are short and cleaned; `text` is of other people's making, whole and not yet fenced."""

    title: str
    url: str
    facts: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one item, in a few words; `title` and `about` (sender, owner, time) where they are known."""

    id: str
    what: str
    title: str = ""
    about: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """The next changes, oldest first. `state` (JSON values, for a cursor) is where the next call goes on.

    With `start_over` Google no longer knows what happened since: `state` is then a new beginning.
    """

    items: tuple[Change, ...]
    state: State
    more: bool = False
    start_over: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of item: the word in front of ids, what it is called, and the capability that its reading takes."""

    kind: str
    words: str
    capability: str
    covers: str = field(default="", kw_only=True)
    """What of it changes are told of, where that is not all."""


class Source(Protocol):
    """One service's items."""

    @property
    def named(self) -> Named: ...

    async def search(self, work: Workspace, query: str, limit: int) -> Hits:
        """At most `limit` items for words as a person would write them: two round trips."""
        ...

    async def fetch(self, work: Workspace, item_id: str) -> Document:
        """One item by its id. Raises UserInputError for what is no id, NotFoundError."""
        ...

    async def start(self, work: Workspace) -> State:
        """Where changes are to be told from: now."""
        ...

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        """About `limit` changes from there on. A state that is too old gives `start_over`, never an error."""
        ...
