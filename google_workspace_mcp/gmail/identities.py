"""Who mail can be sent as: the account's own addresses, their names and signatures, as Gmail's settings have them."""

from collections.abc import Sequence
from dataclasses import dataclass

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.html import visible_text
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.gmail.compose.addresses import Mailbox, received
from google_workspace_mcp.gmail.compose.body import Body, sanitized

_FIELDS = "sendAs(sendAsEmail,displayName,replyToAddress,signature,isPrimary,isDefault,verificationStatus)"


@dataclass(frozen=True, slots=True)
class Identity:
    """One address to send as."""

    mailbox: Mailbox
    signature: Body
    reply_to: tuple[Mailbox, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True)
class Identities:
    """All of an account's, the default one first. Never empty."""

    all: tuple[Identity, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The own addresses, as `Mailbox.key`."""
        return frozenset(identity.mailbox.key for identity in self.all)

    def chosen(self, address: str) -> Identity:
        """The one with that address, the default one for "". Raises UserInputError that names those there are."""
        if not address:
            return self.all[0]
        wanted = {box.key for box in received(address)}
        found = next((identity for identity in self.all if identity.mailbox.key in wanted), None)
        if found is None:
            raise UserInputError(
                "This account cannot send as that address",
                next_step=f"Send as one of: {', '.join(identity.mailbox.address for identity in self.all)}",
                reason="send_as",
            )
        return found

    def addressed(self, boxes: Sequence[Mailbox]) -> Identity:
        """The one that mail to these was meant for; the default one when it was none of them."""
        keys = {box.key for box in boxes}
        return next((identity for identity in self.all if identity.mailbox.key in keys), self.all[0])


class IdentityBook:
    """Identities of each connection, asked for once in five minutes."""

    def __init__(self, clock: Clock) -> None:
        self._cache: Cache[Identities] = Cache(clock, 300, 5_000)

    async def of(self, work: Workspace) -> Identities:
        """The account's identities; one request when they are not known."""
        return await self._cache.get_or_load(work.connection_id, lambda: _ask(work))


async def _ask(work: Workspace) -> Identities:
    answer = await work.google.execute(work.google.gmail.send_as.list(userId="me", fields=_FIELDS))
    found: list[Identity] = []
    for entry in answer.get("sendAs") or ():
        usable = entry.get("isPrimary") or entry.get("verificationStatus", "accepted") == "accepted"
        boxes = received(str(entry.get("sendAsEmail") or ""))
        if boxes and usable:
            found.append(_identity(boxes[0].address, entry))
    found.sort(key=lambda identity: not identity.default)
    return Identities(tuple(found) or (Identity(Mailbox(work.address), Body("")),))


def _identity(address: str, entry: dict[str, object]) -> Identity:
    name = received(f'"{str(entry.get("displayName") or "").replace(chr(34), "")}" <{address}>')
    markup = sanitized(str(entry.get("signature") or ""))
    return Identity(
        mailbox=name[0] if name else Mailbox(address),
        signature=Body(visible_text(markup, full_links=True).text, markup) if markup.strip() else Body(""),
        reply_to=tuple(received(str(entry.get("replyToAddress") or ""))),
        default=bool(entry.get("isDefault")),
    )
