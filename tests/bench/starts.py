"""How long the service takes to start, beside FastMCP with its OAuth proxy; and what either holds in memory then."""

import time
from pathlib import Path
from statistics import median

from tests.bench import servers
from tests.bench.calls import ToolCall, events_call, tool_request
from tests.bench.load import Caller
from tests.bench.quick import Ready
from tests.bench.results import Start
from tests.bench.servers import Cores, Server
from tests.bench.users import sign_in


async def cold_starts(rounds: int, cores: Cores, google: Ready, folder: Path) -> tuple[Start, Start]:
    """The service and FastMCP with its OAuth proxy, in turns."""
    cold = folder / "cold"
    cold.mkdir()
    port = servers.free_port()
    [token] = await sign_in(f"http://127.0.0.1:{port}", cold, google, 1)
    environment = servers.service_environment(port, servers.free_port(), google.url, cold)
    ours: list[Start] = []
    theirs: list[Start] = []
    for _ in range(rounds):
        with servers.service(cores.measured, environment, cold) as server:
            ours.append(await _start(server, events_call(google), token))
        with servers.bare("proxy", cores.measured, cold) as server:
            theirs.append(await _start(server, None, ""))
    return _middle(ours), _middle(theirs)


async def _start(server: Server, first: ToolCall | None, token: str) -> Start:
    health = server.wait_for("/health")
    memory = server.memory()
    if first is None:
        return Start(health, 0.0, memory)
    caller = await Caller.to(server.url)
    await caller.call(tool_request(server.url, token, first.tool, first.arguments))
    caller.close()
    return Start(health, time.perf_counter() - server.started, memory)


def _middle(starts: list[Start]) -> Start:
    return Start(
        median(each.health for each in starts),
        median(each.first_call for each in starts),
        int(median(each.memory for each in starts)),
    )
