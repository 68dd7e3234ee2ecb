"""The operator's pages name alarms, scripts, options and figures that exist."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from google_workspace_mcp.core.http.server import DRAIN_SECONDS, GRACEFUL_SECONDS

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PAGES = ("operations.md", "deploy-aws.md", "troubleshooting.md", "storage.md", "google-setup.md")
CALL = re.compile(r"infra\.scripts\.(\w+)([^`#\n]*)")


def resources(name: str, kind: str) -> dict[str, dict[str, object]]:
    template = json.loads((ROOT / "infra" / "out" / f"{name}.template.json").read_text(encoding="utf-8"))
    found = template["Resources"].items()
    return {logical_id: one["Properties"] for logical_id, one in found if one["Type"] == kind}


def section(heading: str) -> str:
    return OPERATIONS.split(f"\n## {heading}\n")[1].split("\n## ")[0]


def called() -> dict[str, set[str]]:
    """The options that the pages give each script."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in PAGES:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8").replace("\\\n", " ")
        for name, rest in CALL.findall(text):
            # What follows the word of the service's own command line is that one's.
            own = re.split(r" (?:doctor|connections|clients|rotate-keys)\b", rest)[0]
            found[name] |= set(re.findall(r"--[a-z-]+", own))
    return found


def test_every_alarm_has_its_row_and_every_row_its_alarm():
    rows = [line.split("|") for line in section("Alarms").splitlines() if line.startswith("| `")]
    assert {row[1].strip(" `") for row in rows} == {
        logical_id.removesuffix("Alarm") for logical_id in resources("service", "AWS::CloudWatch::Alarm")
    }
    assert all(cause.strip() and action.strip() for _, _, cause, action, _ in rows)


@pytest.mark.parametrize("name", ["deploy", "inside", "restore", "rollback", "secrets", "smoke"])
def test_every_script_of_the_pages_exists_and_knows_its_options(name: str):
    options = called()[name]
    told = subprocess.run(
        [sys.executable, "-m", f"infra.scripts.{name}", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert [option for option in options if not re.search(rf"{option}\b", told)] == []


def test_the_pages_call_no_other_script():
    assert set(called()) <= {"deploy", "inside", "notify", "restore", "rollback", "secrets", "smoke"}


def test_the_capacity_is_that_of_the_templates():
    scaling = resources("service", "AWS::ApplicationAutoScaling::ScalableTarget")["ScalableTarget"]
    task = resources("service", "AWS::ECS::TaskDefinition")["TaskDefinition"]
    cpu, memory = int(str(task["Cpu"])) / 1024, int(str(task["Memory"])) / 1024
    assert f"{scaling['MinCapacity']} to {scaling['MaxCapacity']}, of {cpu:g} vCPU and {memory:g} GB" in OPERATIONS
    policies = json.dumps(resources("service", "AWS::ApplicationAutoScaling::ScalingPolicy"))
    figures = re.search(r"(\d+) % of the processor, or (\d+) requests", OPERATIONS)
    assert figures is not None
    cpu_percent, requests = figures.groups()
    assert f'"TargetValue": {cpu_percent}' in policies
    assert f'"TargetValue": {requests}' in policies


def test_the_days_that_versions_are_kept_are_those_of_the_bucket():
    text = json.dumps(resources("foundation", "AWS::S3::Bucket"))
    assert '"NoncurrentDays": 30' in text
    assert "keeps what was overwritten or deleted for thirty days" in " ".join(OPERATIONS.split())


def test_what_letting_go_takes_is_what_the_service_takes():
    # Deregistration and the stop of a task, in the reckoning of the rollback's five minutes.
    assert DRAIN_SECONDS + GRACEFUL_SECONDS < 60
    assert "lets the others go (60 s)" in " ".join(OPERATIONS.split())
