"""What can be done with a person's mail: requests to Gmail, and what becomes of the answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.gmail.labels import LabelBook, Labels
from google_workspace_mcp.gmail.models import Conversation, Envelope, Failure, Letter
from google_workspace_mcp.gmail.query import Conditions, gmail_query
from google_workspace_mcp.gmail.reading import (
    BODY_FIELDS,
    ROW_FIELDS,
    THREAD_FIELDS,
    conversation,
    envelope,
    letter,
    text_size,
)

Detail = Literal["summary", "body", "full", "raw"]
# Bytes of text that are read in a few milliseconds.
_LONG = 100_000
_ANY_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Search:
    """A search as it was asked for."""

    conditions: Conditions
    label: str = ""
    threads: bool = False
    include_spam_trash: bool = False
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Found[T]:
    """Items in Google's order, what failed among them, and where the list goes on."""

    items: list[T]
    failures: list[Failure]
    labels: Labels
    zone: Zone
    next_page: str = ""


class GmailService:
    """Reads mail. One object per process; what it keeps, it keeps by connection."""

    def __init__(self, labels: LabelBook) -> None:
        self._labels = labels

    async def search(self, work: Workspace, search: Search, page: str = "") -> Found[Envelope | Conversation]:
        """The messages or threads that fit, newest first: one request for the ids, one step for all of them.

        Names of labels and the zone, when they are not known yet, are asked for beside the first request, or before
        it where it depends on them. Raises UserInputError, NotFoundError, AmbiguousNameError for what cannot be meant.
        """
        ids, next_page, labels, zone = await self._listed(work, search, page)
        if search.threads:
            threads, failures = await self._each(work, ids, _thread_request, conversation)
            # A thread whose last message was deleted meanwhile is no more.
            items: list[Envelope | Conversation] = [thread for thread in threads if thread.messages]
        else:
            messages, failures = await self._each(work, ids, _row_request, envelope)
            items = [*messages]
        return Found(items, failures, labels, zone, next_page)

    async def drafts(self, work: Workspace, query: str, limit: int, page: str = "") -> Found[tuple[str, Envelope]]:
        """Drafts that fit, newest first, each with its id: one request for the ids, one step for all of them."""
        arguments: dict[str, Any] = {
            "userId": "me",
            "maxResults": limit,
            "fields": "drafts(id,message/id),nextPageToken",
            **({"q": query} if query else {}),
            **({"pageToken": page} if page else {}),
        }
        answer, labels, zone = await asyncio.gather(
            work.google.execute(work.google.gmail.drafts.list(**arguments)), self._labels.of(work), work.zone()
        )
        listed = {str(draft["message"]["id"]): str(draft["id"]) for draft in answer.get("drafts") or ()}
        messages, failures = await self._each(work, list(listed), _row_request, envelope)
        items = [(listed[message.id], message) for message in messages]
        return Found(items, failures, labels, zone, str(answer.get("nextPageToken") or ""))

    async def read(self, work: Workspace, ids: list[str], detail: Detail, *, quoted: bool) -> Found[Letter]:
        """Messages by id, in that order, all asked for at once."""
        wanted = list(dict.fromkeys(checked_id(each) for each in ids))
        request = _row_request if detail in ("summary", "raw") else _body_request

        def made(message: dict[str, Any]) -> Letter:
            return letter(message, quoted=quoted, full=detail == "full")

        (letters, failures), labels, zone = await asyncio.gather(
            self._each(work, wanted, request, made), self._labels.of(work), work.zone()
        )
        return Found(letters, failures, labels, zone)

    async def read_threads(self, work: Workspace, ids: list[str], *, quoted: bool) -> Found[list[Letter]]:
        """Threads by id, each with all its messages, oldest first."""
        wanted = list(dict.fromkeys(checked_id(each, "thread") for each in ids))

        def made(thread: dict[str, Any]) -> list[Letter]:
            return [letter(message, quoted=quoted, full=False) for message in thread.get("messages") or []]

        (threads, failures), labels, zone = await asyncio.gather(
            self._each(work, wanted, _whole_thread_request, made), self._labels.of(work), work.zone()
        )
        return Found(threads, failures, labels, zone)

    async def _listed(self, work: Workspace, search: Search, page: str) -> tuple[list[str], str, Labels, Zone]:
        if search.label or search.conditions.has_dates:
            labels, zone = await asyncio.gather(self._labels.of(work), work.zone())
            query = gmail_query(search.conditions, zone.info)
            answer = await self._list(work, search, query, labels.id_of(search.label) if search.label else "", page)
        else:
            # Without dates the zone changes nothing in the query.
            query = gmail_query(search.conditions, _ANY_ZONE)
            answer, labels, zone = await asyncio.gather(
                self._list(work, search, query, "", page), self._labels.of(work), work.zone()
            )
        items = answer.get("threads" if search.threads else "messages") or []
        return [str(item["id"]) for item in items], str(answer.get("nextPageToken") or ""), labels, zone

    async def _list(self, work: Workspace, search: Search, query: str, label_id: str, page: str) -> dict[str, Any]:
        kind = "threads" if search.threads else "messages"
        arguments: dict[str, Any] = {
            "userId": "me",
            "maxResults": search.limit,
            "fields": f"{kind}/id,nextPageToken",
            **({"q": query} if query else {}),
            **({"labelIds": [label_id]} if label_id else {}),
            **({"includeSpamTrash": True} if search.include_spam_trash else {}),
            **({"pageToken": page} if page else {}),
        }
        collection = work.google.gmail.threads if search.threads else work.google.gmail.messages
        return await work.google.execute(collection.list(**arguments))

    async def _each[T](
        self,
        work: Workspace,
        ids: list[str],
        request: Callable[[Workspace, str], Any],
        made: Callable[[dict[str, Any]], T],
    ) -> tuple[list[T], list[Failure]]:
        answers = await work.google.execute_many([request(work, each) for each in ids])
        items: list[T] = []
        failures: list[Failure] = []
        for each, answer in zip(ids, answers, strict=True):
            if isinstance(answer, WorkspaceError):
                failures.append(Failure(each, answer.sentence()))
            else:
                items.append(await _in_good_time(made, answer))
        return items, failures


async def _in_good_time[T](made: Callable[[dict[str, Any]], T], answer: dict[str, Any]) -> T:
    """What is made of an answer; of a long one in a thread, so that other calls go on while it takes its second."""
    return await asyncio.to_thread(made, answer) if text_size(answer) > _LONG else made(answer)


def _row_request(work: Workspace, message_id: str) -> Any:
    return work.google.gmail.messages.get(userId="me", id=message_id, format="full", fields=ROW_FIELDS)


def _body_request(work: Workspace, message_id: str) -> Any:
    return work.google.gmail.messages.get(userId="me", id=message_id, format="full", fields=BODY_FIELDS)


def _thread_request(work: Workspace, thread_id: str) -> Any:
    return work.google.gmail.threads.get(userId="me", id=thread_id, format="full", fields=THREAD_FIELDS)


def _whole_thread_request(work: Workspace, thread_id: str) -> Any:
    return work.google.gmail.threads.get(userId="me", id=thread_id, format="full", fields=f"id,messages({BODY_FIELDS})")
