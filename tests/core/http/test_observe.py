"""Request ids, the access log, safe headers, and D10: nothing of a user's in what is logged."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from google_workspace_mcp.core.logging import current_request_id
from tests.core.http.shells import PUBLIC, CannedError, Ticking, shell
from tests.support.logs import captured_log


async def test_a_well_formed_request_id_is_kept_and_answered():
    answer = await shell().call("POST", f"{PUBLIC}/ws/mcp", headers={"X-Request-Id": "a1b2-C3"})
    assert answer.headers["x-request-id"] == "a1b2-C3"


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "alice@example.com", "a_b", "a\xa0b"])
async def test_any_other_request_id_is_replaced(given: str):
    answer = await shell().call("POST", f"{PUBLIC}/ws/mcp", headers={"X-Request-Id": given.encode("latin-1")})
    assert answer.headers["x-request-id"] not in ("", given)


async def test_every_request_without_an_id_gets_one_of_its_own():
    running = shell()
    ids = {(await running.call("POST", f"{PUBLIC}/ws/mcp")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


async def test_refusals_carry_the_request_id_in_header_and_body():
    answer = await shell().call("GET", "https://evil.example/ws/mcp", headers={"X-Request-Id": "abc"})
    assert (answer.headers["x-request-id"], answer.json()["request_id"]) == ("abc", "abc")


async def test_the_request_id_ends_with_the_request():
    await shell().call("POST", f"{PUBLIC}/ws/mcp", headers={"X-Request-Id": "abc"})
    assert current_request_id() == ""


async def test_the_access_log_has_one_line_with_route_status_time_and_size():
    running = shell()

    async def slow(_request: Request) -> Response:
        running_clock.seconds += 0.25
        return Response(b"12345")

    running_clock = Ticking()
    running = shell(Starlette(routes=[Route("/account/{who}", slow)]))
    running_clock = running.clock
    with captured_log() as log:
        await running.call("GET", f"{PUBLIC}/ws/account/alice", headers={"X-Request-Id": "abc"})
    (line,) = log.lines()
    del line["time"]
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "google_workspace_mcp.core.http.observe",
        "method": "GET",
        "route": "/account/*",
        "status": 200,
        "ms": 250.0,
        "bytes": 5,
        "request_id": "abc",
    }


async def test_health_checks_that_go_well_are_not_in_the_access_log():
    running = shell()
    running.lifecycle.started()
    with captured_log() as log:
        await running.call("GET", f"{PUBLIC}/health")
        await running.call("GET", f"{PUBLIC}/ready")
        running.lifecycle.drain()
        await running.call("GET", f"{PUBLIC}/ready")
    assert [(line["route"], line["status"]) for line in log.lines()] == [("/ready", 503)]


async def test_an_exception_becomes_a_problem_with_the_request_id():
    answer = await shell().call("GET", f"{PUBLIC}/ws/account/fails", headers={"X-Request-Id": "abc"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == "abc"
    assert "alice" not in answer.text


async def test_a_bare_500_from_inside_is_put_into_the_same_words():
    answer = await shell().call("GET", f"{PUBLIC}/ws/account/bare")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "Traceback" not in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_an_exception_of_an_application_without_a_net_is_caught_too():
    async def raw(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise CannedError("alice@example.com")

    answer = await shell(raw).call("GET", f"{PUBLIC}/ws/mcp")
    assert (answer.status_code, answer.json()["status"]) == (500, 500)


async def test_an_exception_is_logged_by_type_and_place_without_its_words():
    with captured_log() as log:
        await shell().call("GET", f"{PUBLIC}/ws/account/fails", headers={"X-Request-Id": "abc"})
    (line,) = log.lines("request_failed")
    assert line["error"].endswith("CannedError")
    assert line["frames"][-1].endswith(" fail")
    assert line["request_id"] == "abc"
    assert "alice" not in log.text
    assert "merger" not in log.text


async def test_a_page_gets_safe_headers():
    headers = (await shell().call("GET", f"{PUBLIC}/ws/account")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_page_keeps_the_origin_on_its_own_forms_and_tells_others_nothing():
    # `no-referrer` would make browsers send `Origin: null` on the page's own form, which the guard refuses.
    assert (await shell().call("GET", f"{PUBLIC}/ws/account")).headers["referrer-policy"] == "same-origin"


async def test_a_policy_that_a_page_brings_is_left_alone():
    headers = (await shell().call("GET", f"{PUBLIC}/ws/account/strict")).headers
    assert headers.get_list("content-security-policy") == ["default-src 'self'"]


async def test_answers_for_programs_are_not_dressed_as_pages():
    headers = (await shell().call("POST", f"{PUBLIC}/ws/mcp")).headers
    assert "content-security-policy" not in headers
    assert headers["x-content-type-options"] == "nosniff"


async def test_requests_are_counted_by_route_and_never_by_path():
    running = shell()
    await running.call("GET", f"{PUBLIC}/ws/account")
    await running.call("GET", f"{PUBLIC}/alice@example.com")
    await running.call("BREW", f"{PUBLIC}/ws/mcp")
    text = running.metrics.render()
    assert 'gwmcp_http_requests_total{method="GET",route="/account/*",status="200"} 1.0' in text
    assert 'gwmcp_http_requests_total{method="GET",route="other",status="404"} 1.0' in text
    assert 'gwmcp_http_requests_total{method="other",route="/mcp",status="405"} 1.0' in text
    assert "gwmcp_http_requests_in_flight 0.0" in text
    assert "alice" not in text


async def test_a_stream_is_in_flight_until_its_end():
    seen: list[str] = []

    async def stream(_request: Request) -> Response:
        async def parts():
            yield b"one"
            seen.append(running.metrics.render())
            yield b"two"

        return StreamingResponse(parts())

    running = shell(Starlette(routes=[Route("/mcp", stream)]))
    await running.call("GET", f"{PUBLIC}/ws/mcp")
    assert "gwmcp_http_requests_in_flight 1.0" in seen[0]
    assert "gwmcp_http_requests_in_flight 0.0" in running.metrics.render()


ADDRESS, TOKEN, SUBJECT = "canary.person@example.com", "ya29.canary-token-123456", "Canary merger is off"


@pytest.mark.parametrize(
    "path", ["/ws/mcp", "/ws/account/fails", "/ws/account/bare", "/canary.person@example.com", "/ws/tools/x"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "CANARY"])
@pytest.mark.parametrize("host", ["tools.example", "canary.person.example.com"])
async def test_canaries_in_every_input_reach_no_log_line_and_no_metric(path: str, method: str, host: str):
    """D10."""
    headers = {
        "Host": host,
        "Authorization": f"Bearer {TOKEN}",
        "Cookie": f"session={TOKEN}",
        "X-Request-Id": f"{ADDRESS}",
        "Referer": f"https://x.example/?code={TOKEN}",
        "User-Agent": SUBJECT,
        "X-Forwarded-For": ADDRESS,
        "Mcp-Name": SUBJECT,
    }
    running = shell()
    with captured_log("debug") as log:
        url = f"{PUBLIC}{path}?code={TOKEN}&login_hint={ADDRESS}&subject={SUBJECT}"
        await running.call(method, url, headers=headers, content=f"{ADDRESS} {TOKEN} {SUBJECT}".encode())
        await running.call(method, url, headers=headers | {"Origin": f"https://{ADDRESS}"})
        await running.call(method, url, headers=headers | {"Content-Length": "9" * 12})
    assert log.lines("request")
    for canary in (ADDRESS, TOKEN, SUBJECT, "canary", "Canary", "CANARY"):
        assert canary not in log.text
        assert canary not in running.metrics.render()


async def test_a_start_that_fails_is_logged_without_the_words_of_the_exception():
    async def broken(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.failed", "message": f"Traceback: {SUBJECT}"})
        raise CannedError(SUBJECT)

    sent: list[object] = []

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: object) -> None:
        sent.append(message)

    with captured_log() as log, pytest.raises(CannedError):
        await shell(broken).app({"type": "lifespan", "state": {}}, receive, send)
    assert sent == [{"type": "lifespan.startup.failed"}]
    assert log.lines("lifespan_failed")[0]["error"].endswith("CannedError")
    assert SUBJECT not in log.text
