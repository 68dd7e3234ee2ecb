from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.calendar.merging import CalendarPage, Position, key_of, merge
from google_workspace_mcp.calendar.models import CalendarEvent

START = Position()
MIDNIGHT = datetime(2026, 3, 30, tzinfo=UTC)


def event(name: str, hour: int) -> CalendarEvent:
    start = MIDNIGHT + timedelta(hours=hour)
    end = start + timedelta(hours=1)
    return CalendarEvent(
        id=name,
        calendar_id="primary",
        calendar="",
        of_primary=True,
        title=name,
        start=start,
        end=end,
        first_day=None,
        last_day=None,
        place="",
        answer="",
        video="",
        kind="",
        tentative=False,
        busy=False,
        recurring=False,
        rules=(),
    )


def page(events: Sequence[CalendarEvent], at: Position = START, following: str = "") -> CalendarPage:
    return CalendarPage(events, at, following)


class SlicedCalendar:
    """A calendar that hands out its events in pages, as Google does; a token is the number of the page."""

    def __init__(self, name: str, hours: Sequence[int], page_size: int) -> None:
        self.events = [event(f"{name}{at}", hour) for at, hour in enumerate(sorted(hours))]
        self.page_size = page_size

    def read(self, at: Position) -> CalendarPage:
        number = int(at.page or 0)
        begin = number * self.page_size
        more = begin + self.page_size < len(self.events)
        return CalendarPage(self.events[begin : begin + self.page_size], at, str(number + 1) if more else "")


def read_all(calendars: Mapping[str, SlicedCalendar], limit: int) -> list[CalendarEvent]:
    """Every page after the other, as a caller with cursors gets them."""
    positions: Mapping[str, Position] = {name: Position() for name in calendars}
    seen: list[CalendarEvent] = []
    for _ in range(200):
        merged = merge({name: calendars[name].read(at) for name, at in positions.items()}, limit)
        assert len(merged.events) <= limit
        seen += merged.events
        positions = merged.left
        if not positions:
            return seen
    raise AssertionError("the list does not end")


HOURS = st.lists(st.integers(0, 60), max_size=25)


@given(st.lists(HOURS, min_size=1, max_size=4), st.integers(1, 9), st.integers(1, 9))
def test_page_after_page_gives_every_event_once_and_in_time_order(hours: list[list[int]], size: int, limit: int):
    calendars = {f"c{at}": SlicedCalendar(f"c{at}-", each, size) for at, each in enumerate(hours)}
    seen = read_all(calendars, limit)
    assert sorted(each.id for each in seen) == sorted(each.id for one in calendars.values() for each in one.events)
    assert [each.start for each in seen] == sorted(each.start for each in seen)


def test_nothing_is_given_past_the_end_of_a_page_that_another_follows():
    merged = merge({"a": page([event("a1", 1)], following="2"), "b": page([event("b1", 5)])}, 10)
    assert [each.id for each in merged.events] == ["a1"]
    assert merged.left == {"a": Position("2"), "b": Position("", 0)}


def test_a_list_goes_on_inside_a_page_where_it_stopped():
    events = [event("a1", 1), event("a2", 2), event("a3", 3)]
    merged = merge({"a": page(events, Position("", 1))}, 1)
    assert [each.id for each in merged.events] == ["a2"]
    assert merged.left == {"a": Position("", 2)}


def test_a_calendar_that_is_read_to_its_end_is_not_asked_again():
    assert not merge({"a": page([event("a1", 1)]), "b": page([])}, 10).left


def test_a_calendar_s_key_is_short_and_its_own():
    assert len(key_of("x" * 200)) == 10
    assert key_of("a@example.com") != key_of("b@example.com")
