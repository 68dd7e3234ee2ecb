"""One run of the benchmark, from the first cold start to the last reading of memory."""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OctKey

from tests.bench import bare, servers
from tests.bench.calls import Era, ToolCall, answer_of, events_call, mcp_request, tool_calls, tool_request
from tests.bench.load import Caller
from tests.bench.measure import Calls, GoogleDesk, RawCalls, Stages, in_turns, raw_calls, stages_of
from tests.bench.quick import Ready
from tests.bench.results import Memory, Results, Series, Start, Throughput, ToolFigures, ToolList
from tests.bench.servers import Cores, Server
from tests.bench.starts import cold_starts
from tests.bench.users import sign_in

# What the store costs is not what is measured, and no disk is to disturb it.
_MEMORY = "/dev/shm"
_SLOW = 0.05
_TELLING_APART = 0.02
_ERAS: tuple[Era, ...] = ("modern", "legacy")


@dataclass(frozen=True)
class Sizes:
    """How much is measured. Times are seconds of one round."""

    starts: int = 4
    users: int = 1000
    tool_rounds: int = 8
    tool_seconds: float = 0.3
    slow_rounds: int = 4
    slow_seconds: float = 0.6
    callers: tuple[int, ...] = (1, 16, 64)
    rounds: int = 5
    seconds: float = 0.6
    calls: int = 10_000


SMALL = Sizes(1, 20, 1, 0.1, 1, 0.2, (1, 4), 1, 0.1, 200)


async def run(sizes: Sizes) -> Results:
    """Everything, on the two cores of this machine."""
    cores, before = Cores.of_this_machine(), os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cores.rest})
    try:
        return await _on(cores, sizes)
    finally:
        os.sched_setaffinity(0, before)


async def _on(cores: Cores, sizes: Sizes) -> Results:
    with (
        tempfile.TemporaryDirectory(dir=_place()) as folder,
        servers.google(cores.rest) as google,
    ):
        starts = await cold_starts(sizes.starts, cores, google, Path(folder))
        async with _bench(sizes, cores, google, Path(folder)) as bench:
            return await _measured(bench, starts)


def _place() -> str | None:
    return _MEMORY if Path(_MEMORY).is_dir() else None


@dataclass
class _Bench:
    sizes: Sizes
    google: Ready
    desk: GoogleDesk
    raw: RawCalls
    service: Server
    tokens: list[str]
    constant: dict[str, Calls]
    starlette: Calls
    idle: int
    calls: list[Calls]

    @property
    def made(self) -> int:
        """Calls of tools until now."""
        return sum(each.made for each in self.calls)

    def of(self, call: ToolCall, era: Era = "modern") -> Calls:
        """The tool called by one user after another."""
        tokens = self.tokens[: call.users]
        requests = [tool_request(self.service.url, token, call.tool, call.arguments, era) for token in tokens]
        made = Calls(self.service, requests, call.marker)
        self.calls.append(made)
        return made


@asynccontextmanager
async def _bench(sizes: Sizes, cores: Cores, google: Ready, folder: Path) -> AsyncGenerator[_Bench]:
    port = servers.free_port()
    tokens = await sign_in(f"http://127.0.0.1:{port}", folder, google, sizes.users)
    environment = servers.service_environment(port, servers.free_port(), google.url, folder)
    with ExitStack() as stack:
        service = stack.enter_context(servers.service(cores.measured, environment, folder))
        constant = stack.enter_context(servers.bare("constant", cores.measured, folder))
        starlette = stack.enter_context(servers.bare("starlette", cores.measured, folder))
        for server in (service, constant, starlette):
            server.wait_for("/health")
        desk = GoogleDesk(google.url)
        token = _bare_token()
        async with raw_calls(google.url, cores.measured) as raw:
            yield _Bench(
                sizes,
                google,
                desk,
                raw,
                service,
                tokens,
                {
                    era: Calls(constant, [tool_request(constant.url, token, "answer", {}, era)], b"constant")
                    for era in _ERAS
                },
                Calls(starlette, [tool_request(starlette.url, token, "answer", {})], b"constant"),
                service.memory(),
                [],
            )


def _bare_token() -> str:
    now = int(time.time())
    claims = {"iss": bare.ISSUER, "sub": "somebody", "client_id": "bench", "iat": now, "exp": now + 3600}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(bare.SECRET))


