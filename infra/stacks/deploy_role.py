"""Who deploys: one GitHub environment of one repository, by OpenID Connect, without a stored key.

The role can push an image, change the one service stack through CloudFormation, watch the outcome, start the smoke task
and publish to the topic. What the stack is made of is changed by a second role, which only CloudFormation can assume.
"""

from dataclasses import dataclass

from aws_cdk import CfnCondition, Fn, Stack
from aws_cdk import aws_iam as iam

from infra.stacks.deploy_statements import deploy_statements, stack_statements
from infra.stacks.permissions import Belongings, execution_statements, task_statements
from infra.stacks.policies import assumed_by, document

ISSUER = "token.actions.githubusercontent.com"


@dataclass(frozen=True, slots=True)
class Deployer:
    """`repository` is `owner/name` at GitHub. `provider_arn` "" has the account's OIDC provider made here."""

    name: str
    stack_name: str
    repository: str
    environment: str
    provider_arn: str


@dataclass(frozen=True, slots=True)
class DeployRoles:
    """ARNs of the role for the workflow, of the one for CloudFormation, and of the boundary of the service's roles."""

    deploy: str
    stack: str
    boundary: str


def add_deploy_roles(stack: Stack, deployer: Deployer, things: Belongings, topic_arn: str) -> DeployRoles:
    """The roles that a deployment runs with."""
    boundary = iam.CfnManagedPolicy(
        stack,
        "Boundary",
        managed_policy_name=f"{deployer.name}-boundary",
        description="The most that a role of the service stack can be given",
        policy_document=document(*task_statements(things), *execution_statements(things)),
    )
    changes = iam.CfnRole(
        stack,
        "StackRole",
        role_name=f"{deployer.name}-cloudformation",
        description="Changes the service stack; only CloudFormation can assume it",
        assume_role_policy_document=assumed_by("cloudformation.amazonaws.com"),
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="service-stack",
                policy_document=document(*stack_statements(deployer.name, boundary.ref)),
            )
        ],
    )
    deploys = iam.CfnRole(
        stack,
        "DeployRole",
        role_name=f"{deployer.name}-deploy",
        description="Assumed by the deploy workflow through GitHub's OIDC provider",
        assume_role_policy_document=_trusting(stack, deployer),
        max_session_duration=3600,
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="deploy",
                policy_document=document(
                    *deploy_statements(deployer.name, deployer.stack_name, changes.attr_arn, topic_arn, things.key_arn)
                ),
            )
        ],
    )
    return DeployRoles(deploys.attr_arn, changes.attr_arn, boundary.ref)


def _trusting(stack: Stack, deployer: Deployer) -> dict[str, object]:
    provider = _provider(stack, deployer.provider_arn)
    subject = Fn.join("", ["repo:", deployer.repository, ":environment:", deployer.environment])
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": subject}},
        }
    )


def _provider(stack: Stack, given_arn: str) -> str:
    missing = CfnCondition(stack, "MakesOidcProvider", expression=Fn.condition_equals(given_arn, ""))
    provider = iam.CfnOIDCProvider(stack, "OidcProvider", url=f"https://{ISSUER}", client_id_list=["sts.amazonaws.com"])
    provider.cfn_options.condition = missing
    return Fn.condition_if("MakesOidcProvider", provider.ref, given_arn).to_string()
