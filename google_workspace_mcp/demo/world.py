"""The simulated accounts of the demo: sample people, or a person's own exports in the first one's place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.settings import SettingsError
from google_workspace_mcp.sandbox.calendar.service import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.imports.folder import load_files
from google_workspace_mcp.sandbox.imports.ics import load_calendar
from google_workspace_mcp.sandbox.imports.mbox import MailImportError, load_mail
from google_workspace_mcp.sandbox.people.cast import PEOPLE
from google_workspace_mcp.sandbox.people.events import fill_events
from google_workspace_mcp.sandbox.people.files import fill_files
from google_workspace_mcp.sandbox.people.mail import fill_mail
from google_workspace_mcp.sandbox.service import GoogleService, Person


@dataclass(frozen=True, slots=True)
class Exports:
    """A person's own data; None leaves the sample data of that kind."""

    mail: Path | None = None
    calendar: Path | None = None
    files: Path | None = None


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """What a simulated Google is made of."""

    services: Sequence[GoogleService]
    people: Sequence[Person]


def demo_world(clock: Clock, exports: Exports, say: Callable[[str], None]) -> DemoWorld:
    """The accounts, filled. Each export replaces the sample data of its kind. Raises SettingsError for a path that is
    missing or holds nothing of the kind.
    """
    gmail, drive, calendar = GmailService(clock), DriveService(clock), CalendarService(clock)
    for person in PEOPLE:
        gmail.add_person(person)
        drive.add_person(person)
        calendar.add_person(person)
    owner = PEOPLE[0].email
    _load(exports.mail, "messages", lambda path: load_mail(gmail, owner, path), lambda: fill_mail(gmail, clock), say)
    _load(exports.files, "files", lambda path: load_files(drive, owner, path), lambda: fill_files(drive, clock), say)
    _load(
        exports.calendar,
        "events",
        lambda path: load_calendar(calendar, owner, path),
        lambda: fill_events(calendar, clock),
        say,
    )
    return DemoWorld((gmail, drive, calendar), PEOPLE)


def _load(
    path: Path | None, what: str, load: Callable[[Path], int], fill: Callable[[], None], say: Callable[[str], None]
) -> None:
    if path is None:
        fill()
        return
    try:
        count = load(path.expanduser())
    except (OSError, MailImportError, ValueError) as error:
        raise SettingsError([f"{path}: {error}"]) from None
    say(f"Loaded {count} {what} from {path}.")
