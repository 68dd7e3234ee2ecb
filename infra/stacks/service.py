"""The service in a VPC, a cluster, behind a listener and in a namespace that exist already."""

from aws_cdk import BootstraplessSynthesizer, Fn, Stack
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

from infra.parameters import output
from infra.stacks.alarms import add_alarms, add_crash_rule
from infra.stacks.dashboard import add_dashboard
from infra.stacks.figures import Sources
from infra.stacks.inputs import Choices, Existing, Founded
from infra.stacks.roles import add_roles
from infra.stacks.routing import (
    add_discovery,
    add_rules,
    add_s3_endpoint,
    add_security_group,
    add_target_group,
)
from infra.stacks.scaling import LEAST, add_scaling
from infra.stacks.task import PORT, add_tasks, internal_host


class ServiceStack(Stack):
    """Deployed at every push. CloudFormation owns the task definition: a version is the parameter `ImageDigest`."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(
            scope,
            "service",
            synthesizer=BootstraplessSynthesizer(),
            description="Google Workspace MCP: roles, tasks, routing, scaling, alarms, dashboard",
        )
        self._choices = Choices.of(self)
        self._existing = Existing.of(self)
        self._founded = Founded.of(self)
        target_group = add_target_group(self, self._choices, self._existing)
        rules = add_rules(self, self._choices, self._existing, target_group.ref)
        group = add_security_group(self, self._choices, self._existing)
        add_s3_endpoint(self, self._existing)
        sources = self._sources(target_group)
        rollback_alarms = add_alarms(self, self._choices, self._founded, sources)
        roles = add_roles(self, self._choices, self._founded)
        task, smoke = add_tasks(self, self._choices, self._existing, self._founded, roles)
        service = self._service(task.ref, target_group.ref, group.attr_group_id, rollback_alarms)
        for rule in rules:
            # ECS refuses a target group that no load balancer uses yet.
            service.add_resource_dependency(rule)
        add_scaling(self, self._existing, service.attr_name, target_group.attr_target_group_full_name)
        add_dashboard(self, self._choices, sources)
        self._outputs(service, task, smoke, target_group, group.attr_group_id)

    def _sources(self, target_group: elb.CfnTargetGroup) -> Sources:
        cluster_arn = Fn.sub(
            "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/${Cluster}",
            {"Cluster": self._existing.cluster},
        )
        crash = add_crash_rule(self, self._choices, self._founded, cluster_arn)
        return Sources(
            self._existing.listener_arn,
            target_group.attr_target_group_full_name,
            self._existing.cluster,
            self._choices.name,
            crash.ref,
        )

    def _service(self, task: str, target_group: str, group: str, rollback_alarms: list[str]) -> ecs.CfnService:
        discovery = add_discovery(self, self._choices, self._existing)
        return ecs.CfnService(
            self,
            "Service",
            service_name=self._choices.name,
            cluster=self._existing.cluster,
            task_definition=task,
            launch_type="FARGATE",
            platform_version="LATEST",
            desired_count=LEAST,
            availability_zone_rebalancing="ENABLED",
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            health_check_grace_period_seconds=60,
            # Rolling: callers by Cloud Map name follow DNS, which blue/green and canary do not shift.
            deployment_configuration=_rolling(rollback_alarms),
            network_configuration=ecs.CfnService.NetworkConfigurationProperty(
                awsvpc_configuration=ecs.CfnService.AwsVpcConfigurationProperty(
                    subnets=self._existing.subnets,
                    security_groups=[group],
                    assign_public_ip=self._choices.public_ip,
                )
            ),
            load_balancers=[
                ecs.CfnService.LoadBalancerProperty(
                    container_name="service", container_port=PORT, target_group_arn=target_group
                )
            ],
            service_registries=[ecs.CfnService.ServiceRegistryProperty(registry_arn=discovery.attr_arn)],
        )

    def _outputs(
        self,
        service: ecs.CfnService,
        task: ecs.CfnTaskDefinition,
        smoke: ecs.CfnTaskDefinition,
        target_group: elb.CfnTargetGroup,
        group: str,
    ) -> None:
        choices = self._choices
        values = {
            "PublicUrl": (
                "What MCP clients are given",
                Fn.join("", ["https://", choices.host, choices.prefix, "/mcp"]),
            ),
            "InternalUrl": (
                "What programs in the VPC call",
                Fn.join("", ["http://", internal_host(choices, self._existing), "/mcp"]),
            ),
            "RedirectUri": (
                "The redirect URI to register at Google",
                Fn.join("", ["https://", choices.host, choices.prefix, "/auth/google/callback"]),
            ),
            "ServiceName": ("The ECS service", service.attr_name),
            "ClusterName": ("Its cluster", self._existing.cluster),
            "TaskDefinitionArn": ("What it runs", task.ref),
            "SmokeTaskDefinitionArn": ("The smoke test by Cloud Map name", smoke.ref),
            "TargetGroupArn": ("Its target group", target_group.ref),
            "TaskSecurityGroupId": ("As whom tasks call out", group),
            "SmokeSubnetIds": ("Where the smoke test runs", Fn.join(",", self._existing.subnets)),
            "SmokeSecurityGroupId": ("As whom it calls", self._existing.callers_group),
            "SmokePublicIp": ("Whether it needs a public address to pull the image", choices.public_ip),
            "TopicArn": ("Where deployments tell", self._founded.topic_arn),
            "RepositoryName": ("Where older images lie", self._founded.repository),
            "RunningDigest": ("The image that runs", choices.digest),
        }
        for name, (description, value) in values.items():
            output(self, name, description, value)


def _rolling(alarms: list[str]) -> ecs.CfnService.DeploymentConfigurationProperty:
    return ecs.CfnService.DeploymentConfigurationProperty(
        minimum_healthy_percent=100,
        maximum_percent=200,
        deployment_circuit_breaker=ecs.CfnService.DeploymentCircuitBreakerProperty(enable=True, rollback=True),
        alarms=ecs.CfnService.DeploymentAlarmsProperty(alarm_names=alarms, enable=True, rollback=True),
    )
