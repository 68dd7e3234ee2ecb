"""A simulated Google for many people, in a process of its own.

`python -m tests.load.google --people N --latency SECONDS --base URL` prints its address as a line of JSON and serves
until its standard input is closed. `base` is the service that may sign these people in.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from google_workspace_mcp.core.clock import SystemClock
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.calendar import CalendarService
from google_workspace_mcp.sandbox.drive import DriveService
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.lifecycle.task import ROOT
from tests.support.fleet import client_of

# What each person has of everything.
_EACH = 10


def people(number: int) -> tuple[Person, ...]:
    """So many people, always the same."""
    return tuple(Person(f"person{n}@example.com", f"Person {n}", f"3{n:020d}") for n in range(number))


@contextmanager
def separate_google(number: int, latency: float, base: str) -> Generator[str]:
    """Its address, while inside."""
    options = ["--people", str(number), "--latency", str(latency), "--base", base]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.load.google", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.stdin.close()
            process.wait(timeout=20)


def _furnished(everybody: tuple[Person, ...]) -> tuple[GmailService, DriveService, CalendarService]:
    clock = SystemClock()
    now = clock.now()
    gmail, drive, calendar = GmailService(clock), DriveService(clock), CalendarService(clock)
    for person in everybody:
        gmail.add_person(person)
        drive.add_person(person)
        own = calendar.add_person(person)
        for number in range(_EACH):
            head = f"From: a@example.com\r\nTo: {person.email}\r\nSubject: Letter {number}\r\n\r\n"
            gmail.deliver(person.email, f"{head}{'words ' * 200}".encode(), date=now - timedelta(hours=number))
            drive.add_file(person.email, f"Plan {number}", b"words " * 200, "text/plain")
            begin = now + timedelta(hours=number + 1)
            times = {
                "start": {"dateTime": begin.isoformat()},
                "end": {"dateTime": (begin + timedelta(hours=1)).isoformat()},
            }
            calendar.add_event(own, {"summary": f"Meeting {number}", **times})
    return gmail, drive, calendar


def _serve(number: int, latency: float, base: str) -> None:
    everybody = people(number)
    with SimulatedGoogle(_furnished(everybody), everybody, clients=(client_of(base),)) as google:
        # Not for batches themselves: their parts are late together, so a batch is as late as one request.
        for api in ("gmail.*", "drive.*", "calendar.*"):
            google.faults.add(api, faults.latency(latency))
        sys.stdout.write(json.dumps({"url": google.url}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--latency", type=float, required=True)
    parser.add_argument("--base", required=True)
    given = parser.parse_args()
    _serve(given.people, given.latency, given.base)
