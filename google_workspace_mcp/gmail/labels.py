"""Labels by name: what a person calls them, what Google calls them."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.errors import AmbiguousNameError, NotFoundError
from google_workspace_mcp.core.tools.workspace import Workspace

_FIELDS = "labels(id,name,type)"
_NAME_LIMIT = 60
# System labels that say something a row does not say otherwise; the inbox is where mail is unless it is elsewhere.
_TOLD = {"STARRED": "starred", "SENT": "sent", "DRAFT": "draft", "SPAM": "SPAM", "TRASH": "TRASH"}
_SYSTEM = frozenset({"INBOX", "UNREAD", "IMPORTANT", "CHAT", *_TOLD})
_ALSO = {"drafts": "DRAFT", "bin": "TRASH", "junk": "SPAM", "starred": "STARRED"}


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one mailbox: names by id."""

    names: dict[str, str]

    def id_of(self, label: str) -> str:
        """The id of a label given by id or name, whatever its case; of a nested one its last part is enough.

        Raises NotFoundError with close names, AmbiguousNameError with the candidates.
        """
        label = label.strip()
        if label in self.names:
            return label
        wanted = label.casefold()
        if wanted in _ALSO:
            return _ALSO[wanted]
        system = wanted.upper()
        if system in _SYSTEM or system.startswith("CATEGORY_"):
            return system
        exact = [key for key, name in self.names.items() if name.casefold() == wanted]
        found = exact or [key for key, name in self.names.items() if name.casefold().rpartition("/")[2] == wanted]
        if len(found) > 1:
            raise AmbiguousNameError(
                "Several labels have that name: " + ", ".join(sorted(self._shown(key) for key in found)),
                next_step="Give the whole name of one of them",
            )
        if not found:
            raise NotFoundError("There is no label of that name", next_step=self._suggestion(wanted), reason="label")
        return found[0]

    def told(self, ids: list[str]) -> list[str]:
        """Names worth telling of a message's labels: the person's own, and where else than in the inbox it is."""
        own = [self._shown(key) for key in ids if key not in _SYSTEM and not key.startswith("CATEGORY_")]
        return [_TOLD[key] for key in ids if key in _TOLD] + sorted(own)

    def shown(self, ids: Iterable[str]) -> list[str]:
        """Names of these labels, as a person reads them."""
        return sorted(self._shown(key) for key in ids)

    def _shown(self, key: str) -> str:
        return clean_line(self.names.get(key, key), _NAME_LIMIT)

    def _suggestion(self, wanted: str) -> str:
        own = {name.casefold(): key for key, name in self.names.items() if key not in _SYSTEM}
        close = difflib.get_close_matches(wanted[:100], own, n=3, cutoff=0.5) or sorted(own)[:10]
        return (
            f"Labels there are: {', '.join(self._shown(own[name]) for name in close)}"
            if close
            else "Search without label"
        )


class LabelBook:
    """Labels of each connection, asked for once in five minutes."""

    def __init__(self, clock: Clock) -> None:
        self._cache: Cache[Labels] = Cache(clock, 300, 5_000)

    async def of(self, work: Workspace) -> Labels:
        """The mailbox's labels; one request when they are not known."""
        return await self._cache.get_or_load(work.connection_id, lambda: _ask(work))

    def changed(self, work: Workspace) -> None:
        """Forget the names: this service has just changed them."""
        self._cache.drop(work.connection_id)


async def _ask(work: Workspace) -> Labels:
    answer = await work.google.execute(work.google.gmail.labels.list(userId="me", fields=_FIELDS))
    return Labels({str(label["id"]): str(label.get("name", label["id"])) for label in answer.get("labels", [])})
