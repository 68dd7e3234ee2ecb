"""The four secrets, each named by a parameter.

CloudFormation fills them with random words that the service refuses to start with. `python -m infra.scripts.secrets`
puts the real values in, which so never lie in a template, a parameter or a log. A later deployment does not touch them.
"""

from typing import NamedTuple

from aws_cdk import CfnDeletionPolicy, Stack
from aws_cdk import aws_secretsmanager as secretsmanager


class SecretNames(NamedTuple):
    """What the secrets are called."""

    google: str
    keys: str
    signing_keys: str
    agents: str


def add_secrets(stack: Stack, names: SecretNames, key_arn: str) -> None:
    """Makes them. The trusted agents are one of them, for an issuer's shared key may stand in the list."""
    for logical_id, name, description in (
        ("GoogleSecret", names.google, "Google OAuth client, as JSON: client_id, client_secret"),
        ("KeysSecret", names.keys, "GWMCP_KEYS: id:base64 of 32 bytes, the first one writes"),
        ("SigningKeysSecret", names.signing_keys, "GWMCP_SIGNING_KEYS, same form"),
        ("AgentsSecret", names.agents, "GWMCP_AGENTS: JSON list of trusted issuers"),
    ):
        _add_secret(stack, logical_id, name, key_arn, description)


def _add_secret(stack: Stack, logical_id: str, name: str, key_arn: str, description: str) -> None:
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
