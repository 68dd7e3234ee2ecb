"""Messages that no one here wrote: a folder of them, and libraries' test sets, which are unpacked and never built."""

import hashlib
import io
import os
import ssl
import sysconfig
import tarfile
from dataclasses import dataclass
from pathlib import Path

import httpx2

from google_workspace_mcp.sandbox.imports.mbox import read_mail

_FILES = "https://files.pythonhosted.org/packages"
_LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Archive:
    """A source archive on the package index, and where in it the messages are."""

    address: str
    sha256: str
    folder: str
    suffix: str


ARCHIVES = (
    Archive(
        f"{_FILES}/43/30/8e3a2559bb78ecbe4e3a9f0a9c50d332e0631ff0f0478f1205979c3f40fa/mail_parser-4.8.0.tar.gz",
        "602e659b159652d378b0f9cce2d682bee692bedae72687786e2b2e52eaeb9afc",
        "tests/mails/",
        "",
    ),
    Archive(
        f"{_FILES}/eb/f7/3348324b489f74500054a1a1ea18b86cc40d19994f789311228c12a6bcc7/talon-1.4.4.tar.gz",
        "263d122609747691e9f75726ea565f5da8a40146a7a81eb5883e51b8224b0e5c",
        "tests/fixtures/",
        ".eml",
    ),
)


@dataclass(frozen=True, slots=True)
class Real:
    """A message and where it is from."""

    name: str
    raw: bytes


def corpus() -> Path | None:
    """The folder named by MAIL_CORPUS, else the one beside the project; None where there is neither."""
    root = Path(__file__).parents[2]
    named = os.environ.get("MAIL_CORPUS")
    places = [Path(named)] if named else [parent / "shared" / "corpus" / "mail" for parent in root.parents[:2]]
    return next((place for place in places if place.is_dir()), None)


def real_mail(folder: Path, *, archives: bool = True) -> list[Real]:
    """All of it: the folder's, Python's own test messages where they are installed, and those of the archives."""
    found = _in_folder(folder)
    found += _in_folder(Path(sysconfig.get_path("stdlib")) / "test" / "test_email" / "data", "msg_*.txt")
    if archives:
        with httpx2.Client(verify=ssl.create_default_context(), timeout=60, follow_redirects=True) as http:
            for archive in ARCHIVES:
                found += unpacked(archive, http.get(archive.address).raise_for_status().content)
    return found


def unpacked(archive: Archive, data: bytes) -> list[Real]:
    """The messages in an archive. Raises ValueError when it is another one than was looked at."""
    if hashlib.sha256(data).hexdigest() != archive.sha256:
        raise ValueError(f"{archive.address} is not what it was")
    found: list[Real] = []
    with tarfile.open(fileobj=io.BytesIO(data)) as members:
        for member in members:
            inside = member.name.partition("/")[2]
            wanted = inside.startswith(archive.folder) and inside.endswith(archive.suffix)
            if wanted and member.isfile() and member.size < _LARGEST and (file := members.extractfile(member)):
                found.append(Real(inside.rpartition("/")[2], file.read()))
    return found


def _in_folder(folder: Path, pattern: str = "*") -> list[Real]:
    files = sorted(file for file in folder.rglob(pattern) if file.is_file()) if folder.is_dir() else []
    return [Real(file.name, message.raw) for file in files for message in read_mail(file)]
