"""Loads a folder of a person's own files into their simulated Drive, with its structure."""

import mimetypes
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from google_workspace_mcp.sandbox.drive import DriveService

# Everything is held in memory.
LARGEST_FILE = 50 * 1024 * 1024
LARGEST_TOTAL = 500 * 1024 * 1024

# What the platform's own table may lack.
_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".heic": "image/heic",
    ".ics": "text/calendar",
    ".md": "text/markdown",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".tsv": "text/tab-separated-values",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


def load_files(drive: DriveService, email: str, path: Path, say: Callable[[str], None] = print) -> int:
    """Puts every file below a folder into somebody's My Drive and returns how many.

    Folders keep their structure, types go by extension, times are the files' own. Links are not followed. What is left
    out (links, unreadable or special files, files over 50 MB, everything once 500 MB are reached) is told to `say`.

    Raises:
        NotADirectoryError: `path` is no folder.
    """
    if not path.is_dir():
        raise NotADirectoryError(f"{path} is not a folder")
    folders: dict[Path, str] = {path: ""}
    count = total = 0
    for entry in _below(path, say):
        if entry.is_dir():
            folders[entry] = drive.add_folder(email, entry.name, parent=folders[entry.parent], when=_modified(entry))
            continue
        size = entry.stat().st_size
        if size > LARGEST_FILE or total + size > LARGEST_TOTAL:
            say(f"left out {entry.relative_to(path)}: {size / 1024 / 1024:.0f} MB is too much for the simulator")
            continue
        try:
            data = entry.read_bytes()
        except OSError as error:
            say(f"left out {entry.relative_to(path)}: {error.strerror}")
            continue
        when = _modified(entry)
        drive.add_file(email, entry.name, data, _type(entry), parent=folders[entry.parent], created=when, modified=when)
        count += 1
        total += size
    return count


def _below(folder: Path, say: Callable[[str], None]) -> Iterator[Path]:
    """Folders before what is in them, in the order of names."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        say(f"left out {folder.name}: {error.strerror}")
        return
    for entry in entries:
        if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            say(f"left out {entry.name}: links and special files are not followed")
            continue
        yield entry
        if entry.is_dir():
            yield from _below(entry, say)


def _type(path: Path) -> str:
    return _TYPES.get(path.suffix.lower()) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
