"""Messages and conversations as this service knows them."""

from dataclasses import dataclass
from datetime import datetime

from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.mime import Attachment
from google_workspace_mcp.core.content.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a list shows of a message. `arrived` is when Gmail got it: the Date field is the sender's."""

    id: str
    thread_id: str
    label_ids: tuple[str, ...]
    arrived: datetime
    headers: Headers
    snippet: str
    attachments: tuple[Attachment, ...]

    @property
    def unread(self) -> bool:
        return "UNREAD" in self.label_ids

    @property
    def sender(self) -> str:
        return self.headers.people("From") or "(no sender)"

    @property
    def subject(self) -> str:
        return self.headers.line("Subject", 300) or "(no subject)"

    @property
    def subject_or_none(self) -> str:
        """The whole subject as one line, empty where there is none."""
        return self.headers.line("Subject", 900)

    @property
    def files(self) -> int:
        """Attachments that are not images in the text."""
        return sum(1 for attachment in self.attachments if not attachment.inline)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its text: what a person sees of it, history and signature folded unless they were asked for."""

    envelope: Envelope
    verdict: Verdict
    body: str
    quoted_lines: int
    signature_lines: int
    hidden_chars: int
    complete: bool
    hidden: str = ""
    """The beginning of the hidden text: looked at, never shown."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread: its messages in their order."""

    id: str
    messages: tuple[Envelope, ...]

    @property
    def last(self) -> Envelope:
        return self.messages[-1]

    @property
    def senders(self) -> list[str]:
        """Who wrote in it, each once, in order."""
        return list(dict.fromkeys(message.sender for message in self.messages))


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that could not be had, and why in our words."""

    id: str
    error: str
