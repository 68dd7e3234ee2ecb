"""The three secrets, each named by a parameter.

CloudFormation fills them with random words that the service refuses to start with. `python -m infra.scripts.secrets`
puts the real values in, which so never lie in a template, a parameter or a log. A later deployment does not touch them.
"""

from dataclasses import dataclass

from aws_cdk import CfnDeletionPolicy, Stack
from aws_cdk import aws_secretsmanager as secretsmanager


@dataclass(frozen=True, slots=True)
class Secrets:
    """The ARNs of the secrets."""

    google: str
    keys: str
    signing_keys: str


def add_secrets(stack: Stack, google: str, keys: str, signing_keys: str, key_arn: str) -> Secrets:
    """Google's OAuth client (JSON with client_id and client_secret), the keys that seal, the keys that sign."""
    return Secrets(
        google=_secret(
            stack, "GoogleSecret", google, key_arn, "Google OAuth client, as JSON: client_id, client_secret"
        ),
        keys=_secret(stack, "KeysSecret", keys, key_arn, "GWMCP_KEYS: id:base64 of 32 bytes, the first one writes"),
        signing_keys=_secret(stack, "SigningKeysSecret", signing_keys, key_arn, "GWMCP_SIGNING_KEYS, same form"),
    )


def _secret(stack: Stack, logical_id: str, name: str, key_arn: str, description: str) -> str:
    secret = secretsmanager.CfnSecret(
        stack,
        logical_id,
        name=name,
        description=description,
        kms_key_id=key_arn,
        generate_secret_string=secretsmanager.CfnSecret.GenerateSecretStringProperty(
            password_length=32, exclude_punctuation=True
        ),
    )
    secret.cfn_options.deletion_policy = CfnDeletionPolicy.RETAIN
    secret.cfn_options.update_replace_policy = CfnDeletionPolicy.RETAIN
    return secret.ref
