"""Facts about a file as a reader sees them."""

from datetime import datetime

from google_workspace_mcp.core.content.times import local_day


def human_size(size: int) -> str:
    """Nothing for 0, else `812 B`, `14 kB`, `3.2 MB`, as Drive's own pages count them (powers of 1,000)."""
    if size < 1000:
        return f"{size} B" if size else ""
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:.1f} GB"


def short_time(iso_minute: str) -> str:
    """`2026-03-31 09:00 +02:00` from `2026-03-31T09:00+02:00`; without the day of the week, which rows do not need."""
    return f"{iso_minute[:10]} {iso_minute[11:16]} {iso_minute[16:]}"


def long_time(iso_minute: str) -> str:
    """`Tue 2026-03-31 09:00 +02:00` from the same."""
    return f"{local_day(datetime.fromisoformat(iso_minute).date())} {iso_minute[11:16]} {iso_minute[16:]}"
