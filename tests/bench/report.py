"""The section of `docs/performance.md` that tells of one run."""

from datetime import date

from tests.bench.results import Results, Throughput, ToolFigures
from tests.bench.targets import MIB, targets

_HOW = """\
The service runs as `main.py serve` on one core, callers and a simulated Google that remembers its answers on the other.
What it is compared with runs on the same core and takes turns with it: a FastMCP tool that returns a constant behind a
bearer token, a Starlette route, and each tool's own requests to Google sent by hand over the service's HTTP client. CPU
is the processor time of the measured process for a call, the median of the rounds."""


def section(results: Results, today: date) -> str:
    """All tables, as Markdown."""
    return "\n\n".join(
        [
            f"{today.isoformat()}, {results.machine}. {_HOW}",
            "![Processor time by tool, and calls a second by callers](images/performance.svg)",
            "### Targets",
            _targets(results),
            "### Tools over the bare calls",
            _tools(results),
            "### The whole service over MCP",
            _throughput(results),
            "### Start, memory, list of tools",
            _rest(results),
        ]
    )


def _targets(results: Results) -> str:
    rows = [(each.what, each.wanted, each.found, each.verdict) for each in targets(results)]
    return table(("Target", "Wanted", "Measured", ""), rows)


def _tools(results: Results) -> str:
    words = (
        f"One caller, modern client. A bare tool costs {results.bare.cpu_ms:.2f} ms. By hand: the tool's requests to "
        "Google without the service. Over Google: how much later the middle call is answered than the requests by hand "
        "are, when Google takes 50 ms."
    )
    headers = ("Tool", "Round trips (allowed)", "CPU", "of it by hand", "over bare and by hand", "Over Google, 50 ms")
    return f"{words}\n\n{table(headers, [_tool(each, results.bare.cpu_ms) for each in results.tools])}"


def _tool(each: ToolFigures, bare: float) -> tuple[str, ...]:
    by_hand = each.raw.cpu_ms if each.raw else 0.0
    cpu = each.service.cpu_ms
    return (
        f"`{each.tool}`, {each.what}",
        f"{each.round_trips} ({each.allowed})",
        f"{cpu:.2f} ms",
        f"{by_hand:.2f} ms" if each.raw else "none",
        f"{cpu - by_hand - bare:.2f} ms",
        f"{each.over_google_ms:.1f} ms",
    )


def _throughput(results: Results) -> str:
    headers = ("", "Client", "Callers", "Calls a second", "p50", "p99", "CPU", "Core busy")
    words = "`calendar_list_events` with 25 events, Google answering at once, calls of 200 users in turn."
    return f"{words}\n\n{table(headers, [_row(each) for each in results.throughput])}"


def _row(each: Throughput) -> tuple[str, ...]:
    series = each.series
    return (
        each.server,
        each.era or "any",
        str(each.callers),
        f"{series.rate:.0f}",
        f"{series.p50_ms:.1f} ms",
        f"{series.p99_ms:.1f} ms",
        f"{series.cpu_ms:.2f} ms",
        f"{sum(series.busy) / len(series.busy) * 100:.0f} %",
    )


def _rest(results: Results) -> str:
    start, proxy, memory, listed = results.service_start, results.proxy_start, results.memory, results.tool_list
    a_thousand = (memory.after_users - memory.idle) / memory.users * 1000 / MIB
    rows = [
        ("Start to the first `/health`", f"{start.health:.2f} s; FastMCP with its OAuth proxy {proxy.health:.2f} s"),
        ("Start to the end of the first tool call", f"{start.first_call:.2f} s"),
        (
            "Memory when idle",
            f"{start.memory / MIB:.0f} MiB; FastMCP with its OAuth proxy {proxy.memory / MIB:.0f} MiB",
        ),
        (f"Memory for {memory.users:,} users who have called once", f"{a_thousand:.1f} MiB for 1,000"),
        (f"Memory after {memory.calls:,} calls", f"{memory.after_calls / MIB:.0f} MiB"),
        (
            "`tools/list`",
            f"{listed.tools} tools, {listed.size:,} bytes, {listed.tokens:,} tokens, {listed.cpu_ms:.2f} ms CPU",
        ),
        (
            "Calls to Google in the whole run",
            f"{results.google_calls:,}, {results.token_refreshes:,} for access tokens, {results.identity_calls} "
            "for who somebody is",
        ),
        ("Imports", _imports(results)),
    ]
    return table(("What", "Measured"), rows)


def _imports(results: Results) -> str:
    (_, total), *packages = results.imports
    return f"{total:.0f} ms; of it " + ", ".join(f"{name} {ms:.0f}" for name, ms in packages)


def table(headers: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [headers, ("---",) * len(headers), *rows]
    return "\n".join(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in lines)
