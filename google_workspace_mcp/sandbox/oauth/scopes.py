"""Scopes: which are identity, and how Google spells them back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OPENID = "openid"
EMAIL = "https://www.googleapis.com/auth/userinfo.email"
PROFILE = "https://www.googleapis.com/auth/userinfo.profile"
IDENTITY = frozenset({OPENID, EMAIL, PROFILE})
# Google answers the short names with the long ones, and adds `openid` to either.
_SHORT = {"email": EMAIL, "profile": PROFILE}


@dataclass(frozen=True, slots=True)
class KnownScopes:
    """The scopes that may be asked for, with Google's words for the consent page."""

    words: Mapping[str, str]

    def unknown(self, scopes: Iterable[str]) -> list[str]:
        return [scope for scope in scopes if scope not in self.words and scope not in IDENTITY]

    def describe(self, scope: str) -> str:
        return self.words.get(scope, scope)


def canonical(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes as Google's answers spell them."""
    spelt = {_SHORT.get(scope, scope) for scope in scopes}
    return frozenset(spelt | {OPENID}) if spelt & IDENTITY else frozenset(spelt)


def joined(scopes: Iterable[str]) -> str:
    """Space-separated, in a stable order."""
    return " ".join(sorted(scopes))
