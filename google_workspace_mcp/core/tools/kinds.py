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

    @classmethod
    def named(cls, word: str) -> "Tier":
        """The tier that settings and clients call `core`, `extended` or `full`. Raises KeyError for another word."""
        return cls[word.upper()]


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
    connection must hold; `""` means any signed-in caller.
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

    def annotations(self) -> dict[str, Any]:
        """All four hints of the MCP specification, truthfully."""
        return hints(self.title, self.kind)


def hints(title: str, kind: Kind) -> dict[str, Any]:
    """A kind as MCP clients are told of it."""
    return {
        "title": title,
        "readOnlyHint": kind is Kind.READ,
        "destructiveHint": kind is Kind.OUTWARD,
        # A write may run twice with the same effect only where the tool says so; reads always may.
        "idempotentHint": kind is Kind.READ,
        "openWorldHint": kind is Kind.OUTWARD,
    }
