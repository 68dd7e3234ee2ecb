"""gmail_update_draft: a draft with some of it replaced."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.tools.kinds import Kind, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.body import BodyFormat
from google_workspace_mcp.gmail.composing import Wanted
from google_workspace_mcp.gmail.drafts import Clearable, changed, read_draft
from google_workspace_mcp.gmail.mailing import Mailing
from google_workspace_mcp.gmail.tools.composition import (
    Addresses,
    Attachments,
    DryRun,
    MailResult,
    SendAs,
    Text,
    told,
)


def definition(mailing: Mailing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        draft_id: str,
        to: Addresses = [],  # noqa: B006 - read only
        subject: str = "",
        body: Annotated[Text, Field(description="in place of the whole text")] = "",
        format: BodyFormat = "markdown",
        cc: Addresses = [],  # noqa: B006
        bcc: Addresses = [],  # noqa: B006
        attachments: Annotated[Attachments, Field(description="added")] = [],  # noqa: B006
        clear: Annotated[list[Clearable], Field(description="fields to empty", max_length=4)] = [],  # noqa: B006
        from_: SendAs = "",
        dry_run: DryRun = False,
    ) -> MailResult:
        kept = await read_draft(work, draft_id)
        wanted = Wanted(to, cc, bcc, subject, body, format, attachments, from_, signature=False)
        draft = await changed(mailing.composer, work, kept.draft, wanted, clear)
        return told(work.address, await mailing.keep(work, draft, dry_run=dry_run, draft_id=kept.id))

    return ToolDefinition(
        name="gmail_update_draft",
        title="Change a draft",
        description="Replace what is given in a draft; its thread and everything else stay.",
        kind=Kind.WRITE,
        service="gmail",
        capability="gmail.write",
        tier=Tier.EXTENDED,
        run=run,
        result=MailResult,
    )
