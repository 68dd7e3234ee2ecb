"""Deploys a version of a stack and waits until it runs or has been turned back.

    python -m infra.scripts.deploy --stack google-workspace-mcp --digest sha256:…

What is not given stays as it is. The first time, parameters come with `--set NAME=VALUE`, and `--foundation` names the
stack whose outputs are the parameters of the same names: docs/deploy-aws.md has the whole commands.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.scripts.command import client, run, say
from infra.scripts.stacks import DeployError, ServiceStack, Version

SERVICE_TEMPLATE = Path(__file__).parent.parent / "out" / "service.template.json"


def main() -> int:
    """0: it runs, or there was nothing to change. 1: it failed and was turned back."""
    parser = argparse.ArgumentParser(description="Deploy a version of a stack.")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--template", type=Path, default=SERVICE_TEMPLATE)
    parser.add_argument("--digest", help="of the image to run (parameter ImageDigest)")
    parser.add_argument("--foundation", help="stack whose outputs are the parameters of the same names")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter")
    parser.add_argument("--role-arn", default="", help="role that CloudFormation changes the stack with")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds to wait")
    parser.add_argument("--poll", type=float, default=5, help="seconds between looks")
    parser.add_argument("--dry-run", action="store_true", help="only say what would change")
    options = parser.parse_args()
    return run(lambda: _deploy(options))


def _deploy(options: argparse.Namespace) -> None:
    cloudformation = client("cloudformation")
    given = _given(options.set)
    if options.digest:
        given["ImageDigest"] = options.digest
    founded: Mapping[str, str] = (
        ServiceStack(cloudformation, options.foundation, say).outputs() if options.foundation else {}
    )
    stack = ServiceStack(cloudformation, options.stack, say, poll_seconds=options.poll)
    role_arn = options.role_arn or founded.get("StackRoleArn", "")
    stack.change_to(
        Version(options.template, given, founded, role_arn), timeout=options.timeout, dry_run=options.dry_run
    )


def _given(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise DeployError(f"{pair} is not NAME=VALUE")
    return dict(pair.split("=", 1) for pair in pairs)


if __name__ == "__main__":
    sys.exit(main())
