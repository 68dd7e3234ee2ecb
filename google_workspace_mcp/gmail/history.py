"""What happened in a mailbox since a moment: Gmail's history, message by message."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from google_workspace_mcp.core.errors import GoogleRefusedError, NotFoundError, UserInputError, WorkspaceError
from google_workspace_mcp.core.tools.across import Change, Changes, State
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.labels import LabelBook, Labels
from google_workspace_mcp.gmail.reading import ROW_FIELDS, envelope

_MESSAGE = "message(id,labelIds)"
_FIELDS = (
    "historyId,nextPageToken,history(id,"
    f"messagesAdded({_MESSAGE}),messagesDeleted(message(id)),"
    f"labelsAdded(labelIds,{_MESSAGE}),labelsRemoved(labelIds,{_MESSAGE}))"
)


@dataclass(slots=True)
class _Fate:
    """What became of one message, as far as it has been read."""

    new: bool = False
    gone: bool = False
    added: set[str] = field(default_factory=set[str])
    removed: set[str] = field(default_factory=set[str])
    labels: tuple[str, ...] = ()


class History:
    """Reads Gmail's history page by page. `since` is the id that an interval begins after, `page` a place inside it."""

    def __init__(self, book: LabelBook) -> None:
        self._book = book

    async def start(self, work: Workspace) -> State:
        """The present end of the history: one round trip."""
        profile = await work.google.execute(work.google.gmail.profile.getProfile(userId="me", fields="historyId"))
        return {"since": str(profile["historyId"])}

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        """One page of the history: one round trip, and one more where new messages are named."""
        page = str(state.get("page") or "")
        try:
            answer, labels = await asyncio.gather(
                work.google.execute(
                    work.google.gmail.history.list(
                        userId="me",
                        startHistoryId=state["since"],
                        pageToken=page or None,
                        maxResults=limit,
                        fields=_FIELDS,
                    )
                ),
                self._book.of(work),
            )
        except NotFoundError:
            return Changes((), await self.start(work), start_over=True)
        except (UserInputError, GoogleRefusedError):
            if not page:
                raise
            # A token that Gmail does not take any more: the rest of that interval cannot be told apart.
            return Changes((), await self.start(work), start_over=True)
        fates = _fates(answer.get("history") or [])
        items = await _told(work, fates, labels)
        next_page = str(answer.get("nextPageToken") or "")
        # The interval's beginning is kept while it has pages: Gmail's tokens are good for one beginning only.
        left = {"since": state["since"], "page": next_page} if next_page else {"since": str(answer["historyId"])}
        return Changes(items, left, more=bool(next_page))


def _fates(records: list[dict[str, Any]]) -> dict[str, _Fate]:
    """By message, in the order of their first change; what was undone again is left out."""
    fates: dict[str, _Fate] = {}
    for record in records:
        for change in record.get("messagesAdded") or ():
            fate = _of(fates, change)
            fate.new, fate.gone = True, False
            fate.labels = tuple(change["message"].get("labelIds") or ())
        for change in record.get("labelsAdded") or ():
            _relabelled(_of(fates, change), change, "added", "removed")
        for change in record.get("labelsRemoved") or ():
            _relabelled(_of(fates, change), change, "removed", "added")
        for change in record.get("messagesDeleted") or ():
            _of(fates, change).gone = True
    # What came and went again within one page was never there for who asks now.
    return {
        key: fate
        for key, fate in fates.items()
        if (fate.gone and not fate.new) or (not fate.gone and (fate.new or fate.added or fate.removed))
    }


def _of(fates: dict[str, _Fate], change: dict[str, Any]) -> _Fate:
    return fates.setdefault(str(change["message"]["id"]), _Fate())


def _relabelled(fate: _Fate, change: dict[str, Any], into: str, out_of: str) -> None:
    labels = {str(label) for label in change.get("labelIds") or ()}
    held: set[str] = getattr(fate, into)
    undone: set[str] = getattr(fate, out_of)
    held |= labels - undone
    undone -= labels
    fate.labels = tuple(change["message"].get("labelIds") or fate.labels)


async def _told(work: Workspace, fates: dict[str, _Fate], labels: Labels) -> tuple[Change, ...]:
    new = [key for key, fate in fates.items() if fate.new]
    requests = [work.google.gmail.messages.get(userId="me", id=key, format="full", fields=ROW_FIELDS) for key in new]
    answers = dict(zip(new, await work.google.execute_many(requests), strict=True)) if new else {}
    return tuple(_change(key, fate, answers.get(key), labels) for key, fate in fates.items())


def _change(key: str, fate: _Fate, answer: dict[str, Any] | WorkspaceError | None, labels: Labels) -> Change:
    if fate.gone or isinstance(answer, NotFoundError):
        return Change(key, "deleted")
    if answer is None:
        return Change(key, _relabelling(fate, labels))
    if isinstance(answer, WorkspaceError):
        return Change(key, "new; it could not be read just now")
    message = envelope(answer)
    where = _where(message.label_ids, labels)
    return Change(key, f"new ({where})" if where else "new", message.subject, message.sender, message.arrived)


def _where(ids: tuple[str, ...], labels: Labels) -> str:
    marks = ["inbox"] if "INBOX" in ids else []
    marks += ["unread"] if "UNREAD" in ids else []
    return ", ".join(marks + labels.told(list(ids)))


_WORDS = {
    ("UNREAD", True): "marked unread",
    ("UNREAD", False): "read",
    ("INBOX", True): "moved to the inbox",
    ("INBOX", False): "archived",
    ("STARRED", True): "starred",
    ("STARRED", False): "star removed",
    ("TRASH", True): "moved to the trash",
    ("TRASH", False): "taken out of the trash",
    ("SPAM", True): "moved to spam",
    ("SPAM", False): "taken out of spam",
}


def _relabelling(fate: _Fate, labels: Labels) -> str:
    """`archived, label Invoices added`: what a person would say was done."""
    away = fate.added & {"TRASH", "SPAM"}
    words: list[str] = []
    for ids, put in ((fate.added, True), (fate.removed, False)):
        for key in sorted(ids):
            # What goes to the trash or to spam leaves the inbox; that is no archiving.
            if key == "INBOX" and not put and away:
                continue
            said = _WORDS.get((key, put))
            words.append(said or f"label {', '.join(labels.shown([key]))} {'added' if put else 'removed'}")
    return ", ".join(words)
