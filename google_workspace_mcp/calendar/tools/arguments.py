"""What the tools that write events have in common: their arguments, and how they tell what became of it."""

from typing import Annotated, Literal

from pydantic import Field

from google_workspace_mcp.calendar.wishes import MOST_TEXT
from google_workspace_mcp.core.tools.kinds import Result

Calendar = Annotated[str, Field(max_length=300)]
EventId = Annotated[str, Field(max_length=1200)]
Line = Annotated[str, Field(max_length=2000)]
Text = Annotated[str, Field(max_length=2 * MOST_TEXT)]
Time = Annotated[str, Field(max_length=40)]
Zone = Annotated[str, Field(max_length=64)]
Repeat = Annotated[str, Field(max_length=400)]
Color = Annotated[str, Field(max_length=40)]
Visibility = Literal["default", "public", "private", ""]
Reminders = Annotated[str, Field(description="10m, 1d email", max_length=200)]
Etag = Annotated[str, Field(max_length=100)]
Several = Annotated[tuple[Annotated[str, Field(max_length=400)], ...], Field(max_length=200)]


class Written(Result):
    """What became of an event."""

    state: str
    event_id: str = ""
    etag: str = ""
    link: str = ""
    facts: dict[str, str] = Field(default={}, description="what the event says")
    changes: list[tuple[str, str, str]] = Field(default=[], description="what, before, after")
    mailed: list[str] = Field(default=[], description="whom Google was told to mail")
    conflicts: list[str] = Field(default=[], description="what else takes that time")
    twins: list[str] = Field(default=[], description="events of the same title at that time")
    notes: list[str] = Field(default=[])

    def text(self) -> str:
        head = [self.state, self.account, f"event {self.event_id}" if self.event_id else ""]
        lines = [" · ".join(part for part in head if part)]
        lines += [f"{name}: {value}" for name, value in self.facts.items()]
        lines += [f"{name}: {before or '(none)'} -> {after or '(none)'}" for name, before, after in self.changes]
        for name, values in (("mailed", self.mailed), ("at that time", self.conflicts), ("there already", self.twins)):
            if values:
                lines.append(f"{name}: {'; '.join(values)}")
        return "\n".join([*lines, *self.notes, *([self.link] if self.link else [])])
