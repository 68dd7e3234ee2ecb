"""What matters in the committed templates, read as the plain CloudFormation that gets deployed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from google_workspace_mcp.core.http.server import DRAIN_SECONDS, GRACEFUL_SECONDS
from google_workspace_mcp.core.settings import PREFIX, SECRET_SETTINGS, Settings

OUT: Final = Path(__file__).resolve().parents[2] / "infra" / "out"
NAMES: Final = ("foundation", "service")
FARGATE_STOP_MOST: Final = 120
# Each setting that holds a secret can be given as the name of one in Secrets Manager.
SECRETS_BY_NAME: Final = {f"{PREFIX}{name.upper()}_SECRET" for name in SECRET_SETTINGS}


def template(name: str) -> dict[str, Any]:
    return json.loads((OUT / f"{name}.template.json").read_text(encoding="utf-8"))


def resources(name: str, kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical id."""
    found = template(name)["Resources"].items()
    return {logical_id: resource["Properties"] for logical_id, resource in found if resource["Type"] == kind}


def only(name: str, kind: str) -> dict[str, Any]:
    (properties,) = resources(name, kind).values()
    return properties


def statements(name: str) -> Iterator[dict[str, Any]]:
    """Every statement of every policy, wherever it is."""

    def walk(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if "Effect" in value and "Action" in value:
                yield value
            for part in value.values():
                yield from walk(part)
        elif isinstance(value, list):
            for part in value:
                yield from walk(part)

    return walk(template(name)["Resources"])


def actions(statement: dict[str, Any]) -> list[str]:
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def container(logical_id: str = "TaskDefinition") -> dict[str, Any]:
    return resources("service", "AWS::ECS::TaskDefinition")[logical_id]["ContainerDefinitions"][0]


def environment() -> dict[str, Any]:
    return {pair["Name"]: pair["Value"] for pair in container()["Environment"]}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_allowed_by_a_wildcard_action(name: str):
    allowed = [action for one in statements(name) if one["Effect"] == "Allow" for action in actions(one)]
    assert allowed
    assert [action for action in allowed if "*" in action] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_policy_lets_everybody_in(name: str):
    open_to_all = [one for one in statements(name) if one.get("Principal") in ("*", {"AWS": "*"})]
    assert all(one["Effect"] == "Deny" for one in open_to_all)


@pytest.mark.parametrize("name", NAMES)
def test_the_templates_need_no_bootstrap_and_no_assets(name: str):
    text = (OUT / f"{name}.template.json").read_text(encoding="utf-8")
    assert "BootstrapVersion" not in text
    assert "cdk-hnb659fds" not in text
    # CloudFormation takes 51,200 bytes of template in a call.
    assert len(text.encode()) < 51_200


def test_the_bucket_is_private_versioned_and_encrypted_with_our_key():
    bucket = only("foundation", "AWS::S3::Bucket")
    by_default = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["VersioningConfiguration"]["Status"] == "Enabled"
    assert by_default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}


