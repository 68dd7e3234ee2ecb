"""The KMS key under which the store, the secrets and the alarm topic lie.

Who may use it is decided by IAM policies in this account, as for a key with AWS's own default policy, but the actions
are listed one by one. Two services of AWS publish to the encrypted topic and need the key for that alone.
"""

from aws_cdk import CfnDeletionPolicy, Fn, Stack
from aws_cdk import aws_kms as kms

from infra.stacks.policies import document, grant

_ADMINISTER = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
_USE = (
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
_PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey")


def add_key(stack: Stack, name: str) -> kms.CfnKey:
    """A symmetric key that AWS rotates every year; old material goes on opening what it sealed."""
    account = {"AWS": Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")}
    here = {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}}
    key = kms.CfnKey(
        stack,
        "Key",
        description=f"{name}: what people's grants, the service's secrets and its alarms are encrypted with",
        enable_key_rotation=True,
        pending_window_in_days=30,
        key_policy=document(
            grant(account, [*_ADMINISTER, *_USE], "*"),
            grant({"Service": "cloudwatch.amazonaws.com"}, _PUBLISH, "*", here),
            # EventBridge sends no source account when it publishes to a topic.
            grant({"Service": "events.amazonaws.com"}, _PUBLISH, "*"),
        ),
    )
    key.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
    key.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
    kms.CfnAlias(stack, "KeyAlias", alias_name=f"alias/{name}", target_key_id=key.ref)
    return key
