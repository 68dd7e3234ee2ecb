"""The workflows: two linters, pins, permissions, and that what they run is there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROGRAMS = Path(sys.executable).parent
NAMES = [path.name for path in WORKFLOWS]
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=NAMES)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def jobs(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


def commands() -> Iterator[str]:
    """Every line that a workflow has run, continued lines as one."""
    for path in WORKFLOWS:
        for job in jobs(path).values():
            for step in job["steps"]:
                yield from str(step.get("run", "")).replace("\\\n", " ").splitlines()


def test_there_are_two_workflows():
    assert NAMES == ["ci.yml", "deploy.yml"]


@pytest.mark.infra
@pytest.mark.proof
def test_actionlint_has_nothing_to_say():
    done = run(str(PROGRAMS / "actionlint"), *(str(path) for path in WORKFLOWS))
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.infra
@pytest.mark.proof
def test_zizmor_has_nothing_to_say():
    done = run(str(PROGRAMS / "zizmor"), "--offline", "--no-progress", ".github/workflows")
    assert done.returncode == 0, done.stdout


@each_workflow
def test_every_action_is_pinned_by_its_commit_and_says_its_version(path: Path):
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


@each_workflow
def test_permissions_are_given_job_by_job_and_bounded_in_time(path: Path):
    whole = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert whole["permissions"] == {}
    assert "concurrency" in whole
    assert all("permissions" in job and "timeout-minutes" in job for job in whole["jobs"].values())


def test_only_jobs_of_the_protected_environment_get_a_token_for_aws():
    for path in WORKFLOWS:
        for job in jobs(path).values():
            if "id-token" in job["permissions"]:
                assert job["environment"] == "production"


def test_every_make_target_that_is_run_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {match for line in commands() for match in re.findall(r"^make ([a-z]+)$", line.strip())}
    assert {"check", "aws", "audit", "ready"} <= targets
    # The image has a page and a target of its own.
    assert {target for target in targets if f"\n{target}:" not in makefile} <= {"image"}


@pytest.mark.slow
def test_every_script_that_is_run_exists_and_knows_its_options():
    called = [match for line in commands() for match in re.findall(r"-m infra\.scripts\.(\w+)(.*)", line)]
    assert {name for name, _ in called} == {"deploy", "rollback", "smoke", "notify"}
    for name, rest in called:
        told = run(sys.executable, "-m", f"infra.scripts.{name}", "--help").stdout
        assert [option for option in re.findall(r"--[a-z-]+", rest) if f"{option} " not in told] == []
