"""Looks at what was deployed as its callers do: through the load balancer, and by its Cloud Map name.

    python -m infra.scripts.smoke --stack google-workspace-mcp

The first part asks the public address for health, the discovery documents and a call without a token. The second runs
the stack's smoke task inside the VPC, with the callers' security group: nothing outside resolves the private name.
"""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from infra.scripts.command import client, run, say
from infra.scripts.stacks import DeployError, ServiceStack

PARTS = ("alb", "cloud-map")
KINDS = ("oauth-protected-resource", "oauth-authorization-server", "openid-configuration")


def main() -> int:
    """0: everything answers as it should. 1: something does not, and it says what."""
    parser = argparse.ArgumentParser(description="Smoke-test a deployment.")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--only", choices=PARTS, help="one of the two parts")
    parser.add_argument("--url", help="public address of /mcp, when it is not the stack's output")
    parser.add_argument("--timeout", type=float, default=180, help="seconds for each part")
    parser.add_argument("--poll", type=float, default=3, help="seconds between looks")
    options = parser.parse_args()
    return run(lambda: _smoke(options))


def _smoke(options: argparse.Namespace) -> None:
    outputs = ServiceStack(client("cloudformation"), options.stack, say).outputs()
    if options.only != "cloud-map":
        through_balancer(options.url or outputs["PublicUrl"], options.timeout, options.poll)
    if options.only != "alb":
        by_cloud_map(client("ecs"), outputs, options.timeout, options.poll)


def through_balancer(mcp_url: str, timeout: float, poll: float) -> None:
    """Every check passes within the time, or DeployError says which one does not."""
    with httpx2.Client(timeout=10, follow_redirects=False) as http:
        for name, check in _checks(http, mcp_url.removesuffix("/mcp")).items():
            _until(name, check, timeout, poll)


def _checks(http: httpx2.Client, base: str) -> Mapping[str, Callable[[], str]]:
    """By what is checked: a call that says what is wrong, or nothing."""
    origin, prefix = base.removesuffix(urlsplit(base).path), urlsplit(base).path

    def status(url: str, wanted: int) -> str:
        got = http.get(url).status_code
        return "" if got == wanted else f"{url} answers {got}, not {wanted}"

    def refused() -> str:
        answer = http.post(f"{base}/mcp", json={}, headers={"Accept": "application/json, text/event-stream"})
        challenge = answer.headers.get("www-authenticate", "")
        if answer.status_code != 401 or "resource_metadata=" not in challenge:
            return f"{base}/mcp answers {answer.status_code} with the challenge {challenge or '(none)'}"
        return ""

    def resource() -> str:
        url = f"{origin}/.well-known/oauth-protected-resource{prefix}/mcp"
        answer = http.get(url)
        named = answer.json().get("resource") if answer.status_code == 200 else None
        return "" if named == f"{base}/mcp" else f"{url} answers {answer.status_code} and names {named}"

    return {
        "health": lambda: status(f"{base}/health", 200),
        **{kind: lambda kind=kind: status(f"{origin}/.well-known/{kind}{prefix}", 200) for kind in KINDS},
        "the resource's own name": resource,
        "a call without a token is refused": refused,
        "readiness is out of reach": lambda: status(f"{base}/ready", 404),
    }


def _until(name: str, check: Callable[[], str], timeout: float, poll: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            wrong = check()
        except httpx2.HTTPError as error:
            wrong = f"no answer ({type(error).__name__})"
        if not wrong:
            say(f"  ok    {name}")
            return
        if time.monotonic() > deadline:
            raise DeployError(f"{name}: {wrong}")
        time.sleep(poll)


def by_cloud_map(ecs: Any, outputs: Mapping[str, str], timeout: float, poll: float) -> None:
    """The smoke task ends with 0 within the time, or DeployError says how it ended."""
    network = {
        "subnets": outputs["SmokeSubnetIds"].split(","),
        "securityGroups": [outputs["SmokeSecurityGroupId"]],
        "assignPublicIp": outputs["SmokePublicIp"],
    }
    started = ecs.run_task(
        cluster=outputs["ClusterName"],
        taskDefinition=outputs["SmokeTaskDefinitionArn"],
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
    )
    if not started["tasks"]:
        raise DeployError(f"ECS does not start the smoke task: {started.get('failures')}")
    _ended_well(ecs, outputs["ClusterName"], started["tasks"][0]["taskArn"], timeout, poll)


def _ended_well(ecs: Any, cluster: str, task_arn: str, timeout: float, poll: float) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        task = ecs.describe_tasks(cluster=cluster, tasks=[task_arn])["tasks"][0]
        if task["lastStatus"] == "STOPPED":
            code = task["containers"][0].get("exitCode")
            if code != 0:
                raise DeployError(
                    f"the smoke task ended with {code}: {task.get('stoppedReason', '')}; its lines are in the log group"
                )
            say("  ok    by Cloud Map name")
            return
        time.sleep(poll)
    raise DeployError(f"the smoke task did not end within {timeout:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
