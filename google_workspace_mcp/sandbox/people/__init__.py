"""The sample people, and what fills their mailboxes, files and calendars."""

from dataclasses import dataclass

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.people.events import fill_events
from google_workspace_mcp.sandbox.people.files import fill_files
from google_workspace_mcp.sandbox.people.mail import fill_mail
from google_workspace_mcp.sandbox.service import GoogleService, Person


@dataclass(frozen=True, slots=True)
class World:
    """The three services, filled, and the people who have accounts."""

    gmail: GmailService
    drive: DriveService
    calendar: CalendarService
    people: tuple[Person, ...]

    @property
    def services(self) -> tuple[GoogleService, ...]:
        return (self.gmail, self.drive, self.calendar)


def sample_world(clock: Clock) -> World:
    """Mail, files and events of the sample people, dated around `clock.now()`: the same moment gives the same world."""
    world = World(GmailService(clock), DriveService(clock), CalendarService(clock), PEOPLE)
    fill_mail(world.gmail, clock)
    fill_files(world.drive, clock)
    fill_events(world.calendar, clock)
    return world
