from dataclasses import dataclass
from typing import Any

import pytest

from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA, PEOPLE
from tests.sandbox.drive.client import Client, SetClock


@dataclass
class Desk:
    """Calendars of three people, and a client for each."""

    calendar: CalendarService
    clock: SetClock
    alice: Client
    ben: Client
    chiara: Client

    def add(self, summary: str, start: str, end: str, zone: str = "Europe/Berlin", **more: Any) -> str:
        """An event of Alice's; days without a `T` make it last all day."""
        return self.calendar.add_event(ALICE.email, event(summary, start, end, zone, **more))

    def week(self, client: Client | None = None, **params: Any) -> list[dict[str, Any]]:
        """Everything of the last week of March 2026, expanded, in order."""
        asked: dict[str, Any] = {
            "calendarId": "primary",
            "timeMin": "2026-03-23T00:00:00+01:00",
            "timeMax": "2026-03-30T00:00:00+02:00",
            "singleEvents": True,
            "orderBy": "startTime",
        }
        return (client or self.alice).call("events.list", **(asked | params))["items"]


def event(summary: str, start: str, end: str, zone: str = "Europe/Berlin", **more: Any) -> dict[str, Any]:
    """An event's body."""
    return {"summary": summary, "start": when(start, zone), "end": when(end, zone)} | more


def when(text: str, zone: str) -> dict[str, Any]:
    return {"dateTime": text, "timeZone": zone} if "T" in text else {"date": text}


def summaries(items: list[dict[str, Any]]) -> list[str]:
    return [item["summary"] for item in items]


@pytest.fixture
def desk() -> Desk:
    clock = SetClock()
    calendar = CalendarService(clock)
    for person in PEOPLE:
        calendar.add_person(person)
    clients = [Client(calendar, "calendar", person) for person in (ALICE, BEN, CHIARA)]
    return Desk(calendar, clock, *clients)
