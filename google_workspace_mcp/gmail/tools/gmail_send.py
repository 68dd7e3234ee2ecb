"""gmail_send: a new message, sent exactly once."""

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.body import BodyFormat
from google_workspace_mcp.gmail.composing import Wanted
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
        to: SomeAddresses,
        subject: str,
        body: Text,
        format: BodyFormat = "markdown",
        cc: Addresses = [],  # noqa: B006 - read only, and shown as the schema's default
        bcc: Addresses = [],  # noqa: B006
        attachments: Attachments = [],  # noqa: B006
        from_: SendAs = "",
        signature: Signature = True,
        dry_run: DryRun = False,
    ) -> MailResult:
        wanted = Wanted(to, cc, bcc, subject, body, format, attachments, from_, signature)
        draft = await mailing.composer.new(work, wanted)
        return told(work.address, await mailing.send(work, draft, dry_run=dry_run))

    return ToolDefinition(
        name="gmail_send",
        title="Send mail",
        description="Send a new message, with all its attachments or not at all, exactly once.",
        kind=Kind.OUTWARD,
        service="gmail",
        capability="gmail.send",
        tier=Tier.CORE,
        run=run,
        result=MailResult,
        once=True,
    )
