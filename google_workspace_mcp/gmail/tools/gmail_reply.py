"""gmail_reply: an answer in its thread."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.body import BodyFormat
from google_workspace_mcp.gmail.composing import Answer, Wanted
from google_workspace_mcp.gmail.mailing import Mailing
from google_workspace_mcp.gmail.tools.composition import (
    Addresses,
    Attachments,
    DryRun,
    MailResult,
    SendAs,
    Signature,
    Text,
    told,
)


def definition(mailing: Mailing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        body: Text,
        message_id: str = "",
        thread_id: Annotated[str, Field(description="instead: its last message")] = "",
        reply_all: bool = False,
        format: BodyFormat = "markdown",
        to: Annotated[Addresses, Field(description="further recipients")] = [],  # noqa: B006 - read only
        cc: Addresses = [],  # noqa: B006
        bcc: Addresses = [],  # noqa: B006
        attachments: Attachments = [],  # noqa: B006
        from_: SendAs = "",
        signature: Signature = True,
        quote: Annotated[bool, Field(description="quote the original below")] = True,
        dry_run: DryRun = False,
    ) -> MailResult:
        wanted = Wanted(to, cc, bcc, "", body, format, attachments, from_, signature)
        answer = Answer(message_id, thread_id, everyone=reply_all, quote=quote)
        draft = await mailing.composer.reply(work, answer, wanted)
        return told(work.address, await mailing.send(work, draft, dry_run=dry_run))

    return ToolDefinition(
        name="gmail_reply",
        title="Reply to mail",
        description="Answer a message in its thread, exactly once. Recipients and subject follow from it.",
        kind=Kind.OUTWARD,
        service="gmail",
        capability="gmail.send",
        tier=Tier.CORE,
        run=run,
        result=MailResult,
        once=True,
    )
