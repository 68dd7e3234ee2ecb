"""Who is asking: taken from a verified token, never from an argument."""

import hashlib
from dataclasses import dataclass
from typing import Protocol

from google_workspace_mcp.core.tools.kinds import Tier


class Owner(Protocol):
    """Whoever connections belong to. An operator knows owners by this key alone."""

    @property
    def key(self) -> str:
        """A name for stored objects and caches that tells nothing about the person."""
        ...


@dataclass(frozen=True, slots=True)
class StoredOwner:
    """An owner by the key that objects are stored under, which is all that an operator or a sealed link has."""

    key: str


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or an agent's user: the issuer that vouches for them and their stable id there."""

    issuer: str
    subject: str

    @property
    def key(self) -> str:
        """A name for stored objects and caches that tells nothing about the person (SHA-256, 32 hex digits)."""
        # The length in front keeps ("a", "bc") and ("ab", "c") apart.
        material = f"{len(self.issuer)}:{self.issuer}:{self.subject}"
        return hashlib.sha256(material.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Limits:
    """What is left of all that a caller might do. None leaves everything, an empty set nothing."""

    services: frozenset[str] | None = None
    tools: frozenset[str] | None = None
    read_only: bool = False
    tier: Tier | None = None

    def within(self, other: "Limits") -> "Limits":
        """What both leave."""
        tiers = [tier for tier in (self.tier, other.tier) if tier is not None]
        return Limits(
            _both(self.services, other.services),
            _both(self.tools, other.tools),
            self.read_only or other.read_only,
            min(tiers, key=lambda tier: tier.value, default=None),
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated request: the principal, the client program, and what the token allows.

    `limits` are the token's; `narrowing` is what the client itself leaves out by its address or headers.
    """

    principal: Principal
    client_id: str
    capabilities: frozenset[str]
    limits: Limits = Limits()
    narrowing: Limits = Limits()


def _both(first: frozenset[str] | None, second: frozenset[str] | None) -> frozenset[str] | None:
    return second if first is None else first if second is None else first & second
