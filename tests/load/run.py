"""k6 against the surroundings, one profile at a time."""

import base64
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from joserfc.jwk import OctKey

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.tools.mcp import ERROR_META
from tests.load.profiles import Profile
from tests.load.surroundings import Surroundings
from tests.load.watch import Usage

_SCRIPT: Final = Path(__file__).with_name("calls.js")
_K6: Final = Path(sys.executable).with_name("k6")
# k6's exit status when a threshold was crossed: the run itself was whole.
_CROSSED: Final = 99
_CALLS: Final = (
    ("gmail_search", {"limit": 5}),
    ("drive_search", {"limit": 5}),
    ("calendar_list_events", {}),
    ("accounts_list", {}),
)
_INSIDE_SHARE: Final = 0.4
# Ways to fail that are no code of the service's.
_NO_CODES: Final = ("no_answer", "http_error", "rpc_error", "other")


@dataclass(frozen=True)
class Times:
    """Milliseconds."""

    calls: int
    p50: float
    p95: float
    p99: float
    longest: float


@dataclass(frozen=True)
class Outcome:
    """What one profile came to. `codes` are answers by code, `ok` among them; `crossed` are thresholds that failed."""

    profile: str
    seconds: float
    all: Times
    groups: dict[str, Times]
    codes: dict[str, int]
    crossed: list[str]
    before: Usage
    after: Usage

    @property
    def failed(self) -> int:
        """Answers that were neither good nor a person's limit."""
        return sum(count for code, count in self.codes.items() if code not in {"ok", "rate_limited"})

    @property
    def cpu_ms(self) -> float:
        """CPU of the tasks for each call, in milliseconds."""
        return (self.after.cpu - self.before.cpu) / max(1, self.all.calls) * 1000


def run(profile: Profile, around: Surroundings) -> Outcome:
    """Runs the profile. Raises CalledProcessError when k6 itself fails."""
    with tempfile.TemporaryDirectory() as folder:
        plan, summary = Path(folder) / "plan.json", Path(folder) / "summary.json"
        plan.write_text(json.dumps(_plan(profile, around, summary)), encoding="utf-8")
        before = Usage.of(around.tasks)
        # No word about the run to anybody, and no port to steer it by.
        command = [
            str(_K6),
            "run",
            "--quiet",
            "--no-color",
            "--no-usage-report",
            "--address",
            "",
            "--env",
            f"PLAN={plan}",
        ]
        done = subprocess.run([*command, str(_SCRIPT)], timeout=profile.seconds + 120, check=False)
        if done.returncode not in (0, _CROSSED):
            raise subprocess.CalledProcessError(done.returncode, command)
        return outcome(profile.name, json.loads(summary.read_text(encoding="utf-8")), before, Usage.of(around.tasks))


def outcome(name: str, summary: dict[str, Any], before: Usage, after: Usage) -> Outcome:
    """What k6's summary says."""
    metrics: dict[str, Any] = summary["metrics"]
    return Outcome(
        name,
        summary["state"]["testRunDurationMs"] / 1000,
        _times(metrics["call_ms"]["values"]),
        {
            metric.removeprefix("call_ms{").removesuffix("}"): _times(values["values"])
            for metric, values in metrics.items()
            if metric.startswith("call_ms{")
        },
        {
            metric.removeprefix("code_"): int(values["values"]["count"])
            for metric, values in metrics.items()
            if metric.startswith("code_")
        },
        [
            f"{metric}: {rule}"
            for metric, values in metrics.items()
            for rule, verdict in values.get("thresholds", {}).items()
            if not verdict["ok"]
        ],
        before,
        after,
    )


def _times(values: dict[str, float]) -> Times:
    return Times(int(values["count"]), values["p(50)"], values["p(95)"], values["p(99)"], values["max"])


def _plan(profile: Profile, around: Surroundings, summary: Path) -> dict[str, Any]:
    key = around.agent.key
    assert isinstance(key, OctKey)
    secret = str(key.as_dict()["k"])
    return {
        "public": around.base,
        "inside": around.inside,
        "inside_share": _INSIDE_SHARE,
        "people": around.tokens,
        "users": around.users,
        "issuer": around.agent.issuer,
        "audience": around.agent.audience,
        "secret": base64.urlsafe_b64decode(f"{secret}{'=' * (-len(secret) % 4)}").decode("ascii"),
        "calls": _CALLS,
        "codes": ["ok", *sorted({kind.code for kind in WorkspaceError.__subclasses__()}), *_NO_CODES],
        "error_meta": ERROR_META,
        "scenario": profile.scenario,
        "thresholds": profile.thresholds,
        "summary": str(summary),
    }
