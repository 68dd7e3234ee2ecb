"""Runs a command of the service in a task of its own: its image, settings, role and network, and nobody's requests.

    python -m infra.scripts.inside --stack google-workspace-mcp doctor
    python -m infra.scripts.inside --stack google-workspace-mcp rotate-keys
    python -m infra.scripts.inside --stack google-workspace-mcp connections list

What the command writes is printed here and stays in the log group for its thirty days, so what would show a secret or
an address is refused.
"""

import argparse
import sys
from typing import Final

from infra.scripts.command import client, run, say
from infra.scripts.stacks import DeployError, ServiceStack
from infra.scripts.tasks import Errand, Tasks

COMMANDS: Final = ("doctor", "rotate-keys", "connections", "clients", "settings")


def main() -> int:
    """0: the command ended with 0. 1: it did not, or could not be run."""
    parser = argparse.ArgumentParser(description="Run a command of the service in a task of its own.")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--timeout", type=float, default=600, help="seconds to wait")
    parser.add_argument("--poll", type=float, default=3, help="seconds between looks")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND", help=f"one of {', '.join(COMMANDS)}")
    options = parser.parse_args()
    return run(lambda: _inside(options))


def _inside(options: argparse.Namespace) -> None:
    command = _checked(options.words)
    outputs = ServiceStack(client("cloudformation"), options.stack, say).outputs()
    # As the service, which may call out, and as its callers, who may call it by its name.
    groups = (outputs["TaskSecurityGroupId"], outputs["SmokeSecurityGroupId"])
    errand = Errand(outputs["TaskDefinitionArn"], groups, "service", command)
    tasks = Tasks(client("ecs"), outputs, options.poll)
    ended = tasks.run(errand, options.timeout)
    for line in tasks.lines(client("logs"), errand, ended):
        say(line)
    if ended.code != 0:
        raise DeployError(f"{command[0]} ended with {ended.code}: {ended.reason}")


def _checked(words: list[str]) -> list[str]:
    if not words or words[0] not in COMMANDS:
        raise DeployError(f"the command must be one of {', '.join(COMMANDS)}")
    if "--show-addresses" in words or (words[:2] == ["clients", "add"] and "--public" not in words):
        raise DeployError("this would write an address or a secret into the log: run it where you alone read it")
    return words


if __name__ == "__main__":
    sys.exit(main())
