"""Which times suit everybody, best first. Pure arithmetic in seconds since 1970.

The order is decision record 0041: hours of work, then optional people, preferred hours, the day, full and half hours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from google_workspace_mcp.core.tools.workspace import Zone

type Stretch = tuple[int, int]

# All zones in use are whole quarters of an hour away from UTC.
_STEP = 15 * 60
# Nobody is asked to meet further than this from their hours.
MOST_OUTSIDE: Final = 4 * 3600
_A_DAY = 2


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who takes part: busy stretches in order and apart, and the stretches of their hours."""

    name: str
    zone: Zone
    busy: Sequence[Stretch]
    hours: Sequence[Stretch]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A room by its name, and when it is taken."""

    name: str
    busy: Sequence[Stretch]


@dataclass(frozen=True, slots=True)
class Wishes:
    """The length and the pause before and after in seconds; whether hours are kept at any cost; preferred stretches."""

    length: int
    buffer: int
    strict: bool
    preferred: Sequence[Stretch] | None
    limit: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that suits. `outside` has the seconds by which it leaves somebody's hours, by name."""

    start: int
    end: int
    rooms: tuple[str, ...] = ()
    outside: dict[str, int] = field(default_factory=dict[str, int])
    missing: tuple[str, ...] = ()
    preferred: bool = True


def slots(parties: Sequence[Party], rooms: Sequence[Room], within: Stretch, wishes: Wishes, zone: Zone) -> list[Slot]:
    """The best ones in that stretch, apart from each other, at most two a day while other days have some.

    Somebody's hours are left only where no time at all lies within everybody's, and with `strict` never.
    """
    found = list(_possible(parties, rooms, within, wishes))
    in_hours = [slot for slot in found if not slot.outside]
    chosen = in_hours if in_hours or wishes.strict else found
    ranked = sorted(((slot, _day(slot.start, zone)) for slot in chosen), key=lambda placed: _rank(placed[0], placed[1]))
    return _spread(ranked, wishes.limit)


def _possible(parties: Sequence[Party], rooms: Sequence[Room], within: Stretch, wishes: Wishes) -> Iterator[Slot]:
    first, last = within
    needed = [_Busy(party.busy, wishes.buffer) for party in parties if not party.optional]
    optional = [(party.name, _Busy(party.busy, wishes.buffer)) for party in parties if party.optional]
    free_rooms = [(room.name, _Busy(room.busy, 0)) for room in rooms]
    hours = [(party.name, party.hours, [begin for begin, _ in party.hours]) for party in parties if not party.optional]
    start = -(-first // _STEP) * _STEP
    for begin in range(start, last - wishes.length + 1, _STEP):
        end = begin + wishes.length
        if any(busy.meets(begin, end) for busy in needed):
            continue
        there = tuple(name for name, busy in free_rooms if not busy.meets(begin, end))
        if rooms and not there:
            continue
        away = {name: far for name, windows, begins in hours if (far := _outside(windows, begins, begin, end))}
        if any(far > MOST_OUTSIDE for far in away.values()):
            continue
        missing = tuple(name for name, busy in optional if busy.meets(begin, end))
        yield Slot(begin, end, there, away, missing, _within(wishes.preferred, begin, end))


class _Busy:
    """Busy stretches with a pause around each, looked up by bisection."""

    def __init__(self, busy: Sequence[Stretch], buffer: int) -> None:
        self._starts = [start - buffer for start, _ in busy]
        self._ends = [end + buffer for _, end in busy]

    def meets(self, start: int, end: int) -> bool:
        # The first stretch that has not ended by `start`; both lists rise, for the stretches lie apart.
        at = bisect_right(self._ends, start)
        return at < len(self._starts) and self._starts[at] < end


def _outside(windows: Sequence[Stretch], begins: Sequence[int], start: int, end: int) -> int:
    """How far the slot lies outside of the nearest of the windows."""
    at = bisect_right(begins, start)
    near = windows[max(0, at - 1) : at + 1]
    return min((max(begin - start, end - over, 0) for begin, over in near), default=MOST_OUTSIDE + 1)


def _within(windows: Sequence[Stretch] | None, start: int, end: int) -> bool:
    if windows is None:
        return True
    at = bisect_left(windows, (start + 1, 0)) - 1
    return at >= 0 and windows[at][0] <= start and end <= windows[at][1]


def _rank(slot: Slot, day: int) -> tuple[int, int, int, bool, int, int, int]:
    away = slot.outside.values()
    odd = (slot.start // _STEP) % 4
    return (
        max(away, default=0),
        sum(away),
        len(slot.missing),
        not slot.preferred,
        day,
        (0, 2, 1, 2)[odd],
        slot.start,
    )


def _day(second: int, zone: Zone) -> int:
    """The number of the moment's local day."""
    return datetime.fromtimestamp(second, UTC).astimezone(zone.info).toordinal()


def _spread(ranked: Sequence[tuple[Slot, int]], limit: int) -> list[Slot]:
    taken: list[tuple[Slot, int]] = []
    for most in (_A_DAY, limit):
        for slot, day in ranked:
            if len(taken) == limit:
                break
            apart = all(slot.end <= other.start or other.end <= slot.start for other, _ in taken)
            if apart and sum(of == day for _, of in taken) < most:
                taken.append((slot, day))
    return [slot for slot, _ in taken]
