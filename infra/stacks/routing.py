"""How requests get in: the listener's two rules and the target group, the Cloud Map name, the security group."""

from typing import Final

from aws_cdk import CfnCondition, CfnTag, Fn, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_servicediscovery as discovery

from infra.parameters import parameter
from infra.stacks.inputs import Choices, Existing
from infra.stacks.task import PORT

WELL_KNOWN: Final = ("oauth-protected-resource", "oauth-authorization-server", "openid-configuration")
# Below the stop timeout of 60: a connection that the load balancer still holds is served to its end.
DEREGISTRATION_SECONDS: Final = 45
RECORD_TTL: Final = 10


def add_target_group(stack: Stack, choices: Choices, existing: Existing) -> elb.CfnTargetGroup:
    """Tasks behind the load balancer, asked every 15 s whether they are ready."""
    attributes = {"deregistration_delay.timeout_seconds": str(DEREGISTRATION_SECONDS), "stickiness.enabled": "false"}
    return elb.CfnTargetGroup(
        stack,
        "TargetGroup",
        name=choices.name,
        vpc_id=existing.vpc,
        target_type="ip",
        protocol="HTTP",
        port=PORT,
        health_check_path="/ready",
        health_check_interval_seconds=15,
        health_check_timeout_seconds=5,
        healthy_threshold_count=2,
        unhealthy_threshold_count=2,
        matcher=elb.CfnTargetGroup.MatcherProperty(http_code="200"),
        target_group_attributes=[
            elb.CfnTargetGroup.TargetGroupAttributeProperty(key=key, value=value) for key, value in attributes.items()
        ],
    )


def add_rules(stack: Stack, choices: Choices, existing: Existing, target_group: str) -> list[elb.CfnListenerRule]:
    """The prefix, and the three places where clients look for what is inserted before it (RFC 8414, RFC 9728).

    The listener's default action is not touched.
    """
    below = [choices.prefix, Fn.join("", [choices.prefix, "/*"])]
    inserted = [Fn.join("", [f"/.well-known/{kind}", choices.prefix, "*"]) for kind in WELL_KNOWN]
    chosen = (("PrefixRule", choices.priority, below), ("WellKnownRule", choices.well_known_priority, inserted))
    return [
        elb.CfnListenerRule(
            stack,
            logical_id,
            listener_arn=existing.listener_arn,
            priority=priority,
            conditions=[
                elb.CfnListenerRule.RuleConditionProperty(
                    field="host-header",
                    host_header_config=elb.CfnListenerRule.HostHeaderConfigProperty(values=[choices.host]),
                ),
                elb.CfnListenerRule.RuleConditionProperty(
                    field="path-pattern",
                    path_pattern_config=elb.CfnListenerRule.PathPatternConfigProperty(values=paths),
                ),
            ],
            actions=[elb.CfnListenerRule.ActionProperty(type="forward", target_group_arn=target_group)],
        )
        for logical_id, priority, paths in chosen
    ]


def add_discovery(stack: Stack, choices: Choices, existing: Existing) -> discovery.CfnService:
    """The name in the namespace: an A record for each task, which ECS keeps."""
    return discovery.CfnService(
        stack,
        "DiscoveryService",
        name=choices.discovery_name,
        namespace_id=existing.namespace_id,
        dns_config=discovery.CfnService.DnsConfigProperty(
            dns_records=[discovery.CfnService.DnsRecordProperty(type="A", ttl=RECORD_TTL)],
            routing_policy="MULTIVALUE",
        ),
        health_check_custom_config=discovery.CfnService.HealthCheckCustomConfigProperty(failure_threshold=1),
    )


def add_security_group(stack: Stack, choices: Choices, existing: Existing) -> ec2.CfnSecurityGroup:
    """In: the load balancer and the callers, on the service's port. Out: 443 and nothing else.

    The VPC's own resolver is not subject to security groups.
    """
    callers = (("from the load balancer", existing.balancer_group), ("by Cloud Map name", existing.callers_group))
    return ec2.CfnSecurityGroup(
        stack,
        "SecurityGroup",
        group_name=choices.name,
        group_description="Google Workspace MCP tasks",
        vpc_id=existing.vpc,
        security_group_ingress=[
            ec2.CfnSecurityGroup.IngressProperty(
                ip_protocol="tcp",
                from_port=PORT,
                to_port=PORT,
                source_security_group_id=group,
                description=words,
            )
            for words, group in callers
        ],
        security_group_egress=[
            ec2.CfnSecurityGroup.EgressProperty(
                ip_protocol="tcp", from_port=443, to_port=443, cidr_ip="0.0.0.0/0", description="Google and AWS"
            )
        ],
        tags=[CfnTag(key="Name", value=choices.name)],
    )


def add_s3_endpoint(stack: Stack, existing: Existing) -> None:
    """A gateway endpoint for S3, when route tables are named: the store's traffic then costs no NAT gateway.

    It is shared by whatever else uses these route tables, so it keeps AWS's open policy; the bucket's own policy and
    the roles decide who may do what.
    """
    tables = parameter(
        stack,
        "RouteTableIds",
        "Route tables that get a gateway endpoint for S3, with commas; empty when they have one",
        kind="CommaDelimitedList",
        default="",
    )
    wanted = Fn.condition_not(Fn.condition_equals(Fn.join("", tables.value_as_list), ""))
    endpoint = ec2.CfnVPCEndpoint(
        stack,
        "S3Endpoint",
        vpc_id=existing.vpc,
        service_name=Fn.sub("com.amazonaws.${AWS::Region}.s3"),
        vpc_endpoint_type="Gateway",
        route_table_ids=tables.value_as_list,
    )
    endpoint.cfn_options.condition = CfnCondition(stack, "MakesS3Endpoint", expression=wanted)
