"""Runs an older image: the one before what runs now, or the one that is named.

    python -m infra.scripts.rollback --stack google-workspace-mcp --list
    python -m infra.scripts.rollback --stack google-workspace-mcp --digest previous
    python -m infra.scripts.rollback --stack google-workspace-mcp --digest sha256:…

Only the parameter ImageDigest changes: template and all other parameters stay as they are.
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from infra.scripts.command import client, run, say
from infra.scripts.deploy import SERVICE_TEMPLATE
from infra.scripts.stacks import DeployError, ServiceStack, Version

PREVIOUS: Final = "previous"


@dataclass(frozen=True, slots=True)
class Image:
    """A version in the registry."""

    digest: str
    pushed: datetime
    tags: tuple[str, ...]


def main() -> int:
    """0: the older image runs. 1: it could not be brought to run, and what ran before still does."""
    parser = argparse.ArgumentParser(description="Run an older image.")
    parser.add_argument("--stack", required=True)
    parser.add_argument("--repository", help="name of the registry's repository; by default the stack's own")
    parser.add_argument("--digest", default=PREVIOUS, help="the image to run, or the word previous, the default")
    parser.add_argument("--list", action="store_true", help="only say which images there are")
    parser.add_argument("--template", type=Path, default=SERVICE_TEMPLATE)
    parser.add_argument("--timeout", type=float, default=1800, help="seconds to wait")
    parser.add_argument("--poll", type=float, default=5, help="seconds between looks")
    options = parser.parse_args()
    return run(lambda: _roll_back(options))


def _roll_back(options: argparse.Namespace) -> None:
    stack = ServiceStack(client("cloudformation"), options.stack, say, poll_seconds=options.poll)
    outputs = stack.outputs()
    running = outputs["RunningDigest"]
    images = images_of(client("ecr"), options.repository or outputs["RepositoryName"])
    if options.list:
        for image in images:
            mark = "runs" if image.digest == running else "    "
            say(f"{mark}  {image.digest}  {image.pushed:%Y-%m-%d %H:%M}  {' '.join(image.tags)}")
        return
    wanted = before(images, running) if options.digest == PREVIOUS else options.digest
    if wanted not in {image.digest for image in images}:
        raise DeployError(f"the registry has no image {wanted}; --list says which there are")
    say(f"from {running}\n  to {wanted}")
    stack.change_to(Version(options.template, {"ImageDigest": wanted}, {}), timeout=options.timeout)


def images_of(ecr: Any, repository: str) -> list[Image]:
    """Images of the repository, the newest first."""
    pages = ecr.get_paginator("describe_images").paginate(repositoryName=repository)
    found = [
        Image(detail["imageDigest"], detail["imagePushedAt"], tuple(detail.get("imageTags", ())))
        for page in pages
        for detail in page["imageDetails"]
        # Attestations and the parts of an index have no tag and cannot be run by themselves.
        if detail.get("imageTags")
    ]
    return sorted(found, key=lambda image: image.pushed, reverse=True)


def before(images: list[Image], running: str) -> str:
    """The image that was pushed before the running one. Raises DeployError when there is none."""
    digests = [image.digest for image in images]
    at = digests.index(running) if running in digests else -1
    if at + 1 >= len(digests):
        raise DeployError("the registry has no image older than the running one")
    return digests[at + 1]


if __name__ == "__main__":
    sys.exit(main())
