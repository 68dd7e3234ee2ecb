"""Connect links: what a program hands a person so that they connect a Google account to that program's caller.

A link is a secret that is good for ten minutes, for one browser and for one connection. It is stored under its hash.
What it leads to was settled when it was made, by an authenticated caller: whoever opens it cannot choose whose
connection it becomes.
"""

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.auth import scopes as capability_scopes
from google_workspace_mcp.auth.connections import Connection, Connections, alias_of
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.errors import PolicyRefusedError, UserInputError
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.http.return_urls import is_allowed
from google_workspace_mcp.core.principal import Caller, Principal
from google_workspace_mcp.core.storage.lives import TRANSIENT
from google_workspace_mcp.core.storage.records import Records, name_of
from google_workspace_mcp.core.storage.sealing import SealedStore

LINK_SECONDS = 10 * 60
STATE_PREFIX = "link-"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_STATE = re.compile(rf"{STATE_PREFIX}(?P<name>[0-9a-f]{{64}})\.(?P<secret>[A-Za-z0-9_-]{{32}})")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
LONGEST_STATE = 512


@dataclass(frozen=True, slots=True)
class Wish:
    """What a caller wants of a link.

    `allow` names services or capabilities, none of them means what a sign-in asks for. `account` is one of the
    caller's own, to widen or to connect anew; without it any account of the person's choice is connected.
    `expected_email` and `expected_subject` say which Google account has to come back. `return_url` and `state` are for
    a caller that has a page of its own to go back to.
    """

    allow: tuple[str, ...] = ()
    account: str = ""
    alias: str = ""
    expected_email: str = ""
    expected_subject: str = ""
    return_url: str = ""
    state: str = ""
    default: bool = False


@dataclass(frozen=True, slots=True)
class ConnectLink:
    """A link as it was made; nobody can tell it again."""

    url: str
    expires_at: datetime
    address: str
    """Of the account that has to come back; "" when the person chooses."""


