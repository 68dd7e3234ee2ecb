"""Both addresses of the service from one application, with the prefix and without."""

from collections.abc import Mapping

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from google_workspace_mcp.core.http.paths import below, route_name
from tests.core.http.shells import INTERNAL, PREFIX, PUBLIC, shell, tell

# An application that answers under every path: what is missing then is missing because of the shell.
everything = Starlette(routes=[Route("/{path:path}", tell)])


async def seen(url: str, base_url: str = PUBLIC + PREFIX) -> Mapping[str, str]:
    answer = await shell(base_url=base_url).call("POST", url)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_prefix_becomes_the_root_path_on_the_public_address():
    assert await seen(f"{PUBLIC}{PREFIX}/mcp") == {
        "path": "/ws/mcp",
        "raw_path": "/ws/mcp",
        "root_path": "/ws",
        "scheme": "https",
        "size": 0,
    }


async def test_the_internal_address_has_no_prefix():
    inside = await seen(f"{INTERNAL}/mcp")
    assert (inside["path"], inside["root_path"], inside["scheme"]) == ("/mcp", "", "http")


async def test_the_internal_address_takes_the_prefix_too():
    assert (await seen(f"{INTERNAL}{PREFIX}/mcp"))["root_path"] == "/ws"


@pytest.mark.parametrize("url", [f"{PUBLIC}{PREFIX}/mcp/", f"{INTERNAL}/mcp/"])
async def test_a_slash_after_mcp_is_served_without_a_redirect(url: str):
    inside = await seen(url)
    assert inside["path"] == inside["raw_path"] == inside["root_path"] + "/mcp"


async def test_a_service_without_prefix_is_served_at_the_root():
    assert (await seen(f"{PUBLIC}/mcp", base_url=PUBLIC))["root_path"] == ""


@pytest.mark.parametrize("path", ["/mcp", "/wsx/mcp", "/w", "/account", "/ws%2F../mcp", "//ws/mcp"])
async def test_the_public_address_has_nothing_outside_the_prefix(path: str):
    answer = await shell().call("POST", f"{PUBLIC}{path}")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/.well-known/oauth-authorization-server/ws", "/.well-known/oauth-protected-resource/ws/mcp"]
)
async def test_discovery_documents_with_the_prefix_inserted_go_through_as_they_are(path: str):
    answer = await shell().call("GET", f"{PUBLIC}{path}")
    assert answer.json()["path"] == path
    assert answer.json()["root_path"] == ""


async def test_discovery_documents_below_the_prefix_are_served():
    answer = await shell().call("GET", f"{PUBLIC}{PREFIX}/.well-known/oauth-protected-resource")
    assert answer.json()["root_path"] == "/ws"


@pytest.mark.parametrize("path", [PREFIX, f"{PREFIX}/"])
async def test_the_prefix_alone_is_the_start_page(path: str):
    answer = await shell(everything).call("GET", f"{PUBLIC}{path}")
    assert (answer.status_code, answer.json()["path"], answer.json()["raw_path"]) == (200, "/ws/", "/ws/")


async def test_urls_that_the_application_makes_carry_the_prefix_and_the_configured_scheme():
    answer = await shell().call("GET", "http://tools.example:443/ws/account/moved")
    assert answer.headers["location"].startswith("https://")
    assert answer.headers["location"].endswith("/ws/account")


async def test_forwarded_host_names_are_never_looked_at():
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example"}
    answer = await shell().call("GET", f"{PUBLIC}/ws/account/moved", headers=forged)
    assert answer.headers["location"] == f"{PUBLIC}/ws/account"


@pytest.mark.parametrize("path", ["/ready", "/metrics"])
async def test_readiness_and_metrics_do_not_exist_below_the_prefix(path: str):
    running = shell(everything)
    running.lifecycle.started()
    assert (await running.call("GET", f"{PUBLIC}{PREFIX}{path}")).status_code == 404


async def test_metrics_do_not_exist_on_the_internal_address_of_the_service():
    assert (await shell(everything).call("GET", f"{INTERNAL}/metrics")).status_code == 404


@pytest.mark.parametrize(
    ("path", "inside"),
    [("/ws", "/"), ("/ws/", "/"), ("/ws/mcp", "/mcp"), ("/wsx", None), ("/", None), ("/.well-known/x/ws", None)],
)
def test_a_path_is_below_the_prefix_only_by_whole_segments(path: str, inside: str | None):
    assert below(path, "/ws") == inside


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/ws/mcp/", "/mcp"),
        ("/mcp", "/mcp"),
        ("/ws/tools/gmail_search", "/tools/*"),
        ("/ws/account/alice@example.com", "/account/*"),
        ("/.well-known/oauth-protected-resource/ws", "/.well-known/*"),
        ("/wp-admin/alice@example.com", "other"),
        ("/ws/accounts", "other"),
        ("", "other"),
    ],
)
def test_route_names_are_a_small_fixed_set(path: str, name: str):
    assert route_name(path, "/ws") == name
