"""The container: what runs, with which settings, how it is looked at and how it ends.

Secrets are not injected by ECS. The settings name them and the service reads them itself, so that a rotated key or
client secret counts within minutes and without a new deployment (decision 0022).
"""

from collections.abc import Mapping
from typing import Final

from aws_cdk import Fn, Stack
from aws_cdk import aws_ecs as ecs

from infra.stacks import figures
from infra.stacks.inputs import Choices, Existing, Founded

PORT: Final = 8000
# Drain 15 s, over the record's TTL of 10, then at most 25 s for what is under way; Fargate allows up to 120.
STOP_SECONDS: Final = 60
_HEALTH: Final = "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=3).read()"
# What a caller in the VPC sees under the Cloud Map name: the service answers, and asks for a token.
_SMOKE: Final = """\
import sys, urllib.error, urllib.request
base = sys.argv[1]
for path in ('/health', '/ready', '/.well-known/oauth-protected-resource/mcp'):
    with urllib.request.urlopen(base + path, timeout=5) as answer:
        print(path, answer.status)
try:
    call = urllib.request.Request(base + '/mcp', b'{}', {'Content-Type': 'application/json'})
    urllib.request.urlopen(call, timeout=5)
except urllib.error.HTTPError as refused:
    print('/mcp', refused.code)
    sys.exit(refused.code != 401)
sys.exit('a call without a token was not refused')
"""


def add_tasks(
    stack: Stack, choices: Choices, existing: Existing, founded: Founded, roles: Mapping[str, str]
) -> tuple[ecs.CfnTaskDefinition, ecs.CfnTaskDefinition]:
    """The service's task definition and that of the smoke test by Cloud Map name."""
    image = Fn.join("", [founded.repository_uri, "@", choices.digest])
    service = ecs.CfnTaskDefinition.ContainerDefinitionProperty(
        name="service",
        image=image,
        essential=True,
        environment=_pairs(environment(choices, existing, founded)),
        health_check=ecs.CfnTaskDefinition.HealthCheckProperty(
            command=["CMD", "python", "-c", _HEALTH], interval=30, timeout=5, retries=3, start_period=60
        ),
        log_configuration=_logs(founded, "service"),
        port_mappings=[ecs.CfnTaskDefinition.PortMappingProperty(container_port=PORT, protocol="tcp")],
        stop_timeout=STOP_SECONDS,
        readonly_root_filesystem=True,
        linux_parameters=_no_capabilities(),
        ulimits=[ecs.CfnTaskDefinition.UlimitProperty(name="nofile", soft_limit=65536, hard_limit=65536)],
    )
    smoke = ecs.CfnTaskDefinition.ContainerDefinitionProperty(
        name="smoke",
        image=image,
        essential=True,
        entry_point=["python", "-c"],
        command=[_SMOKE, Fn.join("", ["http://", internal_host(choices, existing)])],
        log_configuration=_logs(founded, "smoke"),
        readonly_root_filesystem=True,
        linux_parameters=_no_capabilities(),
    )
    execution, task = roles["execution"], roles["task"]
    return (
        _definition(stack, "TaskDefinition", choices.name, ("512", "1024"), service, execution, task),
        _definition(stack, "SmokeTaskDefinition", f"{choices.name}-smoke", ("256", "512"), smoke, execution, None),
    )


def environment(choices: Choices, existing: Existing, founded: Founded) -> dict[str, str]:
    """Settings of the service, by the names of docs/settings.md."""
    google = founded.secrets.google
    return {
        "GWMCP_BASE_URL": Fn.join("", ["https://", choices.host, choices.prefix]),
        "GWMCP_ROOT_PATH": choices.prefix,
        "GWMCP_INTERNAL_HOSTS": internal_host(choices, existing),
        "GWMCP_HOST": "0.0.0.0",  # noqa: S104  (the container's own network, guarded by the security group)
        "GWMCP_PORT": str(PORT),
        # Figures leave through the log (EMF); no port of this task is open to a scraper.
        "GWMCP_METRICS_PORT": "0",
        "GWMCP_EMF_NAMESPACE": figures.NAMESPACE,
        "GWMCP_FORWARDED_ALLOW_IPS": existing.balancer_networks,
        "GWMCP_STORE": Fn.join("", ["s3://", founded.bucket, "/", founded.prefix]),
        "GWMCP_KMS_KEY": founded.key_arn,
        "GWMCP_GOOGLE_CLIENT_ID_SECRET": Fn.join("", [google, ":client_id"]),
        "GWMCP_GOOGLE_CLIENT_SECRET_SECRET": Fn.join("", [google, ":client_secret"]),
        "GWMCP_KEYS_SECRET": founded.secrets.keys,
        "GWMCP_SIGNING_KEYS_SECRET": founded.secrets.signing_keys,
        "GWMCP_AGENTS_SECRET": founded.secrets.agents,
        "GWMCP_ALLOWED_DOMAINS": choices.allowed_domains,
        "GWMCP_TIER": choices.tier,
        "GWMCP_READ_ONLY": choices.read_only,
    }


def internal_host(choices: Choices, existing: Existing) -> str:
    """Host and port by which programs in the VPC call."""
    return Fn.join("", [choices.discovery_name, ".", existing.namespace_name, f":{PORT}"])


def _definition(  # noqa: PLR0917
    stack: Stack,
    logical_id: str,
    family: str,
    size: tuple[str, str],
    container: ecs.CfnTaskDefinition.ContainerDefinitionProperty,
    execution: str,
    task: str | None,
) -> ecs.CfnTaskDefinition:
    return ecs.CfnTaskDefinition(
        stack,
        logical_id,
        family=family,
        cpu=size[0],
        memory=size[1],
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        runtime_platform=ecs.CfnTaskDefinition.RuntimePlatformProperty(
            cpu_architecture="ARM64", operating_system_family="LINUX"
        ),
        execution_role_arn=execution,
        task_role_arn=task,
        container_definitions=[container],
    )


def _pairs(values: Mapping[str, str]) -> list[ecs.CfnTaskDefinition.KeyValuePairProperty]:
    return [ecs.CfnTaskDefinition.KeyValuePairProperty(name=name, value=value) for name, value in values.items()]


def _logs(founded: Founded, stream: str) -> ecs.CfnTaskDefinition.LogConfigurationProperty:
    return ecs.CfnTaskDefinition.LogConfigurationProperty(
        log_driver="awslogs",
        options={
            "awslogs-group": founded.log_group,
            "awslogs-region": Fn.ref("AWS::Region"),
            "awslogs-stream-prefix": stream,
            # CloudWatch being slow must not make a request wait; what does not fit the buffer is lost.
            "mode": "non-blocking",
            "max-buffer-size": "8m",
        },
    )


def _no_capabilities() -> ecs.CfnTaskDefinition.LinuxParametersProperty:
    return ecs.CfnTaskDefinition.LinuxParametersProperty(
        capabilities=ecs.CfnTaskDefinition.KernelCapabilitiesProperty(drop=["ALL"])
    )
