"""Many messages changed at once: found, previewed, changed, and looked at again on request."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from google_workspace_mcp.core.errors import UserInputError, WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.labels import LabelBook
from google_workspace_mcp.gmail.models import Envelope, Failure
from google_workspace_mcp.gmail.moves import Change, Move, change_of
from google_workspace_mcp.gmail.query import Conditions, gmail_query
from google_workspace_mcp.gmail.reading import ROW_FIELDS, envelope

# What one request changes, and what one page of a list gives.
MOST: Final = 1_000
_PAGE: Final = 500
# A look at a message costs 20 of the 6,000 units that a person has in a minute.
MOST_VERIFIED: Final = 100
_PREVIEWED: Final = 10
_ANY_ZONE: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which mail is to be changed, and how."""

    message_ids: Sequence[str] = ()
    thread_ids: Sequence[str] = ()
    query: str = ""
    moves: Sequence[Move] = ()
    add: Sequence[str] = ()
    remove: Sequence[str] = ()
    most: int = 100
    dry_run: bool = False
    verify: bool = False


@dataclass(slots=True)
class Changed:
    """What happened. `more` says that the query finds more than was changed; `previewed` are some of them."""

    messages: int = 0
    threads: int = 0
    more: bool = False
    failures: list[Failure] = field(default_factory=list[Failure])
    previewed: list[Envelope] = field(default_factory=list[Envelope])
    verified: int = 0
    added: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])


class Changing:
    """Changes labels of mail. One object per process."""

    def __init__(self, labels: LabelBook) -> None:
        self._labels = labels

    async def change(self, work: Workspace, asked: Asked) -> Changed:
        """Changes all that was asked for, or says what would be changed. Raises UserInputError, NotFoundError."""
        given = [bool(asked.message_ids), bool(asked.thread_ids), bool(asked.query)]
        if sum(given) != 1:
            raise UserInputError(
                "exactly one of message_ids, thread_ids and query is needed",
                next_step="Say by one of them which mail is meant",
                reason="which_mail",
            )
        labels = await self._labels.of(work)
        change = change_of(labels, list(asked.moves), list(asked.add), list(asked.remove))
        result = Changed(added=labels.shown(change.add), removed=labels.shown(change.remove))
        if asked.thread_ids:
            await self._threads(work, asked, change, result)
        else:
            await self._messages(work, asked, change, result)
        return result

    async def delete_forever(self, work: Workspace, message_ids: Sequence[str], *, dry_run: bool) -> Changed:
        """Deletes messages past the trash, each by itself, so that what is none is told and the rest is done."""
        ids = list(dict.fromkeys(checked_id(each) for each in message_ids))
        result = Changed()
        if dry_run:
            result.previewed = await _previewed(work, ids, result)
            result.messages = len(result.previewed)
            return result
        requests = [work.google.gmail.messages.delete(userId="me", id=each) for each in ids]
        answers = await work.google.execute_many(requests, kind=CallKind.REPEATABLE_WRITE)
        for each, answer in zip(ids, answers, strict=True):
            if isinstance(answer, WorkspaceError):
                result.failures.append(Failure(each, answer.sentence()))
        result.messages = len(ids) - len(result.failures)
        return result

    async def _messages(self, work: Workspace, asked: Asked, change: Change, result: Changed) -> None:
        if asked.query:
            ids, result.more = await _found(work, asked.query, asked.most, hidden=change.needs_hidden)
        else:
            ids = list(dict.fromkeys(checked_id(each) for each in asked.message_ids))
        result.messages = len(ids)
        if asked.verify and len(ids) > MOST_VERIFIED:
            raise UserInputError(
                f"verify is for at most {MOST_VERIFIED} messages, and nothing was done",
                next_step="Change them without verify, or in smaller steps",
                reason="verify",
            )
        if asked.dry_run:
            result.previewed = await _previewed(work, ids[:_PREVIEWED], result)
            return
        if ids:
            messages = work.google.gmail.messages
            request = messages.batchModify(userId="me", body={"ids": ids, **change.body})
            await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
        if asked.verify:
            await _verified(work, ids, change, result)

    async def _threads(self, work: Workspace, asked: Asked, change: Change, result: Changed) -> None:
        threads = work.google.gmail.threads
        ids = list(dict.fromkeys(checked_id(each, "thread") for each in asked.thread_ids))
        if asked.dry_run:
            requests = [
                threads.get(userId="me", id=each, format="minimal", fields="id,messages(id,labelIds)") for each in ids
            ]
            answers = await work.google.execute_many(requests)
        else:
            requests = [
                threads.modify(userId="me", id=each, body=change.body, fields="id,messages(id,labelIds)")
                for each in ids
            ]
            answers = await work.google.execute_many(requests, kind=CallKind.REPEATABLE_WRITE)
        for each, answer in zip(ids, answers, strict=True):
            if isinstance(answer, WorkspaceError):
                result.failures.append(Failure(each, answer.sentence()))
                continue
            result.threads += 1
            messages = answer.get("messages") or []
            result.messages += len(messages)
            # Gmail answers with the labels as they are now.
            result.verified += sum(change.done(frozenset(message.get("labelIds") or ())) for message in messages)


async def _found(work: Workspace, query: str, most: int, *, hidden: bool) -> tuple[list[str], bool]:
    """Ids of what the query finds, newest first, and whether there is more."""
    ids: list[str] = []
    token = ""
    while True:
        arguments: dict[str, Any] = {
            "userId": "me",
            "q": gmail_query(Conditions(query), _ANY_ZONE),
            "maxResults": min(_PAGE, most - len(ids)),
            "fields": "messages/id,nextPageToken",
            **({"includeSpamTrash": True} if hidden else {}),
            **({"pageToken": token} if token else {}),
        }
        answer = await work.google.execute(work.google.gmail.messages.list(**arguments))
        ids += [str(message["id"]) for message in answer.get("messages") or ()]
        token = str(answer.get("nextPageToken") or "")
        if not token or len(ids) >= most:
            return ids, bool(token)


async def _previewed(work: Workspace, ids: Sequence[str], result: Changed) -> list[Envelope]:
    messages = work.google.gmail.messages
    requests = [messages.get(userId="me", id=each, format="full", fields=ROW_FIELDS) for each in ids]
    answers = await work.google.execute_many(requests) if requests else []
    shown: list[Envelope] = []
    for each, answer in zip(ids, answers, strict=True):
        if isinstance(answer, WorkspaceError):
            result.failures.append(Failure(each, answer.sentence()))
        else:
            shown.append(envelope(answer))
    return shown


async def _verified(work: Workspace, ids: Sequence[str], change: Change, result: Changed) -> None:
    """Gmail says nothing of what a change of many did, and passes over ids that are none: so each is looked at."""
    messages = work.google.gmail.messages
    requests = [messages.get(userId="me", id=each, format="minimal", fields="id,labelIds") for each in ids]
    answers = await work.google.execute_many(requests) if requests else []
    for each, answer in zip(ids, answers, strict=True):
        if isinstance(answer, WorkspaceError):
            result.failures.append(Failure(each, answer.sentence()))
        elif change.done(frozenset(answer.get("labelIds") or ())):
            result.verified += 1
        else:
            result.failures.append(Failure(each, "Gmail did not change it."))
    result.messages = len(ids) - len(result.failures)
