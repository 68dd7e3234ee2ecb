"""The parameters of the service stack: what exists already, and what an operator chooses."""

from dataclasses import dataclass
from typing import Self

from aws_cdk import Stack

from infra.parameters import NAME, number, parameter
from infra.stacks.secrets import SecretNames

_ARN = "arn:[a-z-]+:"
_SECRETS_NAME = "[A-Za-z0-9/_+=.@-]{1,200}"


@dataclass(frozen=True, slots=True)
class Existing:
    """The network that is there: its VPC, cluster, listener and namespace belong to somebody else."""

    vpc: str
    subnets: list[str]
    cluster: str
    listener_arn: str
    balancer_group: str
    balancer_networks: str
    callers_group: str
    namespace_id: str
    namespace_name: str

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Declares them in `stack`."""
        group = "AWS::EC2::SecurityGroup::Id"
        return cls(
            vpc=parameter(stack, "VpcId", "The VPC", kind="AWS::EC2::VPC::Id").value_as_string,
            subnets=parameter(
                stack,
                "SubnetIds",
                "Subnets for tasks in at least two zones, with a way out to the internet on port 443",
                kind="List<AWS::EC2::Subnet::Id>",
            ).value_as_list,
            cluster=parameter(stack, "ClusterName", "The ECS cluster").value_as_string,
            listener_arn=parameter(
                stack,
                "ListenerArn",
                "The load balancer's HTTPS listener; its default action should be a fixed 404",
                pattern=_ARN + "elasticloadbalancing:.+:listener/app/.+",
            ).value_as_string,
            balancer_group=parameter(
                stack, "LoadBalancerSecurityGroupId", "The load balancer's security group", kind=group
            ).value_as_string,
            balancer_networks=parameter(
                stack,
                "LoadBalancerCidrs",
                "Networks of the load balancer's subnets, with commas: only their X-Forwarded-* headers are believed",
                pattern=r"[0-9./,]+",
            ).value_as_string,
            callers_group=parameter(
                stack, "CallerSecurityGroupId", "Security group of the programs that call by Cloud Map name", kind=group
            ).value_as_string,
            namespace_id=parameter(
                stack, "NamespaceId", "The private DNS namespace of Cloud Map", pattern="ns-[a-z0-9]+"
            ).value_as_string,
            namespace_name=parameter(
                stack, "NamespaceName", "Its name, such as internal.local", pattern="[a-z0-9.-]+"
            ).value_as_string,
        )


@dataclass(frozen=True, slots=True)
class Founded:
    """Outputs of the foundation stack, under the same names."""

    repository_uri: str
    repository: str
    bucket: str
    prefix: str
    key_arn: str
    log_group: str
    topic_arn: str
    boundary_arn: str
    secrets: SecretNames

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Declares them in `stack`."""

        def text(name: str, description: str, pattern: str | None = None) -> str:
            return parameter(stack, name, description, pattern=pattern).value_as_string

        return cls(
            repository_uri=text("RepositoryUri", "Where the image lies"),
            repository=text("RepositoryName", "The same, by name"),
            bucket=text("BucketName", "The bucket of the store"),
            prefix=text("StorePrefix", "Prefix of the store in the bucket", "[a-z0-9][a-z0-9/-]{0,60}"),
            key_arn=text("KeyArn", "The KMS key", _ARN + "kms:.+:key/.+"),
            log_group=text("LogGroupName", "Where tasks log"),
            topic_arn=text("TopicArn", "Where alarms tell", _ARN + "sns:.+"),
            boundary_arn=text("BoundaryArn", "Permissions boundary of both roles", _ARN + "iam::.+:policy/.+"),
            secrets=SecretNames(
                google=text("GoogleSecretName", "Secret: Google OAuth client", _SECRETS_NAME),
                keys=text("KeysSecretName", "Secret: keys that seal", _SECRETS_NAME),
                signing_keys=text("SigningKeysSecretName", "Secret: keys that sign", _SECRETS_NAME),
                agents=text("AgentsSecretName", "Secret: trusted issuers of service tokens", _SECRETS_NAME),
            ),
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What an operator chooses. `digest` is the version that runs."""

    name: str
    digest: str
    host: str
    prefix: str
    discovery_name: str
    priority: float
    well_known_priority: float
    public_ip: str
    allowed_domains: str
    tier: str
    read_only: str

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Declares them in `stack`."""
        return cls(
            name=parameter(
                stack, "Name", "Name of the service, as in the foundation", default="google-workspace-mcp", pattern=NAME
            ).value_as_string,
            digest=parameter(
                stack, "ImageDigest", "The image to run; an older one is a rollback", pattern="sha256:[0-9a-f]{64}"
            ).value_as_string,
            host=parameter(
                stack, "PublicHost", "Host name under which the load balancer is reached", pattern="[a-z0-9.-]+"
            ).value_as_string,
            prefix=parameter(
                stack,
                "PathPrefix",
                "Path prefix; the load balancer forwards it unstripped",
                default="/google-workspace",
                pattern="(/[A-Za-z0-9._~-]+)+",
            ).value_as_string,
            discovery_name=parameter(
                stack, "DiscoveryName", "Name in the namespace", default="google-workspace-mcp", pattern=NAME
            ).value_as_string,
            priority=number(
                stack, "RulePriority", "Priority of the rule for the prefix", default=100, least=1, most=50000
            ).value_as_number,
            well_known_priority=number(
                stack, "WellKnownRulePriority", "Priority of the rule for discovery", default=101, least=1, most=50000
            ).value_as_number,
            public_ip=parameter(
                stack,
                "AssignPublicIp",
                "ENABLED only in public subnets without a NAT gateway",
                default="DISABLED",
                choices=["DISABLED", "ENABLED"],
            ).value_as_string,
            allowed_domains=parameter(
                stack, "AllowedDomains", "GWMCP_ALLOWED_DOMAINS: who may sign in; empty for everyone", default=""
            ).value_as_string,
            tier=parameter(
                stack, "Tier", "GWMCP_TIER: how many tools", default="extended", choices=["core", "extended", "full"]
            ).value_as_string,
            read_only=parameter(
                stack, "ReadOnly", "GWMCP_READ_ONLY", default="false", choices=["true", "false"]
            ).value_as_string,
        )
