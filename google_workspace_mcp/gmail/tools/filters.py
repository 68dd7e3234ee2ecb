"""The tools for filters: gmail_list_filters, gmail_create_filter, gmail_delete_filter."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.filters import Criteria, FilterAction, FilterInfo, Filters
from google_workspace_mcp.gmail.query import MAX_QUERY
from google_workspace_mcp.gmail.tools.composition import DryRun

_Words = Annotated[str, Field(max_length=1_000)]


class FilterRow(BaseModel):
    """A filter in words."""

    model_config = ConfigDict(frozen=True)

    id: str
    criteria: tuple[str, ...]
    actions: tuple[str, ...]


class FilterList(Result):
    """All filters."""

    filters: tuple[FilterRow, ...]

    def text(self) -> str:
        head = f"{counted(len(self.filters), 'filter')} · {self.account}"
        if not self.filters:
            return head
        cells = [("; ".join(row.criteria), "; ".join(row.actions), row.id) for row in self.filters]
        return f"{head}\n{rows(('mail', 'is treated so', 'id'), cells)}"


class FilterResult(Result):
    """A filter that was made or deleted, and what became of mail that was there."""

    state: Literal["created", "deleted", "dry run"]
    filter: FilterRow
    applied: int = Field(default=0, description="messages that were there and were treated, or would be")
    more: bool = Field(default=False, description="there are more of them")
    preview: tuple[str, ...] = ()

    def text(self) -> str:
        state = "would be done, nothing was" if self.state == "dry run" else self.state
        row = self.filter
        ids = f" {row.id}" if row.id else ""
        lines = [f"filter{ids} {state}: {'; '.join(row.criteria)} → {'; '.join(row.actions)} · {self.account}"]
        if self.applied or self.preview:
            verb = "fit" if self.state == "dry run" else "were treated"
            lines.append(f"{counted(self.applied, 'message')} of those there {verb}{', and more' if self.more else ''}")
        return "\n".join([*lines, *self.preview])


def definitions(filters: Filters) -> tuple[ToolDefinition, ...]:
    """The three tools."""

    async def list_filters(work: Workspace) -> FilterList:
        return FilterList(account=work.address, filters=tuple(map(_row, await filters.all(work))))

    async def delete(work: Workspace, *, filter_id: str, dry_run: DryRun = False) -> FilterResult:
        gone = await filters.delete(work, filter_id, dry_run=dry_run)
        return FilterResult(account=work.address, state="dry run" if dry_run else "deleted", filter=_row(gone))

    return (
        ToolDefinition(
            name="gmail_list_filters",
            title="List filters",
            description="What Gmail does by itself with arriving mail.",
            kind=Kind.READ,
            service="gmail",
            capability="gmail.settings",
            tier=Tier.FULL,
            run=list_filters,
            result=FilterList,
        ),
        _create(filters),
        ToolDefinition(
            name="gmail_delete_filter",
            title="Delete a filter",
            description="Delete a filter. Mail that it treated stays as it is.",
            kind=Kind.OUTWARD,
            service="gmail",
            capability="gmail.settings",
            tier=Tier.FULL,
            run=delete,
            result=FilterResult,
        ),
    )


def _create(filters: Filters) -> ToolDefinition:
    async def create(
        work: Workspace,
        *,
        from_: Annotated[_Words, Field(alias="from")] = "",
        to: _Words = "",
        subject: _Words = "",
        query: Annotated[str, Field(description="Gmail search", max_length=MAX_QUERY)] = "",
        without: Annotated[str, Field(description="Gmail search that must not fit", max_length=MAX_QUERY)] = "",
        has_attachment: bool = False,
        larger_mb: Annotated[int, Field(ge=0, le=35)] = 0,
        actions: Annotated[list[FilterAction], Field(max_length=7)] = [],  # noqa: B006 - read only
        label: Annotated[str, Field(description="put on: name or id")] = "",
        apply_to: Annotated[int, Field(description="existing messages to treat too", ge=0, le=1_000)] = 0,
        dry_run: DryRun = False,
    ) -> FilterResult:
        criteria = Criteria(from_, to, subject, query, without, has_attachment, larger_mb)
        if dry_run:
            made, applied = await filters.preview(work, criteria, actions, label)
        else:
            made, applied = await filters.create(work, criteria, actions, label, apply=apply_to)
        return FilterResult(
            account=work.address,
            state="dry run" if dry_run else "created",
            filter=_row(made),
            applied=applied.messages if applied else 0,
            more=applied.more if applied else False,
            preview=tuple(f"{one.sender}: {one.subject}" for one in applied.previewed) if applied else (),
        )

    return ToolDefinition(
        name="gmail_create_filter",
        title="Create a filter",
        description="Have Gmail treat arriving mail, and on request mail that is there.",
        kind=Kind.WRITE,
        service="gmail",
        capability="gmail.settings",
        tier=Tier.FULL,
        run=create,
        result=FilterResult,
    )


def _row(one: FilterInfo) -> FilterRow:
    return FilterRow(id=one.id, criteria=one.criteria, actions=one.actions)
