"""One person's mailbox: messages in order, threads, labels, drafts and the history of changes."""

import hashlib
from bisect import insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from google_workspace_mcp.sandbox.gmail.content import Content
from google_workspace_mcp.sandbox.gmail.history import History
from google_workspace_mcp.sandbox.gmail.labels import Labels
from google_workspace_mcp.sandbox.service import JSON, Person, bad_request, not_found


@dataclass(slots=True, eq=False)
class Stored:
    """A message in a mailbox. `internal_date` is in milliseconds; `history_id` is that of its last change."""

    id: str
    thread_id: str
    content: Content
    internal_date: int
    sequence: int
    labels: set[str] = field(default_factory=set[str])
    history_id: int = 0

    @property
    def position(self) -> tuple[int, int]:
        return self.internal_date, self.sequence

    def reference(self) -> JSON:
        """The two ids that lists give."""
        return {"id": self.id, "threadId": self.thread_id}


class Mailbox:
    """All mail of one person. Ids follow from the address and the order of arrival alone."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.labels = Labels()
        self.history = History()
        self.aliases: list[JSON] = []
        """Further addresses to send as, each as `settings.sendAs` gives it."""
        self.drafts: dict[str, str] = {}
        self._messages: dict[str, Stored] = {}
        self._ordered: list[Stored] = []
        self._threads: dict[str, list[Stored]] = {}
        self._thread_of: dict[tuple[str, str], str] = {}
        self._thread_of_key: dict[str, str] = {}
        self._arrived = 0

    def __iter__(self) -> Iterator[Stored]:
        """Newest first."""
        return reversed(self._ordered)

    def __len__(self) -> int:
        return len(self._messages)

    @property
    def threads(self) -> dict[str, list[Stored]]:
        """Messages of each thread, oldest first."""
        return self._threads

    def get(self, message_id: str) -> Stored:
        """The message; 400 for what cannot be an id, 404 for what is none here."""
        check_id(message_id)
        if message_id not in self._messages:
            raise not_found()
        return self._messages[message_id]

    def find(self, message_id: str) -> Stored | None:
        return self._messages.get(message_id)

    def thread(self, thread_id: str) -> list[Stored]:
        """The messages of a thread, oldest first; 404 when there is none."""
        check_id(thread_id)
        if thread_id not in self._threads:
            raise not_found()
        return self._threads[thread_id]

    def add(
        self,
        content: Content,
        labels: Iterable[str],
        date: datetime,
        *,
        thread_id: str = "",
        thread_key: str = "",
        fresh_thread: bool = False,
    ) -> Stored:
        """Puts a message in, by default into the thread that its references and subject say.

        `thread_id` names a thread here, `thread_key` a thread as some other mailbox called it, `fresh_thread` starts
        a new one.
        """
        self._arrived += 1
        stored = Stored(
            id=self._new_id("message"),
            thread_id="",
            content=content,
            internal_date=max(0, int(date.timestamp() * 1000)),
            sequence=self._arrived,
            labels={self.labels.ensure(label) for label in labels},
        )
        natural = "" if fresh_thread else self._thread_for(content, thread_key)
        stored.thread_id = thread_id or natural or stored.id
        self._remember_thread(stored, thread_key)
        self._messages[stored.id] = stored
        insort(self._ordered, stored, key=lambda one: one.position)
        insort(self._threads.setdefault(stored.thread_id, []), stored, key=lambda one: one.position)
        stored.history_id = self.history.added(stored.reference(), stored.labels)
        if "DRAFT" in stored.labels:
            self.drafts[f"r{int(self._new_id('draft'), 16)}"] = stored.id
        return stored

    def draft_id(self, message: Stored) -> str:
        return next(draft for draft, message_id in self.drafts.items() if message_id == message.id)

    def draft(self, draft_id: str) -> Stored:
        """The message of a draft; 404 when there is none."""
        if draft_id not in self.drafts:
            raise not_found()
        return self._messages[self.drafts[draft_id]]

    def relabel(self, message: Stored, add: Iterable[str], remove: Iterable[str]) -> None:
        """Changes labels and notes in the history what really changed."""
        added = set(add) - message.labels
        removed = (set(remove) & message.labels) - set(add)
        message.labels = (message.labels | added) - removed
        if added:
            message.history_id = self.history.labels_added(message.reference(), message.labels, added)
        if removed:
            message.history_id = self.history.labels_removed(message.reference(), message.labels, removed)

    def remove(self, message: Stored) -> None:
        """Takes a message out for good, and its draft with it."""
        del self._messages[message.id]
        self._ordered.remove(message)
        thread = self._threads[message.thread_id]
        thread.remove(message)
        if not thread:
            del self._threads[message.thread_id]
        self.drafts = {draft: kept for draft, kept in self.drafts.items() if kept != message.id}
        self.history.deleted(message.reference())

    def joins(self, content: Content, thread_id: str) -> bool:
        """Whether a message refers to one of that thread and has its subject: Gmail's conditions for a reply."""
        ids = {message.content.message_id for message in self.thread(thread_id)}
        topics = {message.content.topic for message in self.thread(thread_id)}
        return bool(ids & set(content.references)) and content.topic in topics

    def _thread_for(self, content: Content, key: str) -> str:
        if key:
            return self._thread_of_key.get(key, "")
        ids = [*content.references, content.message_id]
        found = (self._thread_of.get((one, content.topic), "") for one in ids if one)
        return next((thread for thread in found if thread in self._threads), "")

    def _remember_thread(self, stored: Stored, key: str) -> None:
        if key:
            self._thread_of_key.setdefault(key, stored.thread_id)
        # References are remembered too: an answer that overtakes what it answers still pulls that into its thread.
        for one in (stored.content.message_id, *stored.content.references):
            if one:
                self._thread_of.setdefault((one, stored.content.topic), stored.thread_id)

    def _new_id(self, kind: str) -> str:
        seed = f"{self.person.email}/{kind}/{self._arrived}"
        return "19" + hashlib.sha256(seed.encode()).hexdigest()[:14]


def check_id(value: str) -> None:
    """400 as Gmail words it unless the value is a hexadecimal number of at most 16 digits."""
    if not 0 < len(value) <= 16 or not all(letter in "0123456789abcdef" for letter in value):
        raise bad_request("Invalid id value")
