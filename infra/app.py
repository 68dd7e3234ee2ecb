"""Writes both templates as plain CloudFormation: no account, no look-ups, no CLI, no bootstrap.

python -m infra.app            writes infra/out/*.template.json
python -m infra.app --check    fails when they are not what the code says, or cdk-nag has an objection without a reason
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, Stack

from infra.nag import REPORT, add_nag, objections
from infra.stacks.foundation import FoundationStack
from infra.stacks.service import ServiceStack

OUT = Path(__file__).parent / "out"


def main() -> int:
    """0: written, or nothing to object to. 1: a template is out of date, or cdk-nag objects."""
    parser = argparse.ArgumentParser(description="Write the CloudFormation templates.")
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        templates, complaints = synthesise(Path(scratch))
    for complaint in complaints:
        sys.stderr.write(f"{complaint}\n")
    stale = [name for name, text in templates.items() if _differs(name, text)]
    if options.check:
        for name in stale:
            sys.stderr.write(f"infra/out/{name} is out of date: make infra\n")
        return 1 if stale or complaints else 0
    for name in stale:
        (OUT / name).write_text(templates[name], encoding="utf-8")
        sys.stdout.write(f"wrote infra/out/{name}\n")
    return 1 if complaints else 0


def synthesise(scratch: Path) -> tuple[Mapping[str, str], list[str]]:
    """Both templates by file name, and what cdk-nag says against them."""
    app = App(
        outdir=str(scratch),
        analytics_reporting=False,
        context={"@aws-cdk/core:enablePartitionLiterals": True, "aws:cdk:disable-asset-staging": True},
    )
    stacks: list[Stack] = [FoundationStack(app), ServiceStack(app)]
    add_nag(app, stacks)
    try:
        app.synth()
    except RuntimeError:
        # How jsii says that the rules object. Without their report it was something else.
        if not (scratch / REPORT).exists():
            raise
        return {}, objections(scratch)
    templates = {f"{stack.artifact_id}.template.json": _plain(scratch, stack) for stack in stacks}
    return templates, []


def _plain(scratch: Path, stack: Stack) -> str:
    template: dict[str, Any] = json.loads((scratch / stack.template_file).read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        # cdk-nag's notes belong to the code.
        resource.pop("Metadata", None)
    return json.dumps(template, indent=1, ensure_ascii=False) + "\n"


def _differs(name: str, text: str) -> bool:
    path = OUT / name
    return not path.exists() or path.read_text(encoding="utf-8") != text


if __name__ == "__main__":
    sys.exit(main())
