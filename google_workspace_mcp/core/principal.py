"""Who is asking: taken from a verified token, never from an argument."""

import hashlib
from dataclasses import dataclass
from typing import Protocol


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
    """What a token leaves of all that its holder might do. None leaves everything, an empty set nothing."""

    services: frozenset[str] | None = None
    tools: frozenset[str] | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """One authenticated request: the principal, the client program, and what the token allows."""

    principal: Principal
    client_id: str
    capabilities: frozenset[str]
    limits: Limits = Limits()
