"""workspace_changes: what happened in mail, files and events since the last look."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.across.asking import Answers, ask_each, called, capabilities, left_out
from google_workspace_mcp.core.content.cursor import EXPIRED
from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.times import iso_minute
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.across import Change, Changes, Source, State
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace, Zone

NAME = "workspace_changes"
# Google keeps what happened for about a week (Gmail) or longer; a cursor that outlives that starts over.
_CURSOR_SECONDS = 30 * 24 * 3600


class ChangeRow(BaseModel):
    """What became of one item."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="for fetch")
    what: str
    title: str = ""
    about: str = Field(default="", description="sender, owner or time of the item")
    when: str = Field(default="", description="local time with offset, where known")


class WorkspaceChangesResult(Result):
    """Changes of each kind, oldest first. `complete` is False while there are more: go on with the cursor."""

    zone: str = Field(description="IANA zone of the times")
    changes: list[ChangeRow]
    begun: str = Field(default="", description="kinds whose changes are told from this call on")
    start_over: str = Field(default="", description="kinds of which Google no longer knows what changed in between")
    not_looked_at: list[str] = Field(default=[], description="kinds that could not be asked, and why")
    notes: tuple[str, ...] = ()
    complete: bool
    cursor: str

    def text(self) -> str:
        count = f"{len(self.changes)} change{'' if len(self.changes) == 1 else 's'}"
        lines = [f"{count}{'' if self.complete else ', not all'} · {self.account} · {self.zone}"]
        if self.changes:
            headers = ("id", "what", "title", "about", "when")
            lines.append(rows(headers, [(r.id, r.what, r.title, r.about, r.when) for r in self.changes]))
        if self.begun:
            lines.append(f"From now on: {self.begun}. Call again with this cursor to hear what changed.")
        if self.start_over:
            lines.append(f"Start over: what changed in {self.start_over} is no longer known. Look afresh, then go on.")
        lines += [f"not looked at: {reason}" for reason in self.not_looked_at]
        lines += [f"note: {note}" for note in self.notes]
        lines.append(f"{'next' if not self.complete else 'later'}: {self.cursor}")
        return "\n".join(lines)


def definition(sources: Sequence[Source]) -> ToolDefinition:
    """The tool over these sources."""
    kinds = ", ".join(source.named.words for source in sources)

    async def run(
        work: Workspace,
        *,
        cursor: Annotated[str, Field(description="from the last call; empty = begin now")] = "",
        limit: Annotated[int, Field(description="of each kind, about", ge=1, le=100)] = 50,
    ) -> WorkspaceChangesResult:
        bound = json.dumps([NAME, work.connection_id])
        states, too_old = _opened(work, cursor, bound)

        async def ask(source: Source) -> Changes:
            state = states.get(source.named.kind)
            if state is None:
                return Changes((), await source.start(work))
            return await source.since(work, state, limit)

        answers, zone = await asyncio.gather(ask_each(work, sources, ask), work.zone())
        return _result(work, _Told(sources, states, answers, too_old), zone, bound)

    return ToolDefinition(
        name=NAME,
        title="What changed",
        description=f"What changed in {kinds} since a cursor. The first call gives the cursor and no changes.",
        kind=Kind.READ,
        service="workspace",
        capability="",
        any_of=capabilities(sources),
        tier=Tier.EXTENDED,
        run=run,
        result=WorkspaceChangesResult,
    )


def _opened(work: Workspace, cursor: str, bound: str) -> tuple[Mapping[str, State], bool]:
    """Where each kind stands, and whether the cursor was too old to tell. Raises UserInputError for a foreign one."""
    if not cursor:
        return {}, False
    try:
        return work.cursors.open(cursor, bound), False
    except UserInputError as error:
        if error.reason != EXPIRED:
            raise
        return {}, True


class _Told:
    """What one call has learned, by kind."""

    def __init__(
        self, sources: Sequence[Source], states: Mapping[str, State], answers: Answers[Changes], too_old: bool
    ) -> None:
        self.sources = sources
        self.states = states
        self.given = answers.given
        self.failed = answers.failed
        fresh = {kind for kind in self.given if kind not in states}
        lost = {kind for kind, changes in self.given.items() if changes.start_over} | (fresh if too_old else set())
        self.begun, self.start_over = called(fresh - lost, sources), called(lost, sources)
        self.anew = fresh | lost

    def next_states(self) -> dict[str, Any]:
        """Where each kind goes on; one that failed stays where it was, so that nothing of it is missed."""
        return {**self.states, **{kind: dict(changes.state) for kind, changes in self.given.items()}}

    def notes(self) -> tuple[str, ...]:
        return tuple(
            f"{source.named.words}: {source.named.covers}"
            for source in self.sources
            if source.named.covers and source.named.kind in self.anew
        )


def _result(work: Workspace, told: _Told, zone: Zone, bound: str) -> WorkspaceChangesResult:
    return WorkspaceChangesResult(
        account=work.address,
        zone=zone.label,
        changes=[_row(kind, change, zone) for kind, changes in told.given.items() for change in changes.items],
        begun=told.begun,
        start_over=told.start_over,
        not_looked_at=left_out(told.sources, told.failed),
        notes=told.notes(),
        complete=not told.failed and not any(changes.more for changes in told.given.values()),
        cursor=work.cursors.seal(told.next_states(), bound, life=_CURSOR_SECONDS),
    )


def _row(kind: str, change: Change, zone: Zone) -> ChangeRow:
    return ChangeRow(
        id=f"{kind}:{change.id}",
        what=change.what,
        title=change.title,
        about=change.about,
        when=iso_minute(change.when, zone.info) if change.when else "",
    )
