"""gmail_search: finding messages and conversations."""

import json
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.injection import SUSPICIOUS, is_suspicious
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import counted, row_time
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.models import Conversation, Envelope
from google_workspace_mcp.gmail.query import MAX_QUERY, Conditions
from google_workspace_mcp.gmail.service import Found, GmailService, Search
from google_workspace_mcp.gmail.wording import offset_now

NAME = "gmail_search"
_DESCRIPTION = "Find messages or threads, newest first."
# A row is worth about 60 tokens: the sender and the subject come first, the beginning of the text gets what is left.
# Letters beyond ASCII count three times: they take a token each or nearly so.
_SENDER_WEIGHT = 44
_SUBJECT_WEIGHT = 60
_ROW_WEIGHT = 96
_LEAST_SNIPPET = 15
_STRUCTURED_SNIPPET = 200


class MailRow(BaseModel):
    """A message, or a thread by its last message."""

    model_config = ConfigDict(frozen=True)

    id: str
    thread_id: str = ""
    date: str = Field(description="local time with offset")
    sender: str
    subject: str
    snippet: str = ""
    labels: list[str] = []
    unread: bool = False
    attachments: int = 0
    suspicious: bool = Field(default=False, description="has text meant for machines")
    messages: int = Field(default=0, description="in the thread")


class ItemError(BaseModel):
    """An item that could not be read."""

    model_config = ConfigDict(frozen=True)

    id: str
    error: str


class GmailSearchResult(Result):
    """Rows, newest first."""

    zone: str = Field(description="IANA zone of the times")
    offset: str = Field(description="of the zone now; rows in the text name theirs where it differs")
    kind: Literal["messages", "threads"]
    rows: list[MailRow]
    errors: tuple[ItemError, ...] = ()
    complete: bool
    cursor: str = ""
    hint: str = Field(default="", description="what to try when there is nothing")

    def text(self) -> str:
        more = "" if self.complete else ", not all"
        lines = [f"{counted(len(self.rows), self.kind[:-1])}{more} · {self.account} · {self.zone} {self.offset}"]
        if self.rows:
            headers = ("id", "date", "from", "subject — text", "marks")
            lines.append(rows(headers, [cells(row, self.offset) for row in self.rows]))
        lines += [f"not read: {item.id}: {item.error}" for item in self.errors]
        if self.cursor:
            lines.append(f"next: cursor={self.cursor}")
        if self.hint:
            lines.append(self.hint)
        return "\n".join(lines)


def cells(row: MailRow, offset: str) -> tuple[str, ...]:
    """A row in columns; times in the zone's usual `offset` do not repeat it."""
    sender, subject = _fitting(row.sender, _SENDER_WEIGHT), _fitting(row.subject, _SUBJECT_WEIGHT)
    left = _ROW_WEIGHT - _weight(sender) - _weight(subject)
    snippet = f" — {_fitting(row.snippet, left)}" if row.snippet and left > _LEAST_SNIPPET else ""
    return row.id, row_time(row.date, offset), sender, subject + snippet, ", ".join(_marks(row))


def _weight(text: str) -> int:
    return sum(1 if character.isascii() else 3 for character in text)


def _fitting(text: str, weight: int) -> str:
    """The beginning of the text that weighs no more, ended at a word where there is one."""
    if _weight(text) <= weight:
        return text
    kept, left = 0, weight - 1
    while (left := left - _weight(text[kept])) >= 0:
        kept += 1
    beginning = text[:kept]
    at_word = beginning.rpartition(" ")[0]
    return (at_word if len(at_word) * 3 > len(beginning) * 2 else beginning).rstrip() + "…"


def _marks(row: MailRow) -> list[str]:
    marks = [counted(row.messages, "message")] if row.messages > 1 else []
    if row.unread:
        marks.append("unread")
    if row.suspicious:
        marks.append(SUSPICIOUS)
    if row.attachments:
        marks.append(counted(row.attachments, "file"))
    return marks + row.labels


def definition(service: GmailService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        query: Annotated[str, Field(description="Gmail search syntax", max_length=MAX_QUERY)] = "",
        from_: Annotated[str, Field(alias="from")] = "",
        to: str = "",
        subject: Annotated[str, Field(description='words, or a "phrase"')] = "",
        after: Annotated[str, Field(description="YYYY-MM-DD, included")] = "",
        before: Annotated[str, Field(description="YYYY-MM-DD, excluded")] = "",
        label: Annotated[str, Field(description="name or id")] = "",
        has_attachment: bool = False,
        unread: bool = False,
        kind: Literal["messages", "threads"] = "messages",
        include_spam_trash: bool = False,
        limit: Annotated[int, Field(ge=1, le=50)] = 10,
        cursor: str = "",
    ) -> GmailSearchResult:
        conditions = Conditions(query, from_, to, subject, after, before, has_attachment, unread)
        search = Search(conditions, label, kind == "threads", include_spam_trash, limit)
        bound = json.dumps([NAME, work.connection_id, asdict(search)], sort_keys=True)
        page = str(work.cursors.open(cursor, bound)["page"]) if cursor else ""
        found = await service.search(work, search, page)
        more = work.cursors.seal({"page": found.next_page}, bound) if found.next_page else ""
        return _result(work, search, found, more)

    return ToolDefinition(
        name=NAME,
        title="Search Gmail",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="gmail",
        capability="gmail.read",
        tier=Tier.CORE,
        run=run,
        result=GmailSearchResult,
    )


def _result(work: Workspace, search: Search, found: Found[Envelope | Conversation], cursor: str) -> GmailSearchResult:
    return GmailSearchResult(
        account=work.address,
        zone=found.zone.label,
        offset=offset_now(work, found.zone),
        kind="threads" if search.threads else "messages",
        rows=[_row(item, found) for item in found.items],
        errors=tuple(ItemError(id=failure.id, error=failure.error) for failure in found.failures),
        complete=not found.next_page and not found.failures,
        cursor=cursor,
        hint="" if found.items or found.failures or cursor else _hint(search),
    )


def _hint(search: Search) -> str:
    """What may find something where nothing was found."""
    elsewhere = "" if search.include_spam_trash else ", or include_spam_trash"
    return f"Nothing found; try fewer conditions or other words{elsewhere}."


def _row(item: Envelope | Conversation, found: Found[Envelope | Conversation]) -> MailRow:
    if isinstance(item, Envelope):
        return message_row(item, found)
    row = message_row(item.last, found)
    everything = [key for message in item.messages for key in message.label_ids]
    return row.model_copy(
        update={
            "id": item.id,
            "thread_id": "",
            "sender": ", ".join(item.senders[-3:]),
            "subject": item.messages[0].subject,
            "labels": found.labels.told(list(dict.fromkeys(everything))),
            "unread": "UNREAD" in everything,
            "suspicious": any(is_suspicious(each.sender, each.subject, each.snippet) for each in item.messages),
            "attachments": sum(message.files for message in item.messages),
            "messages": len(item.messages),
        }
    )


def message_row(message: Envelope, found: Found[Any]) -> MailRow:
    """A message as lists show it."""
    return MailRow(
        id=message.id,
        thread_id="" if message.thread_id == message.id else message.thread_id,
        date=iso_minute(message.arrived, found.zone.info),
        sender=message.sender,
        subject=message.subject,
        snippet=clean_line(message.snippet, _STRUCTURED_SNIPPET),
        labels=found.labels.told(list(message.label_ids)),
        unread=message.unread,
        attachments=message.files,
        suspicious=is_suspicious(message.sender, message.subject, message.snippet),
    )
