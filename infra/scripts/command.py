"""What the scripts share: words on the terminal, faults as one line, clients with bounded waits."""

import sys
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.scripts.stacks import DeployError


def client(name: str) -> Any:
    """A client of an AWS service; account, region and address come from the SDK's own configuration."""
    retries: Any = {"mode": "standard", "total_max_attempts": 5}
    return boto3.client(name, config=Config(connect_timeout=5, read_timeout=30, retries=retries))  # pyright: ignore[reportArgumentType, reportCallIssue]


def say(words: str) -> None:
    """A line on standard output, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def run(work: Callable[[], None]) -> int:
    """The exit status: 0, or 1 with one line that says why."""
    started = time.monotonic()
    try:
        work()
    except (DeployError, BotoCoreError, ClientError, OSError) as error:
        sys.stderr.write(f"failed after {time.monotonic() - started:.0f} s: {error}\n")
        return 1
    say(f"done in {time.monotonic() - started:.0f} s")
    return 0
