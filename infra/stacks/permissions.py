"""What a running task may do, and what ECS may do to start one.

The service stack gives exactly this to its two roles. The foundation gives the same as a permissions boundary, without
which the deployment cannot make or change a role: so a deployment cannot give itself more than the service needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Fn

from infra.stacks.policies import allow


@dataclass(frozen=True, slots=True)
class Belongings:
    """What the service works with, by name. `key_arn` is an ARN; the rest are names, in this account and region."""

    bucket: str
    prefix: str
    key_arn: str
    secrets: Sequence[str]
    repository: str
    log_group: str


def task_statements(things: Belongings) -> list[dict[str, Any]]:
    """The task role: objects below the prefix, the named secrets, and the key for those two only."""
    bucket = Fn.join("", ["arn:", Fn.ref("AWS::Partition"), ":s3:::", things.bucket])
    secrets = [secret_arn(name) for name in things.secrets]
    return [
        allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], Fn.join("", [bucket, "/", things.prefix, "/*"])),
        # A missing object answers 403 without this; the service asks for one name at a time to tell the two apart.
        allow(["s3:ListBucket"], bucket, {"StringLike": {"s3:prefix": [Fn.join("", [things.prefix, "/*"])]}}),
        allow(["secretsmanager:GetSecretValue"], secrets),
        *_key_statements(things.key_arn, bucket),
    ]


def _key_statements(key_arn: str, bucket: str) -> list[dict[str, Any]]:
    """One statement for each way of using the key; each demands that way's encryption context."""
    return [
        # Data keys of sealed objects (core/storage/kms.py) are bound to the object's kind and name.
        allow(
            ["kms:GenerateDataKey", "kms:Decrypt"],
            key_arn,
            {
                "Null": {
                    "kms:EncryptionContext:gwmcp:kind": "false",
                    "kms:EncryptionContext:gwmcp:object": "false",
                }
            },
        ),
        # S3 encrypts with a bucket key, whose context is the bucket.
        allow(
            ["kms:GenerateDataKey", "kms:Decrypt"],
            key_arn,
            {
                "StringEquals": {
                    "kms:ViaService": Fn.sub("s3.${AWS::Region}.amazonaws.com"),
                    "kms:EncryptionContext:aws:s3:arn": bucket,
                }
            },
        ),
        allow(
            ["kms:Decrypt"],
            key_arn,
            {
                "StringEquals": {"kms:ViaService": Fn.sub("secretsmanager.${AWS::Region}.amazonaws.com")},
                "Null": {"kms:EncryptionContext:SecretARN": "false"},
            },
        ),
    ]


def execution_statements(things: Belongings) -> list[dict[str, Any]]:
    """The execution role: pull this image, write to this log group. It reads no secret."""
    repository = Fn.sub(
        "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/${Name}", {"Name": things.repository}
    )
    logs = Fn.sub(
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Name}:*", {"Name": things.log_group}
    )
    return [
        # GetAuthorizationToken knows no resources.
        allow(["ecr:GetAuthorizationToken"], "*"),
        allow(["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"], repository),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], logs),
    ]


def secret_arn(name: str) -> str:
    """The ARN of the secret of that name: Secrets Manager appends a dash and six characters of its own."""
    return Fn.sub(
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Name}-??????", {"Name": name}
    )
