"""One page for whoever looks: traffic, faults, speed, tasks, Google, and how well the service levels are held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.stacks import figures
from infra.stacks.figures import Sources
from infra.stacks.inputs import Choices

_WIDTH, _HEIGHT = 12, 6
_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Level:
    """A service level: at least `goal` percent of `all_of` are not `bad`. docs/operations.md explains each."""

    title: str
    all_of: str
    bad: str
    goal: float


LEVELS: Final = (
    Level("Tool calls without our fault", figures.TOOL_CALLS, figures.TOOL_ERRORS, 99.5),
    Level("Reads within 2 s", figures.READS, figures.SLOW_READS, 95),
    Level("Refreshes", figures.REFRESHES, figures.REFRESH_FAILURES, 99.9),
    Level("Writes with a known outcome", figures.WRITES, figures.WRITES_UNKNOWN, 99.9),
)


def add_dashboard(stack: Stack, choices: Choices, sources: Sources) -> None:
    """The dashboard, named as the service."""
    elb = "AWS/ApplicationELB"
    graphs = [
        _graph(
            "Requests and server errors",
            "Sum",
            [
                _line(elb, "RequestCount", sources.balancer),
                _line(elb, "HTTPCode_Target_5XX_Count", sources.balancer),
            ],
        ),
        _graph("Seconds until answers, p95", "p95", [_line(elb, "TargetResponseTime", sources.balancer)]),
        _graph("Tasks that are ready", "Minimum", [_line(elb, "HealthyHostCount", sources.balancer)]),
        _graph(
            "Processor and memory, percent",
            "Average",
            [
                _line("AWS/ECS", "CPUUtilization", sources.containers),
                _line("AWS/ECS", "MemoryUtilization", sources.containers),
            ],
        ),
        _own("Tool calls", "Sum", figures.TOOL_CALLS, figures.TOOL_ERRORS),
        _own("HTTP by the service's own count", "Sum", figures.HTTP_REQUESTS, figures.HTTP_ERRORS),
        _own("Google and grants", "Sum", figures.GOOGLE_ERRORS, figures.REFRESH_FAILURES, figures.DEAD_GRANTS),
        _own("Store and stop", "Maximum", figures.CRYPTO_FAILURES, figures.DRAIN_SECONDS),
        *map(_held, LEVELS),
    ]
    widgets = [_placed(graph, index) for index, graph in enumerate(graphs)]
    cloudwatch.CfnDashboard(
        stack, "Dashboard", dashboard_name=choices.name, dashboard_body=stack.to_json_string({"widgets": widgets})
    )


def _own(title: str, statistic: str, *metrics: str) -> dict[str, Any]:
    return _graph(title, statistic, [_line(figures.NAMESPACE, metric, {}) for metric in metrics])


def _held(level: Level) -> dict[str, Any]:
    """Percent of each hour that was good, with the goal as a line. An hour without any is good."""
    ratio = {"expression": "IF(all > 0, 100 * (1 - bad / all), 100)", "label": "good, percent"}
    hidden = [
        [figures.NAMESPACE, name, {"id": i, "visible": False}]
        for i, name in (("all", level.all_of), ("bad", level.bad))
    ]
    return {
        **_graph(f"{level.title}, goal {level.goal} %", "Sum", [[ratio], *hidden]),
        "period": _HOUR,
        "annotations": {"horizontal": [{"label": "goal", "value": level.goal}]},
        "yAxis": {"left": {"max": 100}},
    }


def _graph(title: str, statistic: str, lines: Sequence[Sequence[Any]]) -> dict[str, Any]:
    return {
        "title": title,
        "region": Fn.ref("AWS::Region"),
        "view": "timeSeries",
        "stat": statistic,
        "period": 60,
        "metrics": list(lines),
    }


def _line(namespace: str, metric: str, dimensions: Mapping[str, str]) -> list[str]:
    return [namespace, metric, *(part for pair in dimensions.items() for part in pair)]


def _placed(properties: Mapping[str, Any], index: int) -> dict[str, Any]:
    return {
        "type": "metric",
        "x": index % 2 * _WIDTH,
        "y": index // 2 * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
        "properties": properties,
    }
