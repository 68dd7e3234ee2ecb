"""A simulated Google in a process of its own, so that its work is not counted as ours.

`python -m tests.bench.google [--latency SECONDS]` prints one line of JSON (address, token, ids) and serves until its
standard input is closed.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCOPES = (
    "https://www.googleapis.com/auth/gmail.modify",
    "https://www.googleapis.com/auth/drive.readonly",
    "https://www.googleapis.com/auth/calendar.readonly",
)


@dataclass(frozen=True)
class Bench:
    """Where it is, whose token it is, and what there is to ask for."""

    url: str
    token: str
    limited_token: str
    """Of a person whose every call is answered 429."""
    messages: list[str]
    files: list[str]


@contextmanager
def separate_google(latency: float, *, faults: bool = False) -> Generator[Bench]:
    """The simulated Google, answering that many seconds later, while inside; `faults` spoils 5 % of all calls."""
    command = [sys.executable, "-m", "tests.bench.google", "--latency", str(latency), *(["--faults"] if faults else [])]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Bench(**json.loads(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait(timeout=20)


def _serve(latency: float, *, spoil: bool) -> None:
    from google_workspace_mcp.core.clock import SystemClock
    from google_workspace_mcp.sandbox import faults
    from google_workspace_mcp.sandbox.people import sample_world
    from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
    from google_workspace_mcp.sandbox.server import SimulatedGoogle

    world = sample_world(SystemClock())
    now = SystemClock().now()
    text = "From: Ben <ben@example.com>\r\nTo: alice@example.com\r\nSubject: Number {}\r\n\r\n" + "words " * 400
    messages = [
        world.gmail.deliver(ALICE.email, text.format(number).encode(), labels=("INBOX",), date=now)
        for number in range(50)
    ]
    files = [world.drive.add_file(ALICE.email, f"file {number}", b"x" * 100, "text/plain") for number in range(50)]
    with SimulatedGoogle(world.services, world.people) as google:
        if latency:
            # Not for the batch endpoint itself: its parts are late together, so the batch is as late as one request.
            for api in ("gmail.*", "drive.*", "calendar.*"):
                google.faults.add(api, faults.latency(latency))
        google.faults.add("*", faults.too_many_requests(), person=BEN.email)
        if spoil:
            for every, fault in (
                (40, faults.server_error(503)),
                (80, faults.too_many_requests(0)),
                (160, faults.reset_before()),
                (160, faults.reset_after()),
            ):
                google.faults.add("*", fault, person=ALICE.email, every=every)
        told = Bench(
            url=google.url,
            token=google.grant(ALICE.email, SCOPES).access_token,
            limited_token=google.grant(BEN.email, SCOPES).access_token,
            messages=messages,
            files=files,
        )
        sys.stdout.write(json.dumps(asdict(told)) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args()
    _serve(options.latency, spoil=options.faults)
