"""What a tool is, declared once beside the tool."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

# Services of our own, whose tools are given the caller instead of an account.
_WITHOUT_ACCOUNT = frozenset({"accounts", "files"})


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


class FileLink(BaseModel):
    """A file's address, good for fifteen minutes, for anybody who has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    expires: str = Field(description="UTC")
    name: str
    type: str = ""
    size: int = Field(default=0, description="bytes, where known")


NO_FILE: Final = FileLink(url="", expires="", name="")


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

    def resources(self) -> "tuple[FileLink, ...]":
        """The files that the answer leads to, for clients that fetch them by themselves. The text has them too."""
        return ()

    def problem(self) -> str:
        """Why nothing at all could be had, where a result tells failures item by item; else empty."""
        return ""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """A tool as its module declares it.

    `run` takes a `Workspace` (or, in a service of our own such as `accounts`, a `Caller`) as its first argument, then
    keyword-only arguments whose annotations become the input schema, and returns a `Result`. `capability` is what the
    token and the connection must hold; `""` means any signed-in caller, or with `any_of` one whose token and connection
    hold one of those. With `once` callers may give a `request_id`, under which the tool does its work no second time;
    `run` does not see it. With `forever` it deletes for good, which the operator must allow.
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
    forever: bool = False
    any_of: tuple[str, ...] = ()

    @property
    def on_account(self) -> bool:
        """Whether it works on one of the caller's Google accounts, which `account` then chooses."""
        return self.service not in _WITHOUT_ACCOUNT

    @property
    def needs(self) -> tuple[str, ...]:
        """The capabilities of which one is enough, the one to ask for first; empty for any signed-in caller."""
        return (self.capability,) if self.capability else self.any_of

    def allowed_by(self, capabilities: Collection[str]) -> bool:
        """Whether a token with these capabilities may use it."""
        return not self.needs or not {*self.needs}.isdisjoint(capabilities)

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