class LinkRecord(BaseModel):
    """What is stored of a link. `browser` and `attempt` are hashes; `done` says that it has been used up."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    subject: str
    client_id: str
    capabilities: tuple[str, ...]
    alias: str = ""
    default: bool = False
    expected_email: str = ""
    expected_subject: str = ""
    return_url: str = ""
    state: str = Field(default="", repr=False)
    expires_at: float
    browser: str = ""
    attempt: str = ""
    verifier: str = Field(default="", repr=False)
    done: bool = False

    @property
    def principal(self) -> Principal:
        return Principal(self.issuer, self.subject)

    @property
    def is_persons(self) -> bool:
        """Whether it is a person's own, made by a client that they signed in, and not an agent's."""
        return self.issuer == ISSUER

    @property
    def is_account_pages(self) -> bool:
        """Whether the person asked for it on their account page."""
        return self.is_persons and not self.client_id

    @property
    def proves_itself(self) -> bool:
        """Whether the account that has to come back is the very one the person signs in here with."""
        return self.is_persons and self.expected_subject == self.subject


@dataclass(frozen=True, slots=True)
class Taken:
    """A link whose browser has come back from Google."""

    name: str
    record: LinkRecord


class ConnectLinks:
    """Makes links and watches over their use. Every change is conditional, so of two users one wins."""

    def __init__(
        self,
        store: SealedStore,
        connections: Connections,
        clock: Clock,
        *,
        base_url: str,
        offer: tuple[str, ...],
        return_urls: tuple[str, ...],
    ) -> None:
        self._records = Records(store, "connect-link", LinkRecord, TRANSIENT.place("links"))
        self._connections = connections
        self._clock = clock
        self._base = base_url
        self._offer = offer
        self._return_urls = return_urls

    # -- making one

    async def create(self, caller: Caller, wish: Wish) -> ConnectLink:
        """A new link for this caller. Raises UserInputError, PolicyRefusedError, NotConnectedError."""
        capabilities = self._capabilities(wish.allow)
        self._check(wish)
        own = await self._connections.choose(caller.principal, wish.account) if wish.account else None
        held = capability_scopes.granted(own.scopes, self._offer) if own else ()
        expires = epoch(self._clock) + LINK_SECONDS
        record = LinkRecord(
            issuer=caller.principal.issuer,
            subject=caller.principal.subject,
            client_id=caller.client_id,
            # All that was allowed before is asked for again: a grant made anew must not be poorer than the old one.
            capabilities=tuple(name for name in self._offer if name in {*capabilities, *held}),
            alias=await self._alias(caller.principal, wish.alias, own),
            default=wish.default,
            expected_email=own.address if own else wish.expected_email.strip(),
            expected_subject=own.google_subject if own else wish.expected_subject,
            return_url=wish.return_url,
            state=wish.state,
            expires_at=expires,
        )
        token = secrets.token_urlsafe(24)
        await self._records.create(name_of(token), record)
        return ConnectLink(f"{self._base}/connect/{token}", datetime.fromtimestamp(expires, UTC), record.expected_email)

    def _capabilities(self, allow: tuple[str, ...]) -> tuple[str, ...]:
        if not allow:
            return capability_scopes.asked_at_sign_in(self._offer)
        services = {name.partition(".")[0] for name in self._offer}
        if not set(allow) <= services | set(self._offer):
            known = ", ".join((*sorted(services), *self._offer))
            raise UserInputError(f"only these can be allowed: {known}", reason="capability")
        return (*capability_scopes.of_services(allow, self._offer), *(name for name in allow if name in self._offer))

    def _check(self, wish: Wish) -> None:
        if wish.expected_email and not _ADDRESS.fullmatch(wish.expected_email.strip()):
            raise UserInputError("the expected e-mail is not an address", reason="expected_email")
        if len(wish.state) > LONGEST_STATE or not wish.state.isprintable():
            raise UserInputError(f"state is limited to {LONGEST_STATE} printable characters", reason="state")
        if wish.return_url and not is_allowed(wish.return_url, self._return_urls):
            raise PolicyRefusedError(
                "Connect links may not lead back to that address",
                next_step="Use an address that the operator listed in RETURN_URLS, or none",
                reason="return_url",
            )

    async def _alias(self, principal: Principal, wanted: str, own: Connection | None) -> str:
        if not wanted:
            return ""
        alias = alias_of(wanted)
        if not alias:
            raise UserInputError("an alias needs letters or digits", reason="alias")
        others = [c for c in await self._connections.of(principal) if own is None or c.id != own.id]
        if any(c.alias == alias for c in others):
            raise UserInputError("another account of yours has that alias", reason="alias")
        return alias

    # -- using it

    async def find(self, token: str) -> LinkRecord | None:
        """The link, None when there is none, or it has expired or been used."""
        return await self._live(name_of(token)) if _TOKEN.fullmatch(token) else None

    async def find_by_url(self, url: str) -> LinkRecord | None:
        """The same, by its address."""
        return await self.find(url.removeprefix(f"{self._base}/connect/"))

    async def bind(self, token: str, browser: str) -> bool:
        """Make the link this browser's, if it is nobody else's yet."""
        return await self._change(name_of(token), browser, lambda record: record)

    async def begin(self, name: str, browser: str, verifier: str) -> str | None:
        """A state to send to Google, good once and for this browser; None when the link is not this browser's."""
        secret = secrets.token_urlsafe(24)
        begun = {"attempt": name_of(secret), "verifier": verifier}
        done = await self._change(name, browser, lambda record: record.model_copy(update=begun))
        return f"{STATE_PREFIX}{name}.{secret}" if done else None

    async def take(self, state: str, browser: str) -> Taken | None:
        """The link that a state from Google belongs to. It uses the state up, and leaves the link for another try."""
        match = _STATE.fullmatch(state)
        if match is None:
            return None
        taken: LinkRecord | None = None

        def change(record: LinkRecord) -> LinkRecord | None:
            nonlocal taken
            taken = record if hmac.compare_digest(record.attempt, name_of(match["secret"])) else None
            return taken and taken.model_copy(update={"attempt": "", "verifier": ""})

        done = await self._change(match["name"], browser, change)
        return Taken(match["name"], taken) if done and taken else None

    async def close(self, name: str) -> bool:
        """Use the link up; False when it was already."""
        used = False

        def change(old: LinkRecord | None) -> LinkRecord | None:
            nonlocal used
            used = old is not None and not old.done
            return old.model_copy(update={"done": True}) if old and used else None

        await self._records.update(name, change)
        return used

    async def _live(self, name: str) -> LinkRecord | None:
        version = await self._records.read(name)
        return version.record if version and self._is_live(version.record) else None

    def _is_live(self, record: LinkRecord) -> bool:
        return not record.done and record.expires_at > epoch(self._clock)

    async def _change(self, name: str, browser: str, change: Callable[[LinkRecord], LinkRecord | None]) -> bool:
        """Apply a change for the browser that the link belongs to; the first browser makes it its own."""
        allowed, mine = False, name_of(browser)

        def conditional(old: LinkRecord | None) -> LinkRecord | None:
            nonlocal allowed
            allowed = old is not None and self._is_live(old) and old.browser in ("", mine)
            changed = change(old) if old and allowed else None
            allowed = changed is not None
            bound = changed and changed.model_copy(update={"browser": mine})
            return bound if bound != old else None

        await self._records.update(name, conditional)
        return allowed
