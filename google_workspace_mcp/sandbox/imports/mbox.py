"""Loads somebody's own mail: an mbox as Google Takeout writes it, or a folder of message files.

Broken messages are kept as they are; only a place without a single message is an error.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google_workspace_mcp.sandbox.gmail.content import Content
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.imports.mail_labels import gmail_labels

# "From ", somebody, and somewhere behind it a time: prose that starts a line with "From " has none.
_SEPARATOR = re.compile(rb"From \S.*\d\d:\d\d")
_QUOTED = re.compile(rb">+From ")
_SUFFIXES = frozenset({"", ".eml", ".msg", ".mbox", ".txt"})
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class MailImportError(Exception):
    """The mail cannot be loaded; the text says why and what would do."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One message of an export. `thread` and `labels` are what Google's export says, empty otherwise."""

    raw: bytes
    thread: str
    labels: tuple[str, ...]


def load_mail(gmail: GmailService, email: str, path: Path) -> int:
    """Delivers every message found at `path` into the person's mailbox and returns how many there were.

    Raises MailImportError when there is nothing at `path` or not one message in it.
    """
    count = 0
    for message in read_mail(path):
        gmail.deliver(email, message.raw, labels=message.labels, thread_key=message.thread)
        count += 1
    if not count:
        raise MailImportError(
            f"No messages in {path}. Expected an mbox file (Google Takeout writes one) or a folder of .eml files."
        )
    return count


def read_mail(path: Path) -> Iterator[Exported]:
    """The messages of an mbox, of a single message file, or of all message files below a folder, in order of name."""
    if not path.exists():
        raise MailImportError(f"There is no file or folder {path}.")
    if not path.is_dir():
        yield from _read_file(path)
        return
    for file in sorted(path.rglob("*")):
        visible = not any(part.startswith(".") for part in file.relative_to(path).parts)
        if visible and file.suffix.lower() in _SUFFIXES and file.is_file():
            yield from _read_file(file)


def _read_file(path: Path) -> Iterator[Exported]:
    try:
        with path.open("rb") as file:
            first = file.readline(1000)
    except OSError as error:
        raise MailImportError(f"{path} cannot be read: {error.strerror}.") from error
    if first.startswith(_OUTLOOK):
        raise MailImportError(f"{path} is in Outlook's own format. Save it as .eml first.")
    if _SEPARATOR.match(first):
        yield from read_mbox(path)
    elif path.stat().st_size or path.suffix.lower() != ".mbox":
        yield _exported(path.read_bytes())


def read_mbox(path: Path) -> Iterator[Exported]:
    """The messages of an mbox, read line by line: only one message is in memory at a time.

    A separator is a `From ` line with a time in it after an empty line or at the start; `>From ` loses one `>`.
    """
    lines: list[bytes] = []
    after_empty = True
    started = False
    with path.open("rb") as file:
        for line in file:
            if after_empty and _SEPARATOR.match(line):
                if started:
                    yield _exported(_joined(lines))
                lines, started = [], True
            else:
                lines.append(line[1:] if _QUOTED.match(line) else line)
            after_empty = not line.strip(b"\r\n")
    if started:
        yield _exported(_joined(lines))


def _joined(lines: list[bytes]) -> bytes:
    """Without the empty line that the format puts after every message."""
    if lines and not lines[-1].strip(b"\r\n"):
        lines = lines[:-1]
    return b"".join(lines)


def _exported(raw: bytes) -> Exported:
    content = Content(raw)
    named = " ".join(content.value("x-gmail-labels").split())
    try:
        names = next(csv.reader([named], skipinitialspace=True), [])
    except csv.Error:  # a single name beyond 128 KiB
        names = []
    return Exported(raw, content.value("x-gm-thrid"), tuple(gmail_labels(names)) if names else ("INBOX",))
