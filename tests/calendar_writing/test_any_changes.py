"""Whatever is done to a series, one date, the rest or all of it: afterwards there is exactly what was asked.

A model of a page keeps what each date should be; the tools work on the simulated Google; both are compared each time.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from google_workspace_mcp.calendar.tools import tools
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.calendar_writing.conftest import CALENDAR, instances
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom, open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
# Across the change of clocks on 29 March.
START = datetime(2026, 3, 20, 9)  # noqa: DTZ001
RULES = ("daily 9 times", "every 2 days 7 times", "weekly on Fri, Mon, Wed 8 times", "weekly 5 times")


@dataclass
class Series:
    """What the dates of a series have in common, and where its rule begins."""

    title: str
    first: datetime


@dataclass
class Day:
    """One date: where its rule has it, and what is shown."""

    series: Series
    ruled: datetime
    shown: datetime
    title: str


@dataclass
class Model:
    """All dates that there are."""

    days: list[Day] = field(default_factory=list[Day])

    def rows(self) -> list[tuple[str, str]]:
        return [(day.title, f"{day.shown:%Y-%m-%dT%H:%M}") for day in self.sorted()]

    def sorted(self) -> list[Day]:
        return sorted(self.days, key=lambda day: day.shown)

    def change(self, day: Day, scope: str, title: str, by: timedelta) -> None:
        if scope == "this":
            day.title, day.shown = title or day.title, day.ruled + by if by else day.shown
            return
        own = [each for each in self.days if each.series is day.series]
        if scope == "all" or day.ruled == day.series.first:
            day.series.title = title or day.series.title
            day.series.first += by
            for each in own:
                if by:
                    self._follow(each, by)
                else:
                    each.title = title or each.title
            return
        rest = Series(title or day.series.title, day.ruled + by)
        for each in own:
            if each.ruled >= day.ruled:
                each.series = rest
                self._follow(each, by)

    def delete(self, day: Day, scope: str) -> None:
        gone = [
            each
            for each in self.days
            if each is day
            or (each.series is day.series and (scope == "all" or (scope == "following" and each.ruled >= day.ruled)))
        ]
        self.days = [each for each in self.days if each not in gone]

    def _follow(self, day: Day, by: timedelta) -> None:
        """Whatever it was changed to by itself is lost."""
        day.ruled += by
        day.shown, day.title = day.ruled, day.series.title


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["title", "move", "both", "delete"]),
        st.sampled_from(["this", "following", "all"]),
        st.integers(0, 8),
        st.integers(1, 4),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def calendar(clock: FakeClock) -> CalendarService:
    service = CalendarService(clock)
    service.add_person(ALICE)
    return service


@pytest.fixture(scope="module")
def google(calendar: CalendarService, clock: FakeClock) -> Iterator[SimulatedGoogle]:
    with SimulatedGoogle([calendar], [ALICE], clock=clock) as google:
        yield google
        assert google.violations == []


async def shown(desk: Mailroom) -> list[Any]:
    return await instances(desk, "2026-03-19", "2026-05-31")


async def taken(desk: Mailroom, model: Model, rows: list[Any], step: tuple[str, str, int, int], title: str) -> None:
    what, scope, place, quarters = step
    number = place % len(rows)
    day, event_id = model.sorted()[number], rows[number].id
    if what == "delete":
        await desk.call("calendar_delete_event", event_id=event_id, scope=scope)
        model.delete(day, scope)
        return
    by = timedelta(minutes=15 * quarters) if what != "title" else timedelta()
    change: dict[str, str] = {} if what == "move" else {"title": title}
    if by:
        change["start"] = f"{day.ruled + by:%Y-%m-%dT%H:%M}"
    before = model.rows()
    model.change(day, scope, "" if what == "move" else title, by)
    if model.rows() == before:
        with suppress(UserInputError):
            await desk.call("calendar_update_event", event_id=event_id, scope=scope, **change)
        return
    await desk.call("calendar_update_event", event_id=event_id, scope=scope, **change)


async def played(google: SimulatedGoogle, clock: FakeClock, rule: str, steps: list[tuple[str, str, int, int]]) -> None:
    async with open_workspace(google, ALICE.email, [CALENDAR], tools(clock), clock) as desk:
        await desk.call(
            "calendar_create_event", title="Standup", start=f"{START:%Y-%m-%dT%H:%M}", end="15m", repeat=rule
        )
        rows = await shown(desk)
        series, names = Series("Standup", START), count(1)
        walls = [datetime.fromisoformat(row.start).replace(tzinfo=None) for row in rows]
        model = Model([Day(series, wall, wall, "Standup") for wall in walls])
        for step in steps:
            if not rows:
                break
            await taken(desk, model, rows, step, f"Title {next(names)}")
            rows = await shown(desk)
            assert [(row.title, row.start[:16]) for row in rows] == model.rows(), step


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(RULES), STEPS)
def test_after_any_changes_there_is_exactly_what_was_asked(
    google: SimulatedGoogle,
    calendar: CalendarService,
    clock: FakeClock,
    rule: str,
    steps: list[tuple[str, str, int, int]],
):
    calendar.store.events.clear()
    calendar.store.exceptions.clear()
    asyncio.run(played(google, clock, rule, steps))
