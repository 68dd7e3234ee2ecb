"""Tools called through the official client, one after another, and what a model reads of each, written down."""

import itertools
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.calls import round_trips
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.files.world import AGENT, World, world_in
from tests.support.clock import FakeClock
from tests.support.connecting import CAPABILITIES, connect
from tests.support.shown import Program, words

# A Tuesday. The SDK compares expiries with the machine's clock, so it lies ahead of that.
MOMENT = datetime(2031, 4, 1, 8, 0, tzinfo=UTC)
ALL = (*CAPABILITIES, "gmail.settings", "gmail.delete")
# What is drawn at random, or counted from a start of the process's own, and what stands for it.
_DRAWN = (
    ("fence", re.compile(r"(?<=untrusted )[0-9a-f]{8}(?=[ >])")),
    ("link", re.compile(r"http://[^\s\"<>)]*/files/[A-Za-z0-9_.~-]+")),
    ("page", re.compile(r"http://127\.0\.0\.1:\d+[^\s\"<>)]*")),
    ("meeting", re.compile(r"(?<=https://meet\.google\.com/)[a-z-]+")),
    ("cursor", re.compile(r"(?<=cursor=)\S{24,}")),
    ("id", re.compile(r"\b(?:r-?\d{6,}|[0-9a-f]{16}|Label_\d+|(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{25,200})\b")),
)


@dataclass
class Teller:
    """Calls tools as Alice's agent and keeps what came back, with whatever is drawn at random numbered."""

    world: World
    program: Program
    told: list[str] = field(default_factory=list[str])
    most: dict[str, int] = field(default_factory=dict[str, int])
    """The most round trips to Google that a call of each tool took, once names were known."""
    _names: dict[str, str] = field(default_factory=dict[str, str])
    _counts: dict[str, "itertools.count[int]"] = field(default_factory=dict[str, "itertools.count[int]"])

    async def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """The structured content of a call that succeeded."""
        result = await self._called(tool, arguments)
        assert not result.is_error, words(result)
        assert result.structured_content is not None
        return result.structured_content

    async def refused(self, tool: str, /, **arguments: Any) -> str:
        """The words of a call that was refused."""
        result = await self._called(tool, arguments)
        assert result.is_error, words(result)
        return words(result)

    def story(self) -> str:
        """All calls and their words."""
        return "\n\n".join(self.told) + "\n"

    async def _called(self, tool: str, arguments: dict[str, Any]) -> Any:
        async with self.program.client() as client:
            self.world.google.calls.clear()
            result = await client.call_tool(tool, arguments)
        taken = round_trips(self.world.google.calls.api_calls())
        self.most[tool] = max(self.most.get(tool, 0), taken)
        asked = json.dumps(arguments, ensure_ascii=False)
        self.told.append(self._numbered(f"## {tool} {asked}\n\n{words(result)}"))
        return result

    def _numbered(self, text: str) -> str:
        for kind, pattern in _DRAWN:
            text = pattern.sub(lambda found, kind=kind: self._name(kind, found[0]), text)
        return "\n".join(line.rstrip() for line in text.split("\n"))

    def _name(self, kind: str, drawn: str) -> str:
        if drawn not in self._names:
            count = self._counts.setdefault(kind, itertools.count(1))
            self._names[drawn] = f"<{kind} {next(count)}>"
        return self._names[drawn]


@asynccontextmanager
async def teller(folder: Path) -> AsyncGenerator[Teller]:
    """The deployed service, every tool shown, and Alice's agent at its internal address."""
    with world_in(folder, FakeClock(MOMENT), tier="full", allow_delete_forever=True) as world:
        # Requests that are made side by side overlap only when each takes a while.
        world.google.faults.add("*", latency(0.04))
        await connect(world.deployment.stack, Principal(AGENT.issuer, "user-1"), ALICE, ALL)
        yield Teller(world, Program(world.deployment.stack, AGENT.token("user-1")))
        await world.http.aclose()
        assert world.google.violations == []
