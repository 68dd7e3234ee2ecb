"""How tools of mail word times and lists."""

from datetime import datetime

from google_workspace_mcp.core.content.times import local_day, offset
from google_workspace_mcp.core.tools.workspace import Workspace, Zone


def zone_label(zone: Zone) -> str:
    """The zone's name; with a word when it is only a stand-in because Google would not tell the person's own."""
    return zone.name if zone.known else f"{zone.name} (the account's own zone is unknown)"


def offset_now(work: Workspace, zone: Zone) -> str:
    """The offset that rows leave out when it is theirs too."""
    return offset(work.clock.now(), zone.info)


def row_time(iso_minute: str, usual: str) -> str:
    """`2026-03-31 09:00`, with its offset where it is not the usual one."""
    away = iso_minute[16:]
    return f"{iso_minute[:10]} {iso_minute[11:16]}{'' if away == usual else ' ' + away}"


def long_time(iso_minute: str) -> str:
    """`Tue 2026-03-31 09:00 +02:00`."""
    return f"{local_day(datetime.fromisoformat(iso_minute).date())} {iso_minute[11:16]} {iso_minute[16:]}"


def counted(number: int, noun: str) -> str:
    """`1 message`, `3 messages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
