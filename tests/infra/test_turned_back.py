"""Three bad versions, each noticed by the smoke script and turned back by the rollback script.

The emulator starts no containers and has no circuit breaker. So a process stands for what the bad image would run, and
takes the place of the good one behind the load balancer, as it would without the breaker.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from google_workspace_mcp.core.http.server import listen
from tests.clients.deployment import sample_google
from tests.infra.conftest import PREFIX, QUICK, SERVICE, TOLD, Deployed, Record
from tests.infra.emulator import OUT, REGION, ROOT, Ran
from tests.infra.front import BalancerFront
from tests.support.stack import Stack, running

pytestmark = [pytest.mark.infra, pytest.mark.proof, pytest.mark.timeout(240)]


@dataclass
class Live:
    """A good version behind the load balancer; `digests` are the good one's and the bad one's."""

    deployed: Deployed
    stack: Stack
    url: str
    digests: tuple[str, str]

    def deploy(self, digest: str) -> None:
        ran = self.deployed.deploy_service("--digest", digest)
        assert ran.status == 0, ran.complained

    def smoke(self) -> Ran:
        url = f"{self.url}{PREFIX}/mcp"
        arguments = ("--stack", SERVICE, "--only", "alb", "--url", url, "--timeout", "1", "--poll", "0.2")
        return self.deployed.account.script("smoke", *arguments)

    def roll_back(self) -> Ran:
        template = str(self.deployed.templates / "service.template.json")
        return self.deployed.account.script("rollback", "--stack", SERVICE, "--template", template, *QUICK)

    def send_to_good(self) -> None:
        self.deployed.send_to(self.stack.internal_url.removeprefix("http://"))


@pytest.fixture(scope="module")
def live(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    url = f"http://127.0.0.1:{deployed.listener.getsockname()[1]}"
    good = deployed.push("good")
    time.sleep(1.1)  # the registry tells pushes apart by the second
    bad = deployed.push("bad")
    with (
        sample_google() as google,
        running(google, tmp_path_factory.mktemp("good"), base_url=f"{url}{PREFIX}") as stack,
        BalancerFront(deployed.account.url, deployed.network.balancer, deployed.listener.dup()),
    ):
        yield Live(deployed, stack, url, (good, bad))


@contextmanager
def process(*arguments: str, **environ: str) -> Generator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate(timeout=10)


def noticed_and_turned_back(live: Live, address: str, what: str, record_property: Record) -> None:
    """The whole way, with `address` as the bad version's only task."""
    good, bad = live.digests
    live.deploy(good)
    live.send_to_good()
    assert live.smoke().status == 0
    live.deploy(bad)
    live.deployed.send_to(address)
    smoke = live.smoke()
    assert smoke.status == 1
    assert f"{PREFIX}/health" in smoke.complained
    back = live.roll_back()
    live.send_to_good()
    assert (back.status, live.deployed.running_digest()) == (0, good), back.complained
    assert live.smoke().status == 0
    words = smoke.complained.splitlines()[0]
    record_property(TOLD, f"{what}: smoke says '{words}'; rolled back in {back.seconds:.1f} s")


def free_address() -> str:
    with listen("127.0.0.2") as probe:
        host, port = probe.getsockname()
    return f"{host}:{port}"


def test_a_version_that_crashes(live: Live, record_property: Record):
    with process("-c", "raise SystemExit(1)") as crashing:
        assert crashing.wait(30) == 1
        noticed_and_turned_back(live, free_address(), "crashes", record_property)


def test_a_version_that_hangs_fails_the_containers_own_check_too(live: Live, record_property: Record):
    with listen("127.0.0.2") as silent:
        silent.listen()
        address = f"127.0.0.2:{silent.getsockname()[1]}"
        assert _container_check(address) != 0
        assert _container_check(live.stack.internal_url.removeprefix("http://")) == 0
        noticed_and_turned_back(live, address, "hangs", record_property)


def test_a_version_whose_secret_is_wrong_ends_with_a_line_that_names_it(
    live: Live, tmp_path: Path, record_property: Record
):
    account = live.deployed.account
    account.client("secretsmanager").create_secret(Name="placeholder/keys", SecretString="RandomWordsAsMadeByTheStack")
    settings = {
        "GWMCP_STORE": f"file://{tmp_path}/store",
        "GWMCP_KEYS_SECRET": "placeholder/keys",
        "GWMCP_AWS_URL": account.url,
        "GWMCP_AWS_REGION": REGION,
        "GWMCP_GOOGLE_CLIENT_ID": "id",
        "GWMCP_GOOGLE_CLIENT_SECRET": "secret",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    with process("main.py", "serve", **settings) as refusing:
        _, said = refusing.communicate(timeout=60)
    assert refusing.returncode == 2
    assert "GWMCP_KEYS_SECRET: key 1 is not written id:base64" in said
    assert "RandomWords" not in said
    noticed_and_turned_back(live, free_address(), "wrong secret", record_property)


def _container_check(address: str) -> int:
    """How the check of the task definition ends, asked of another address than the container's own."""
    template = json.loads((OUT / "service.template.json").read_text(encoding="utf-8"))
    container = template["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]
    kind, program, flag, code = container["HealthCheck"]["Command"]
    assert (kind, program, flag) == ("CMD", "python", "-c")
    code = code.replace("127.0.0.1:8000", address)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=False).returncode
