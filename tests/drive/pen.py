"""One person's account for tools that write: with uploads, and the operator's rules about whom things may reach."""

import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, override

from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.files.uploads import Uploads
from google_workspace_mcp.core.google.uploads import Progress
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.policy.reach import Reach
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.settings import load
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.material import Material, in_memory
from google_workspace_mcp.drive.tools import tools
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.core.tools.test_runner import CALLER, tool
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom, open_workspace

SCOPES = ("https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/calendar.readonly")
_OWNER = Principal("issuer", "alice")


class Pen:
    """Calls the tools. `rules` are the operator's settings about whom things may reach."""

    def __init__(self, room: Mailroom, uploads: Uploads) -> None:
        self.room = room
        self._uploads = uploads
        self.heard: list[tuple[int, int]] = []

    async def call(self, name: str, /, **arguments: Any) -> Any:
        return await self.room.call(name, **arguments)

    async def uploaded(self, name: str, data: bytes, media_type: str = "application/octet-stream") -> str:
        """The id of an upload with these bytes."""

        async def chunks() -> AsyncGenerator[bytes]:
            for at in range(0, len(data), 2**20):
                yield data[at : at + 2**20]

        place = await self._uploads.create(_OWNER, name, media_type)
        await self._uploads.receive(_OWNER, place.id, chunks(), len(data))
        return place.id

    @property
    def methods(self) -> list[str]:
        return self.room.methods


class _Room(Mailroom):
    """Workspaces with uploads and rules."""

    uploads: Uploads
    rules: Mapping[str, Any]
    progress: Progress

    @override
    def open(self) -> Workspace:
        return replace(super().open(), permit=self._permit, uploads=self.uploads.of(_OWNER), progress=self.progress)

    def _permit(self, reach: Reach) -> None:
        self.reached.append(reach)
        decision = Gate(load(None, **self.rules)).decide(CALLER, tool(), reach, self.email)
        if decision.error is not None:
            raise decision.error


async def _a_letters_file(_work: Workspace, message_id: str, part: str) -> Material:
    return in_memory(f"{part or 'letter'}.csv", "text/csv", message_id.encode())


@asynccontextmanager
async def pen_of(
    google: SimulatedGoogle, clock: FakeClock, email: str, folder: Path, **rules: Any
) -> AsyncGenerator[Pen]:
    """A person's account, its store in `folder`."""
    documents = Documents()
    made = tools(clock, documents, randomness=random.Random(7).randbytes, from_mail=_a_letters_file)
    uploads = Uploads(
        SealedStore(DirectoryStore(folder / "store"), KeyRingWrapper(KeyRing((Key("k1", b"k" * 32),)))), clock
    )
    async with open_workspace(google, email, SCOPES, made, clock, room=_Room) as room:
        assert isinstance(room, _Room)
        pen = Pen(room, uploads)

        async def hear(done: int, total: int) -> None:
            pen.heard.append((done, total))

        room.uploads, room.rules, room.progress = uploads, rules, hear
        yield pen
    await documents.aclose()
