"""One reading process, from the service's side: started, asked, killed."""

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google_workspace_mcp.core.content.documents.wire import ANSWER_HEAD, MOST_ANSWER, packed_request

_ROOT = Path(__file__).resolve().parents[4]
# Isolated (-I): no path, no user's packages, nothing of an environment that is not there anyway.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from {} import main; main()".format(
    "google_workspace_mcp.core.content.documents.worker"
)
_CHUNK = 1 << 18
_LONGEST_GOODBYE = 5.0


class ProcessEndedError(Exception):
    """The process is gone without an answer. `signal` is what ended it, 0 if it ended by itself."""

    def __init__(self, signal: int) -> None:
        super().__init__(f"ended by signal {signal}" if signal else "ended")
        self.signal = signal


class ReadingProcess:
    """A process with three pipes, no environment and the root of the file system as its place."""

    def __init__(self, handle: asyncio.subprocess.Process) -> None:
        self._handle = handle

    @classmethod
    async def start(cls) -> "ReadingProcess":
        """A fresh one. Raises OSError when none can be started."""
        handle = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-B",
            "-c",
            _START,
            str(_ROOT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            cwd="/",
            # A terminal's Ctrl-C is for the service, which ends its processes itself.
            start_new_session=True,
            limit=_CHUNK,
        )
        return cls(handle)

    @property
    def id(self) -> int:
        return self._handle.pid

    @property
    def is_alive(self) -> bool:
        return self._handle.returncode is None

    async def ask(self, fields: Mapping[str, Any], data: bytes) -> bytes:
        """The answer to one request, JSON. Raises ProcessEndedError; an answer beyond all bounds ends it too."""
        source, sink = self._handle.stdout, self._handle.stdin
        assert source is not None
        assert sink is not None
        try:
            sink.write(packed_request(dict(fields), data))
            for start in range(0, len(data), _CHUNK):
                sink.write(data[start : start + _CHUNK])
                await sink.drain()
            await sink.drain()
            (length,) = ANSWER_HEAD.unpack(await source.readexactly(ANSWER_HEAD.size))
            if length > MOST_ANSWER:
                raise ProcessEndedError(0)
            return await source.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            await self.end()
            raise ProcessEndedError(max(0, -(self._handle.returncode or 0))) from None

    async def end(self) -> None:
        """Kills it if it lives, and waits until it is gone."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                self._handle.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._handle.wait()), _LONGEST_GOODBYE)
        if self._handle.stdin is not None:
            self._handle.stdin.close()
