"""What the two roles of a deployment may do, action by action."""

from typing import Any

from aws_cdk import Fn

from infra.stacks.policies import allow


def deploy_statements(
    name: str, stack_name: str, stack_role_arn: str, topic_arn: str, key_arn: str
) -> list[dict[str, Any]]:
    """The workflow's role."""
    return [
        allow(["ecr:GetAuthorizationToken"], "*"),
        allow(
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:CompleteLayerUpload",
                "ecr:DescribeImages",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:PutImage",
                "ecr:UploadLayerPart",
            ],
            _arn("ecr", "repository/${Name}", name),
        ),
        allow(
            [
                "cloudformation:CreateChangeSet",
                "cloudformation:DeleteChangeSet",
                "cloudformation:DescribeChangeSet",
                "cloudformation:DescribeEvents",
                "cloudformation:DescribeStackEvents",
                "cloudformation:DescribeStackResources",
                "cloudformation:DescribeStacks",
                "cloudformation:ExecuteChangeSet",
                "cloudformation:GetTemplateSummary",
            ],
            _arn("cloudformation", "stack/${Name}/*", stack_name),
        ),
        allow(
            ["iam:PassRole"], stack_role_arn, {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
        ),
        # These describe; ELB and ECS know no resources for them, or only the caller's own cluster, which is a parameter
        # of the other stack.
        allow(["elasticloadbalancing:DescribeTargetHealth", "ecs:DescribeServices", "ecs:DescribeTasks"], "*"),
        allow(["ecs:RunTask"], _arn("ecs", "task-definition/${Name}-smoke:*", name)),
        allow(
            ["iam:PassRole"],
            _role(name, "execution"),
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        allow(["sns:Publish"], topic_arn),
        # The topic is encrypted: whoever publishes asks for a data key.
        allow(
            ["kms:GenerateDataKey", "kms:Decrypt"],
            key_arn,
            {"StringEquals": {"kms:ViaService": Fn.sub("sns.${AWS::Region}.amazonaws.com")}},
        ),
    ]


def stack_statements(name: str, boundary_arn: str) -> list[dict[str, Any]]:
    """CloudFormation's role for the service stack: names are the service's own wherever AWS lets them be told apart."""
    return [*_containers(name), *_roles(name, boundary_arn), *_routing(name), *_neighbourhood(name), *_watching(name)]


def _containers(name: str) -> list[dict[str, Any]]:
    return [
        # Task definitions are registered without a resource.
        allow(["ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition"], "*"),
        allow(
            ["ecs:CreateService", "ecs:UpdateService", "ecs:DeleteService", "ecs:DescribeServices", "ecs:TagResource"],
            [_arn("ecs", "service/*/${Name}", name), _arn("ecs", "task-definition/${Name}*:*", name)],
        ),
        allow(
            [
                "application-autoscaling:DeleteScalingPolicy",
                "application-autoscaling:DeregisterScalableTarget",
                "application-autoscaling:DescribeScalableTargets",
                "application-autoscaling:DescribeScalingPolicies",
                "application-autoscaling:ListTagsForResource",
                "application-autoscaling:PutScalingPolicy",
                "application-autoscaling:RegisterScalableTarget",
                "application-autoscaling:TagResource",
            ],
            "*",
            {"StringEqualsIfExists": {"application-autoscaling:service-namespace": "ecs"}},
        ),
        # ECS and its scaling have roles of their own that an account gets at their first use.
        allow(
            ["iam:CreateServiceLinkedRole"],
            Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/*"),
            {
                "StringEquals": {
                    "iam:AWSServiceName": ["ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com"]
                }
            },
        ),
    ]


def _roles(name: str, boundary_arn: str) -> list[dict[str, Any]]:
    own = [_role(name, "execution"), _role(name, "task")]
    within = {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}}
    return [
        allow(["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy"], own, within),
        allow(
            [
                "iam:DeleteRole",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListRolePolicies",
                "iam:TagRole",
                "iam:UpdateAssumeRolePolicy",
            ],
            own,
        ),
        allow(["iam:PassRole"], own, {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
    ]


def _routing(name: str) -> list[dict[str, Any]]:
    return [
        allow(
            [
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:CreateTargetGroup",
                "elasticloadbalancing:DeleteTargetGroup",
                "elasticloadbalancing:ModifyTargetGroup",
                "elasticloadbalancing:ModifyTargetGroupAttributes",
            ],
            _arn("elasticloadbalancing", "targetgroup/${Name}/*", name),
        ),
        # Rules have no names; the default action is the listener's and is not in this list.
        allow(
            [
                "elasticloadbalancing:CreateRule",
                "elasticloadbalancing:DeleteRule",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:SetRulePriorities",
            ],
            [
                _arn("elasticloadbalancing", "listener/app/*", name),
                _arn("elasticloadbalancing", "listener-rule/app/*", name),
            ],
        ),
    ]


def _neighbourhood(name: str) -> list[dict[str, Any]]:
    return [
        allow(
            [
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:CreateSecurityGroup",
                "ec2:CreateTags",
                "ec2:CreateVpcEndpoint",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteVpcEndpoints",
                "ec2:ModifyVpcEndpoint",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
            ],
            [
                _arn("ec2", f"{kind}/*", name)
                for kind in ("security-group", "security-group-rule", "vpc", "vpc-endpoint", "route-table")
            ],
        ),
        allow(
            [
                "servicediscovery:CreateService",
                "servicediscovery:DeleteService",
                "servicediscovery:GetService",
                "servicediscovery:ListTagsForResource",
                "servicediscovery:TagResource",
                "servicediscovery:UpdateService",
            ],
            [_arn("servicediscovery", "service/*", name), _arn("servicediscovery", "namespace/*", name)],
        ),
        # Cloud Map writes the record into the namespace's zone; what only describes knows no resources.
        allow(
            [
                "ec2:DescribePrefixLists",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcEndpoints",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTags",
                "elasticloadbalancing:DescribeTargetGroupAttributes",
                "elasticloadbalancing:DescribeTargetGroups",
                "servicediscovery:GetOperation",
            ],
            "*",
        ),
    ]


def _watching(name: str) -> list[dict[str, Any]]:
    return [
        allow(
            [
                "cloudwatch:DeleteAlarms",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
            ],
            _arn("cloudwatch", "alarm:${Name}-*", name),
        ),
        allow(["cloudwatch:DescribeAlarms"], "*"),
        allow(
            ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"],
            Fn.sub("arn:${AWS::Partition}:cloudwatch::${AWS::AccountId}:dashboard/${Name}", {"Name": name}),
        ),
        allow(
            [
                "events:DeleteRule",
                "events:DescribeRule",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:TagResource",
            ],
            _arn("events", "rule/${Name}-*", name),
        ),
    ]


def _arn(service: str, resource: str, name: str) -> str:
    """An ARN in this account and region; `resource` may hold `${Name}`."""
    whole = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
    return Fn.sub(whole, {"Name": name}) if "${Name}" in whole else Fn.sub(whole)


def _role(name: str, suffix: str) -> str:
    return Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${Name}-" + suffix, {"Name": name})
