"""cdk-nag's AWS Solutions rules over both stacks; what is not followed has its reason here."""

import json
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Acknowledgment, App, Stack, Validations
from cdk_nag import AwsSolutionsChecks

REPORT = "validation-report.json"
_OBJECTS = "the store reads and writes any object below its prefix"
_STREAMS = "each task makes a log stream of its own"
_NO_RESOURCES = "the login to ECR and actions that only describe know no resources"
_MADE_BY_AWS = "ids are made by AWS when CloudFormation, which alone assumes the role, creates them"
_SERVICE_LINKED = "AWS names these roles; the condition allows two services"
_VERSIONS = "AWS appends a number or an id for every version"
_NOT_ROTATED_BY_AWS = {
    "AwsSolutions-SMG4": "rotated by hand: Google and signed tokens need the old value beside the new one for a while"
}
_NAME_ONLY = {"CloudFormation-Validate::W2509": "these parameters are names of secrets, not their content"}


def _wild(resource: str) -> str:
    """How cdk-nag calls one wildcard."""
    return f"AwsSolutions-IAM5[Resource::{resource}]"


def _named(service: str, rest: str, reference: str = "Name") -> str:
    """The same for an ARN that is substituted, with `${Name}` in it."""
    arn = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"
    return _wild(json.dumps([arn, {"Name": {"Ref": reference}}], separators=(",", ":")))


def _any(service: str, rest: str) -> str:
    """The same for an ARN without a name in it."""
    return _wild(f"arn:<AWS::Partition>:{service}:<AWS::Region>:<AWS::AccountId>:{rest}")


# By construct: the finding, and why the rule is not followed there. None of these wildcards is an action.
REASONS: dict[str, dict[str, str]] = {
    "foundation": _NAME_ONLY,
    "foundation/Bucket": {
        "AwsSolutions-S1": "object names are hashes; CloudTrail's data events tell who read what and can be switched on"
    },
    "foundation/GoogleSecret": _NOT_ROTATED_BY_AWS,
    "foundation/KeysSecret": _NOT_ROTATED_BY_AWS,
    "foundation/SigningKeysSecret": _NOT_ROTATED_BY_AWS,
    "foundation/AgentsSecret": _NOT_ROTATED_BY_AWS,
    "foundation/Boundary": {
        _wild("arn:<AWS::Partition>:s3:::<Bucket>/<StorePrefix>/*"): _OBJECTS,
        _wild("*"): _NO_RESOURCES,
        _named("logs", "log-group:${Name}:*", "LogGroup"): _STREAMS,
    },
    "foundation/StackRole": {
        _wild("*"): _NO_RESOURCES,
        _named("ecs", "service/*/${Name}"): "the cluster is a parameter of the other stack",
        _named("ecs", "task-definition/${Name}*:*"): _VERSIONS,
        _wild("arn:<AWS::Partition>:iam::<AWS::AccountId>:role/aws-service-role/*"): _SERVICE_LINKED,
        _named("elasticloadbalancing", "targetgroup/${Name}/*"): _VERSIONS,
        _any("elasticloadbalancing", "listener/app/*"): "the listener is a parameter of the other stack",
        _any("elasticloadbalancing", "listener-rule/app/*"): _MADE_BY_AWS,
        _named("cloudwatch", "alarm:${Name}-*"): "alarms begin with the service's name",
        _named("events", "rule/${Name}-*"): "rules begin with the service's name",
        **{
            _any("ec2", f"{kind}/*"): _MADE_BY_AWS
            for kind in ("security-group", "security-group-rule", "vpc", "vpc-endpoint", "route-table")
        },
        **{_any("servicediscovery", f"{kind}/*"): _MADE_BY_AWS for kind in ("service", "namespace")},
    },
    "foundation/DeployRole": {
        _wild("*"): _NO_RESOURCES,
        _named("cloudformation", "stack/${Name}/*", "ServiceStackName"): _VERSIONS,
        _named("ecs", "task-definition/${Name}-smoke:*"): _VERSIONS,
    },
    "service": _NAME_ONLY,
    "service/ExecutionRole": {
        _wild("*"): _NO_RESOURCES,
        _named("logs", "log-group:${Name}:*", "LogGroupName"): _STREAMS,
    },
    "service/TaskRole": {_wild("arn:<AWS::Partition>:s3:::<BucketName>/<StorePrefix>/*"): _OBJECTS},
    "service/TaskDefinition": {
        "AwsSolutions-ECS2": "plain settings; of secrets there are only the names, which the service reads by itself"
    },
}


def add_nag(app: App, stacks: Sequence[Stack]) -> None:
    """Has the rules checked at synthesis, and the reasons known to them."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    constructs = {construct.node.path: construct for stack in stacks for construct in stack.node.find_all()}
    for path, rules in REASONS.items():
        for rule, reason in rules.items():
            Validations.of(constructs[path]).acknowledge(Acknowledgment(id=rule, reason=reason))


def objections(scratch: Path) -> list[str]:
    """What is left after the reasons, a line each; read from the report that synthesis wrote."""
    report = json.loads((scratch / REPORT).read_text(encoding="utf-8"))
    return [
        f"{construct['constructPath']}: {violation['ruleName']}: {violation['description']}"
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
