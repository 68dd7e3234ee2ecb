"""gmail_create_draft: a message, an answer or a forward that is kept and not sent."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.body import BodyFormat
from google_workspace_mcp.gmail.compose.letter import Draft
from google_workspace_mcp.gmail.composing import Answer, Composer, Wanted
from google_workspace_mcp.gmail.mailing import Mailing
from google_workspace_mcp.gmail.tools.composition import (
    Addresses,
    Attachments,
    DryRun,
    MailResult,
    SendAs,
    Signature,
    SomeAddresses,
    Text,
    told,
)


def definition(mailing: Mailing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        to: SomeAddresses = [],  # noqa: B006 - read only
        subject: str = "",
        body: Text = "",
        format: BodyFormat = "markdown",
        cc: Addresses = [],  # noqa: B006
        bcc: Addresses = [],  # noqa: B006
        reply_to_message: Annotated[str, Field(description="id: a reply in its thread")] = "",
        reply_all: bool = False,
        forward_message: Annotated[str, Field(description="id: a forward with its files")] = "",
        attachments: Attachments = [],  # noqa: B006
        from_: SendAs = "",
        signature: Signature = True,
        dry_run: DryRun = False,
    ) -> MailResult:
        wanted = Wanted(to, cc, bcc, subject, body, format, attachments, from_, signature)
        draft = await _composed(mailing.composer, work, wanted, reply_to_message, forward_message, everyone=reply_all)
        return told(work.address, await mailing.keep(work, draft, dry_run=dry_run))

    return ToolDefinition(
        name="gmail_create_draft",
        title="Write a draft",
        description="Write a message, a reply or a forward as a draft, for the person to look at. Nothing is sent.",
        kind=Kind.WRITE,
        service="gmail",
        capability="gmail.write",
        tier=Tier.CORE,
        run=run,
        result=MailResult,
        once=True,
    )


async def _composed(
    composer: Composer, work: Workspace, wanted: Wanted, reply: str, forward: str, *, everyone: bool
) -> Draft:
    if reply and forward:
        raise UserInputError(
            "a draft is a reply or a forward, not both", next_step="Leave one of them out", reason="original"
        )
    if reply:
        return await composer.reply(work, Answer(reply, everyone=everyone), wanted)
    return await (composer.forward(work, Answer(forward), wanted) if forward else composer.new(work, wanted))
