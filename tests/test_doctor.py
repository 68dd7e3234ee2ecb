"""`doctor` beside a running service: what is well, what is wrong, and the step that it names."""

import base64
import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from pydantic import SecretStr

from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.doctor import FAIL, NOTE, OK, Finding, examine
from google_workspace_mcp.doctor.addresses import forwarded, internal_hosts, public_address, resolved
from google_workspace_mcp.doctor.agents import agents
from google_workspace_mcp.doctor.google import google
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.clients.deployment import Deployment, deployed, sample_google
from tests.support.agents import Agent, new_key
from tests.support.clock import FakeClock
from tests.support.key_server import key_server
from tests.support.proxy import ReverseProxy
from tests.support.stack import running


@pytest.fixture(scope="module")
def world() -> Generator[SimulatedGoogle]:
    with sample_google() as google:
        yield google


@pytest.fixture(scope="module")
def deployment(world: SimulatedGoogle, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployment]:
    with deployed(world, tmp_path_factory.mktemp("service"), "/ws") as deployment:
        yield deployment


@pytest.fixture
async def http() -> Any:
    async with httpx2.AsyncClient(trust_env=False, timeout=10) as client:
        yield client


def wrongs(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.status != OK]


async def test_a_sound_deployment_is_found_sound_at_both_addresses(deployment: Deployment):
    findings = list(await examine(deployment.stack.settings))
    assert wrongs(findings) == []
    said = " ".join(finding.words for finding in findings)
    assert f"Google knows {deployment.base}/auth/google/callback" in said
    assert "Google accepts id and secret" in said
    origin, internal = deployment.base.removesuffix("/ws"), deployment.stack.internal_url
    for place in (
        f"{origin}/.well-known/oauth-protected-resource/ws/mcp",
        f"{deployment.base}/.well-known/oauth-protected-resource/mcp",
        f"{origin}/.well-known/oauth-authorization-server/ws",
        f"{origin}/.well-known/openid-configuration/ws",
        f"{deployment.base}/.well-known/openid-configuration",
        f"{internal}/.well-known/oauth-protected-resource/mcp",
    ):
        assert [one.what for one in findings if one.words == place] == ["discovery"], place


async def test_a_service_without_a_prefix_is_found_sound(world: SimulatedGoogle, tmp_path: Path):
    with running(world, tmp_path) as stack:
        assert wrongs(list(await examine(stack.settings))) == []


async def test_nothing_is_left_in_the_store(deployment: Deployment):
    before = _stored(deployment)
    await examine(deployment.stack.settings)
    assert _stored(deployment) == before


# -- the public address


async def test_a_balancer_without_the_rules_for_discovery_is_told_so(deployment: Deployment, http: httpx2.AsyncClient):
    with ReverseProxy(urlsplit(deployment.stack.internal_url).netloc, "/ws", well_known=False) as proxy:
        found = wrongs(await public_address(http, f"{proxy.url}/ws"))
    missing = [one for one in found if "answers 404" in one.words]
    assert len(missing) == 3
    assert missing[0].fix == (
        "something else answers there: the load balancer needs a rule for this host and "
        "/.well-known/oauth-protected-resource/ws/mcp"
    )


async def test_a_prefix_that_was_changed_on_the_way_is_told_so(
    world: SimulatedGoogle, tmp_path: Path, http: httpx2.AsyncClient
):
    with running(world, tmp_path) as bare:
        found = wrongs(await public_address(http, f"{bare.settings.base_url}/ws"))
    assert {one.status for one in found} == {FAIL}
    assert found[0].fix == "the path arrived changed: forward it as it came, with its prefix"


async def test_a_host_header_that_was_changed_on_the_way_is_told_so(
    world: SimulatedGoogle, tmp_path: Path, http: httpx2.AsyncClient
):
    with (
        running(world, tmp_path, base_url="https://tools.example.com/ws") as stack,
        ReverseProxy(urlsplit(stack.internal_url).netloc, "/ws") as proxy,
    ):
        found = wrongs(await public_address(http, f"{proxy.url}/ws"))
    assert f"the Host header arrived changed: forward it as it came, 127.0.0.1:{proxy.port}" in {
        one.fix for one in found
    }


