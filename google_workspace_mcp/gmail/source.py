"""Mail for the tools that go across services."""

import asyncio
from urllib.parse import quote

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.content.times import local_time
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.across import Changes, Document, Hit, Hits, Named, State
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.gmail.history import History
from google_workspace_mcp.gmail.labels import LabelBook
from google_workspace_mcp.gmail.models import Envelope, Letter
from google_workspace_mcp.gmail.query import Conditions
from google_workspace_mcp.gmail.reading import BODY_FIELDS, letter
from google_workspace_mcp.gmail.service import GmailService, Search

_SNIPPET = 120


class MailSource:
    """Messages, each one by itself."""

    named = Named("mail", "mail", "gmail.read")

    def __init__(self, book: LabelBook) -> None:
        self._service = GmailService(book)
        self._history = History(book)

    async def search(self, work: Workspace, query: str, limit: int) -> Hits:
        """Messages, newest first. The words are a Gmail query, so operators work as well."""
        found = await self._service.search(work, Search(Conditions(query), limit=limit))
        items = tuple(_hit(work, item, found.zone) for item in found.items if isinstance(item, Envelope))
        return Hits(items, complete=not found.next_page and not found.failures)

    async def fetch(self, work: Workspace, item_id: str) -> Document:
        """A message as gmail_read shows it, quoted history folded away."""
        request = work.google.gmail.messages.get(userId="me", id=checked_id(item_id), format="full", fields=BODY_FIELDS)
        message, zone = await asyncio.gather(work.google.execute(request), work.zone())
        found = letter(message, quoted=False, full=False)
        return Document(
            title=found.envelope.subject,
            url=link_to(work, found.envelope.id),
            facts=_facts(found, zone),
            text=found.body,
        )

    async def start(self, work: Workspace) -> State:
        return await self._history.start(work)

    async def since(self, work: Workspace, state: State, limit: int) -> Changes:
        return await self._history.since(work, state, limit)


def link_to(work: Workspace, message_id: str) -> str:
    """The message in Gmail's own page, in the right account."""
    return f"https://mail.google.com/mail/?authuser={quote(work.address)}#all/{message_id}"


def _hit(work: Workspace, message: Envelope, zone: Zone) -> Hit:
    about = f"{message.sender} · {local_time(message.arrived, zone.info)}"
    snippet = clean_line(message.snippet, _SNIPPET)
    return Hit(message.id, message.subject, link_to(work, message.id), f"{about} · {snippet}" if snippet else about)


def _facts(found: Letter, zone: Zone) -> dict[str, str]:
    envelope = found.envelope
    headers = envelope.headers
    files = [f"{file.name} ({human_size(file.size)})" for file in envelope.attachments if not file.inline]
    return {
        "from": envelope.sender,
        "sender check": found.verdict.line,
        "to": headers.people("To"),
        "cc": headers.people("Cc"),
        "date": f"{local_time(envelope.arrived, zone.info)} ({zone.label})",
        "thread": envelope.thread_id,
        "files": "; ".join(files),
        "left out": f"{found.quoted_lines} quoted lines" if found.quoted_lines else "",
    }
