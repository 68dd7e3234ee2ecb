"""What few events need, as the caller says it."""

from dataclasses import dataclass

from google_workspace_mcp.calendar.kinds import EventKind


@dataclass(frozen=True, slots=True)
class Options:
    """The rare wishes, each as its own reader takes it; empty and None for what was not said."""

    color: str = ""
    visibility: str = ""
    reminders: str = ""
    timezone: str = ""
    kind: EventKind = ""
    free: bool | None = None
    meet: bool | None = None
    decline: bool = False
