"""What the tools that write mail have in common: their arguments, and how they tell what became of it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.sizes import human_size
from google_workspace_mcp.core.tools.kinds import Result
from google_workspace_mcp.gmail.attaching import MOST_FILES, AttachmentArgument
from google_workspace_mcp.gmail.compose.addresses import MOST_RECIPIENTS, Mailbox
from google_workspace_mcp.gmail.compose.parts import File
from google_workspace_mcp.gmail.mailing import Outcome

MOST_TEXT = 500_000
# What was written comes first; the quote below it is known.
_PREVIEW = 1_500

Addresses = Annotated[list[str], Field(max_length=MOST_RECIPIENTS)]
SomeAddresses = Annotated[
    list[str], Field(description="each `a@b.example` or `Name <a@b.example>`", max_length=MOST_RECIPIENTS)
]
Text = Annotated[str, Field(max_length=MOST_TEXT)]
Attachments = Annotated[list[AttachmentArgument], Field(max_length=MOST_FILES)]
SendAs = Annotated[str, Field(alias="from", description="own send-as address", max_length=320)]
Signature = Annotated[bool, Field(description="add Gmail's signature")]
DryRun = Annotated[bool, Field(description="show only")]


class FileRow(BaseModel):
    """A file that goes with the message."""

    model_config = ConfigDict(frozen=True)

    name: str
    type: str
    size: int = Field(description="bytes")


class MailResult(Result):
    """What became of a message."""

    state: Literal["sent", "draft", "dry run"]
    message_id: str = ""
    thread_id: str = ""
    draft_id: str = ""
    sender: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    attachments: tuple[FileRow, ...] = ()
    preview: str = Field(default="", description="the text, of a dry run")

    def text(self) -> str:
        ids = [
            f"{name} {value}"
            for name, value in (
                ("message", self.message_id),
                ("draft", self.draft_id),
                ("thread", self.thread_id if self.thread_id != self.message_id else ""),
            )
            if value
        ]
        lines = [" · ".join([_STATES[self.state], self.account, *ids])]
        for name, value in (
            ("from", "" if self.sender == self.account else self.sender),
            ("to", ", ".join(self.to)),
            ("cc", ", ".join(self.cc)),
            ("bcc", ", ".join(self.bcc)),
            ("subject", self.subject or "(no subject)"),
            ("files", "; ".join(f"{row.name} ({row.type}, {human_size(row.size)})" for row in self.attachments)),
        ):
            if value:
                lines.append(f"{name}: {value}")
        if self.state == "sent" and not self.message_id:
            lines.append("Gmail's answer was lost, but its draft is gone: the message was sent.")
        return "\n".join([*lines, *([self.preview] if self.preview else [])])


_STATES = {"sent": "sent", "draft": "draft", "dry run": "would be written, nothing was done"}


def told(account: str, outcome: Outcome) -> MailResult:
    """The result of writing a message."""
    draft, sent, filed = outcome.draft, outcome.sent, outcome.filed
    return MailResult(
        account=account,
        state="sent" if sent else "draft" if filed else "dry run",
        message_id=sent.message_id if sent else filed.message_id if filed else "",
        thread_id=sent.thread_id if sent else filed.thread_id if filed else draft.thread_id,
        draft_id=filed.id if filed else "",
        sender=_shown(draft.sender),
        to=tuple(map(_shown, draft.to)),
        cc=tuple(map(_shown, draft.cc)),
        bcc=tuple(map(_shown, draft.bcc)),
        subject=draft.subject,
        attachments=tuple(map(_row, draft.files)),
        preview="" if sent or filed else _preview(draft.body.text),
    )


def _preview(text: str) -> str:
    more = len(text) - _PREVIEW
    return f"{text[:_PREVIEW]}\n… {more} more characters" if more > 0 else text


def _shown(mailbox: Mailbox) -> str:
    return f"{mailbox.name} <{mailbox.address}>" if mailbox.name else mailbox.address


def _row(file: File) -> FileRow:
    return FileRow(name=file.name, type=file.mime_type, size=len(file.data))
