"""D13 on the emulated AWS: the service is a target of the deployed target group, and the prefix comes unstripped."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.demo.client import PersonAtBrowser, connected
from tests.clients.deployment import sample_google
from tests.infra.conftest import PREFIX, SERVICE, TOLD, Deployed, Record
from tests.infra.front import BalancerFront
from tests.support.clock import FakeClock
from tests.support.stack import Stack, running

pytestmark = [pytest.mark.infra, pytest.mark.proof, pytest.mark.timeout(180)]
ALICE = "alice@example.com"


@dataclass
class Behind:
    """The service on this machine, reached through the emulated load balancer at `url`."""

    stack: Stack
    url: str


@pytest.fixture(scope="module")
def behind(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Generator[Behind]:
    clock, folder = FakeClock(), tmp_path_factory.mktemp("service")
    url = f"http://127.0.0.1:{deployed.listener.getsockname()[1]}"
    with (
        sample_google(clock) as google,
        running(google, folder, base_url=f"{url}{PREFIX}", clock=clock) as stack,
        BalancerFront(deployed.account.url, deployed.network.balancer, deployed.listener.dup()),
    ):
        # The process listens on two addresses; the target is the internal one, as an ECS task's address would be.
        deployed.send_to(stack.internal_url.removeprefix("http://"))
        yield Behind(stack, url)


def _first_line(result: Any) -> str:
    return str(result.content[0].text).partition("\n")[0]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_whole_sign_in_and_a_tool_call_through_the_load_balancer(
    behind: Behind, mode: str, record_property: Record
):
    person = PersonAtBrowser(ALICE)
    async with asyncio.timeout(60), connected(f"{behind.url}{PREFIX}/mcp", person, mode=mode) as client:  # pyright: ignore[reportArgumentType]
        result = await client.call_tool("gmail_search", {"query": "in:inbox"})
    assert not result.is_error
    assert person.sign_ins == 1
    record_property(TOLD, f"signed in once through {behind.url}{PREFIX} ({mode}), gmail_search: {_first_line(result)}")


def test_the_smoke_script_finds_everything_in_order(behind: Behind, deployed: Deployed):
    url = f"{behind.url}{PREFIX}/mcp"
    ran = deployed.account.script(
        "smoke", "--stack", SERVICE, "--only", "alb", "--url", url, "--timeout", "10", "--poll", "0.2"
    )
    assert ran.status == 0, ran.complained
    assert ran.said.count("  ok    ") == 8


def test_the_smoke_script_says_which_check_fails(behind: Behind, deployed: Deployed):
    url = f"{behind.url}/elsewhere/mcp"
    ran = deployed.account.script(
        "smoke", "--stack", SERVICE, "--only", "alb", "--url", url, "--timeout", "1", "--poll", "0.2"
    )
    assert ran.status == 1
    assert f"health: {behind.url}/elsewhere/health answers 404, not 200" in ran.complained


@pytest.mark.parametrize("path", ["/", "/mcp", "/google-workspacex/mcp", "/ready", "/metrics"])
def test_what_no_rule_names_gets_the_listeners_own_answer(behind: Behind, path: str):
    answer = httpx2.get(f"{behind.url}{path}", timeout=10, trust_env=False)
    assert (answer.status_code, answer.text) == (404, "nothing here")
