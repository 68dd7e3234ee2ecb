"""What one run of the benchmark found, as plain values."""

from dataclasses import dataclass, field
from statistics import median

from tests.bench.load import quantile


@dataclass
class Series:
    """Rounds of the same calls, in turns with the rounds of what they are compared with."""

    times: list[float] = field(default_factory=list[float])
    cpu_a_call: list[float] = field(default_factory=list[float])
    calls_a_second: list[float] = field(default_factory=list[float])
    busy: list[float] = field(default_factory=list[float])

    def add(self, times: list[float], *, cpu: float, wall: float) -> None:
        """One round: seconds of each call, of the processor, and of the clock."""
        if times:
            self.times += times
            self.cpu_a_call.append(cpu / len(times))
            self.calls_a_second.append(len(times) / wall)
            self.busy.append(cpu / wall)

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of processor time for a call: the median of the rounds."""
        return median(self.cpu_a_call) * 1000

    @property
    def rate(self) -> float:
        """Calls a second: the median of the rounds."""
        return median(self.calls_a_second)

    @property
    def p50_ms(self) -> float:
        return quantile(self.times, 0.5) * 1000

    @property
    def p99_ms(self) -> float:
        return quantile(self.times, 0.99) * 1000


@dataclass(frozen=True)
class ToolFigures:
    """One tool: its requests to Google sent by hand against all of the service, without and with Google's latency."""

    tool: str
    what: str
    round_trips: int
    allowed: int
    requests: int
    service: Series
    raw: Series | None
    slow_service: Series
    slow_raw: Series | None

    @property
    def over_google_ms(self) -> float:
        """How much longer the middle call takes than the same requests by hand, at Google's latency."""
        return self.slow_service.p50_ms - (self.slow_raw.p50_ms if self.slow_raw else 0.0)


@dataclass(frozen=True)
class Throughput:
    """Calls with so many callers: what is called, in which era of the protocol, by how many."""

    server: str
    era: str
    callers: int
    series: Series


@dataclass(frozen=True)
class Start:
    """Seconds until the first `/health` and the first tool call, and bytes in memory once idle; medians."""

    health: float
    first_call: float
    memory: int


@dataclass(frozen=True)
class Memory:
    """Bytes of the service's process: idle, after each of so many users has called once, after so many calls.

    `settled` is once every tool was used and the most callers at once were there, `calls_since` what followed.
    """

    idle: int
    users: int
    after_users: int
    settled: int
    calls_since: int
    calls: int
    after_calls: int


@dataclass(frozen=True)
class ToolList:
    """What `tools/list` is."""

    tools: int
    size: int
    tokens: int
    cpu_ms: float


@dataclass(frozen=True)
class Results:
    """All of one run."""

    machine: str
    tools: list[ToolFigures]
    bare: Series
    throughput: list[Throughput]
    service_start: Start
    proxy_start: Start
    memory: Memory
    tool_list: ToolList
    imports: list[tuple[str, float]]
    """Packages by the milliseconds that their modules took themselves, the largest first; the first entry is all."""
    identity_calls: int
    token_refreshes: int
    google_calls: int

    def tool(self, name: str) -> ToolFigures:
        """The first row of that tool."""
        return next(each for each in self.tools if each.tool == name)

    def at(self, server: str, era: str, callers: int) -> Series:
        """The throughput of that server."""
        for each in self.throughput:
            if (each.server, each.era, each.callers) == (server, era, callers):
                return each.series
        raise KeyError((server, era, callers))
