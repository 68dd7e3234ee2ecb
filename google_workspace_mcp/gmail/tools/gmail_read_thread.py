"""gmail_read_thread: whole conversations in order."""

from typing import Annotated, override

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.budget import Cut, share
from google_workspace_mcp.core.content.fence import Fence, fence_for
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.models import Letter
from google_workspace_mcp.gmail.service import Found, GmailService
from google_workspace_mcp.gmail.tools.gmail_search import ItemError
from google_workspace_mcp.gmail.tools.letters import LetterText, joined, shown

NAME = "gmail_read_thread"
_DESCRIPTION = "Read conversations in order, each message without the quotes of the ones before."


class ThreadText(BaseModel):
    """A conversation, oldest message first."""

    model_config = ConfigDict(frozen=True)

    id: str
    subject: str
    participants: list[str] = []
    messages: list[LetterText]


class GmailReadThreadResult(Result):
    """Conversations in the order asked for."""

    zone: str = Field(description="IANA zone of the times")
    threads: list[ThreadText]
    errors: tuple[ItemError, ...] = ()
    complete: bool

    @override
    def problem(self) -> str:
        return self.errors[0].error if self.errors and not self.threads else ""

    def text(self) -> str:
        lines = [f"{counted(len(self.threads), 'thread')} · {self.account} · {self.zone}"]
        for thread in self.threads:
            lines += ["", f"thread {thread.id} · {counted(len(thread.messages), 'message')} · {thread.subject}"]
            lines.append(f"participants: {', '.join(thread.participants)}")
            lines += joined(thread.messages)
        lines += [f"not read: {item.id}: {item.error}" for item in self.errors]
        return "\n".join(lines)


def definition(service: GmailService) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        thread_ids: Annotated[list[str], Field(min_length=1, max_length=5)],
        quoted: Annotated[bool, Field(description="show quoted history")] = False,
        max_chars: Annotated[int, Field(ge=1000, le=80_000)] = 20_000,
    ) -> GmailReadThreadResult:
        found = await service.read_threads(work, thread_ids, quoted=quoted)
        return _result(work, found, max_chars)

    return ToolDefinition(
        name=NAME,
        title="Read Gmail conversations",
        description=_DESCRIPTION,
        kind=Kind.READ,
        service="gmail",
        capability="gmail.read",
        tier=Tier.CORE,
        run=run,
        result=GmailReadThreadResult,
    )


def _result(work: Workspace, found: Found[list[Letter]], max_chars: int) -> GmailReadThreadResult:
    texts = [letter.body for thread in found.items for letter in thread]
    cuts = share(texts, max_chars)
    fence, left = fence_for(texts), iter(cuts)
    return GmailReadThreadResult(
        account=work.address,
        zone=found.zone.label,
        threads=[_thread(thread, [next(left) for _ in thread], fence, found) for thread in found.items if thread],
        errors=tuple(ItemError(id=failure.id, error=failure.error) for failure in found.failures),
        complete=not found.failures and not any(piece.remaining for piece in cuts),
    )


def _thread(thread: list[Letter], cuts: list[Cut], fence: Fence, found: Found[list[Letter]]) -> ThreadText:
    first = thread[0].envelope
    return ThreadText(
        id=first.thread_id,
        subject=first.subject,
        participants=list(dict.fromkeys(letter.envelope.sender for letter in thread)),
        # The thread's id and subject are told once, above its messages.
        messages=[
            shown(letter, piece, fence, found.labels, found.zone).model_copy(update={"thread_id": ""})
            for letter, piece in zip(thread, cuts, strict=True)
        ],
    )
