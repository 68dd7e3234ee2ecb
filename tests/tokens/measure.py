"""Everything that the model reads, counted: the definitions as clients receive them, and typical results on the sample
data, asked of the whole service over HTTP."""

import asyncio
import json
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2

from google_workspace_mcp.app import build
from google_workspace_mcp.auth.scopes import CAPABILITIES
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.tools.kinds import Kind, Tier
from google_workspace_mcp.core.tools.search import PINNED
from google_workspace_mcp.docgen import everything, search_definitions, tool_definitions
from google_workspace_mcp.sandbox.people import sample_world
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import Person
from tests.support.agents import Agent, setting
from tests.support.clock import FakeClock
from tests.support.connecting import connect
from tests.support.stack import Stack, running
from tests.tokens.budgets import Measured, json_tokens, tokens
from tests.tokens.calls import TYPICAL, Data, newsletter
from tests.tokens.office import EVENTS, OFFICE, fill_office

# Far ahead: the SDK holds a token's end against the machine's clock. A Friday, days before Europe's clocks change.
_NOW = datetime(2036, 3, 28, 8, 30, tzinfo=UTC)
_READING = tuple(f"https://www.googleapis.com/auth/{name}.readonly" for name in ("gmail", "calendar"))


@dataclass(frozen=True)
class Definitions:
    """The definitions of everything there is, in order; which tools are of the core tier, which are called to be
    measured, and which should be and cannot, because nobody has written down a typical call."""

    tools: dict[str, Data]
    core: tuple[str, ...]
    called: tuple[str, ...]
    uncalled: tuple[str, ...]


_EVERYTHING: Final = tuple(capability.name for capability in CAPABILITIES)


def definitions() -> Definitions:
    """As clients receive them."""
    service = build(everything())
    prepared = service.runner.tools
    tools = {tool["name"]: tool for tool in tool_definitions(service)}
    core = tuple(each.definition.name for each in prepared if each.definition.tier is Tier.CORE)
    reads = [each.definition.name for each in prepared if each.definition.kind is Kind.READ]
    called = tuple(
        name for name in tools if name in TYPICAL or (name in reads and not tools[name]["inputSchema"].get("required"))
    )
    return Definitions(tools, core, called, tuple(name for name in reads if name not in called))


def definition_tokens(tool: Data) -> int:
    """Name, description and input schema: what a model is shown of a tool."""
    return json_tokens({part: tool[part] for part in ("name", "description", "inputSchema")})


@dataclass(frozen=True)
class Caller:
    """Calls tools of the service, and Google itself for comparison."""

    http: httpx2.AsyncClient
    google: SimulatedGoogle
    google_token: str

    async def call(self, name: str, /, **arguments: Any) -> Data:
        """A tool's answer: `data` and `text`."""
        answer = await self.http.post(f"/tools/{name}", json=arguments)
        assert answer.status_code == 200, (name, answer.text)
        return answer.json()

    async def data(self, name: str, /, **arguments: Any) -> Data:
        return (await self.call(name, **arguments))["data"]

    async def raw(self, path: str, **query: str) -> str:
        """Google's own answer, in lines as Google writes it."""
        headers = {"Authorization": f"Bearer {self.google_token}"}
        answer = await self.http.get(f"{self.google.url}{path}", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return json.dumps(answer.json(), indent=1, ensure_ascii=False)


def measure() -> Measured:
    """Everything. Takes some seconds: it starts the service and a simulated Google."""
    shown = definitions()
    results = asyncio.run(_results(shown))
    search = [*(shown.tools[name] for name in PINNED), *search_definitions()]
    return Measured(
        definitions={name: definition_tokens(tool) for name, tool in shown.tools.items()},
        output_schemas={name: json_tokens(tool["outputSchema"]) for name, tool in shown.tools.items()},
        core=shown.core,
        search_mode=sum(map(definition_tokens, search)),
        texts=results.texts,
        structured=results.structured,
        worst_row=results.worst_row,
        newsletter=results.newsletter,
        events=results.events,
        uncalled=shown.uncalled,
    )


@dataclass(frozen=True)
class _Results:
    texts: dict[str, int]
    structured: dict[str, int]
    worst_row: int
    newsletter: float
    events: float


async def _results(shown: Definitions) -> _Results:
    async with _calling() as (alice, ben):
        texts: dict[str, int] = {}
        structured: dict[str, int] = {}
        for name in shown.called:
            arguments = await TYPICAL[name](alice.data) if name in TYPICAL else {}
            answer = await alice.call(name, **arguments)
            texts[name], structured[name] = tokens(answer["text"]), json_tokens(answer["data"])
        return _Results(texts, structured, await _worst_row(alice), await _newsletter(alice), await _events(ben))


async def _worst_row(alice: Caller) -> int:
    """Of all rows that the two searches show of the sample data; the line above is the header."""
    lines = [(await alice.call(name, limit=50))["text"].splitlines() for name in ("gmail_search", "drive_search")]
    return max(tokens(row) for text in lines for row in text[2:] if not row.startswith("next: "))


async def _newsletter(alice: Caller) -> float:
    message = await newsletter(alice.data)
    read = (await alice.call("gmail_read", message_ids=[message]))["text"]
    return tokens(read) / tokens(await alice.raw(f"/gmail/v1/users/me/messages/{message}", format="full"))


async def _events(ben: Caller) -> float:
    listed = await ben.call("calendar_list_events", calendars=[OFFICE], end=f"{_NOW + timedelta(days=9):%Y-%m-%d}")
    assert len(listed["data"]["events"]) == EVENTS
    query = {"singleEvents": "true", "orderBy": "startTime", "maxResults": str(EVENTS), "timeMin": _NOW.isoformat()}
    return tokens(listed["text"]) / tokens(await ben.raw(f"/calendar/v3/calendars/{OFFICE}/events", **query))


@asynccontextmanager
async def _calling() -> AsyncGenerator[tuple[Caller, Caller]]:
    clock = FakeClock(_NOW)
    agent = Agent("urn:example:tokens", clock=clock)
    world = sample_world(clock)
    fill_office(world.calendar, _NOW)
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatedGoogle(world.services, world.people, clock=clock) as google,
        running(google, Path(folder), clock=clock, agents=setting(agent), tier="full") as stack,
    ):
        async with _caller(stack, agent, ALICE) as alice, _caller(stack, agent, BEN) as ben:
            yield alice, ben


@asynccontextmanager
async def _caller(stack: Stack, agent: Agent, person: Person) -> AsyncGenerator[Caller]:
    # All that there is, also what a first sign-in does not ask for.
    await connect(stack, Principal(agent.issuer, person.subject), person, _EVERYTHING)
    headers = {"Authorization": f"Bearer {agent.token(person.subject)}"}
    token = stack.google.grant(person.email, _READING).access_token
    async with httpx2.AsyncClient(
        base_url=stack.settings.base_url, headers=headers, timeout=20, trust_env=False
    ) as http:
        yield Caller(http, stack.google, token)
