"""The templates are what the code says, and two linters have nothing to say against them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from google_workspace_mcp.core.emf import DRAIN, FIGURES

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
pytestmark = [pytest.mark.infra, pytest.mark.proof, pytest.mark.timeout(180)]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    # The Node that comes with the group, whatever else the machine has; and nothing that would name an account.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "PATH": f"{PROGRAMS}:{environment['PATH']}"},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def test_synthesis_without_an_account_gives_the_committed_templates_and_cdk_nag_agrees():
    done = run(sys.executable, "-W", "error", "-m", "infra.app", "--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["foundation", "service"])
def test_cfn_lint_has_nothing_to_say(name: str):
    done = run(str(PROGRAMS / "cfn-lint"), "-i", "I", "-t", f"infra/out/{name}.template.json")
    assert (done.returncode, done.stdout) == (0, "")


def test_cfn_lint_would_say_something(tmp_path: Path):
    template = json.loads((ROOT / "infra" / "out" / "service.template.json").read_text(encoding="utf-8"))
    template["Resources"]["Service"]["Properties"]["DesiredCount"] = "some"
    wrong = tmp_path / "wrong.template.json"
    wrong.write_text(json.dumps(template), encoding="utf-8")
    assert "is not of type 'integer'" in run(str(PROGRAMS / "cfn-lint"), "-t", str(wrong)).stdout


def test_the_stacks_name_the_figures_that_the_service_publishes():
    asked = "import infra.stacks.figures as f; print(f.NAMESPACE, *f.OWN)"
    namespace, *own = run(sys.executable, "-c", asked).stdout.split()
    assert namespace == "GoogleWorkspaceMCP"
    assert sorted(own) == sorted(figure.name for figure in (*FIGURES, DRAIN))
    assert len(set(own)) == len(own)
