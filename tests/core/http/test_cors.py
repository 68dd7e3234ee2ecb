"""What web pages of other origins may read."""

import pytest

from tests.core.http.shells import PUBLIC, shell

APP = "https://app.example"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type,mcp-protocol-version,mcp-param-query",
}


async def test_cors_is_off_by_default():
    answer = await shell().call("POST", f"{PUBLIC}/ws/mcp", headers={"Origin": PUBLIC})
    assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_a_preflight_of_an_unlisted_origin_is_refused():
    answer = await shell().call("OPTIONS", f"{PUBLIC}/ws/mcp", headers=PREFLIGHT | {"Origin": APP})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "/token", "/tools/gmail_search"])
async def test_a_preflight_of_a_listed_origin_is_answered(path: str):
    running = shell(allowed_origins=(APP,))
    answer = await running.call("OPTIONS", f"{PUBLIC}/ws{path}", headers=PREFLIGHT | {"Origin": APP})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == APP
    assert "mcp-param-query" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_listed_origin_may_read_the_headers_that_mcp_needs():
    answer = await shell(allowed_origins=(APP,)).call("POST", f"{PUBLIC}/ws/mcp", headers={"Origin": APP})
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert {"www-authenticate", "mcp-session-id", "mcp-protocol-version"} <= exposed
    assert answer.headers["access-control-allow-origin"] == APP
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize(
    "path", ["/ws/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/ws/mcp"]
)
async def test_discovery_documents_are_readable_by_every_origin(path: str):
    plain = await shell().call("GET", f"{PUBLIC}{path}", headers={"Origin": "https://anyone.example"})
    assert (plain.status_code, plain.headers["access-control-allow-origin"]) == (200, "*")
    asked = {"Origin": "https://anyone.example", "Access-Control-Request-Method": "GET"}
    asked |= {"Access-Control-Request-Headers": "mcp-protocol-version"}
    preflight = await shell().call("OPTIONS", f"{PUBLIC}{path}", headers=asked)
    assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, "*")


async def test_pages_for_people_are_never_readable_by_other_origins():
    answer = await shell(allowed_origins=(APP,)).call("GET", f"{PUBLIC}/ws/account", headers={"Origin": APP})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_refusal_for_size_can_be_read_by_the_listed_page():
    headers = {"Origin": APP, "Content-Length": str(5 * 1024 * 1024)}
    answer = await shell(allowed_origins=(APP,)).call("POST", f"{PUBLIC}/ws/mcp", headers=headers)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (413, APP)
