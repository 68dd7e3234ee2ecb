"""Leaving a mailing list: by one click where the sender offers it in a way that can be believed, else in words.

RFC 8058: an https address in List-Unsubscribe, `List-Unsubscribe=One-Click` in List-Unsubscribe-Post, both of them
covered by a DKIM signature that is good. Anybody can write such fields; only the signature says that the sender did.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.headers import Headers
from google_workspace_mcp.core.content.verdict import signing_domains
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.http.egress import Egress, EgressError
from google_workspace_mcp.core.tools.workspace import Workspace

ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_ADDRESSES: Final = re.compile(r"<\s*([^<>\s]{1,2000})\s*>")
_TAG: Final = re.compile(r"(?:^|;)\s*([a-z]{1,10})\s*=\s*([^;]{0,4000})")
_SIGNED: Final = frozenset({"list-unsubscribe", "list-unsubscribe-post"})
_FIELDS: Final = "id,payload/headers"


@dataclass(frozen=True, slots=True)
class Offer:
    """How a message says that its list can be left. `why_not` says why one click is not to be trusted, if so."""

    sender: str
    link: str = ""
    mail_to: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """What came of it."""

    state: Literal["unsubscribed", "by hand", "failed", "dry run"]
    offer: Offer
    why: str = ""


class Unsubscribing:
    """Leaves mailing lists. One object per process."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress

    async def leave(self, work: Workspace, message_id: str, *, dry_run: bool) -> Left:
        """One click for the message's list, or the way that is left to the person."""
        messages = work.google.gmail.messages
        request = messages.get(userId="me", id=checked_id(message_id), format="metadata", fields=_FIELDS)
        answer = await work.google.execute(request)
        offer = offer_of(Headers.of(answer.get("payload") or {}))
        if offer.why_not:
            return Left("by hand", offer, offer.why_not)
        if dry_run:
            return Left("dry run", offer)
        try:
            await self._egress.post_form(offer.link, ONE_CLICK)
        except EgressError as error:
            why = _REASONS.get(error.reason, "the sender's server did not take it")
            return Left("failed", offer, why)
        return Left("unsubscribed", offer)


_REASONS: Final = {
    "refused": "its address is none that this service calls: https on the public internet only",
    "unreachable": "the sender's server did not answer, or did not take it",
}


def offer_of(headers: Headers) -> Offer:
    """What the message offers."""
    sender = headers.people("From")
    addresses = _ADDRESSES.findall(headers.whole("List-Unsubscribe"))
    link = next((each for each in addresses if each.lower().startswith("https:")), "")
    mail = next((each for each in addresses if each.lower().startswith("mailto:")), "")
    return Offer(sender, link, clean_line(mail.partition(":")[2], 300), _why_not(headers, link))


def _why_not(headers: Headers, link: str) -> str:
    """Why one click cannot be used; "" when it can."""
    if not headers.raw("List-Unsubscribe"):
        return "the message names no way to leave its list"
    if not link or not urlsplit(link).hostname:
        return "the message offers no https address for it"
    if headers.raw("List-Unsubscribe-Post").replace(" ", "").casefold() != ONE_CLICK.casefold():
        return "the message does not offer one click"
    names = [name.lower() for name, _ in headers.fields]
    if any(names.count(name) > 1 for name in _SIGNED):
        # A signature covers one of them, and nobody can see which.
        return "the message says it twice"
    good = signing_domains(headers.fields)
    for name, value in headers.fields:
        if name.lower() == "dkim-signature":
            tags = {found[1]: "".join(found[2].split()) for found in _TAG.finditer(value[:20_000])}
            if tags.get("d", "").lower() in good and set(tags.get("h", "").lower().split(":")) >= _SIGNED:
                return ""
    return "no signature that Gmail found good covers the offer, so it may be anybody's"
