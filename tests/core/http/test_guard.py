"""M-2: names that are not ours and pages that may not call."""

import pytest

from google_workspace_mcp.core.http.hosts import Face, Hosts, Origins
from tests.core.http.shells import INTERNAL, PUBLIC, shell

FOREIGN = [
    "https://evil.example",
    "null",
    "https://tools.example.evil.example",
    "http://tools.example",
    "https://tools.example:444",
]


@pytest.mark.parametrize(
    "host", ["evil.example", "tools.example:8000", "tools.example.evil.example", "10.0.3.7:8000", "a@tools.example", ""]
)
async def test_a_host_that_is_not_ours_is_refused_on_every_path(host: str):
    for path in ("/ws/mcp", "/ws/account", "/.well-known/oauth-protected-resource"):
        answer = await shell().call("GET", f"{PUBLIC}{path}", headers={"Host": host, "Authorization": "Bearer valid"})
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_refusal_does_not_repeat_the_host():
    answer = await shell().call("GET", f"{PUBLIC}/ws/mcp", headers={"Host": "evil.example"})
    assert "evil" not in answer.text


async def test_two_host_headers_are_refused():
    headers = [("Host", "tools.example"), ("Host", "evil.example")]
    assert (await shell().call("GET", f"{PUBLIC}/ws/mcp", headers=headers)).status_code == 403


async def test_the_own_host_is_known_in_any_case_and_with_its_default_port():
    for host in ("tools.example", "TOOLS.example", "tools.example:443"):
        assert (await shell().call("GET", f"{PUBLIC}/ws/mcp", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    ("header", "face"),
    [
        ("a.ns.local:8000", Face.INTERNAL),
        ("a.b.ns.local:8000", Face.INTERNAL),
        ("ns.local:8000", None),
        ("a.nsxlocal:8000", None),
        ("a.ns.local", None),
        ("a.ns.local:9000", None),
        ("ans.local:8000", None),
        ("any-port", Face.INTERNAL),
        ("any-port:1234", Face.INTERNAL),
        ("tools.example", Face.PUBLIC),
        ("tools.example\n", None),
    ],
)
def test_internal_hosts_are_known_by_pattern_and_port(header: str, face: Face | None):
    assert Hosts(PUBLIC, ["*.ns.local:8000", "any-port"]).face(header) == face


def test_a_loopback_base_url_answers_under_every_loopback_name_at_its_port_only():
    hosts = Hosts("http://localhost:8000", [])
    assert [hosts.face(h) for h in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000")] == [Face.PUBLIC] * 3
    assert [hosts.face(h) for h in ("localhost:8001", "localhost", "127.0.0.2:8000")] == [None] * 3


def test_a_public_base_url_does_not_answer_under_loopback_names():
    assert Hosts(PUBLIC, []).face("localhost") is None


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["/mcp", "/tools/gmail_search", "/token", "/account/disconnect"])
async def test_a_page_of_a_foreign_origin_may_not_post(path: str, origin: str):
    headers = {"Origin": origin, "Authorization": "Bearer valid"}
    assert (await shell().call("POST", f"{PUBLIC}/ws{path}", headers=headers)).status_code == 403


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
async def test_a_page_of_a_foreign_origin_may_not_use_mcp_by_any_method(method: str):
    answer = await shell().call(method, f"{PUBLIC}/ws/mcp", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


async def test_a_foreign_origin_is_refused_on_the_internal_address_too():
    answer = await shell().call("POST", f"{INTERNAL}/mcp", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("headers", [{}, {"Origin": PUBLIC}, {"Origin": "https://app.example"}])
async def test_no_origin_our_own_and_listed_ones_may_post(headers: dict[str, str]):
    running = shell(allowed_origins=("https://app.example",))
    for path in ("/mcp", "/token", "/account/disconnect"):
        assert (await running.call("POST", f"{PUBLIC}/ws{path}", headers=headers)).status_code == 200


async def test_a_second_origin_header_does_not_hide_a_foreign_one():
    headers = [("Origin", PUBLIC), ("Origin", "https://evil.example")]
    assert (await shell().call("POST", f"{PUBLIC}/ws/mcp", headers=headers)).status_code == 403


async def test_pages_can_be_opened_from_anywhere():
    answer = await shell().call("GET", f"{PUBLIC}/ws/account", headers={"Origin": "https://mail.example"})
    assert answer.status_code == 200


def test_a_loopback_service_trusts_pages_of_its_own_port_only():
    origins = Origins("http://localhost:8000", [])
    assert origins.allow("http://127.0.0.1:8000")
    assert not origins.allow("http://localhost:6274")
    assert not origins.allow("https://localhost:8000")


async def test_a_websocket_is_turned_away():
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    await shell().app({"type": "websocket", "path": "/ws/mcp", "headers": []}, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]
