"""What may be asked for and what was granted: our capabilities and the Google scopes behind them.

Our OAuth scopes are capabilities. Each maps to the least Google scope that serves its tools. What counts is what Google
says the person ticked, so a capability is granted when one of the Google scopes that imply it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass

IDENTITY_SCOPES = ("openid", "email", "profile")
_GOOGLE = "https://www.googleapis.com/auth/"
# As Google spells them in its answers.
_IDENTITY = frozenset({*IDENTITY_SCOPES, f"{_GOOGLE}userinfo.email", f"{_GOOGLE}userinfo.profile"})
_MAIL = "https://mail.google.com/"


@dataclass(frozen=True, slots=True)
class Capability:
    """`asks` are requested from Google; any of the sets in `implied_by` grants it."""

    name: str
    service: str
    asks: tuple[str, ...]
    implied_by: tuple[frozenset[str], ...]
    words: str


def _capability(name: str, words: str, *asks: str, also: tuple[str, ...] = ()) -> Capability:
    full = tuple(f"{_GOOGLE}{scope}" if "://" not in scope else scope for scope in asks)
    wider = tuple(frozenset({f"{_GOOGLE}{scope}" if "://" not in scope else scope}) for scope in also)
    return Capability(name, name.partition(".")[0], full, (frozenset(full), *wider), words)


CAPABILITIES = (
    _capability("gmail.read", "read your mail", "gmail.readonly", also=("gmail.modify", _MAIL)),
    _capability("gmail.write", "draft, label and file your mail", "gmail.modify", also=(_MAIL,)),
    _capability("gmail.send", "send mail as you", "gmail.send", "gmail.modify", also=(_MAIL,)),
    _capability("gmail.settings", "see and change filters and out-of-office", "gmail.settings.basic"),
    _capability("gmail.delete", "delete mail for good", _MAIL),
    _capability("drive.read", "read your files", "drive.readonly", also=("drive",)),
    _capability("drive.write", "create, change and share your files", "drive"),
    _capability("calendar.read", "see your calendars", "calendar.readonly", also=("calendar",)),
    _capability("calendar.write", "create and change your events", "calendar"),
)
_BY_NAME = {capability.name: capability for capability in CAPABILITIES}
_NOT_ASKED_AT_FIRST = frozenset({"gmail.settings", "gmail.delete"})
_READS = frozenset({"gmail.read", "drive.read", "calendar.read"})


def offered(services: Iterable[str], *, read_only: bool, allow_delete_forever: bool) -> tuple[str, ...]:
    """Capabilities that this operator offers, in a stable order."""
    wanted = set(services)
    return tuple(
        c.name
        for c in CAPABILITIES
        if c.service in wanted
        and (not read_only or c.name in _READS)
        and (allow_delete_forever or c.name != "gmail.delete")
    )


def asked_at_sign_in(offer: Iterable[str]) -> tuple[str, ...]:
    """Those of the offer that a sign-in asks for when the client names none."""
    return tuple(name for name in offer if name not in _NOT_ASKED_AT_FIRST)


def google_scopes(capabilities: Iterable[str]) -> tuple[str, ...]:
    """The Google scopes to ask for, identity first, without repeats. Raises KeyError for an unknown capability."""
    scopes = [*IDENTITY_SCOPES, *(scope for name in capabilities for scope in _BY_NAME[name].asks)]
    return tuple(dict.fromkeys(scopes))


def granted(google: Iterable[str], offer: Iterable[str]) -> tuple[str, ...]:
    """Capabilities of the offer that these Google scopes grant, in the offer's order."""
    have = frozenset(google)
    return tuple(name for name in offer if any(need <= have for need in _BY_NAME[name].implied_by))


def beyond_identity(google: Iterable[str]) -> frozenset[str]:
    """Those Google scopes that give more than who somebody is."""
    return frozenset(google) - _IDENTITY


def of_services(services: Iterable[str], offer: Iterable[str]) -> tuple[str, ...]:
    """What a sign-in asks for of these services, in the offer's order."""
    wanted = set(services)
    return tuple(name for name in asked_at_sign_in(offer) if _BY_NAME[name].service in wanted)


def in_words(capabilities: Iterable[str]) -> list[str]:
    """What each capability lets an agent do, as a person would say it."""
    return [_BY_NAME[name].words for name in capabilities if name in _BY_NAME]
