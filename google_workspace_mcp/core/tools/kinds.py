"""What a tool is, declared once beside the tool."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Kind(Enum):
    """How much a tool can do. The annotations that clients see are derived from it."""

    READ = "R"
    """Changes nothing."""
    WRITE = "W"
    """Changes something that can be taken back."""
    OUTWARD = "X"
    """Reaches other people or cannot be taken back."""


class Tier(Enum):
    """From which tier on a tool is offered."""

    CORE = 0
    EXTENDED = 1
    FULL = 2


class Result(BaseModel, ABC):
    """What a tool returns: the same facts as structured content and, by `text()`, as compact text for the model.

    Fields with defaults are left out of the structured content while they hold the default, so an optional fact is an
    empty string, an empty list or `False`, never null.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = Field(description="Google account this came from")

    @abstractmethod
    def text(self) -> str:
        """The answer as the model reads it: compact, no nulls, no ids unless the next step needs them."""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as its module declares it.

    `run` takes a `Workspace` (or, with `service="accounts"`, a `Caller`) as its first argument, then keyword-only
    arguments whose annotations become the input schema, and returns a `Result`. `capability` is what the token and the
    connection must hold; `""` means any signed-in caller. With `once` callers may give a `request_id`, under which the
    tool does its work no second time; `run` does not see it.
    """

    name: str
    title: str
    description: str
    kind: Kind
    service: str
    capability: str
    tier: Tier
    run: Callable[..., Awaitable[Result]]
    result: type[Result]
    once: bool = False

    def annotations(self) -> dict[str, Any]:
        """All four hints of the MCP specification, truthfully."""
        return {
            "title": self.title,
            "readOnlyHint": self.kind is Kind.READ,
            "destructiveHint": self.kind is Kind.OUTWARD,
            # A write may run twice with the same effect only where the tool says so; reads always may.
            "idempotentHint": self.kind is Kind.READ,
            "openWorldHint": self.kind is Kind.OUTWARD,
        }
