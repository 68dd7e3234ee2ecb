"""A few reading processes, started when there is something to read and ended when there has been nothing lately."""

import asyncio
import signal
from collections.abc import Mapping
from typing import Any

from google_workspace_mcp.core.content.documents.answers import Answer
from google_workspace_mcp.core.content.documents.problems import Trouble
from google_workspace_mcp.core.content.documents.process import ProcessEndedError, ReadingProcess
from google_workspace_mcp.core.content.documents.wording import failure
from google_workspace_mcp.core.errors import RateLimitedError, UnavailableError, WorkspaceError
from google_workspace_mcp.core.logging import get_logger

MOST_PROCESSES = 2
MOST_WAITING = 16
SECONDS = 20.0
IDLE_SECONDS = 60.0
# Ended by itself it was surprised; otherwise it ran into a limit, most often that of memory.
_ENDINGS = {0: Trouble.DAMAGED, signal.SIGXCPU: Trouble.SLOW, signal.SIGSEGV: Trouble.DAMAGED}
log = get_logger(__name__)


class Pool:
    """Asks one of at most `most` processes, each one document at a time.

    Up to `waiting` requests wait for their turn, further ones are refused. Whoever is cancelled, or waits for an answer
    longer than `seconds`, takes the process down; the next request gets a fresh one.
    """

    def __init__(
        self,
        *,
        most: int = MOST_PROCESSES,
        waiting: int = MOST_WAITING,
        seconds: float = SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._turns = asyncio.Semaphore(most)
        self._most, self._most_waiting = most, waiting
        self._seconds, self._idle_seconds = seconds, idle_seconds
        self._idle: list[ReadingProcess] = []
        self._alive: set[ReadingProcess] = set()
        self._asked = 0
        self._tidying: asyncio.TimerHandle | None = None
        self._goodbyes: set[asyncio.Task[None]] = set()

    @property
    def process_ids(self) -> set[int]:
        """Of the processes that live."""
        return {process.id for process in self._alive}

    async def ask(self, fields: Mapping[str, Any], data: bytes) -> Answer:
        """The answer to one request.

        Raises:
            RateLimitedError: the queue is full.
            UnavailableError: no process can be started.
            WorkspaceError: the process was too slow, or came to its end over the document.
        """
        if self._asked >= self._most + self._most_waiting:
            raise RateLimitedError(
                "This service is reading as many documents as it can", retry_after=5, reason="documents_busy"
            )
        self._asked += 1
        self._stop_tidying()
        try:
            async with self._turns:
                return await self._ask(fields, data)
        finally:
            self._asked -= 1
            self._tidy_later()

    async def aclose(self) -> None:
        """Ends every process, those that are reading included."""
        self._stop_tidying()
        self._idle.clear()
        await asyncio.gather(*(self._end(process) for process in list(self._alive)), *self._goodbyes)

    async def _ask(self, fields: Mapping[str, Any], data: bytes) -> Answer:
        process, good = await self._take(), False
        try:
            async with asyncio.timeout(self._seconds):
                answer = Answer.of(await process.ask(fields, data))
            good = not answer.last
        except TimeoutError:
            raise self._failed("slow", Trouble.SLOW) from None
        except ProcessEndedError as ended:
            trouble = _ENDINGS.get(ended.signal, Trouble.TOO_MUCH)
            raise self._failed(f"signal_{ended.signal}", trouble) from None
        except ValueError:
            raise self._failed("not_an_answer", Trouble.HOSTILE) from None
        else:
            return answer
        finally:
            if good:
                self._idle.append(process)
            else:
                await self._end(process)

    def _failed(self, how: str, trouble: Trouble) -> WorkspaceError:
        log.warning("document_process_ended", how=how)
        return failure(trouble)

    async def _take(self) -> ReadingProcess:
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                return process
            self._alive.discard(process)
        try:
            process = await ReadingProcess.start()
        except OSError:
            raise UnavailableError(
                "No process could be started to read the document", retry_after=5, reason="documents_no_process"
            ) from None
        self._alive.add(process)
        return process

    async def _end(self, process: ReadingProcess) -> None:
        try:
            await process.end()
        finally:
            self._alive.discard(process)

    def _stop_tidying(self) -> None:
        if self._tidying:
            self._tidying.cancel()
            self._tidying = None

    def _tidy_later(self) -> None:
        if not self._asked and self._idle:
            self._stop_tidying()
            self._tidying = asyncio.get_running_loop().call_later(self._idle_seconds, self._tidy)

    def _tidy(self) -> None:
        idle, self._idle = self._idle, []
        for process in idle:
            task = asyncio.get_running_loop().create_task(self._end(process), name="document process ends")
            self._goodbyes.add(task)
            task.add_done_callback(self._goodbyes.discard)
