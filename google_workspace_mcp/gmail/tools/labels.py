"""The tools for labels: gmail_list_labels, gmail_create_label, gmail_update_label, gmail_delete_label."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.core.content.tables import rows
from google_workspace_mcp.core.content.wording import counted
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.label_making import Color, LabelChange, LabelInfo, LabelMaking, Visibility
from google_workspace_mcp.gmail.tools.composition import DryRun

_Name = Annotated[str, Field(description="Parent/Child nests", max_length=225)]
_InMessages = Annotated[Literal["show", "hide", ""], Field(description="in the message list")]
_InList = Annotated[Visibility | Literal[""], Field(description="in the label list")]


class LabelRow(BaseModel):
    """A label."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    system: bool = Field(default=False, description="one of Gmail's own")
    color: str = ""
    hidden: bool = False
    messages: int = Field(default=-1, description="-1 = not counted")
    unread: int = -1

    def cells(self, *, counts: bool) -> tuple[str, ...]:
        """The row in columns."""
        numbers = (str(self.messages), str(self.unread)) if counts else ()
        marks = ", ".join(fact for fact in (self.color, "hidden" if self.hidden else "") if fact)
        return self.name, "" if self.id == self.name else self.id, *numbers, marks


class LabelList(Result):
    """All labels, the person's own first."""

    labels: tuple[LabelRow, ...]

    def text(self) -> str:
        counts = any(row.messages >= 0 for row in self.labels)
        cells = [row.cells(counts=counts) for row in self.labels]
        headers = ("label", "id", *(("messages", "unread") if counts else ()), "marks")
        return f"{counted(len(self.labels), 'label')} · {self.account}\n{rows(headers, cells)}"


class LabelResult(Result):
    """A label after the change, or before it was deleted."""

    state: Literal["created", "changed", "deleted", "dry run"]
    label: LabelRow

    def text(self) -> str:
        would = "would be deleted" if self.label.messages >= 0 else "would be so"
        verb = f"{would}, nothing was done" if self.state == "dry run" else self.state
        lost = f" · {counted(self.label.messages, 'message')} had it and stay" if self.label.messages >= 0 else ""
        facts = ", ".join(fact for fact in (self.label.id, self.label.color) if fact)
        return f"label {self.label.name}{facts and f' ({facts})'} {verb}{lost} · {self.account}"


def definitions(making: LabelMaking) -> tuple[ToolDefinition, ...]:
    """The four tools."""

    async def list_labels(work: Workspace, *, counts: bool = False) -> LabelList:
        found = await making.all(work, counts=counts)
        return LabelList(account=work.address, labels=tuple(map(_row, found)))

    async def create(
        work: Workspace,
        *,
        name: _Name,
        color: Color | Literal[""] = "",
        visibility: _InList = "",
        in_messages: _InMessages = "",
        dry_run: DryRun = False,
    ) -> LabelResult:
        change = LabelChange(name, color, visibility, in_messages)
        made = await making.create(work, change, dry_run=dry_run)
        return LabelResult(account=work.address, state="dry run" if dry_run else "created", label=_row(made))

    return (
        ToolDefinition(
            name="gmail_list_labels",
            title="List labels",
            description="Labels of the mailbox, on request with numbers of messages.",
            kind=Kind.READ,
            service="gmail",
            capability="gmail.read",
            tier=Tier.EXTENDED,
            run=list_labels,
            result=LabelList,
        ),
        ToolDefinition(
            name="gmail_create_label",
            title="Create a label",
            description="Create a label.",
            kind=Kind.WRITE,
            service="gmail",
            capability="gmail.write",
            tier=Tier.EXTENDED,
            run=create,
            result=LabelResult,
        ),
        *_changing(making),
    )


def _changing(making: LabelMaking) -> tuple[ToolDefinition, ...]:
    async def update(
        work: Workspace,
        *,
        label: Annotated[str, Field(description="name or id")],
        name: _Name = "",
        color: Color | Literal[""] = "",
        visibility: _InList = "",
        in_messages: _InMessages = "",
        dry_run: DryRun = False,
    ) -> LabelResult:
        change = LabelChange(name, color, visibility, in_messages)
        changed = await making.update(work, label, change, dry_run=dry_run)
        return LabelResult(account=work.address, state="dry run" if dry_run else "changed", label=_row(changed))

    async def delete(
        work: Workspace, *, label: Annotated[str, Field(description="name or id")], dry_run: DryRun = False
    ) -> LabelResult:
        gone = await making.delete(work, label, dry_run=dry_run)
        return LabelResult(account=work.address, state="dry run" if dry_run else "deleted", label=_row(gone))

    return (
        ToolDefinition(
            name="gmail_update_label",
            title="Change a label",
            description="Rename, recolour, show or hide one of your own labels.",
            kind=Kind.WRITE,
            service="gmail",
            capability="gmail.write",
            tier=Tier.EXTENDED,
            run=update,
            result=LabelResult,
        ),
        ToolDefinition(
            name="gmail_delete_label",
            title="Delete a label",
            description="Delete one of your own labels; its messages stay, without it.",
            kind=Kind.OUTWARD,
            service="gmail",
            capability="gmail.write",
            tier=Tier.FULL,
            run=delete,
            result=LabelResult,
        ),
    )


def _row(label: LabelInfo) -> LabelRow:
    return LabelRow(
        id=label.id,
        name=label.name,
        system=label.system,
        color=label.color,
        hidden=label.hidden,
        messages=-1 if label.messages is None else label.messages,
        unread=-1 if label.unread is None else label.unread,
    )
