"""Whom a call would reach, and whom the operator allows it to."""

from dataclasses import dataclass
from typing import Literal

from google_workspace_mcp.core.errors import InternalError
from google_workspace_mcp.core.setting_types import EVERYONE

# Whoever has such an address shares the domain with everybody: it is nobody's own.
_OPEN_TO_ALL = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody who is to get access: an address, a domain, or anyone who has the link. `owner` hands the item over."""

    kind: Literal["user", "group", "domain", "anyone"]
    value: str = ""
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Recipients of mail and invitations, by bare address, and those who get access to something."""

    recipients: tuple[str, ...] = ()
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule by its name, in words for the model. The words never name whom it was about."""

    rule: str
    words: str


_ODD = BrokenRule("bad_address", "An address cannot be read, so nobody can tell whether it is allowed")
_SEND = BrokenRule("send_domains", "The operator does not allow mail or invitations to one of these recipients")
_SHARE = BrokenRule("share_domains", "The operator does not allow sharing with one of these people or domains")
_PUBLIC = BrokenRule("public_links", "The operator does not allow opening things to anyone who has the link")
_OWNER = BrokenRule("ownership", "Ownership is never handed over by this service")


@dataclass(frozen=True, slots=True)
class ReachRules:
    """The operator's lists: lower-case domains, `*.domain` for all below one, single addresses, `*` for everyone."""

    send: tuple[str, ...] = ()
    share: tuple[str, ...] = ()
    public_links: bool = False

    def broken_by(self, reach: Reach, address: str) -> BrokenRule | None:
        """The first rule that this would break, from the account `address`; None when it is allowed."""
        for recipient in reach.recipients:
            where = _domain_of(recipient)
            if not where:
                return _ODD
            if self.send and not _listed(recipient.lower(), where, self.send):
                return _SEND
        return next((broken for share in reach.shares if (broken := self._broken_by(share, address))), None)

    def _broken_by(self, share: Share, address: str) -> BrokenRule | None:
        if share.owner:
            return _OWNER
        if share.kind == "anyone":
            return None if self.public_links else _PUBLIC
        value = share.value.lower()
        where = value if share.kind == "domain" else _domain_of(value)
        if not where or (share.kind == "domain" and "@" in where):
            return _ODD
        return None if _listed(value, where, self.share or _own(address)) else _SHARE


def nobody(_reach: Reach) -> None:
    """What stands for the gate where there is none: a tool cannot reach anybody past it."""
    raise InternalError("A tool was about to reach people without having been allowed to", reason="no_gate")


def _own(address: str) -> tuple[str, ...]:
    where = _domain_of(address)
    return (where,) if where and where not in _OPEN_TO_ALL else ()


def _listed(value: str, domain: str, allowed: tuple[str, ...]) -> bool:
    return any(
        entry in (EVERYONE, value, domain) or (entry.startswith("*.") and domain.endswith(entry[1:]))
        for entry in allowed
    )


def _domain_of(address: str) -> str:
    """The domain of a bare address in lower case; "" for anything that could be read in two ways."""
    local, at, domain = address.rpartition("@")
    plain = (
        local and at and domain and "@" not in local and not any(c.isspace() or c in '<>,;:"\\()[]' for c in address)
    )
    return domain.lower().rstrip(".") if plain and address.isprintable() else ""
