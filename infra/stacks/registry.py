"""Where images lie: tags cannot be moved, what is pushed is scanned, the last ten stay."""

import json

from aws_cdk import CfnDeletionPolicy, Stack
from aws_cdk import aws_ecr as ecr

IMAGES_KEPT = 10


def add_registry(stack: Stack, name: str) -> ecr.CfnRepository:
    """The repository that deployments push to and tasks pull from."""
    keep = {
        "rulePriority": 1,
        "description": f"the last {IMAGES_KEPT}, for rollbacks",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": IMAGES_KEPT},
        "action": {"type": "expire"},
    }
    repository = ecr.CfnRepository(
        stack,
        "Repository",
        repository_name=name,
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration=ecr.CfnRepository.ImageScanningConfigurationProperty(scan_on_push=True),
        encryption_configuration=ecr.CfnRepository.EncryptionConfigurationProperty(encryption_type="AES256"),
        lifecycle_policy=ecr.CfnRepository.LifecyclePolicyProperty(lifecycle_policy_text=json.dumps({"rules": [keep]})),
    )
    repository.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
    repository.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
    return repository
