"""Tells the topic how a deployment went.

python -m infra.scripts.notify --stack google-workspace-mcp --subject "deployed" --message "sha256:… runs"
"""

import argparse
import sys

from infra.scripts.command import client, run, say
from infra.scripts.stacks import ServiceStack

_SUBJECT_MOST = 100  # SNS refuses more


def main() -> int:
    """0: published."""
    parser = argparse.ArgumentParser(description="Publish to the alarm topic.")
    parser.add_argument("--stack", required=True, help="stack with the output TopicArn")
    parser.add_argument("--subject", required=True)
    parser.add_argument("--message", required=True)
    options = parser.parse_args()
    return run(lambda: _notify(options))


def _notify(options: argparse.Namespace) -> None:
    topic = ServiceStack(client("cloudformation"), options.stack, say).outputs()["TopicArn"]
    # A subject is one line of printable characters.
    subject = " ".join(options.subject.split())[:_SUBJECT_MOST]
    client("sns").publish(TopicArn=topic, Subject=subject, Message=options.message)


if __name__ == "__main__":
    sys.exit(main())
