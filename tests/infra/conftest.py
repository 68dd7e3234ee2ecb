"""One emulated account for all tests here, with both stacks deployed in it by the deploy script."""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import pytest

from google_workspace_mcp.core.http.server import listen
from tests.infra.emulator import Account, Network, Ran, emulated, for_emulator, network

FOUNDATION = "gwmcp-foundation"
SERVICE = "gwmcp"
PREFIX = "/google-workspace"
DIGEST = "sha256:" + "a" * 64
OLDER = "sha256:" + "b" * 64
# The property under which a test notes what is worth reading after a run.
TOLD = "told"

type Record = Callable[[str, object], None]
QUICK = ("--poll", "0.2", "--timeout", "60")


@dataclass(frozen=True)
class Deployed:
    """Both stacks, and how the scripts that deployed them ended. `listener` is bound, for the front."""

    account: Account
    network: Network
    templates: Path
    listener: socket
    runs: tuple[Ran, Ran]

    def outputs(self, stack: str) -> dict[str, str]:
        described = self.account.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}

    def deploy_service(self, *arguments: str) -> Ran:
        template = str(self.templates / "service.template.json")
        return self.account.script("deploy", "--stack", SERVICE, "--template", template, *QUICK, *arguments)

    def push(self, tag: str) -> str:
        """An image of its own in the registry; its digest."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": 2, "digest": OLDER},
            "layers": [],
            "annotations": {"tag": tag},
        }
        image = self.account.client("ecr").put_image(
            repositoryName="google-workspace-mcp", imageManifest=json.dumps(manifest), imageTag=tag
        )
        return image["image"]["imageId"]["imageDigest"]

    def running_digest(self) -> str:
        """The digest in the task definition that the service is at."""
        arn = self.service()["taskDefinition"]
        definition = self.account.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
        return definition["containerDefinitions"][0]["image"].partition("@")[2]

    def send_to(self, address: str) -> None:
        """Has the load balancer forward to that address alone, `host:port`."""
        elb, group = self.account.client("elbv2"), self.outputs(SERVICE)["TargetGroupArn"]
        health = elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        if before := [{"Id": one["Target"]["Id"], "Port": one["Target"]["Port"]} for one in health]:
            elb.deregister_targets(TargetGroupArn=group, Targets=before)
        host, _, port = address.partition(":")
        elb.register_targets(TargetGroupArn=group, Targets=[{"Id": host, "Port": int(port)}])

    def service(self) -> dict[str, Any]:
        described = self.account.client("ecs").describe_services(cluster="shared", services=["google-workspace-mcp"])
        return described["services"][0]


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Generator[Account]:
    with emulated(tmp_path_factory.mktemp("emulator")) as account:
        yield account


@pytest.fixture(scope="session")
def deployed(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Generator[Deployed]:
    folder = tmp_path_factory.mktemp("templates")
    with listen() as listener:
        net = network(account, listener.getsockname()[1])
        foundation = account.script(
            *("deploy", "--stack", FOUNDATION, "--template", str(for_emulator("foundation", folder))),
            *("--set", "GitHubRepository=owner/repo"),
            *("--set", "OidcProviderArn=arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"),
            *QUICK,
        )
        chosen = {**net.parameters, "PublicHost": "127.0.0.1", "PathPrefix": PREFIX}
        service = account.script(
            *("deploy", "--stack", SERVICE, "--template", str(for_emulator("service", folder))),
            *("--foundation", FOUNDATION, "--digest", DIGEST),
            *(part for name, value in chosen.items() for part in ("--set", f"{name}={value}")),
            *QUICK,
        )
        yield Deployed(account, net, folder, listener, (foundation, service))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints what tests have noted: times, and what the emulated account describes."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    notes = [str(value) for report in reports for name, value in report.user_properties if name == TOLD]
    if notes:
        terminalreporter.section("noted")
        for line in notes:
            terminalreporter.write_line(line)
