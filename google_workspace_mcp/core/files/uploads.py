"""Uploads: bytes that a caller has sent, waiting for the tool that uses them.

An upload begins as a place with a name, and an address to send the bytes to. They lie in the store as sealed chunks
below `upload/`, in a folder of the attempt that sent them, so an attempt that broke off is simply made again. One small
record for each principal says what there is; each change of it is conditional, so no two tasks together let anybody
have more than allowed. An hour after it began an upload is gone, claimed or not.
"""

import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import UnavailableError, UserInputError
from google_workspace_mcp.core.files.claims import CallersUploads, Upload
from google_workspace_mcp.core.files.places import LIFE_SECONDS, MOST_BYTES, Book, Place, differs, filled, too_large
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.principal import Owner
from google_workspace_mcp.core.storage.base import ObjectNotFoundError, StorageError
from google_workspace_mcp.core.storage.lives import UPLOAD
from google_workspace_mcp.core.storage.records import Records
from google_workspace_mcp.core.storage.sealing import SealBrokenError, SealedStore

# Sealing holds a chunk three times; in S3 each is one request, and one of the key service's.
CHUNK_BYTES: Final = 2 * 2**20
# What uses an upload at the end of its hour may take its time.
_SWEPT_AFTER = 600
_KIND = "upload"
_CHUNKS = UPLOAD.place("chunks")
_EXPIRY_DIGITS = 8
_log = get_logger(__name__)