async def test_another_base_url_than_clients_use_is_told_so(deployment: Deployment, http: httpx2.AsyncClient):
    other = deployment.base.replace("127.0.0.1", "localhost")
    found = wrongs(await public_address(http, other))
    assert f"names another resource: {deployment.base}/mcp" in found[0].words
    assert found[0].fix == f"set GWMCP_BASE_URL to the address that clients use; here it is {other}"


@pytest.mark.parametrize(("is_here", "status"), [(True, NOTE), (False, FAIL)])
async def test_nobody_at_the_public_address_is_wrong_unless_it_is_this_machine(
    is_here: bool, status: str, http: httpx2.AsyncClient
):
    [finding] = await public_address(http, "http://127.0.0.1:9/ws", is_here=is_here)
    assert (finding.what, finding.status) == ("public address", status)
    assert "gives no answer (ConnectError)" in finding.words
    assert finding.fix


# -- internal hosts


async def test_an_internal_name_that_leads_nowhere_names_cloud_map(http: httpx2.AsyncClient):
    [finding] = await internal_hosts(http, ["127.0.0.2:9"])
    assert (finding.status, "Cloud Map" in finding.fix) == (FAIL, True)


async def test_a_pattern_of_names_cannot_be_asked(http: httpx2.AsyncClient):
    [finding] = await internal_hosts(http, ["*.internal.local:8000"])
    assert finding.status == NOTE


async def test_a_service_whose_store_fails_is_said_to_be_degraded(
    world: SimulatedGoogle, tmp_path: Path, http: httpx2.AsyncClient
):
    with running(world, tmp_path) as stack:
        stack.service.lifecycle.degraded("store")
        [finding] = wrongs(await internal_hosts(http, stack.settings.internal_hosts))
    assert (finding.status, finding.words) == (NOTE, "answers, but is degraded")


# -- Google


@dataclass
class Asked:
    """Google's findings by what they are about."""

    settings: Settings
    clock: FakeClock

    async def of(self, http: httpx2.AsyncClient, **changes: Any) -> dict[str, Finding]:
        settings = self.settings.model_copy(update=changes)
        return {finding.what: finding for finding in await google(settings, http, self.clock)}


@pytest.fixture
def asked(deployment: Deployment) -> Asked:
    return Asked(deployment.stack.settings, FakeClock())


async def test_a_wrong_client_secret_is_found_without_a_person(asked: Asked, http: httpx2.AsyncClient):
    found = (await asked.of(http, google_client_secret=SecretStr("wrong-words")))["Google client"]
    assert (found.status, found.words) == (FAIL, "Google does not accept id and secret (invalid_client)")
    assert "wrong-words" not in found.words + found.fix


async def test_a_redirect_uri_that_google_does_not_know_is_found(asked: Asked, http: httpx2.AsyncClient):
    found = (await asked.of(http, base_url="https://elsewhere.example.com"))["redirect URI"]
    assert (found.status, found.words) == (FAIL, "Google refuses it (redirect_uri_mismatch)")
    assert "https://elsewhere.example.com/auth/google/callback" in found.fix


async def test_a_token_endpoint_that_fails_proves_nothing_against_the_client(
    asked: Asked, deployment: Deployment, http: httpx2.AsyncClient
):
    deployment.google.faults.add("oauth.token", faults.server_error(503), times=1)
    assert (await asked.of(http))["Google client"].status == NOTE


@pytest.mark.parametrize(("apart", "status"), [(59, OK), (90, FAIL)])
async def test_a_clock_that_is_off_by_more_than_tokens_bear_is_found(
    apart: int, status: str, asked: Asked, http: httpx2.AsyncClient
):
    asked.clock.advance(apart - 1)  # the Date header counts whole seconds
    assert (await asked.of(http))["clock"].status == status


