"""Ranking of slots, held against a check of every minute."""

import random
from zoneinfo import ZoneInfo

import pytest

from google_workspace_mcp.calendar.slots import MOST_OUTSIDE, Party, Room, Slot, Stretch, Wishes, slots
from google_workspace_mcp.core.tools.workspace import Zone

UTC = Zone(ZoneInfo("UTC"))
HOUR = 3600
DAY = 24 * HOUR
ALL = ((0, 20 * DAY),)


def party(*busy: Stretch, hours: tuple[Stretch, ...] = ALL, optional: bool = False, name: str = "p") -> Party:
    return Party(name, UTC, busy, hours, optional)


def wishes(
    length: int = HOUR,
    *,
    buffer: int = 0,
    strict: bool = False,
    preferred: tuple[Stretch, ...] | None = None,
    limit: int = 5,
) -> Wishes:
    return Wishes(length, buffer, strict, preferred, limit)


def at(found: list[Slot]) -> list[float]:
    return [slot.start / HOUR for slot in found]


def test_slots_are_apart_and_two_a_day_come_first():
    assert at(slots([party()], [], (8 * HOUR, DAY + 12 * HOUR), wishes(limit=4), UTC)) == [8, 9, 24, 25]


def test_more_than_two_a_day_where_no_other_day_has_any():
    assert at(slots([party()], [], (8 * HOUR, 12 * HOUR), wishes(limit=4), UTC)) == [8, 9, 10, 11]


def test_full_hours_come_before_quarters():
    found = slots([party((0, 8 * HOUR + 600))], [], (8 * HOUR, 9 * HOUR + 3000), wishes(1800, limit=1), UTC)
    assert at(found) == [9]


def test_preferred_hours_come_before_sooner_ones():
    found = slots([party()], [], (8 * HOUR, 18 * HOUR), wishes(preferred=((14 * HOUR, 16 * HOUR),), limit=3), UTC)
    assert at(found) == [14, 15, 8]
    assert [slot.preferred for slot in found] == [True, True, False]


def test_a_time_with_the_optional_person_comes_first_and_without_them_is_said():
    optional = party((8 * HOUR, 10 * HOUR), optional=True, name="o")
    found = slots([party(), optional], [], (8 * HOUR, 11 * HOUR), wishes(limit=2), UTC)
    assert [(slot.start / HOUR, slot.missing) for slot in found] == [(10, ()), (8, ("o",))]


def test_hours_are_left_only_where_there_is_nothing_within_them():
    day = ((9 * HOUR, 10 * HOUR),)
    assert at(slots([party(hours=day)], [], (6 * HOUR, 13 * HOUR), wishes(), UTC)) == [9]
    found = slots([party((9 * HOUR, 10 * HOUR), hours=day)], [], (6 * HOUR, 13 * HOUR), wishes(), UTC)
    assert (found[0].start, found[0].outside) == (8 * HOUR, {"p": HOUR})
    assert slots([party((9 * HOUR, 10 * HOUR), hours=day)], [], (6 * HOUR, 13 * HOUR), wishes(strict=True), UTC) == []


def test_nobody_is_asked_to_come_far_outside_of_their_hours():
    found = slots([party(hours=((0, HOUR),))], [], (HOUR, DAY), wishes(limit=20), UTC)
    assert max(slot.end for slot in found) == HOUR + MOST_OUTSIDE


def test_the_inconvenience_is_shared():
    parties = [party(hours=((0, 8 * HOUR),), name="a"), party(hours=((12 * HOUR, 20 * HOUR),), name="b")]
    best = slots(parties, [], (0, DAY), wishes(limit=1), UTC)[0]
    assert best.outside == {"a": 2 * HOUR + HOUR // 2, "b": 2 * HOUR + HOUR // 2}


def test_one_free_room_is_enough_and_is_named():
    rooms = [Room("A", [(8 * HOUR, 9 * HOUR)]), Room("B", [(8 * HOUR, 10 * HOUR)])]
    found = slots([party()], rooms, (8 * HOUR, 11 * HOUR), wishes(), UTC)
    assert [(slot.start / HOUR, slot.rooms) for slot in found] == [(9, ("A",)), (10, ("A", "B"))]


def test_without_anybody_s_hours_nothing_is_found():
    assert slots([party(hours=())], [], (0, DAY), wishes(), UTC) == []


@pytest.mark.parametrize("seed", range(30))
def test_every_slot_is_free_for_all_and_none_that_is_better_is_missed(seed: int):
    chance = random.Random(seed)
    span = 2 * DAY
    parties: list[Party] = []
    for number in range(chance.randint(1, 4)):
        marks = sorted(chance.sample(range(span // 300), 2 * chance.randint(0, 12)))
        busy = [(300 * start, 300 * end) for start, end in zip(marks[::2], marks[1::2], strict=True)]
        hours = ((9 * HOUR, 17 * HOUR), (DAY + 9 * HOUR, DAY + 17 * HOUR))
        parties.append(party(*busy, hours=hours, name=str(number)))
    length, buffer = chance.choice([900, 1800, 3600]), chance.choice([0, 300, 900])
    found = slots(parties, [], (0, span), wishes(length, buffer=buffer, strict=True, limit=200), UTC)

    def is_free(start: int) -> bool:
        stretch = (start - buffer, start + length + buffer)
        free = all(end <= stretch[0] or begin >= stretch[1] for one in parties for begin, end in one.busy)
        return free and all(any(b <= start and start + length <= e for b, e in one.hours) for one in parties)

    assert all(is_free(slot.start) for slot in found)
    possible = [start for start in range(0, span - length + 1, 900) if is_free(start)]
    # Whatever is possible is offered, or overlaps with what is.
    assert all(any(abs(start - slot.start) < length for slot in found) for start in possible)
