"""Content that is made while it is read: large files that take no memory."""

import hashlib
from collections.abc import Callable, Iterator
from functools import cached_property

LINE = 64
_BLOCK = 64 * 1024


def lines(number: int) -> bytes:
    """A block of text: numbered lines of 64 bytes, line end included."""
    first = number * (_BLOCK // LINE)
    return b"".join(f"{n:012} {'words ' * 8}ä\n".encode() for n in range(first, first + _BLOCK // LINE))


def noise(number: int) -> bytes:
    """A block of bytes that are nothing."""
    return hashlib.sha256(number.to_bytes(8)).digest() * (_BLOCK // 32)


class MadeBytes:
    """So many bytes, every block of them another one, the same each time. A slice of it is one too."""

    def __init__(self, size: int, start: int = 0, *, block: Callable[[int], bytes] = noise) -> None:
        self._start = start
        self._size = size
        self._block = block

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> "MadeBytes":
        first, last, _ = part.indices(self._size)
        return MadeBytes(max(0, last - first), self._start + first, block=self._block)

    def blocks(self) -> Iterator[bytes]:
        """The bytes, 64 KiB of them at most at a time."""
        at, end = self._start, self._start + self._size
        while at < end:
            number, skip = divmod(at, _BLOCK)
            piece = self._block(number)[skip : skip + end - at]
            at += len(piece)
            yield piece

    @cached_property
    def checksums(self) -> tuple[str, str, str]:
        """MD5, SHA-1 and SHA-256."""
        digests = (hashlib.md5(usedforsecurity=False), hashlib.sha1(usedforsecurity=False), hashlib.sha256())
        for block in self.blocks():
            for digest in digests:
                digest.update(block)
        return digests[0].hexdigest(), digests[1].hexdigest(), digests[2].hexdigest()


def checksums(data: bytes | MadeBytes) -> tuple[str, str, str]:
    """MD5, SHA-1 and SHA-256, as Drive tells them."""
    if isinstance(data, MadeBytes):
        return data.checksums
    return (
        hashlib.md5(data, usedforsecurity=False).hexdigest(),
        hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        hashlib.sha256(data).hexdigest(),
    )