def test_the_bucket_refuses_plain_http():
    (statement,) = only("foundation", "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", ["s3:*"], {"AWS": "*"})
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_each_class_of_objects_ends_by_its_own_prefix_and_connections_never():
    rules = only("foundation", "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    days = {rule["Id"]: rule.get("ExpirationInDays") for rule in rules}
    assert days == {"transient": 1, "upload": 1, "session": 31, "client": 100, "quarantine": 180, "old-versions": None}
    prefixes = [rule["Prefix"]["Fn::Join"][1] for rule in rules if "Prefix" in rule]
    assert prefixes == [[{"Ref": "StorePrefix"}, f"/{life}/"] for life in days if life != "old-versions"]
    kept = {
        rule["Id"]: rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in rules
        if "NoncurrentVersionExpiration" in rule
    }
    assert kept == {"upload": 1, "old-versions": 30}


@pytest.mark.parametrize(
    "kind", ["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::ECR::Repository"]
)
def test_what_holds_data_outlives_the_stack(kind: str):
    for resource in template("foundation")["Resources"].values():
        if resource["Type"] == kind:
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_images_cannot_be_moved_are_scanned_and_the_last_ten_stay():
    repository = only("foundation", "AWS::ECR::Repository")
    (rule,) = json.loads(repository["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert repository["ImageTagMutability"] == "IMMUTABLE"
    assert repository["ImageScanningConfiguration"]["ScanOnPush"] is True
    assert (rule["selection"]["countType"], rule["selection"]["countNumber"]) == ("imageCountMoreThan", 10)


def test_the_deploy_role_trusts_one_environment_of_one_repository():
    role = resources("foundation", "AWS::IAM::Role")["DeployRole"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    trusted = statement["Condition"]["StringEquals"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trusted["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    subject = trusted["token.actions.githubusercontent.com:sub"]["Fn::Join"][1]
    assert subject == ["repo:", {"Ref": "GitHubRepository"}, ":environment:", {"Ref": "GitHubEnvironment"}]


def test_a_deployment_makes_roles_only_within_the_boundary():
    role = resources("foundation", "AWS::IAM::Role")["StackRole"]
    (policy,) = role["Policies"]
    making = [one for one in policy["PolicyDocument"]["Statement"] if "iam:PutRolePolicy" in actions(one)]
    assert [one["Condition"] for one in making] == [{"StringEquals": {"iam:PermissionsBoundary": {"Ref": "Boundary"}}}]
    bounds = [properties["PermissionsBoundary"] for properties in resources("service", "AWS::IAM::Role").values()]
    assert bounds == [{"Ref": "BoundaryArn"}] * 2


def test_every_secret_the_task_may_read_is_named():
    role = resources("service", "AWS::IAM::Role")["TaskRole"]
    (policy,) = role["Policies"]
    (reading,) = [
        one for one in policy["PolicyDocument"]["Statement"] if actions(one) == ["secretsmanager:GetSecretValue"]
    ]
    named = [resource["Fn::Sub"][1]["Name"]["Ref"] for resource in reading["Resource"]]
    assert named == ["GoogleSecretName", "KeysSecretName", "SigningKeysSecretName", "AgentsSecretName"]
    assert all(resource["Fn::Sub"][0].endswith(":secret:${Name}-??????") for resource in reading["Resource"])


def test_the_task_uses_the_key_only_with_an_encryption_context():
    role = resources("service", "AWS::IAM::Role")["TaskRole"]
    (policy,) = role["Policies"]
    using = [one for one in policy["PolicyDocument"]["Statement"] if actions(one)[0].startswith("kms:")]
    assert len(using) == 3
    assert all("kms:EncryptionContext:" in json.dumps(one["Condition"]) for one in using)


def test_the_task_ends_within_what_fargate_allows_and_not_before_it_has_drained():
    assert DRAIN_SECONDS + GRACEFUL_SECONDS < container()["StopTimeout"] <= FARGATE_STOP_MOST


@pytest.mark.security("L-8")
def test_a_name_that_lingers_leads_to_a_task_that_still_serves():
    (record,) = only("service", "AWS::ServiceDiscovery::Service")["DnsConfig"]["DnsRecords"]
    assert (record["Type"], record["TTL"]) == ("A", 10)
    assert record["TTL"] < DRAIN_SECONDS


@pytest.mark.security("L-8")
def test_the_load_balancer_lets_go_before_the_task_is_ended():
    target_group = only("service", "AWS::ElasticLoadBalancingV2::TargetGroup")
    attributes = {pair["Key"]: pair["Value"] for pair in target_group["TargetGroupAttributes"]}
    assert int(attributes["deregistration_delay.timeout_seconds"]) < container()["StopTimeout"]
    assert attributes["stickiness.enabled"] == "false"
    assert (target_group["HealthCheckPath"], target_group["HealthCheckIntervalSeconds"]) == ("/ready", 15)


@pytest.mark.parametrize("logical_id", ["TaskDefinition", "SmokeTaskDefinition"])
def test_containers_have_a_read_only_root_no_capabilities_and_logs_that_do_not_block(logical_id: str):
    one = container(logical_id)
    assert one["ReadonlyRootFilesystem"] is True
    assert one["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert one["LogConfiguration"]["Options"]["mode"] == "non-blocking"


def test_the_image_is_named_by_its_digest():
    image = container()["Image"]["Fn::Join"]
    assert image == ["", [{"Ref": "RepositoryUri"}, "@", {"Ref": "ImageDigest"}]]
    assert template("service")["Parameters"]["ImageDigest"]["AllowedPattern"] == "^sha256:[0-9a-f]{64}$"


def test_the_smoke_task_can_do_nothing_at_aws():
    assert "TaskRoleArn" not in resources("service", "AWS::ECS::TaskDefinition")["SmokeTaskDefinition"]


def test_the_container_is_given_settings_that_exist():
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    assert set(environment()) <= known


def test_every_secret_is_given_as_the_name_of_one():
    assert set(environment()) >= SECRETS_BY_NAME


def test_no_secret_is_in_the_environment_or_a_parameter():
    assert {"GWMCP_KEYS", "GWMCP_SIGNING_KEYS", "GWMCP_GOOGLE_CLIENT_SECRET", "GWMCP_AGENTS"}.isdisjoint(environment())
    assert "Secrets" not in container()


def test_only_the_load_balancers_networks_are_believed():
    assert environment()["GWMCP_FORWARDED_ALLOW_IPS"] == {"Ref": "LoadBalancerCidrs"}


def test_the_security_group_lets_in_two_groups_and_out_443_only():
    group = only("service", "AWS::EC2::SecurityGroup")
    sources = {rule["SourceSecurityGroupId"]["Ref"] for rule in group["SecurityGroupIngress"]}
    ports = {(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupIngress"]}
    assert sources == {"LoadBalancerSecurityGroupId", "CallerSecurityGroupId"}
    assert ports == {(8000, 8000)}
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupEgress"]] == [(443, 443)]


def test_the_listeners_default_action_is_not_touched():
    kinds = {resource["Type"] for resource in template("service")["Resources"].values()}
    assert "AWS::ElasticLoadBalancingV2::Listener" not in kinds
    assert len(resources("service", "AWS::ElasticLoadBalancingV2::ListenerRule")) == 2


def test_the_rules_are_for_this_host_with_the_prefix_and_the_three_places_of_discovery():
    rules = resources("service", "AWS::ElasticLoadBalancingV2::ListenerRule")
    for rule in rules.values():
        conditions = {one["Field"]: one for one in rule["Conditions"]}
        values = [
            value for one in rule["Conditions"] for value in next(v for k, v in one.items() if k != "Field")["Values"]
        ]
        assert conditions["host-header"]["HostHeaderConfig"]["Values"] == [{"Ref": "PublicHost"}]
        # More than five values in one rule the load balancer refuses.
        assert len(values) <= 5
    paths = rules["WellKnownRule"]["Conditions"][1]["PathPatternConfig"]["Values"]
    assert [path["Fn::Join"][1][0].rpartition("/")[2] for path in paths] == [
        "oauth-protected-resource",
        "oauth-authorization-server",
        "openid-configuration",
    ]


def test_two_to_six_tasks_by_processor_and_by_requests():
    target = only("service", "AWS::ApplicationAutoScaling::ScalableTarget")
    policies = resources("service", "AWS::ApplicationAutoScaling::ScalingPolicy").values()
    watched = {
        policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["PredefinedMetricType"]
        for policy in policies
    }
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 6)
    assert watched == {"ECSServiceAverageCPUUtilization", "ALBRequestCountPerTarget"}


def test_a_deployment_never_has_fewer_tasks_than_before():
    rolling = only("service", "AWS::ECS::Service")["DeploymentConfiguration"]
    assert (rolling["MinimumHealthyPercent"], rolling["MaximumPercent"]) == (100, 200)


def test_the_alarms_that_turn_a_deployment_back_exist():
    rolling = only("service", "AWS::ECS::Service")["DeploymentConfiguration"]
    alarms = [alarm["AlarmName"] for alarm in resources("service", "AWS::CloudWatch::Alarm").values()]
    assert all(name in alarms for name in rolling["Alarms"]["AlarmNames"])
    assert len(rolling["Alarms"]["AlarmNames"]) == 2


def test_every_alarm_tells_the_topic_and_no_data_means_trouble_only_without_tasks():
    alarms = resources("service", "AWS::CloudWatch::Alarm")
    assert all(alarm["AlarmActions"] == [{"Ref": "TopicArn"}] for alarm in alarms.values())
    breaching = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert breaching == {"NoHealthyTaskAlarm"}


def test_the_deploy_script_finds_what_the_foundation_gives_under_the_same_names():
    given = set(template("foundation")["Outputs"])
    wanted = template("service")["Parameters"]
    assert {
        "RepositoryUri",
        "RepositoryName",
        "BucketName",
        "StorePrefix",
        "KeyArn",
        "LogGroupName",
        "TopicArn",
        "BoundaryArn",
        "GoogleSecretName",
        "KeysSecretName",
        "SigningKeysSecretName",
        "AgentsSecretName",
    } == given & set(wanted)
