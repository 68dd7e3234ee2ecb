"""The message that is answered or passed on, with all that an answer needs of it."""

from dataclasses import dataclass
from typing import Any

from google_workspace_mcp.core.content.mime import JSON, part_text, parts, readable
from google_workspace_mcp.core.content.times import iso_minute, long_time
from google_workspace_mcp.core.errors import NotFoundError
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.gmail.compose.quoting import Original
from google_workspace_mcp.gmail.models import Envelope
from google_workspace_mcp.gmail.reading import BODY_FIELDS, envelope

_NOT_ANSWERED = frozenset({"DRAFT", "TRASH", "SPAM"})


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the mailbox, and the tree of its parts."""

    envelope: Envelope
    payload: JSON

    def told(self, zone: Zone) -> Original:
        """What a quote shows of it."""
        headers = self.envelope.headers
        return Original(
            sender=self.envelope.sender,
            date=long_time(iso_minute(self.envelope.arrived, zone.info)),
            subject=self.envelope.subject,
            to=headers.people("To"),
            cc=headers.people("Cc"),
            text=readable(self.payload, full_links=True).text,
            html=_markup(self.payload),
        )


async def message(work: Workspace, message_id: str) -> Received:
    """The message of that id."""
    messages = work.google.gmail.messages
    request = messages.get(userId="me", id=checked_id(message_id), format="full", fields=BODY_FIELDS)
    return _received(await work.google.execute(request))


async def last_of(work: Workspace, thread_id: str) -> Received:
    """The last message of a thread that can be answered: no draft, not thrown away. Raises NotFoundError for none."""
    threads = work.google.gmail.threads
    request = threads.get(
        userId="me", id=checked_id(thread_id, "thread"), format="full", fields=f"messages({BODY_FIELDS})"
    )
    answer = await work.google.execute(request)
    kept = [each for each in answer.get("messages") or () if not _NOT_ANSWERED & set(each.get("labelIds") or ())]
    if not kept:
        raise NotFoundError(
            "The thread holds no message that can be answered", next_step="Name a message instead", reason="thread"
        )
    return _received(kept[-1])


def _received(answer: dict[str, Any]) -> Received:
    return Received(envelope(answer), answer.get("payload") or {})


def _markup(payload: JSON) -> str:
    """The first HTML text that is not a file."""
    found = (
        part_text(part)
        for part in parts(payload)
        if str(part.get("mimeType") or "").lower() == "text/html" and not part.get("filename")
    )
    return next(found, "")
