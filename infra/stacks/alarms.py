"""What wakes somebody up. `docs/operations.md` has cause and action for each, under the same name."""

from dataclasses import dataclass, field
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events

from infra.stacks import figures
from infra.stacks.figures import Sources
from infra.stacks.inputs import Choices, Founded

# Restarts in a quarter of an hour: one may be bad luck, three are a pattern.
RESTARTS: Final = 3


@dataclass(frozen=True, slots=True)
class _Alarm:
    logical_id: str
    says: str
    namespace: str
    metric: str
    statistic: str
    above: float
    periods: int = 1
    period: int = 300
    dimensions: dict[str, str] = field(default_factory=dict[str, str])
    missing: str = "notBreaching"
    comparison: str = "GreaterThanThreshold"


def add_crash_rule(stack: Stack, choices: Choices, founded: Founded, cluster_arn: str) -> events.CfnRule:
    """Tells of every task that ended by itself or was ended for not being well; deployments end tasks otherwise."""
    return events.CfnRule(
        stack,
        "CrashRule",
        name=f"{choices.name}-task-ended",
        description="A task ended by itself or failed its health check",
        event_pattern={
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {
                "clusterArn": [cluster_arn],
                "group": [f"service:{choices.name}"],
                "lastStatus": ["STOPPED"],
                "$or": [
                    {"stopCode": ["EssentialContainerExited", "TaskFailedToStart"]},
                    {"stoppedReason": [{"prefix": "Task failed"}]},
                ],
            },
        },
        targets=[events.CfnRule.TargetProperty(id="topic", arn=founded.topic_arn)],
    )


def add_alarms(stack: Stack, choices: Choices, founded: Founded, sources: Sources) -> list[str]:
    """All alarms; the names of those that turn a deployment back come back."""
    made = [_make(stack, choices, founded, alarm) for alarm in _alarms(sources)]
    return [made[0], made[1]]


def _make(stack: Stack, choices: Choices, founded: Founded, alarm: _Alarm) -> str:
    name = f"{choices.name}-{alarm.logical_id}"
    cloudwatch.CfnAlarm(
        stack,
        f"{alarm.logical_id}Alarm",
        alarm_name=name,
        alarm_description=alarm.says,
        namespace=alarm.namespace,
        metric_name=alarm.metric,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=key, value=value) for key, value in alarm.dimensions.items()
        ],
        # A percentile is an extended statistic, and a template may have only one of the two.
        statistic=None if alarm.statistic.startswith("p") else alarm.statistic,
        extended_statistic=alarm.statistic if alarm.statistic.startswith("p") else None,
        period=alarm.period,
        evaluation_periods=alarm.periods,
        threshold=alarm.above,
        comparison_operator=alarm.comparison,
        treat_missing_data=alarm.missing,
        alarm_actions=[founded.topic_arn],
        ok_actions=[founded.topic_arn],
    )
    return name


def _alarms(sources: Sources) -> list[_Alarm]:
    balancer, elb = sources.balancer, "AWS/ApplicationELB"
    return [
        _Alarm(
            "ServerErrors",
            "More than 5 answers of 5xx a minute",
            elb,
            "HTTPCode_Target_5XX_Count",
            "Sum",
            5,
            2,
            60,
            balancer,
        ),
        _Alarm(
            "NoHealthyTask",
            "No task is ready",
            elb,
            "HealthyHostCount",
            "Minimum",
            1,
            2,
            60,
            balancer,
            "breaching",
            "LessThanThreshold",
        ),
        _Alarm("Latency", "95 of 100 answers take over 2 s", elb, "TargetResponseTime", "p95", 2, 3, 300, balancer),
        _Alarm(
            "Restarts",
            "Tasks keep ending",
            "AWS/Events",
            "TriggeredRules",
            "Sum",
            RESTARTS,
            1,
            900,
            {"RuleName": sources.crash_rule},
            comparison="GreaterThanOrEqualToThreshold",
        ),
        _Alarm("DeadGrants", "Many grants ended at once", figures.NAMESPACE, figures.DEAD_GRANTS, "Sum", 20, 1, 900),
        _Alarm("CryptoFailures", "Stored objects do not open", figures.NAMESPACE, figures.CRYPTO_FAILURES, "Sum", 0),
        _Alarm(
            "RefreshFailures", "Google refuses refreshes", figures.NAMESPACE, figures.REFRESH_FAILURES, "Sum", 10, 2
        ),
        _Alarm("DrainTooLong", "A task took over 40 s to end", figures.NAMESPACE, figures.DRAIN_SECONDS, "Maximum", 40),
    ]