def real_looking(now: datetime) -> httpx2.MockTransport:
    """Google's public pages as they come over the internet: cached keys, and an error page by redirect."""
    told = base64.urlsafe_b64encode(b"\n\x15redirect_uri_mismatch\x12\x0eno such").decode().rstrip("=")

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/oauth2/v3/certs":
            made = format_datetime(now - timedelta(hours=2), usegmt=True)
            return httpx2.Response(200, headers={"Date": made, "Age": "7200"}, json={"keys": []})
        if request.url.path == "/o/oauth2/v2/auth":
            return httpx2.Response(302, headers={"Location": f"https://accounts.google.com/error?authError={told}"})
        return httpx2.Response(404)

    return httpx2.MockTransport(answer)


async def test_googles_cached_answers_and_its_page_for_errors_are_understood(asked: Asked):
    now = datetime.now(UTC)
    async with httpx2.AsyncClient(transport=real_looking(now)) as http:
        found = await asked.of(http, google_url="")
    assert found["clock"].status == OK
    assert found["redirect URI"].words == "Google refuses it (redirect_uri_mismatch)"


# -- agents, and forwarded headers


async def test_agents_are_found_with_the_keys_they_publish_or_without(deployment: Deployment, http: httpx2.AsyncClient):
    with key_server({"keys": [new_key("EC").as_dict(private=False)]}) as keys:
        listed = [
            {"issuer": "https://one.example", "jwks_url": keys.url},
            {"issuer": "https://two.example", "jwks_url": "http://127.0.0.1:9/jwks"},
            Agent(audience="").entry(),
        ]
        settings = _with_agents(deployment.stack.settings, listed)
        one, two, three = await agents(settings, http)
    assert (one.status, one.words) == (OK, f"trusted, by 1 keys at {keys.url}")
    assert (two.status, "(unreachable)" in two.words) == (FAIL, True)
    assert (three.status, three.words) == (OK, "trusted, by a key in the settings")


async def test_an_agent_that_publishes_no_key_is_found(deployment: Deployment, http: httpx2.AsyncClient):
    with key_server({"keys": []}) as keys:
        settings = _with_agents(deployment.stack.settings, [{"issuer": "https://one.example", "jwks_url": keys.url}])
        [finding] = await agents(settings, http)
    assert finding.status == FAIL


@pytest.mark.parametrize(
    ("networks", "addresses", "status"),
    [
        ((), ["10.0.0.9"], NOTE),
        (("10.0.0.0/24",), ["10.0.0.9"], OK),
        (("10.0.0.0/24",), ["10.0.0.9", "10.0.7.9"], FAIL),
        (("10.0.0.0/24",), ["93.184.216.34"], OK),
        (("10.0.0.0/24",), [], OK),
    ],
)
async def test_an_internal_balancer_must_be_among_those_that_are_believed(
    networks: tuple[str, ...], addresses: list[str], status: str, deployment: Deployment
):
    settings = deployment.stack.settings.model_copy(
        update={"base_url": "https://tools.example.com", "forwarded_allow_ips": networks}
    )

    async def resolve(_host: str) -> list[str]:
        return addresses

    assert (await forwarded(settings, resolve)).status == status


async def test_names_are_resolved_to_their_addresses_or_to_none():
    assert "127.0.0.1" in await resolved("localhost")
    assert await resolved("name.invalid") == ()


def _with_agents(settings: Settings, listed: list[dict[str, Any]]) -> Settings:
    return settings.model_copy(update={"agents": SecretStr(json.dumps(listed))})


def _stored(deployment: Deployment) -> set[Path]:
    directory = deployment.stack.settings.store_directory
    assert directory is not None
    return {path for path in directory.rglob("*") if path.is_file() and ".locks" not in path.parts}
