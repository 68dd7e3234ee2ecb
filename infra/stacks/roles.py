"""The two roles of a task, both within the boundary of the foundation."""

from aws_cdk import Fn, Stack
from aws_cdk import aws_iam as iam

from infra.stacks.inputs import Choices, Founded
from infra.stacks.permissions import Belongings, execution_statements, task_statements
from infra.stacks.policies import assumed_by, document


def add_roles(stack: Stack, choices: Choices, founded: Founded) -> dict[str, str]:
    """ARNs by what each is for: `execution` starts tasks, `task` is what the service runs with."""
    things = Belongings(
        founded.bucket,
        founded.prefix,
        founded.key_arn,
        founded.secrets,
        founded.repository,
        founded.log_group,
    )
    # Only tasks of this account: another account's ECS cannot be talked into using the role.
    here = {
        "StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")},
        "ArnLike": {"aws:SourceArn": Fn.sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*")},
    }
    statements = {"Execution": execution_statements(things), "Task": task_statements(things)}
    roles = {
        name: iam.CfnRole(
            stack,
            f"{name}Role",
            role_name=f"{choices.name}-{name.lower()}",
            assume_role_policy_document=assumed_by("ecs-tasks.amazonaws.com", here),
            permissions_boundary=founded.boundary_arn,
            policies=[iam.CfnRole.PolicyProperty(policy_name=name.lower(), policy_document=document(*allowed))],
        )
        for name, allowed in statements.items()
    }
    return {name.lower(): role.attr_arn for name, role in roles.items()}
