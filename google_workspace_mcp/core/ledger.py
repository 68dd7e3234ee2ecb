"""What became of writes that carry a `request_id`: a repetition gets the first result and has no second effect.

A record lies in the sealed object store under the principal and a hash of the id. It is written before the work begins,
on the condition that nothing is there, so of two tasks only one does the work; it is written again with the result. A
record that says "begun" and is older than any call can last means that a task ended in the middle: nobody knows.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import (
    ConflictError,
    InProgressError,
    OutcomeUnknownError,
    UserInputError,
    WorkspaceError,
)
from google_workspace_mcp.core.logging import get_logger
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.base import ObjectConflictError, ObjectNotFoundError, StorageError
from google_workspace_mcp.core.storage.lives import TRANSIENT
from google_workspace_mcp.core.storage.sealing import SealedStore

LIFE_SECONDS = 24 * 3600.0
# Longer than a tool's deadline and everything around it.
LEASE_SECONDS = 120.0
LONGEST_ID = 128
_KIND = "request"
_log = get_logger(__name__)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)

    state: Literal["begun", "done", "unknown"]
    fingerprint: str
    at: float
    result: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Request:
    """Whose request it is, the id that the caller gave it, and everything that it asks for."""

    principal: Principal
    request_id: str
    tool: str
    arguments: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """The same for the same tool and arguments, whatever their order; tells nothing about them."""
        asked = {name: value for name, value in self.arguments.items() if name != "request_id"}
        text = json.dumps([self.tool, asked], sort_keys=True, default=_plain, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


class Ledger:
    """Does work once for each principal and request id, across tasks and restarts."""

    def __init__(self, store: SealedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def once(self, request: Request, work: Callable[[], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The result of `work`, or of the first request under this id within 24 hours.

        Raises ConflictError for another request under the same id, InProgressError while the first is under way,
        OutcomeUnknownError when nobody knows what became of it, what `work` raises, and StorageError before it begins.
        After a failure that is certain to have changed nothing, the id may be used again.
        """
        if not request.request_id.isprintable() or not 1 <= len(request.request_id) <= LONGEST_ID:
            raise UserInputError(
                "request_id must be 1 to 128 printable characters", next_step="Use a UUID", reason="request_id"
            )
        key = self._key(request)
        begun = await self._begin(key, request)
        if isinstance(begun, _Record):
            return begun.result
        try:
            result = await work()
        except OutcomeUnknownError:
            await self._write(key, begun, self._record("unknown", request))
            raise
        except WorkspaceError:
            await self._forget(key, begun)
            raise
        await self._write(key, begun, self._record("done", request, result))
        return result

    async def _begin(self, key: str, request: Request) -> "_Record | str":
        """The etag of the record that says we have begun, or the record of the first request, which is done."""
        record = self._record("begun", request).model_dump_json().encode()
        found = await self._read(key)
        try:
            if found is None:
                return await self._store.put(key, _KIND, record, if_none_match=True)
            first, etag = found
            if epoch(self._clock) - first.at >= LIFE_SECONDS:
                return await self._store.put(key, _KIND, record, if_match=etag)
        except ObjectConflictError:
            # Somebody else was quicker by a moment.
            raise _in_progress() from None
        return self._repeated(first, request)

    def _repeated(self, first: _Record, request: Request) -> _Record:
        if first.fingerprint != request.fingerprint:
            raise ConflictError(
                "This request_id was used for something else in the last 24 hours",
                next_step="Use a new request_id for a new request",
                reason="request_id_reused",
            )
        if first.state == "done":
            return first
        if first.state == "begun" and epoch(self._clock) - first.at < LEASE_SECONDS:
            raise _in_progress()
        raise OutcomeUnknownError(
            "Nobody knows what became of the first request under this request_id: it may have been carried out",
            next_step="Look whether it has happened before doing anything else; a new request_id would do it again",
            reason="first_unknown",
        )

    async def _read(self, key: str) -> tuple[_Record, str] | None:
        try:
            opened = await self._store.get(key, _KIND)
        except ObjectNotFoundError:
            return None
        return _Record.model_validate_json(opened.data), opened.etag

    async def _write(self, key: str, etag: str, record: _Record) -> None:
        """Say what became of it. What has happened at Google stays so when the store fails now: that is only logged."""
        try:
            await self._store.put(key, _KIND, record.model_dump_json().encode(), if_match=etag)
        except StorageError:
            _log.warning("request_not_recorded", state=record.state)

    async def _forget(self, key: str, etag: str) -> None:
        try:
            await self._store.delete(key, if_match=etag)
        except StorageError:
            _log.warning("request_not_recorded", state="forgotten")

    def _record(
        self, state: Literal["begun", "done", "unknown"], request: Request, result: dict[str, Any] | None = None
    ) -> _Record:
        return _Record(state=state, fingerprint=request.fingerprint, at=epoch(self._clock), result=result or {})

    def _key(self, request: Request) -> str:
        name = hashlib.sha256(request.request_id.encode()).hexdigest()
        return TRANSIENT.place(f"requests/{request.principal.key}/{name}")


def _in_progress() -> InProgressError:
    return InProgressError(
        "The first request under this request_id is still under way",
        next_step="Repeat the very same call in a moment to get its result",
        retry_after=5,
        reason="in_progress",
    )


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)
