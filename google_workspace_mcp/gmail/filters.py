"""Filters: what Gmail does by itself with mail that arrives, and on request with mail that is there."""

from dataclasses import dataclass
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import OutcomeUnknownError, UserInputError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.changing import MOST, Asked, Changed, Changing
from google_workspace_mcp.gmail.labels import LabelBook, Labels
from google_workspace_mcp.gmail.query import Conditions, gmail_query

FilterAction = Literal["archive", "mark_read", "star", "important", "not_important", "never_spam", "trash"]

_MEANING: Final[dict[FilterAction, tuple[str, str]]] = {
    "archive": ("", "INBOX"),
    "mark_read": ("", "UNREAD"),
    "star": ("STARRED", ""),
    "important": ("IMPORTANT", ""),
    "not_important": ("", "IMPORTANT"),
    "never_spam": ("", "SPAM"),
    "trash": ("TRASH", ""),
}
_WORDS: Final = {f"+{add}" if add else f"-{remove}": word for word, (add, remove) in _MEANING.items()}
_FIELDS: Final = "id,criteria,action"
_ANY_ZONE: Final = ZoneInfo("UTC")
_LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which mail is meant; all of it must hold."""

    sender: str = ""
    to: str = ""
    subject: str = ""
    query: str = ""
    without: str = ""
    has_attachment: bool = False
    larger_mb: int = 0

    def body(self) -> dict[str, Any]:
        """As Gmail's API takes it. Raises UserInputError when nothing is meant, or a line break is."""
        words = {
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "query": self.query,
            "negatedQuery": self.without,
        }
        body: dict[str, Any] = {name: one_line(value, name, _LONGEST) for name, value in words.items() if value.strip()}
        if self.has_attachment:
            body["hasAttachment"] = True
        if self.larger_mb:
            body |= {"size": self.larger_mb * 2**20, "sizeComparison": "larger"}
        if not body:
            raise UserInputError(
                "a filter needs to say which mail it is for", next_step="Give at least from, to, subject or query"
            )
        return body

    def search(self) -> str:
        """The query that finds the same mail among what is there."""
        raw = [f"({self.query})"] if self.query.strip() else []
        raw += [f"-({self.without})"] if self.without.strip() else []
        raw += [f"larger:{self.larger_mb}M"] if self.larger_mb else []
        conditions = Conditions(" ".join(raw), self.sender, self.to, self.subject, has_attachment=self.has_attachment)
        return gmail_query(conditions, _ANY_ZONE)


@dataclass(frozen=True, slots=True)
class FilterInfo:
    """A filter in words."""

    id: str
    criteria: tuple[str, ...]
    actions: tuple[str, ...]


class Filters:
    """Reads, makes and deletes filters. One object per process."""

    def __init__(self, book: LabelBook, changing: Changing) -> None:
        self._book = book
        self._changing = changing

    async def all(self, work: Workspace) -> list[FilterInfo]:
        """The mailbox's filters, labels by name."""
        labels = await self._book.of(work)
        answer = await work.google.execute(work.google.gmail.filters.list(userId="me"))
        return [_info(one, labels) for one in answer.get("filter") or ()]

    async def preview(
        self, work: Workspace, criteria: Criteria, actions: list[FilterAction], label: str
    ) -> tuple[FilterInfo, Changed]:
        """The filter as it would be, and mail that is there and that it would be for. Nothing is done."""
        labels = await self._book.of(work)
        action = _action(labels, actions, label)
        made = _info({"criteria": criteria.body(), "action": action}, labels)
        return made, await self._applied(work, criteria, action, dry_run=True, most=MOST)

    async def create(
        self, work: Workspace, criteria: Criteria, actions: list[FilterAction], label: str, *, apply: int
    ) -> tuple[FilterInfo, Changed | None]:
        """The new filter; with `apply`, up to so many messages that are there are treated by it too."""
        labels = await self._book.of(work)
        action = _action(labels, actions, label)
        made = _info(await self._created(work, {"criteria": criteria.body(), "action": action}), labels)
        if not apply:
            return made, None
        return made, await self._applied(work, criteria, action, dry_run=False, most=apply)

    async def delete(self, work: Workspace, filter_id: str, *, dry_run: bool) -> FilterInfo:
        """The filter as it was."""
        filters, checked = work.google.gmail.filters, checked_id(filter_id, "filter")
        labels = await self._book.of(work)
        before = _info(await work.google.execute(filters.get(userId="me", id=checked, fields=_FIELDS)), labels)
        if not dry_run:
            await work.google.execute(filters.delete(userId="me", id=checked), kind=CallKind.REPEATABLE_WRITE)
        return before

    async def _created(self, work: Workspace, body: dict[str, Any]) -> dict[str, Any]:
        """The filter; after a lost answer the one that is there, or made again when it is not."""
        request = work.google.gmail.filters.create(userId="me", body=body, fields=_FIELDS)
        try:
            return await work.google.execute(request, kind=CallKind.CREATE)
        except OutcomeUnknownError:
            answer = await work.google.execute(work.google.gmail.filters.list(userId="me"))
            for one in answer.get("filter") or ():
                if (one.get("criteria"), one.get("action")) == (body["criteria"], body["action"]):
                    return one
            return await work.google.execute(request, kind=CallKind.CREATE)

    async def _applied(
        self, work: Workspace, criteria: Criteria, action: dict[str, list[str]], *, dry_run: bool, most: int
    ) -> Changed:
        add, remove = action.get("addLabelIds") or (), action.get("removeLabelIds") or ()
        asked = Asked(query=criteria.search(), add=add, remove=remove, most=most, dry_run=dry_run)
        return await self._changing.change(work, asked)


def _action(labels: Labels, actions: list[FilterAction], label: str) -> dict[str, list[str]]:
    add = sorted({_MEANING[action][0] for action in actions} - {""})
    remove = sorted({_MEANING[action][1] for action in actions} - {""})
    if label:
        add.append(labels.id_of(label))
    if not add and not remove:
        raise UserInputError("a filter needs an action", next_step="Give actions or a label", reason="no_action")
    if set(add) & set(remove):
        raise UserInputError("the actions contradict each other", next_step="Leave one out", reason="contradiction")
    return {**({"addLabelIds": add} if add else {}), **({"removeLabelIds": remove} if remove else {})}


def _info(one: dict[str, Any], labels: Labels) -> FilterInfo:
    criteria: dict[str, Any] = one.get("criteria") or {}
    action: dict[str, Any] = one.get("action") or {}
    said = [
        f"{word} {clean_line(str(criteria[key]), 200)}"
        for key, word in (
            ("from", "from"),
            ("to", "to"),
            ("subject", "subject"),
            ("query", "query"),
            ("negatedQuery", "without"),
        )
        if criteria.get(key)
    ]
    if criteria.get("hasAttachment"):
        said.append("has attachment")
    if criteria.get("size"):
        said.append(f"{criteria.get('sizeComparison', '')} than {int(criteria['size']) / 2**20:.1f} MB")
    changes = [f"+{key}" for key in action.get("addLabelIds") or ()]
    changes += [f"-{key}" for key in action.get("removeLabelIds") or ()]
    done = [_WORDS.get(change) or f"label {labels.shown([change[1:]])[0]}" for change in changes]
    if action.get("forward"):
        done.append(f"forward to {clean_line(str(action['forward']), 254)}")
    return FilterInfo(str(one.get("id") or ""), tuple(said), tuple(done))
