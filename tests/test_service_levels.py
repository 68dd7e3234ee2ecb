"""Service levels and figures, from the service through CloudWatch's template and Prometheus' rules: the same names."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import promql_parser
import pytest
import yaml
from prometheus_client.metrics_core import Metric

from google_workspace_mcp.core.emf import DRAIN, FIGURES
from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.metrics import READ_SECONDS, Metrics, ToolKind

ROOT: Final = Path(__file__).resolve().parent.parent
RULES: Final = ROOT / "infra" / "prometheus" / "slo.rules.yml"
TEMPLATE: Final = ROOT / "infra" / "out" / "service.template.json"
OPERATIONS: Final = ROOT / "docs" / "operations.md"
PUBLISHED: Final = {figure.name for figure in (*FIGURES, DRAIN)}
LEVELS: Final = {"tool_calls": 0.005, "reads": 0.05, "writes": 0.001, "refreshes": 0.001}


# -- CloudWatch


def resources(kind: str) -> list[dict[str, Any]]:
    found = json.loads(TEMPLATE.read_text(encoding="utf-8"))["Resources"].values()
    return [resource["Properties"] for resource in found if resource["Type"] == kind]


def settings() -> dict[str, Any]:
    tasks = resources("AWS::ECS::TaskDefinition")
    pairs = [pair for task in tasks for one in task["ContainerDefinitions"] for pair in one.get("Environment", [])]
    return {pair["Name"]: pair["Value"] for pair in pairs}


def widgets() -> list[dict[str, Any]]:
    (dashboard,) = resources("AWS::CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    return json.loads("".join(part if isinstance(part, str) else "x" for part in parts))["widgets"]


def shown() -> set[str]:
    lines = [line for widget in widgets() for line in widget["properties"]["metrics"]]
    return {line[1] for line in lines if line[0] == settings()["GWMCP_EMF_NAMESPACE"]}


def test_the_dashboard_shows_every_figure_that_the_service_publishes_and_no_other():
    assert shown() == PUBLISHED


def test_alarms_stand_on_figures_that_the_service_publishes():
    own = [alarm for alarm in resources("AWS::CloudWatch::Alarm") if not alarm["Namespace"].startswith("AWS/")]
    assert {alarm["Namespace"] for alarm in own} == {settings()["GWMCP_EMF_NAMESPACE"]}
    assert {alarm["MetricName"] for alarm in own} <= PUBLISHED
    # A dimension would find nothing: the service publishes none.
    assert [alarm.get("Dimensions", []) for alarm in own] == [[]] * len(own)
    assert len(own) == 4


def test_the_dashboard_has_the_goal_of_every_level_as_a_line():
    goals = [
        widget["properties"]["annotations"]["horizontal"][0]["value"]
        for widget in widgets()
        if "annotations" in widget["properties"]
    ]
    assert sorted(goals) == sorted(round(100 * (1 - budget), 3) for budget in LEVELS.values())


def test_metric_maths_names_only_what_its_widget_has():
    for widget in widgets():
        lines = widget["properties"]["metrics"]
        expressions = [line[0]["expression"] for line in lines if isinstance(line[0], dict)]
        ids = {line[-1]["id"] for line in lines if isinstance(line[-1], dict) and "id" in line[-1]}
        for expression in expressions:
            assert set(re.findall(r"[a-z][a-z0-9_]*", expression)) == ids


# -- Prometheus


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def selectors(expression: str) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def keep(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(expression), pre_visit=keep)
    return found


def existing() -> dict[str, dict[str, set[str]]]:
    """Every sample of ours with its labels and the values that they can have, as far as they are a fixed set."""
    metrics = Metrics()
    offered: dict[str, ToolKind] = {"gmail_search": "read", "gmail_send": "write"}
    for tool, kind in offered.items():
        metrics.tool_offered(tool, kind)
        metrics.tool_call(tool, kind, "ok", 0.1)
    families: list[Metric] = list(metrics.registry.collect())
    samples: dict[str, dict[str, set[str]]] = {}
    for sample in (sample for family in families for sample in family.samples):
        for label, value in sample.labels.items():
            samples.setdefault(sample.name, {}).setdefault(label, set()).add(value)
    return samples


RECORDED: Final = {rule["record"] for rule in rules() if "record" in rule}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.get("record") or rule["alert"])
def test_a_rule_asks_for_metrics_labels_and_values_that_exist(rule: dict[str, Any]):
    samples = existing()
    for selector in selectors(rule["expr"]):
        assert selector.name in samples.keys() | RECORDED
        for matcher in selector.matchers.matchers:
            values = samples[str(selector.name)][matcher.name]
            assert set(matcher.value.split("|")) <= values


def test_rules_record_every_level_over_every_window():
    for window in ("5m", "30m", "1h", "6h", "30d"):
        recorded = [rule for rule in rules() if rule.get("record") == f"gwmcp:slo_bad:ratio_rate{window}"]
        assert [rule["labels"]["slo"] for rule in recorded] == list(LEVELS)
        assert all(f"[{window}]" in rule["expr"] for rule in recorded)


def test_the_budgets_are_those_of_the_levels():
    budgets = [rule for rule in rules() if rule.get("record") == "gwmcp:slo_budget:ratio"]
    found = {rule["labels"]["slo"]: float(rule["expr"].removeprefix("vector(").removesuffix(")")) for rule in budgets}
    assert found == LEVELS


def test_the_bucket_of_the_reads_level_is_the_one_that_the_service_keeps():
    asked = [rule["expr"] for rule in rules() if 'le="' in rule["expr"]]
    assert asked
    assert all(f'le="{READ_SECONDS}"' in expression for expression in asked)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool, of Debian's package prometheus")
def test_promtool_finds_the_rules_sound_and_its_tests_pass():
    for command in (["check", "rules", "slo.rules.yml"], ["test", "rules", "slo.tests.yml"]):
        told = subprocess.run(
            ["promtool", *command], cwd=RULES.parent, capture_output=True, text=True, timeout=60, check=False
        )
        assert told.returncode == 0, told.stdout + told.stderr


# -- what is said of them


def test_operations_explains_every_level_and_alert():
    text = OPERATIONS.read_text(encoding="utf-8")
    for words in (*(f"`{level}`" for level in LEVELS), *(f"`{rule['alert']}`" for rule in rules() if "alert" in rule)):
        assert words in text


def test_operations_names_every_code_that_is_the_services_fault():
    text = OPERATIONS.read_text(encoding="utf-8")
    for kind in WorkspaceError.__subclasses__():
        if kind.fault == "service":
            assert f"`{kind.code}`" in text
