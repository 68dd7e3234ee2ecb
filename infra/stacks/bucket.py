"""The bucket in which the store lies: versioned, private, reached by TLS only, encrypted with our key.

The first part of an object's name below the store's prefix is the class of its life (`core/storage/lives.py`). The
rules here end what nobody touched for so long; connections have no rule and live until the person disconnects. What was
overwritten or deleted can be restored for thirty days.
"""

from typing import Final

from aws_cdk import CfnDeletionPolicy, Fn, Stack
from aws_cdk import aws_s3 as s3

from infra.stacks.policies import document, refuse_plain_http

# A margin over what the service itself holds: a rule works by days, and must never be the first to end something.
DAYS: Final = {"transient": 1, "upload": 1, "session": 31, "client": 100, "quarantine": 180}
NONCURRENT_DAYS: Final = 30
# Files that people sent, up to 1 GiB each: deleted is to mean gone.
NONCURRENT_UPLOAD_DAYS: Final = 1


def add_bucket(stack: Stack, name: str, prefix: str, key_arn: str) -> s3.CfnBucket:
    """The bucket and its policy. `name` "" lets CloudFormation choose one."""
    bucket = s3.CfnBucket(
        stack,
        "Bucket",
        bucket_name=name,
        versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
        ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
            rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
        ),
        public_access_block_configuration=s3.CfnBucket.PublicAccessBlockConfigurationProperty(
            block_public_acls=True, block_public_policy=True, ignore_public_acls=True, restrict_public_buckets=True
        ),
        bucket_encryption=_encryption(key_arn),
        lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
            rules=[*(_expiring(prefix, life, days) for life, days in DAYS.items()), _tidying()]
        ),
    )
    bucket.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
    bucket.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
    everything = [bucket.attr_arn, Fn.join("", [bucket.attr_arn, "/*"])]
    s3.CfnBucketPolicy(
        stack,
        "BucketPolicy",
        bucket=bucket.ref,
        # The one wildcard action of these templates: it refuses.
        policy_document=document(refuse_plain_http(["s3:*"], everything)),
    )
    return bucket


def _encryption(key_arn: str) -> s3.CfnBucket.BucketEncryptionProperty:
    by_default = s3.CfnBucket.ServerSideEncryptionByDefaultProperty(sse_algorithm="aws:kms", kms_master_key_id=key_arn)
    rule = s3.CfnBucket.ServerSideEncryptionRuleProperty(
        bucket_key_enabled=True, server_side_encryption_by_default=by_default
    )
    return s3.CfnBucket.BucketEncryptionProperty(server_side_encryption_configuration=[rule])


def _expiring(prefix: str, life: str, days: int) -> s3.CfnBucket.RuleProperty:
    kept = s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=NONCURRENT_UPLOAD_DAYS)
    return s3.CfnBucket.RuleProperty(
        id=life,
        status="Enabled",
        prefix=Fn.join("", [prefix, f"/{life}/"]),
        expiration_in_days=days,
        noncurrent_version_expiration=kept if life == "upload" else None,
    )


def _tidying() -> s3.CfnBucket.RuleProperty:
    return s3.CfnBucket.RuleProperty(
        id="old-versions",
        status="Enabled",
        expired_object_delete_marker=True,
        noncurrent_version_expiration=s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=NONCURRENT_DAYS),
        abort_incomplete_multipart_upload=s3.CfnBucket.AbortIncompleteMultipartUploadProperty(days_after_initiation=1),
    )
