"""What is counted, under which labels, and where it is served."""

import httpx2
import pytest

from google_workspace_mcp.core.google.records import CallRecord
from google_workspace_mcp.core.http.server import listen
from google_workspace_mcp.core.metrics import Metrics, serve_metrics


def free_port() -> int:
    with listen() as probe:
        return probe.getsockname()[1]


def test_every_kind_of_event_has_a_counter():
    metrics = Metrics()
    metrics.google_call("gmail.users.messages.list", "ok", 0.2)
    metrics.tool_call("gmail_search", "read", "not_connected", 0.3, fault="caller")
    metrics.token_refresh("ok")
    metrics.store_operation("get", "ok", 0.01)
    metrics.connection_dead("invalid_grant")
    metrics.crypto_failure("tag")
    text = metrics.render()
    assert 'gwmcp_google_calls_total{method="gmail.users.messages.list",outcome="ok"} 1.0' in text
    assert 'gwmcp_tool_calls_total{fault="caller",kind="read",outcome="not_connected",tool="gmail_search"} 1.0' in text
    assert 'gwmcp_token_refreshes_total{outcome="ok"} 1.0' in text
    assert 'gwmcp_store_operations_total{operation="get",outcome="ok"} 1.0' in text
    assert 'gwmcp_connections_dead_total{cause="invalid_grant"} 1.0' in text
    assert 'gwmcp_crypto_failures_total{kind="tag"} 1.0' in text


def test_an_attempt_tells_its_retry_units_and_waits_and_a_refusal_its_reason():
    metrics = Metrics()
    metrics.google_attempt(CallRecord("gmail.users.messages.get", 200, 0.1, 2, "ok", units=20, waited=1.5))
    metrics.google_attempt(CallRecord("gmail.users.messages.get", None, 0, 1, "rate_limited", "user_queue", sent=False))
    text = metrics.render()
    assert 'gwmcp_google_retries_total{method="gmail.users.messages.get"} 1.0' in text
    assert 'gwmcp_google_units_total{method="gmail.users.messages.get"} 20.0' in text
    assert 'gwmcp_google_wait_seconds_sum{method="gmail.users.messages.get"} 1.5' in text
    assert 'gwmcp_google_refusals_total{method="gmail.users.messages.get",reason="user_queue"} 1.0' in text
    assert 'gwmcp_google_calls_total{method="gmail.users.messages.get",outcome="rate_limited"} 1.0' in text


@pytest.mark.parametrize(("state", "value"), [("closed", 0.0), ("half_open", 0.5), ("open", 1.0)])
def test_a_breaker_is_a_gauge_of_its_api(state: str, value: float):
    metrics = Metrics()
    metrics.google_breaker("gmail", state)
    assert f'gwmcp_google_breaker{{api="gmail"}} {value}' in metrics.render()


def test_durations_are_kept_up_to_the_tool_deadline():
    metrics = Metrics()
    metrics.tool_call("gmail_search", "read", "ok", 30.0)
    assert 'gwmcp_tool_call_seconds_bucket{kind="read",le="20.0",tool="gmail_search"} 0.0' in metrics.render()
    assert 'gwmcp_tool_call_seconds_bucket{kind="read",le="45.0",tool="gmail_search"} 1.0' in metrics.render()


@pytest.mark.parametrize("value", ["alice@example.com", "two words", "", "x" * 65, "a\nb"])
def test_a_label_that_is_no_plain_word_becomes_other(value: str):
    metrics = Metrics()
    metrics.tool_call("gmail_search", "read", value, 0.1)
    assert 'outcome="other"' in metrics.render()


def test_a_label_that_is_fed_with_data_stops_growing():
    metrics = Metrics()
    for number in range(1_000):
        metrics.tool_call(f"tool{number}", "read", "ok", 0.1)
    assert metrics.render().count("gwmcp_tool_calls_total{") == 401


def test_two_registries_do_not_share_anything():
    first, second = Metrics(), Metrics()
    first.connection_dead("invalid_grant")
    assert "gwmcp_connections_dead_total{" not in second.render()


def test_what_service_levels_look_at_is_there_before_anything_has_happened():
    metrics = Metrics()
    metrics.tool_offered("gmail_search", "read")
    metrics.tool_offered("gmail_send", "write")
    text = metrics.render()
    for outcome in ("internal", "misconfigured", "unavailable"):
        assert f'{{fault="service",kind="read",outcome="{outcome}",tool="gmail_search"}} 0.0' in text
    assert '{fault="service",kind="write",outcome="outcome_unknown",tool="gmail_send"} 0.0' in text
    assert 'gwmcp_token_refreshes_total{outcome="google_unavailable"} 0.0' in text


def test_metrics_are_served_on_their_own_port_until_the_end():
    metrics, port = Metrics(), free_port()
    metrics.token_refresh("ok")
    with serve_metrics(metrics, "127.0.0.1", port) as url:
        assert url is not None
        assert 'gwmcp_token_refreshes_total{outcome="ok"} 1.0' in httpx2.get(url, timeout=5).text
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url, timeout=5)


def test_port_zero_switches_them_off():
    with serve_metrics(Metrics(), "127.0.0.1", 0) as url:
        assert url is None


def test_a_port_that_is_taken_is_an_error():
    with listen() as taken:
        taken.listen()
        with pytest.raises(OSError, match="in use"), serve_metrics(Metrics(), "127.0.0.1", taken.getsockname()[1]):
            pass
