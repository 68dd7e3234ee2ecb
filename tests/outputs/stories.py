"""The stories there are, told and kept in `tests/snapshots/outputs`."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from tests.outputs import calendar, drive, gmail
from tests.outputs.teller import Teller, teller

KEPT: Final = Path(__file__).parents[1] / "snapshots" / "outputs"
STORIES: Final[dict[str, Callable[[Teller], Awaitable[None]]]] = {
    "gmail": gmail.told,
    "drive": drive.told,
    "calendar": calendar.told,
}


async def told(name: str, folder: Path) -> Teller:
    """The teller, after the whole story."""
    async with teller(folder) as tell:
        await STORIES[name](tell)
    return tell


def kept(name: str) -> Path:
    """Where the words of a story are kept."""
    return KEPT / f"{name}.md"