class Uploads:
    """All principals' uploads. Another principal's upload does not exist for the caller."""

    def __init__(self, store: SealedStore, clock: Clock) -> None:
        self._store = store
        self._books = Records(store, "upload-book", Book, UPLOAD.place("books"))
        self._clock = clock

    def of(self, owner: Owner) -> CallersUploads:
        """Those of one principal."""
        return _Own(self, owner)

    async def create(self, owner: Owner, name: str, media_type: str, size: int = 0, sha256: str = "") -> Place:
        """A new place, for an hour. Raises TooLargeError, also when too much waits already."""
        if size > MOST_BYTES:
            raise too_large(MOST_BYTES)
        expires = int(epoch(self._clock)) + LIFE_SECONDS
        place = Place(
            id=f"{expires:0{_EXPIRY_DIGITS}x}{secrets.token_hex(8)}",
            name=name,
            media_type=media_type,
            expires=expires,
            declared_size=size,
            declared_sha256=sha256.lower(),
            claims=size,
        )
        await self._books.update(owner.key, lambda book: (book or Book()).replacing(place, epoch(self._clock)))
        return place

    async def receive(self, owner: Owner, upload_id: str, chunks: AsyncIterator[bytes], length: int | None) -> Place:
        """Take the bytes; `length` is how many are announced, if it is known. What came before is replaced.

        Raises NotFoundError when the place is gone, ConflictError when it is filled already, TooLargeError,
        UserInputError when it is not what was declared. Then, and when `chunks` raises, nothing of it stays.
        """
        begun = await self._begin(owner, upload_id, length)
        folder = _folder(owner, begun)
        written = _Written()
        try:
            await self._write(folder, chunks, begun.most, written)
            self._check(begun, written)
            return await self._end(owner, begun, written)
        except BaseException:
            await self._drop(owner, begun, written.chunks)
            raise

    async def find(self, owner: Owner, upload_id: str) -> Place:
        """The place, filled or not. Raises NotFoundError."""
        version = await self._books.read(owner.key)
        return (version.record if version else Book()).live(upload_id, epoch(self._clock))

    async def open(self, owner: Owner, upload_id: str) -> Upload:
        """See `CallersUploads.open`."""
        place = await self.find(owner, upload_id)
        if not place.received:
            raise UserInputError(
                "The bytes of that upload have not arrived",
                next_step="Send them to the address that files_create_upload gave, then call again",
                reason="upload_empty",
            )
        return Upload(place.name, place.media_type, place.size, place.sha256, partial(self._read, owner, place))

    async def release(self, owner: Owner, upload_id: str) -> None:
        """Give up an upload that has been used; one that is gone is no error."""
        gone: Place | None = None

        def change(book: Book | None) -> Book | None:
            nonlocal gone
            gone = book.find(upload_id) if book else None
            return book.without(upload_id) if book and gone else None

        await self._books.update(owner.key, change)
        if gone is not None:
            await self._delete(_folder(owner, gone), _chunk_count(gone.size))

    async def sweep(self) -> int:
        """Remove chunks of uploads whose hour is over, of all principals; how many they were."""
        before, removed = int(epoch(self._clock)) - _SWEPT_AFTER, 0
        async for key in self._store.objects.list(f"{_CHUNKS}/"):
            parts = key.removeprefix(f"{_CHUNKS}/").split("/")
            if len(parts) == 4 and int(parts[1][:_EXPIRY_DIGITS], 16) < before:
                await self._store.delete(key)
                removed += 1
        if removed:
            _log.info("uploads_swept", removed=removed)
        return removed

    # -- the record

    async def _begin(self, owner: Owner, upload_id: str, length: int | None) -> Place:
        begun: Place | None = None

        def change(old: Book | None) -> Book:
            nonlocal begun
            book = old or Book()
            place = book.live(upload_id, epoch(self._clock))
            if place.received:
                raise filled()
            if length is not None and length > place.most:
                raise too_large(place.most)
            claims = place.most if length is None else length
            begun = place.model_copy(update={"claims": claims, "attempt": secrets.token_hex(8)})
            return book.replacing(begun, epoch(self._clock))

        await self._books.update(owner.key, change)
        assert begun is not None
        return begun

    async def _end(self, owner: Owner, begun: Place, written: "_Written") -> Place:
        facts = {"size": written.size, "claims": written.size, "sha256": written.digest.hexdigest()}
        ended = begun.model_copy(update=facts)

        def change(old: Book | None) -> Book:
            book = old or Book()
            place = book.live(begun.id, epoch(self._clock))
            if place.received or place.attempt != begun.attempt:
                raise filled()
            return book.replacing(ended, epoch(self._clock))

        await self._books.update(owner.key, change)
        return ended

    async def _drop(self, owner: Owner, begun: Place, chunks: int) -> None:
        """Leave nothing of an attempt. What the store does not let go now ends by its life."""

        def change(book: Book | None) -> Book | None:
            place = book.find(begun.id) if book else None
            if book is None or place is None or place.received or place.attempt != begun.attempt:
                return None
            return book.replacing(place.model_copy(update={"claims": place.declared_size}), epoch(self._clock))

        try:
            await self._books.update(owner.key, change)
            await self._delete(_folder(owner, begun), chunks)
        except StorageError:
            _log.warning("upload_not_dropped")

    # -- the bytes

    async def _write(self, folder: str, chunks: AsyncIterator[bytes], most: int, written: "_Written") -> None:
        buffer = bytearray()
        async for chunk in chunks:
            if written.size + len(buffer) + len(chunk) > most:
                raise too_large(most)
            buffer += chunk
            while len(buffer) >= CHUNK_BYTES:
                await self._put(folder, bytes(buffer[:CHUNK_BYTES]), written)
                del buffer[:CHUNK_BYTES]
        if buffer:
            await self._put(folder, bytes(buffer), written)

    async def _put(self, folder: str, data: bytes, written: "_Written") -> None:
        written.chunks += 1  # counted first: also what was written and not answered is to be removed
        await self._store.put(_chunk(folder, written.chunks - 1), _KIND, data, if_none_match=True)
        written.size += len(data)
        written.digest.update(data)

    def _check(self, begun: Place, written: "_Written") -> None:
        if begun.declared_size and written.size != begun.declared_size:
            raise differs(f"{written.size} bytes came where {begun.declared_size} were declared", "size")
        if begun.declared_sha256 and written.digest.hexdigest() != begun.declared_sha256:
            raise differs("The bytes that came do not have the declared SHA-256", "sha256")

    async def _read(self, owner: Owner, place: Place, start: int, stop: int) -> AsyncGenerator[bytes]:
        folder = _folder(owner, place)
        for number in range(start // CHUNK_BYTES, _chunk_count(min(stop, place.size))):
            try:
                opened = await self._store.get(_chunk(folder, number), _KIND)
            except (ObjectNotFoundError, SealBrokenError):
                raise UnavailableError(
                    "A part of that upload is not there any more",
                    next_step="Upload the file again",
                    reason="upload_incomplete",
                ) from None
            at = number * CHUNK_BYTES
            yield opened.data[max(0, start - at) : stop - at]

    async def _delete(self, folder: str, chunks: int) -> None:
        for number in range(chunks):
            await self._store.delete(_chunk(folder, number))


class _Written:
    """How much of an attempt lies in the store."""

    def __init__(self) -> None:
        self.chunks = 0
        self.size = 0
        self.digest = hashlib.sha256()


@dataclass(frozen=True, slots=True)
class _Own:
    uploads: Uploads
    owner: Owner

    async def open(self, upload_id: str) -> Upload:
        return await self.uploads.open(self.owner, upload_id)

    async def release(self, upload_id: str) -> None:
        await self.uploads.release(self.owner, upload_id)


def _folder(owner: Owner, place: Place) -> str:
    return f"{_CHUNKS}/{owner.key}/{place.id}/{place.attempt}"


def _chunk(folder: str, number: int) -> str:
    return f"{folder}/{number:04d}"


def _chunk_count(size: int) -> int:
    return -(-size // CHUNK_BYTES)
