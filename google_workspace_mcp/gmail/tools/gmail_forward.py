"""gmail_forward: a message passed on."""

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
    SomeAddresses,
    Text,
    told,
)


def definition(mailing: Mailing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        message_id: str,
        to: SomeAddresses,
        body: Annotated[Text, Field(description="above the original")] = "",
        format: BodyFormat = "markdown",
        cc: Addresses = [],  # noqa: B006 - read only
        bcc: Addresses = [],  # noqa: B006
        with_attachments: Annotated[bool, Field(description="the original's attachments")] = True,
        attachments: Attachments = [],  # noqa: B006
        from_: SendAs = "",
        signature: Signature = True,
        dry_run: DryRun = False,
    ) -> MailResult:
        wanted = Wanted(to, cc, bcc, "", body, format, attachments, from_, signature)
        draft = await mailing.composer.forward(work, Answer(message_id, files=with_attachments), wanted)
        return told(work.address, await mailing.send(work, draft, dry_run=dry_run))

    return ToolDefinition(
        name="gmail_forward",
        title="Forward mail",
        description="Pass a message on with its fields, text and files, exactly once.",
        kind=Kind.OUTWARD,
        service="gmail",
        capability="gmail.send",
        tier=Tier.EXTENDED,
        run=run,
        result=MailResult,
        once=True,
    )
