"""The example of docs/core-agent.md runs as it stands, against the real service."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from google_workspace_mcp.core.issuers import parse_issuers
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.clients.deployment import sample_google
from tests.support.agents import Agent, setting
from tests.support.connecting import connect
from tests.support.stack import Stack, running

DOCS = Path(__file__).parent.parent.parent / "docs"
PATIENCE = 60


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent("https://tools.example.com/workspace")


@pytest.fixture(scope="module")
def stack(agent: Agent, tmp_path_factory: pytest.TempPathFactory) -> Generator[Stack]:
    with (
        sample_google() as google,
        running(google, tmp_path_factory.mktemp("service"), agents=setting(agent)) as stack,
    ):
        asyncio.run(connect(stack, Principal(agent.issuer, "42"), ALICE))
        yield stack


@pytest.fixture
def key(agent: Agent, tmp_path: Path) -> Path:
    assert isinstance(agent.key, ECKey)
    path = tmp_path / "agent-private.pem"
    path.write_bytes(agent.key.as_pem(private=True))
    return path


def example(stack: Stack, agent: Agent, key: Path, user: str) -> subprocess.CompletedProcess[str]:
    options = {
        "url": stack.internal_url,
        "audience": agent.audience,
        "issuer": agent.issuer,
        "key": str(key),
        "user": user,
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return subprocess.run(
        [sys.executable, "-W", "error", str(DOCS / "examples" / "core_agent.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_example_lists_tools_and_shows_the_users_mail(stack: Stack, agent: Agent, key: Path):
    ran = example(stack, agent, key, "42")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Tools: gmail_search, ")
    assert "drive_" not in ran.stdout
    assert ALICE.email in ran.stdout


def test_the_example_says_what_to_do_for_a_user_without_an_account(stack: Stack, agent: Agent, key: Path):
    ran = example(stack, agent, key, "43")
    assert ran.returncode == 3
    assert "not_connected" in ran.stderr
    assert "Next: Give the person this link" in ran.stderr


def test_the_example_fails_with_a_key_that_is_not_trusted(stack: Stack, agent: Agent, tmp_path: Path):
    strange = tmp_path / "strange.pem"
    strange.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    ran = example(stack, agent, strange, "42")
    assert (ran.returncode, "unauthenticated" in ran.stderr) == (1, True)


def test_the_settings_on_the_page_are_settings_that_the_service_takes():
    page = (DOCS / "core-agent.md").read_text(encoding="utf-8")
    [written] = re.findall(r"GWMCP_AGENTS='(.+?)'", page, re.DOTALL)
    [issuer] = parse_issuers(written, "https://tools.example.com/workspace")
    assert issuer.jwks_url
