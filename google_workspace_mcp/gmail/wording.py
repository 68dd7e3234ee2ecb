"""How tools of mail word times and lists."""

from google_workspace_mcp.core.content.times import offset
from google_workspace_mcp.core.tools.workspace import Workspace, Zone


def offset_now(work: Workspace, zone: Zone) -> str:
    """The offset that rows leave out when it is theirs too."""
    return offset(work.clock.now(), zone.info)


def row_time(iso_minute: str, usual: str) -> str:
    """`2026-03-31 09:00`, with its offset where it is not the usual one."""
    away = iso_minute[16:]
    return f"{iso_minute[:10]} {iso_minute[11:16]}{'' if away == usual else ' ' + away}"


def counted(number: int, noun: str) -> str:
    """`1 message`, `3 messages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
