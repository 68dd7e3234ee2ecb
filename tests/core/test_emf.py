"""The service's figures as lines of the log: what CloudWatch would make of them."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from google_workspace_mcp.core.background import running
from google_workspace_mcp.core.emf import DRAIN, FIGURES, FigureLog
from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.metrics import Metrics
from tests.core.http.shells import Ticking
from tests.support.clock import FakeClock
from tests.support.logs import captured_log

NAMES = [figure.name for figure in FIGURES]


def figure_log(metrics: Metrics, namespace: str = "Ours") -> FigureLog:
    return FigureLog(metrics.registry, namespace, FakeClock())


async def told(figures: FigureLog) -> dict[str, Any]:
    """The one line of a round."""
    with captured_log() as log:
        await figures.write()
    (line,) = log.lines()
    return line


def published(line: dict[str, Any]) -> dict[str, float]:
    """What CloudWatch makes of a line. Raises AssertionError for what its specification does not allow."""
    assert isinstance(line["_aws"]["Timestamp"], int)
    found: dict[str, float] = {}
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
        assert 1 <= len(directive["Namespace"]) <= 1024
        assert directive["Dimensions"] == [[]]
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert metric["Unit"] in ("Count", "Seconds")
            value = line[metric["Name"]]
            assert isinstance(value, int | float)
            assert not isinstance(value, bool)
            found[metric["Name"]] = value
    return found


async def test_a_line_is_what_the_specification_says():
    clock = FakeClock(datetime(2026, 11, 5, 12, 0, 0, 250_000, tzinfo=UTC))
    line = await told(FigureLog(Metrics().registry, "GoogleWorkspaceMCP", clock))
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "GoogleWorkspaceMCP"
    assert line["_aws"]["Timestamp"] == 1_793_880_000_250
    assert list(published(line)) == NAMES
    assert len(json.dumps(line)) < 4_000


async def test_nothing_that_happened_is_zeros_not_silence():
    assert published(await told(figure_log(Metrics()))) == dict.fromkeys(NAMES, 0)


async def test_a_line_has_what_was_added_since_the_last_one():
    metrics = Metrics()
    figures = figure_log(metrics)
    metrics.tool_call("gmail_search", "read", "ok", 0.1)
    assert published(await told(figures))["ToolCalls"] == 1
    metrics.tool_call("gmail_search", "read", "ok", 0.1)
    metrics.tool_call("drive_search", "read", "not_found", 0.1, fault="caller")
    assert published(await told(figures))["ToolCalls"] == 2
    assert published(await told(figures))["ToolCalls"] == 0


def http(metrics: Metrics, route: str, status: int) -> None:
    metrics.http_started()
    metrics.http_finished(route, "POST", status, 0.1)


async def test_every_figure_counts_what_its_name_says():
    metrics = Metrics()
    for route, status in [
        ("/mcp", 200),
        ("/mcp", 404),
        ("/mcp", 500),
        ("/token", 503),
        ("/ready", 503),
        ("/health", 200),
    ]:
        http(metrics, route, status)
    metrics.tool_call("gmail_search", "read", "ok", 0.1)
    metrics.tool_call("gmail_search", "read", "ok", 2.0)
    metrics.tool_call("gmail_search", "read", "google_unavailable", 45.0, fault="google")
    metrics.tool_call("gmail_search", "read", "internal", 2.1, fault="service")
    metrics.tool_call("gmail_send", "write", "ok", 30.0)
    metrics.tool_call("gmail_send", "write", "outcome_unknown", 0.1, fault="service")
    for outcome in ("ok", "google_unavailable", "rate_limited", "cancelled"):
        metrics.google_call("gmail.users.messages.list", outcome, 0.1)
    for outcome in ("ok", "ok", "reauth_required", "google_unavailable", "misconfigured"):
        metrics.token_refresh(outcome)
    metrics.connection_dead("revoked")
    metrics.crypto_failure("connection")
    assert published(await told(figure_log(metrics))) == {
        "HttpRequests": 4,
        "HttpErrors": 2,
        "ToolCalls": 6,
        "ToolErrors": 2,
        "Reads": 4,
        "SlowReads": 2,
        "Writes": 2,
        "WritesUnknown": 1,
        "GoogleErrors": 1,
        "Refreshes": 5,
        "RefreshFailures": 2,
        "DeadGrants": 1,
        "CryptoFailures": 1,
    }


async def test_the_last_lines_have_the_rest_and_how_long_the_stop_took():
    metrics, clock = Metrics(), Ticking()
    lifecycle = Lifecycle(clock)
    follow(metrics, lifecycle)
    figures = figure_log(metrics)
    await told(figures)
    metrics.connection_dead("revoked")
    clock.seconds += 100
    lifecycle.drain(40)
    clock.seconds += 12.5
    with captured_log() as log:
        await figures.end()
    rest, drain = log.lines()
    assert published(rest)["DeadGrants"] == 1
    assert published(drain) == {"DrainSeconds": 12.5}
    assert drain["_aws"]["CloudWatchMetrics"][0]["Metrics"] == [{"Name": "DrainSeconds", "Unit": "Seconds"}]


async def test_a_process_that_was_not_told_to_end_tells_no_drain():
    metrics = Metrics()
    follow(metrics, Lifecycle(Ticking()))
    with captured_log() as log:
        await figure_log(metrics).end()
    assert [set(published(line)) for line in log.lines()] == [set(NAMES)]


async def test_lines_come_at_every_log_level():
    with captured_log("error") as log:
        await figure_log(Metrics()).write()
    assert len(log.lines()) == 1


async def test_without_a_namespace_there_are_none():
    figures = figure_log(Metrics(), "")
    with captured_log() as log:
        await figures.end()
    assert figures.chores() == ()
    assert log.lines() == []


async def test_a_line_comes_at_the_start_and_then_again_and_again():
    metrics = Metrics()
    figures, rounds = figure_log(metrics), 3
    (chore,) = figures.chores(every=0.001)
    with captured_log() as log:
        async with running([chore]):
            async with asyncio.timeout(10):
                while True:
                    if len(log.lines()) >= rounds:
                        break
                    await asyncio.sleep(0.001)
    assert len(log.lines()) >= rounds
    assert figures.chores()[0].every == 60


@pytest.mark.parametrize("figure", [*FIGURES, DRAIN], ids=lambda figure: figure.name)
def test_every_figure_is_made_of_a_metric_that_exists(figure: Any):
    metrics = Metrics()
    http(metrics, "/mcp", 200)
    metrics.tool_call("gmail_search", "read", "ok", 0.1)
    metrics.google_call("gmail.users.messages.list", "ok", 0.1)
    metrics.token_refresh("ok")
    metrics.connection_dead("revoked")
    metrics.crypto_failure("connection")
    samples = [sample for family in metrics.registry.collect() for sample in family.samples]
    assert figure.sample in {sample.name for sample in samples}
    for sample in samples:
        if sample.name == figure.sample:
            figure.weight(sample.labels)


def follow(metrics: Metrics, lifecycle: Lifecycle) -> None:
    metrics.follow(
        degraded=lambda: False,
        draining=lambda: lifecycle.is_draining,
        draining_seconds=lambda: lifecycle.draining_seconds,
    )
