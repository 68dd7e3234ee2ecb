"""Office files as what they are, ZIP archives: looked at before anything is unpacked, counted while it is.

Nothing is written anywhere and no entry is opened but those that are asked for by their full name, so paths, links and
archives inside of the archive have no meaning here.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator

from google_workspace_mcp.core.content.documents.problems import DocumentProblem, Trouble

MOST_ENTRIES = 2_000
MOST_UNPACKED = 100_000_000
MOST_RATIO = 100
# Below this a high ratio is a page of blanks and does no harm.
_HARMLESS = 10_000_000
_CHUNK = 1 << 16
_CENTRAL_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1


class Package:
    """An archive within its limits. Raises DocumentProblem for one that is beyond them, damaged or locked."""

    def __init__(self, data: bytes) -> None:
        # A million entries would be a million objects: they are counted by their signatures first.
        if data.count(_CENTRAL_ENTRY) > MOST_ENTRIES:
            raise DocumentProblem(Trouble.TOO_MUCH)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
            raise DocumentProblem(Trouble.DAMAGED) from None
        entries = self._archive.infolist()
        declared = sum(entry.file_size for entry in entries)
        if declared > MOST_UNPACKED or (declared > _HARMLESS and declared > MOST_RATIO * len(data)):
            raise DocumentProblem(Trouble.TOO_MUCH)
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise DocumentProblem(Trouble.PASSWORD)
        self._entries = {entry.filename.lstrip("/").replace("\\", "/"): entry for entry in entries}
        self._raw = len(data)
        self._unpacked = 0

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def last_of(self, name: str, mark: bytes) -> bytes:
        """Up to 64 bytes from the last place in an entry where `mark` stands; nothing when it does not."""
        found, kept = b"", b""
        counted = self._unpacked
        for chunk in self.chunks(name):
            window = kept + chunk
            if (at := window.rfind(mark)) >= 0:
                found = window[at : at + 64]
            # A mark that lies across two chunks is found with the second, whole.
            kept = window[-64:]
        # Looked over, not read: it may still be read up to the limit.
        self._unpacked = counted
        return found

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one entry, counted against the limits of the whole. Nothing for an entry that is not there."""
        entry = self._entries.get(name)
        if entry is None:
            return
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise DocumentProblem(Trouble.DAMAGED)
        try:
            with self._archive.open(entry) as opened:
                while chunk := opened.read(_CHUNK):
                    self._count(len(chunk))
                    yield chunk
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise DocumentProblem(Trouble.DAMAGED) from None

    def _count(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > MOST_UNPACKED or (self._unpacked > _HARMLESS and self._unpacked > MOST_RATIO * self._raw):
            raise DocumentProblem(Trouble.TOO_MUCH)


def beside(name: str, target: str) -> str:
    """The full name of what a relationship of the part `name` leads to."""
    if target.startswith("/"):
        return posixpath.normpath(target.lstrip("/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
