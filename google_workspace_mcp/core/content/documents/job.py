"""What one reading is asked for, and what it gathers: text up to where it is needed, and what is told beside it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from google_workspace_mcp.core.content.budget import Cut, cut
from google_workspace_mcp.core.content.documents.problems import Remark

# Text beyond this is not gathered, whatever is asked for.
MOST_CHARS = 40_000_000
_LONGEST_OUTLINE = 60
_LONGEST_HIDDEN = 10_000
# What stands around a piece is told as far as this, so that nobody who looks for patterns misses one at its edge.
MARGIN = 300


@dataclass(frozen=True, slots=True)
class Job:
    """A request as the reading process gets it. `time_left` is in seconds, and may be negative."""

    data: bytes
    media_type: str = ""
    name: str = ""
    part: str = ""
    max_chars: int = 20_000
    offset: int = 0
    remarks: bool = False
    time_left: Callable[[], float] = field(default=lambda: 1.0)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline."""

    name: str
    about: str = ""
    hidden: bool = False


class Gathered:
    """The text of a part from its beginning to a little beyond what was asked for, and where its pieces come from."""

    def __init__(self, job: Job) -> None:
        self.kind = ""
        self.title = ""
        self.parts = 0
        self.by_rows = False
        self.outline: list[Entry] = []
        self.remarks: Counter[Remark] = Counter()
        self.whole = True
        self.hidden = ""
        self._job = job
        self._needed = min(job.offset + job.max_chars, MOST_CHARS)
        self._blocks: list[str] = []
        self._size = 0
        self._marks: list[tuple[int, str, int]] = []
        self._next_place: tuple[str, int] | None = None

    @property
    def enough(self) -> bool:
        """Whether more text would change nothing of what was asked for. Whoever stops then says so by `stop`."""
        return self._size > self._needed

    @property
    def late(self) -> bool:
        """Whether the time for this document is up."""
        return self._job.time_left() < 0

    def stop(self) -> None:
        """The end of the part was not reached."""
        self.whole = False

    def add(self, text: str, *, tight: bool = False) -> None:
        """A block of clean text, after a blank line, or only a line end before a `tight` one."""
        if not text:
            return
        if self._blocks:
            self._append("\n" if tight else "\n\n")
        if self._next_place:
            self._marks.append((self._size, *self._next_place))
            self._next_place = None
        self._append(text)

    def mark(self, place: str, number: int) -> None:
        """What comes next is from this row of a sheet (`place` its name), or this page or slide (`place` empty)."""
        self._next_place = (place, number)

    def say(self, remark: Remark, number: int = 1) -> None:
        """Adds to the number of a remark."""
        if number:
            self.remarks[remark] += number

    def hide(self, text: str, number: int = 0) -> None:
        """Counts text that a person would not see, and keeps its beginning to be looked at. `number` if it is more."""
        self.say(Remark.HIDDEN_CHARS, number or len(text))
        if text and len(self.hidden) < _LONGEST_HIDDEN:
            self.hidden += text[:_LONGEST_HIDDEN] + "\n"

    def head(self, entry: Entry) -> None:
        """Adds to the outline, as long as it is short."""
        if len(self.outline) < _LONGEST_OUTLINE:
            self.outline.append(entry)

    def piece(self) -> Cut:
        """The piece that was asked for."""
        return cut(self.text(), self._job.max_chars, self._job.offset)

    def text(self) -> str:
        """All that was gathered."""
        return "".join(self._blocks)

    def apart(self) -> "Gathered":
        """Another one for the same request, to gather something beside."""
        return Gathered(self._job)

    def places(self, piece: Cut) -> list[tuple[str, int, int]]:
        """Where the piece comes from: a sheet's name or "", first and last number, in order."""
        found: list[tuple[str, int, int]] = []
        for index, (start, place, number) in enumerate(self._marks):
            end = self._marks[index + 1][0] if index + 1 < len(self._marks) else self._size
            if start >= piece.end or end <= piece.start:
                continue
            if found and found[-1][0] == place:
                found[-1] = (place, found[-1][1], number)
            else:
                found.append((place, number, number))
        return found

    def _append(self, text: str) -> None:
        self._blocks.append(text)
        self._size += len(text)
