"""Where alarms and deployments tell what happened."""

from aws_cdk import CfnCondition, Fn, Stack
from aws_cdk import aws_sns as sns

from infra.stacks.policies import document, grant, refuse_plain_http


def add_topic(stack: Stack, name: str, email: str, key_arn: str) -> sns.CfnTopic:
    """An encrypted topic, with a subscription when an address is given."""
    topic = sns.CfnTopic(stack, "Topic", topic_name=f"{name}-alarms", kms_master_key_id=key_arn)
    here = {"StringEquals": {"aws:SourceAccount": Fn.ref("AWS::AccountId")}}
    sns.CfnTopicPolicy(
        stack,
        "TopicPolicy",
        topics=[topic.ref],
        policy_document=document(
            grant({"Service": "cloudwatch.amazonaws.com"}, ["sns:Publish"], topic.ref, here),
            # EventBridge does not work with conditions in a topic's policy.
            grant({"Service": "events.amazonaws.com"}, ["sns:Publish"], topic.ref),
            refuse_plain_http(["sns:Publish"], [topic.ref]),
        ),
    )
    given = CfnCondition(stack, "HasEmail", expression=Fn.condition_not(Fn.condition_equals(email, "")))
    subscription = sns.CfnSubscription(stack, "TopicEmail", topic_arn=topic.ref, protocol="email", endpoint=email)
    subscription.cfn_options.condition = given
    return topic
