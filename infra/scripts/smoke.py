"""Looks at what was deployed as its callers do: through the load balancer, and by its Cloud Map name.

    python -m infra.scripts.smoke --stack google-workspace-mcp

The first part asks the public address as `doctor` does: health, discovery documents, a call without a token. The second
runs the stack's smoke task inside the VPC, with the callers' security group: nothing outside resolves the private name.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping

from google_workspace_mcp.core.google.client import make_http_client
from google_workspace_mcp.doctor.addresses import public_address
from google_workspace_mcp.doctor.findings import OK, Finding
from infra.scripts.command import client, run, say
from infra.scripts.stacks import DeployError, ServiceStack
from infra.scripts.tasks import Errand, Tasks

PARTS = ("alb", "cloud-map")


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
        by_cloud_map(outputs, options.timeout, options.poll)


def through_balancer(mcp_url: str, timeout: float, poll: float) -> None:
    """Everything is in order within the time, or DeployError says what is not."""
    deadline = time.monotonic() + timeout
    while True:
        findings = asyncio.run(_look(mcp_url.removesuffix("/mcp")))
        amiss = [finding for finding in findings if finding.status != OK]
        if not amiss:
            break
        if time.monotonic() > deadline:
            raise DeployError("\n".join(f"{finding.what}: {finding.words}\n  -> {finding.fix}" for finding in amiss))
        time.sleep(poll)
    for finding in findings:
        say(f"  ok    {finding.what}: {finding.words}")


async def _look(base_url: str) -> list[Finding]:
    async with make_http_client() as http:
        return await public_address(http, base_url)


def by_cloud_map(outputs: Mapping[str, str], timeout: float, poll: float) -> None:
    """The smoke task ends with 0 within the time, or DeployError says how it ended."""
    errand = Errand(outputs["SmokeTaskDefinitionArn"], [outputs["SmokeSecurityGroupId"]], "smoke")
    ended = Tasks(client("ecs"), outputs, poll).run(errand, timeout)
    if ended.code != 0:
        raise DeployError(f"the smoke task ended with {ended.code}: {ended.reason}; its lines are in the log group")
    say("  ok    by Cloud Map name")


if __name__ == "__main__":
    sys.exit(main())
