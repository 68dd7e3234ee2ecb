"""gmail_modify: labels, archive, read, star, spam, trash, for up to a thousand messages."""

from typing import Annotated

from pydantic import Field

from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace, Zone
from google_workspace_mcp.gmail.changing import MOST, Asked, Changed, Changing
from google_workspace_mcp.gmail.models import Envelope
from google_workspace_mcp.gmail.moves import Move
from google_workspace_mcp.gmail.query import MAX_QUERY
from google_workspace_mcp.gmail.tools.composition import DryRun
from google_workspace_mcp.gmail.tools.gmail_search import ItemError

_MOST_THREADS = 100
_Names = Annotated[list[str], Field(description="names or ids", max_length=20)]


class ModifyResult(Result):
    """What was changed."""

    dry_run: bool = False
    messages: int
    threads: int = 0
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    verified: bool = Field(default=False, description="every one was looked at again")
    more: bool = Field(default=False, description="the query finds more than `limit`")
    preview: tuple[tuple[str, str, str, str], ...] = Field(default=(), description="id, date, sender, subject")
    errors: tuple[ItemError, ...] = ()

    def text(self) -> str:
        verb = "would change" if self.dry_run else "changed"
        threads = f" in {counted(self.threads, 'thread')}" if self.threads else ""
        what = [*(f"+{name}" for name in self.added), *(f"-{name}" for name in self.removed)]
        checked = " · each looked at again" if self.verified else ""
        lines = [f"{verb} {counted(self.messages, 'message')}{threads}: {' '.join(what)}{checked} · {self.account}"]
        if self.more:
            lines.append(f"The query finds more: raise limit (at most {MOST}), or narrow it by date.")
        if self.preview:
            lines.append(rows(("id", "date", "from", "subject"), list(self.preview)))
        return "\n".join([*lines, *(f"not changed: {item.id}: {item.error}" for item in self.errors)])


def definition(changing: Changing) -> ToolDefinition:
    """The tool on this service."""

    async def run(
        work: Workspace,
        *,
        message_ids: Annotated[list[str], Field(max_length=MOST)] = [],  # noqa: B006 - read only
        thread_ids: Annotated[list[str], Field(max_length=_MOST_THREADS)] = [],  # noqa: B006
        query: Annotated[str, Field(description="instead of ids: Gmail search", max_length=MAX_QUERY)] = "",
        actions: Annotated[list[Move], Field(max_length=12)] = [],  # noqa: B006
        add_labels: _Names = [],  # noqa: B006
        remove_labels: _Names = [],  # noqa: B006
        limit: Annotated[int, Field(description="of a query", ge=1, le=MOST)] = 100,
        verify: Annotated[bool, Field(description="look at each afterwards")] = False,
        dry_run: DryRun = False,
    ) -> ModifyResult:
        asked = Asked(
            message_ids, thread_ids, query, actions, add_labels, remove_labels, limit, dry_run=dry_run, verify=verify
        )
        changed = await changing.change(work, asked)
        return _result(work, changed, asked, await work.zone())

    return ToolDefinition(
        name="gmail_modify",
        title="File Gmail messages",
        description="Change labels of messages or whole threads, archive, mark, spam or trash them, and take it back.",
        kind=Kind.WRITE,
        service="gmail",
        capability="gmail.write",
        tier=Tier.CORE,
        run=run,
        result=ModifyResult,
    )


def _result(work: Workspace, changed: Changed, asked: Asked, zone: Zone) -> ModifyResult:
    return ModifyResult(
        account=work.address,
        dry_run=asked.dry_run,
        messages=changed.messages,
        threads=changed.threads,
        added=tuple(changed.added),
        removed=tuple(changed.removed),
        verified=not asked.dry_run and bool(changed.messages) and changed.verified == changed.messages,
        more=changed.more,
        preview=tuple(_line(message, zone) for message in changed.previewed),
        errors=tuple(ItemError(id=failure.id, error=failure.error) for failure in changed.failures),
    )


def _line(message: Envelope, zone: Zone) -> tuple[str, str, str, str]:
    return message.id, iso_minute(message.arrived, zone.info), message.sender, message.subject
