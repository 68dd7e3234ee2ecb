"""What outlives every version of the service: images, key, bucket, log, secrets, topic, and who may deploy."""

from aws_cdk import BootstraplessSynthesizer, CfnCondition, CfnDeletionPolicy, Fn, Stack
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.parameters import NAME, output, parameter
from infra.stacks.bucket import add_bucket
from infra.stacks.deploy_role import Deployer, add_deploy_roles
from infra.stacks.key import add_key
from infra.stacks.permissions import Belongings
from infra.stacks.registry import add_registry
from infra.stacks.secrets import SecretNames, add_secrets
from infra.stacks.topic import add_topic

_SECRETS_NAME = "[A-Za-z0-9/_+=.@-]{1,200}"
LOG_DAYS = 30


class FoundationStack(Stack):
    """Deployed once by an administrator; everything that holds data is retained when the stack is deleted."""

    def __init__(self, scope: Construct) -> None:
        super().__init__(
            scope,
            "foundation",
            synthesizer=BootstraplessSynthesizer(),
            description="Google Workspace MCP: registry, key, bucket, log, secrets, alarm topic, deploy role",
        )
        self._name = parameter(
            self,
            "Name",
            "Name of the service; most names here begin with it",
            default="google-workspace-mcp",
            pattern=NAME,
        ).value_as_string
        self._prefix = parameter(
            self,
            "StorePrefix",
            "Prefix of the store in the bucket",
            default="store",
            pattern="[a-z0-9][a-z0-9/-]{0,60}",
        ).value_as_string
        key = add_key(self, self._name)
        bucket = add_bucket(self, self._bucket_name(), self._prefix, key.attr_arn)
        registry = add_registry(self, self._name)
        log = self._log_group()
        secrets = self._secret_names()
        add_secrets(self, secrets, key.attr_arn)
        topic = add_topic(self, self._name, self._email(), key.attr_arn)
        things = Belongings(bucket.ref, self._prefix, key.attr_arn, secrets, self._name, log)
        roles = add_deploy_roles(self, self._deployer(), things, topic.ref)
        self._outputs(
            {
                "RepositoryUri": ("Where images are pushed", registry.attr_repository_uri),
                "RepositoryName": ("The same, by name", registry.ref),
                "BucketName": ("The bucket of the store", bucket.ref),
                "KeyArn": ("The KMS key", key.attr_arn),
                "LogGroupName": ("Where tasks log", log),
                "TopicArn": ("Where alarms and deployments tell", topic.ref),
                "BoundaryArn": ("Permissions boundary of the service's roles", roles.boundary),
                "StackRoleArn": ("CloudFormation's role for the service stack", roles.stack),
                "DeployRoleArn": ("The role of the deploy workflow", roles.deploy),
                "StorePrefix": ("Prefix of the store in the bucket", self._prefix),
                "GoogleSecretName": ("Google OAuth client", secrets.google),
                "KeysSecretName": ("Keys that seal", secrets.keys),
                "SigningKeysSecretName": ("Keys that sign", secrets.signing_keys),
                "AgentsSecretName": ("Trusted issuers of service tokens", secrets.agents),
            }
        )

    def _bucket_name(self) -> str:
        given = parameter(
            self,
            "BucketName",
            "Name of the bucket; empty lets CloudFormation choose one",
            default="",
            pattern="([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?",
        ).value_as_string
        CfnCondition(self, "NamesBucket", expression=Fn.condition_not(Fn.condition_equals(given, "")))
        return Fn.condition_if("NamesBucket", given, Fn.ref("AWS::NoValue")).to_string()

    def _log_group(self) -> str:
        group = logs.CfnLogGroup(
            self, "LogGroup", log_group_name=Fn.join("", ["/ecs/", self._name]), retention_in_days=LOG_DAYS
        )
        group.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
        group.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
        return group.ref

    def _secret_names(self) -> SecretNames:
        return SecretNames(
            self._secret("GoogleSecretName", "google-client", "Google OAuth client"),
            self._secret("KeysSecretName", "keys", "keys that seal what is stored"),
            self._secret("SigningKeysSecretName", "signing-keys", "keys that sign tokens"),
            self._secret("AgentsSecretName", "agents", "trusted issuers of service tokens"),
        )

    def _secret(self, logical_id: str, ending: str, what: str) -> str:
        return parameter(
            self,
            logical_id,
            f"Name of the secret: {what}",
            default=f"google-workspace-mcp/{ending}",
            pattern=_SECRETS_NAME,
        ).value_as_string

    def _email(self) -> str:
        return parameter(
            self, "AlarmEmail", "An address that alarms are mailed to; empty for none", default=""
        ).value_as_string

    def _deployer(self) -> Deployer:
        stack_name = parameter(
            self,
            "ServiceStackName",
            "Name of the service stack",
            default="google-workspace-mcp",
            pattern="[A-Za-z][A-Za-z0-9-]*",
        )
        repository = parameter(
            self, "GitHubRepository", "Who may deploy: owner/name at GitHub", pattern="[A-Za-z0-9-]+/[A-Za-z0-9._-]+"
        )
        environment = parameter(
            self,
            "GitHubEnvironment",
            "The protected environment that deploys",
            default="production",
            pattern="[A-Za-z0-9_-]+",
        )
        provider = parameter(
            self, "OidcProviderArn", "GitHub's OIDC provider, when the account has one; empty makes it", default=""
        )
        return Deployer(
            self._name,
            stack_name.value_as_string,
            repository.value_as_string,
            environment.value_as_string,
            provider.value_as_string,
        )

    def _outputs(self, values: dict[str, tuple[str, str]]) -> None:
        for name, (description, value) in values.items():
            output(self, name, description, value)
