"""Who has access to a file, how far that reaches, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from google_workspace_mcp.core.content.characters import clean_line

# From the smallest to the greatest, as people call them.
ROLES: Mapping[str, str] = {
    "reader": "view",
    "commenter": "comment",
    "writer": "edit",
    "fileOrganizer": "edit and move",
    "organizer": "manage",
    "owner": "own",
}
_RANKS = {role: rank for rank, role in enumerate(ROLES)}
# Google's role for who sees the published version of a document.
_PUBLISHED = "publishedReader"
_LONGEST_NAME = 100
# Addresses at these are nobody's organisation: that somebody else has another one says nothing.
_FOR_EVERYBODY = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class Grant:
    """One permission. `who` is an address, a domain, or `anyone`; `source` is the id of what it is inherited from.

    `told` is False where Google does not say whether it is inherited.
    """

    id: str
    kind: str
    role: str
    who: str
    discoverable: bool = False
    expires: datetime | None = None
    inherited: bool = False
    source: str = ""
    told: bool = True

    @classmethod
    def of(cls, permission: dict[str, Any]) -> Self | None:
        """From a `Permission` of Drive v3; None for one of an account that no longer exists."""
        if permission.get("deleted"):
            return None
        kind, details = str(permission.get("type", "")), permission.get("permissionDetails") or []
        who = permission.get("emailAddress") or permission.get("domain") or permission.get("displayName") or ""
        expires = permission.get("expirationTime")
        above = [detail for detail in details if detail.get("inherited")]
        return cls(
            id=str(permission.get("id", "")),
            kind=kind,
            role=str(permission.get("role", "")),
            who="anyone" if kind == "anyone" else clean_line(str(who), _LONGEST_NAME),
            discoverable=bool(permission.get("allowFileDiscovery")),
            expires=datetime.fromisoformat(expires) if expires else None,
            inherited=bool(details) and len(above) == len(details),
            source=str(above[0].get("inheritedFrom", "")) if above else "",
            told=bool(details),
        )

    @property
    def may(self) -> str:
        """What it allows, in words."""
        return ROLES.get(self.role, "view" if self.role == _PUBLISHED else self.role)

    @property
    def whom(self) -> str:
        """Whom it is for, in words."""
        match self.kind:
            case "anyone":
                return "anyone on the web" if self.discoverable else "anyone with the link"
            case "domain":
                return f"everyone at {self.who}" + ("" if self.discoverable else " with the link")
            case "group":
                return f"group {self.who}"
            case _:
                return self.who

    @property
    def reach(self) -> int:
        """How far it goes: a person, a group, a domain, everybody; one further when a search finds it."""
        return {"user": 0, "group": 2, "domain": 4, "anyone": 6}.get(self.kind, 0) + self.discoverable


def grants(permissions: Sequence[dict[str, Any]]) -> tuple[Grant, ...]:
    """The permissions of a file, those that reach furthest first, then by what they allow."""
    found = [grant for permission in permissions if (grant := Grant.of(permission))]
    return tuple(sorted(found, key=lambda grant: (-grant.reach, -_RANKS.get(grant.role, -1), grant.who)))


def in_one_line(held: Sequence[Grant], account: str, reasons: Mapping[str, str]) -> str:
    """How far a file is open, and why. `reasons` says for a grant's id where it comes from, if not from the file."""
    widest = [grant for grant in held if grant.reach >= 4]
    if widest:
        parts = [f"{grant.whom} can {grant.may}{_why(grant, reasons)}" for grant in widest]
        return "; ".join([*parts, *_others(held, account)])
    others = [grant for grant in held if grant.who != account]
    if not others:
        return "only you"
    through = {_why(grant, reasons) for grant in others}
    why = through.pop() if len(through) == 1 else " (not all of them by the file itself)"
    return "; ".join([f"{_counted(others)} besides you{why}", *_outsiders(others, account)])


def _why(grant: Grant, reasons: Mapping[str, str]) -> str:
    reason = reasons.get(grant.id, "")
    return f" ({reason})" if reason else ""


def _others(held: Sequence[Grant], account: str) -> list[str]:
    named = [grant for grant in held if grant.reach < 4 and grant.who != account]
    return [f"{_counted(named)} by name", *_outsiders(named, account)] if named else []


def _counted(named: Sequence[Grant]) -> str:
    groups = sum(grant.kind == "group" for grant in named)
    people = len(named) - groups
    parts = [f"{people} {'person' if people == 1 else 'people'}"] if people or not groups else []
    parts += [f"{groups} group{'' if groups == 1 else 's'}"] if groups else []
    return " and ".join(parts)


def _outsiders(named: Sequence[Grant], account: str) -> list[str]:
    """How many of them are outside of the account's organisation."""
    own = account.rpartition("@")[2].casefold()
    if own in _FOR_EVERYBODY:
        return []
    outside = [grant for grant in named if "@" in grant.who and grant.who.rpartition("@")[2].casefold() != own]
    return [f"{len(outside)} of them outside {own}"] if outside else []
