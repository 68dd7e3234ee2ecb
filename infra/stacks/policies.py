"""Policy documents as plain data: every statement names its actions and its resources."""

from collections.abc import Mapping, Sequence
from typing import Any


def allow(
    actions: Sequence[str], resources: str | Sequence[str], conditions: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A statement of an identity policy."""
    return _statement("Allow", actions, resources, conditions)


def grant(
    principal: Mapping[str, Any],
    actions: Sequence[str],
    resources: str | Sequence[str],
    conditions: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A statement of a resource policy."""
    return {**_statement("Allow", actions, resources, conditions), "Principal": dict(principal)}


def refuse_plain_http(actions: Sequence[str], resources: Sequence[str]) -> dict[str, Any]:
    """Everyone is refused, with every permission, unless the request came by TLS."""
    conditions = {"Bool": {"aws:SecureTransport": "false"}}
    return {**_statement("Deny", actions, resources, conditions), "Principal": {"AWS": "*"}}


def assumed_by(service: str, conditions: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The trust policy of a role for a service of AWS."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return document({**statement, "Condition": dict(conditions)} if conditions else statement)


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """The statements as a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(
    effect: str, actions: Sequence[str], resources: str | Sequence[str], conditions: Mapping[str, Any] | None
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": effect, "Action": list(actions), "Resource": resources}
    return {**statement, "Condition": dict(conditions)} if conditions else statement