async def _measured(bench: _Bench, starts: tuple[Start, Start]) -> Results:
    everybody = ToolCall("calendar_list_events", "", events_call(bench.google).arguments, b"", 2, bench.sizes.users)
    await bench.of(everybody).warm()
    after_users = bench.service.memory()
    baseline = Series()
    tools = [await _tool(bench, call, baseline) for call in tool_calls(bench.google)]
    throughput = await _throughput(bench)
    tool_list = await _tool_list(bench)
    # Every tool has been used, and the most callers at once have been there: what grows from here on, grows for good.
    settled, then = bench.service.memory(), bench.made
    missing = max(bench.sizes.calls - bench.made, bench.sizes.calls // 2)
    await bench.of(events_call(bench.google)).some(missing, callers=16)
    memory = Memory(
        idle=bench.idle,
        users=bench.sizes.users,
        after_users=after_users,
        settled=settled,
        calls_since=bench.made - then,
        calls=bench.made,
        after_calls=bench.service.memory(),
    )
    await bench.desk.close()
    counts = bench.desk.counts
    return Results(
        machine=machine(),
        tools=tools,
        bare=baseline,
        throughput=throughput,
        service_start=starts[0],
        proxy_start=starts[1],
        memory=memory,
        tool_list=tool_list,
        imports=imports(),
        identity_calls=counts.get("identity", 0),
        token_refreshes=counts.get("token", 0),
        google_calls=counts.get("api", 0),
    )


async def _tool(bench: _Bench, call: ToolCall, baseline: Series) -> ToolFigures:
    sizes, calls = bench.sizes, bench.of(call)
    await calls.warm()
    stages = await _stages(bench, calls)
    beside = _Beside(bench, calls, stages)
    service, raw = await beside.rounds(sizes.tool_rounds, sizes.tool_seconds, baseline)
    await bench.desk.latency(_SLOW)
    slow_service, slow_raw = await beside.rounds(sizes.slow_rounds, sizes.slow_seconds)
    await bench.desk.latency(0)
    return ToolFigures(
        call.tool,
        call.what,
        len(stages),
        call.round_trips,
        sum(map(len, stages)),
        service,
        raw if stages else None,
        slow_service,
        slow_raw if stages else None,
    )


@dataclass(frozen=True)
class _Beside:
    """A tool and the same requests by hand."""

    bench: _Bench
    calls: Calls
    stages: Stages

    async def rounds(self, rounds: int, seconds: float, baseline: Series | None = None) -> tuple[Series, Series]:
        """Rounds of both, and if there is a `baseline` of the bare tool too, one caller each."""
        service, raw = Series(), Series()
        await self._by_hand(Series(), 0.01)
        for _ in range(rounds):
            await self.calls.round(service, 1, seconds)
            await self._by_hand(raw, seconds)
            if baseline is not None:
                await self.bench.constant["modern"].round(baseline, 1, seconds / 2)
        return service, raw

    async def _by_hand(self, series: Series, seconds: float) -> None:
        if self.stages:
            await self.bench.raw.round(series, self.stages, seconds)


async def _stages(bench: _Bench, calls: Calls) -> Stages:
    """What one warm call asks of Google. A little latency tells round trips apart."""
    await bench.desk.latency(_TELLING_APART)
    await bench.desk.asked()
    await calls.some(1, callers=1)
    stages = stages_of(await bench.desk.asked())
    await bench.desk.latency(0)
    return stages


async def _throughput(bench: _Bench) -> list[Throughput]:
    events = events_call(bench.google)
    calls = {("service", era): bench.of(events, era) for era in _ERAS}
    calls |= {("bare tool", era): bench.constant[era] for era in _ERAS}
    calls[("bare route", "")] = bench.starlette
    found: list[Throughput] = []
    for callers in bench.sizes.callers:
        named = {f"{server}/{era}": each for (server, era), each in calls.items()}
        series = await in_turns(named, callers=callers, seconds=bench.sizes.seconds, rounds=bench.sizes.rounds)
        found += [Throughput(server, era, callers, series[f"{server}/{era}"]) for server, era in calls]
    return found


async def _tool_list(bench: _Bench) -> ToolList:
    from bpe_openai import get_encoding

    request = mcp_request(bench.service.url, bench.tokens[0], "tools/list", {})
    caller = await Caller.to(bench.service.url)
    body = await caller.call(request)
    caller.close()
    series = Series()
    calls = Calls(bench.service, [request], b"gmail_search")
    for _ in range(bench.sizes.rounds):
        await calls.round(series, 1, bench.sizes.seconds / 2)
    tokens = len(get_encoding("o200k_base").encode(body.decode()))
    return ToolList(len(answer_of(body)["result"]["tools"]), len(body), tokens, series.cpu_ms)


def imports() -> list[tuple[str, float]]:
    """Milliseconds that importing the service takes in all, then by package what its modules take themselves."""
    command = [sys.executable, "-X", "importtime", "-c", "import google_workspace_mcp.app"]
    told = subprocess.run(command, cwd=servers.ROOT, capture_output=True, text=True, check=True).stderr
    packages: dict[str, float] = {}
    for line in told.splitlines():
        own, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        if own.isdigit():
            package = name.partition(".")[0]
            packages[package] = packages.get(package, 0.0) + int(own) / 1000
    by_size = sorted(packages.items(), key=lambda pair: -pair[1])
    return [("all", sum(packages.values())), *by_size[:12]]


def machine() -> str:
    """What this was measured on, in a line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    cores = len(os.sched_getaffinity(os.getppid()))
    return f"{model or platform.machine()}, {cores} cores, Python {platform.python_version()}"
