"""Whom something is shared with, for how long, and what they are told: checked before anything is asked."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from google_workspace_mcp.core.content.addresses import checked_address
from google_workspace_mcp.core.content.times import start_of_day
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Zone
from google_workspace_mcp.drive.holders import Grantee
from google_workspace_mcp.drive.plain import plain_text

_ANYONE: Final = frozenset({"anyone", "anyone with the link", "everyone"})
# RFC 1123 names, at least two labels, the last with a letter.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}")
LONGEST_MESSAGE: Final = 1000
_LONGEST: Final = timedelta(days=365)
_MARKUP: Final = re.compile(r"<\s*[/!?a-zA-Z]")


@dataclass(frozen=True, slots=True)
class Whom:
    """A person, a group, a domain, or anyone who has the link. `value` is the address or the domain, in lower case."""

    kind: Grantee
    value: str = ""

    @property
    def by_name(self) -> bool:
        """Whether it is somebody who can be written to."""
        return self.kind in ("user", "group")

    def words(self) -> str:
        if self.kind == "anyone":
            return "anyone with the link"
        return {"domain": f"everyone at {self.value} with the link", "group": f"group {self.value}"}.get(
            self.kind, self.value
        )


def whom(text: str, *, group: bool) -> Whom:
    """Whom that means. Raises UserInputError for what is neither an address nor a domain nor `anyone`."""
    said = text.strip()
    if said.lower() in _ANYONE:
        return Whom("anyone")
    if "@" in said:
        if address := checked_address(said).lower():
            return Whom("group" if group else "user", address)
    elif _DOMAIN.fullmatch(said.lower()):
        return Whom("domain", said.lower())
    raise UserInputError(
        "That is neither one address, nor a domain, nor `anyone`",
        next_step="Give one of ben@example.com, example.com, anyone; share with several one after another",
        reason="grantee",
    )


def expiry(text: str, zone: Zone, now: datetime, who: Whom) -> datetime | None:
    """The moment that a day (its end, in the zone) or a time means. Raises UserInputError for one that cannot be."""
    if not text.strip():
        return None
    if not who.by_name:
        raise UserInputError(
            "only the access of people and groups can expire",
            next_step="Leave `expires` out, and take the access away with drive_unshare when it is to end",
            reason="expires",
        )
    moment = _moment(text.strip(), zone)
    if not now < moment <= now + _LONGEST:
        raise UserInputError(
            "access expires in the future, within a year", next_step="Give a later or an earlier day", reason="expires"
        )
    return moment


def checked_message(text: str) -> str:
    """The words for the notification. Raises UserInputError for anything but plain text."""
    said = plain_text(text, "the message", LONGEST_MESSAGE)
    if _MARKUP.search(said):
        raise UserInputError(
            "the message has markup, which a mail program might show", next_step="Write it as text", reason="message"
        )
    return said


def _moment(text: str, zone: Zone) -> datetime:
    try:
        if len(text) == len("2026-03-31"):
            return start_of_day(date.fromisoformat(text) + timedelta(days=1), zone.info)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UserInputError(
            "`expires` is not a day or a time",
            next_step="Write it like 2026-03-31 or 2026-03-31T18:00",
            reason="expires",
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone.info)).astimezone(UTC)
