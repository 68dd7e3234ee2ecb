"""How many tasks: two at least, six at most, more when processors or requests per task call for it."""

from typing import Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_applicationautoscaling as scaling

from infra.stacks.inputs import Existing

LEAST: Final = 2
MOST: Final = 6
CPU_PERCENT: Final = 55
# A task of half a processor answers some 150 calls a second; this is a tenth of that, by the minute.
REQUESTS_PER_MINUTE: Final = 900


def add_scaling(stack: Stack, existing: Existing, service_name: str, target_group_full_name: str) -> None:
    """Both policies scale out on their own; in, only when both agree."""
    target = scaling.CfnScalableTarget(
        stack,
        "ScalableTarget",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=Fn.join("", ["service/", existing.cluster, "/", service_name]),
        min_capacity=LEAST,
        max_capacity=MOST,
    )
    # The label needs `app/name/id` of the load balancer, which a listener's ARN contains.
    parts = Fn.split("/", existing.listener_arn)
    balancer = Fn.join("/", [Fn.select(index, parts) for index in (1, 2, 3)])
    watched = {
        "CpuPolicy": ("ECSServiceAverageCPUUtilization", CPU_PERCENT, None),
        "RequestsPolicy": (
            "ALBRequestCountPerTarget",
            REQUESTS_PER_MINUTE,
            Fn.join("/", [balancer, target_group_full_name]),
        ),
    }
    for logical_id, (metric, value, label) in watched.items():
        scaling.CfnScalingPolicy(
            stack,
            logical_id,
            policy_name=logical_id,
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
                predefined_metric_specification=scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
                    predefined_metric_type=metric, resource_label=label
                ),
                target_value=value,
                scale_out_cooldown=60,
                scale_in_cooldown=300,
            ),
        )
