"""Parameters and outputs of templates, with the words that the console shows beside them."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, CfnParameter, Stack

NAME = "[a-z][a-z0-9-]{2,30}"


def parameter(
    stack: Stack,
    name: str,
    description: str,
    *,
    default: str | None = None,
    kind: str = "String",
    pattern: str | None = None,
    choices: Sequence[str] | None = None,
) -> CfnParameter:
    """A parameter whose logical id is `name`. Without a default it must be given."""
    return CfnParameter(
        stack,
        name,
        type=kind,
        description=description,
        default=default,
        allowed_pattern=f"^{pattern}$" if pattern else None,
        allowed_values=list(choices) if choices else None,
    )


def number(stack: Stack, name: str, description: str, *, default: int, least: int, most: int) -> CfnParameter:
    """A whole number within bounds."""
    return CfnParameter(
        stack, name, type="Number", description=description, default=default, min_value=least, max_value=most
    )


def output(stack: Stack, name: str, description: str, value: str) -> None:
    """What the deploy script hands to the other stack as the parameter of the same name."""
    # A parameter may have the same name: templates keep the two apart, construct ids do not.
    CfnOutput(stack, f"{name}Output", description=description, value=value).override_logical_id(name)
