"""Sign-ins of MCP clients: authorization codes, and the refresh tokens that keep a client signed in.

A session is one client's sign-in by one person. Its id starts with the principal's key, so that a person's sessions lie
together. Its refresh tokens are numbered; the stored record only knows which number is current. A token is
`<session>.<number>.<tag>` with a tag that the signing ring makes, so the next token can be computed again when an
answer was lost, and no token is ever stored.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.keys import Key, Ring
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.lives import SESSION, TRANSIENT
from google_workspace_mcp.core.storage.records import Records, name_of
from google_workspace_mcp.core.storage.sealing import SealedStore

CODE_SECONDS = 60
_CODE_KEPT = 600  # a redeemed code is remembered this long, so that a replay is recognised
REFRESH_SECONDS = 30 * 24 * 3600
# A client that lost the answer asks again with the same token; RFC 9700 section 4.14.2 allows for that.
_GRACE_SECONDS = 30
_MOST_RECENT = 8
_KEY_LENGTH = 32  # of a principal's key
_RECHECK_SECONDS = 60
_SESSIONS_KEPT = 20_000
_ATTEMPTS = 8


class SignInRecord(BaseModel):
    """Who signed in with which client, and what the client may do.

    Address and domain are those of the sign-in: whether they may still sign in is asked again at each use.
    """

    model_config = ConfigDict(frozen=True)

    subject: str
    client_id: str
    scopes: tuple[str, ...]
    client_name: str = ""
    address: str = ""
    hosted_domain: str = ""

    @property
    def principal(self) -> Principal:
        """The person."""
        return Principal(ISSUER, self.subject)


class SessionRecord(SignInRecord):
    """What is stored of a session.

    `came_from` is the number that was exchanged for the current one. `recent` are numbers that were exchanged within
    the grace time, and when.
    """

    signed_in_at: float
    expires_at: float
    number: int = 0
    came_from: int = -1
    rotated_at: float = 0
    recent: tuple[tuple[int, float], ...] = ()


class CodeRecord(SignInRecord):
    """What an authorization code stands for. `session` is set once it has been redeemed."""

    redirect_uri: str
    code_challenge: str
    expires_at: float
    session: str = ""


class ReplayedError(Exception):
    """A code or refresh token that was used before came again: somebody else may have it, so the session has ended."""

    def __init__(self, record: SignInRecord) -> None:
        super().__init__("used before")
        self.record = record


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token whose tag is ours."""

    session: str
    number: int


class Sessions:
    """Codes and refresh tokens on the sealed store; every change is conditional, so two tasks never both win."""

    def __init__(self, store: SealedStore, keys: Ring, clock: Clock) -> None:
        self._codes = Records(store, "authorization-code", CodeRecord, TRANSIENT.place("codes"))
        self._sessions = Records(store, "session", SessionRecord, SESSION.place("sessions"))
        self._keys = keys
        self._clock = clock
        self._live: Cache[SessionRecord | None] = Cache(clock, _RECHECK_SECONDS, _SESSIONS_KEPT)

    async def issue_code(self, record: CodeRecord) -> str:
        """A fresh authorization code for the record."""
        code = secrets.token_urlsafe(32)
        await self._codes.create(name_of(code), record)
        return code

    async def peek_code(self, code: str) -> CodeRecord | None:
        """What an unredeemed, live code stands for, else None.

        Raises ReplayedError for a code that was redeemed before, and ends the session it opened (RFC 6749, 4.1.2).
        """
        version = await self._codes.read(name_of(code))
        if version is None:
            return None
        await self._refuse_replay(version.record)
        return version.record if version.record.expires_at > epoch(self._clock) else None

    async def redeem_code(self, code: str) -> tuple[str, SessionRecord] | None:
        """Open a session for the code, once. Raises ReplayedError for the second of two redeemers."""
        version = await self._codes.read(name_of(code))
        if version is None:
            return None
        await self._refuse_replay(version.record)
        now = epoch(self._clock)
        session = version.record.principal.key + secrets.token_urlsafe(16)
        used = version.record.model_copy(update={"session": session, "expires_at": now + _CODE_KEPT})
        if not await self._codes.replace(name_of(code), used, version.etag):
            return await self.redeem_code(code)  # somebody was faster: now it is a replay
        facts = used.model_dump(include=set(SignInRecord.model_fields))
        record = SessionRecord(**facts, signed_in_at=now, expires_at=now + REFRESH_SECONDS)
        await self._sessions.create(_place(session), record)
        return session, record

    async def _refuse_replay(self, record: CodeRecord) -> None:
        if record.session:
            await self.end(record.session)
            raise ReplayedError(record)

    async def find(self, session: str) -> SessionRecord | None:
        """The session as it is stored now, None when it has ended or expired."""
        version = await self._sessions.read(_place(session))
        if version is None or version.record.expires_at <= epoch(self._clock):
            return None
        return version.record

    async def live(self, session: str) -> SessionRecord | None:
        """As `find`, looked up at most once a minute: numbers in it may be old, that it lives is not."""
        return await self._live.get_or_load(_place(session), lambda: self.find(session))

    async def of(self, principal: Principal) -> list[tuple[str, SessionRecord]]:
        """The person's sessions with the name to end them by, newest first. Expired ones are cleared away."""
        found: list[tuple[str, SessionRecord]] = []
        for place in await self._sessions.names(f"{principal.key}/"):
            version = await self._sessions.read(place)
            if version is None:
                continue
            if version.record.expires_at <= epoch(self._clock):
                await self._sessions.remove(place)
                continue
            found.append((place.partition("/")[2], version.record))
        return sorted(found, key=lambda pair: (-pair[1].signed_in_at, pair[0]))

    async def end(self, session: str) -> None:
        """Sign the client out: no token of this session is good any more."""
        await self._remove(_place(session))

    async def end_named(self, principal: Principal, name: str) -> SessionRecord | None:
        """End the person's session of that name (see `of`); None when they have none such."""
        known = dict(await self.of(principal))
        if name in known:
            await self._remove(f"{principal.key}/{name}")
        return known.get(name)

    async def _remove(self, place: str) -> None:
        await self._sessions.remove(place)
        self._live.drop(place)

    def refresh_token(self, session: str, number: int) -> str:
        """The refresh token with that number; the same every time it is asked for."""
        return f"{session}.{number}.{_tag(self._keys.first, session, number)}"

    def read_refresh_token(self, token: str) -> Presented | None:
        """What a refresh token names, None when its tag is not ours."""
        session, _, rest = token.partition(".")
        number, _, tag = rest.partition(".")
        if not (session and number.isascii() and number.isdigit() and len(number) < 10):
            return None
        for key in self._keys.keys:
            if hmac.compare_digest(tag.encode(), _tag(key, session, int(number)).encode()):
                return Presented(session, int(number))
        return None

    async def rotate(self, presented: Presented) -> SessionRecord | None:
        """The session after the presented token was exchanged; its `number` is that of the new token.

        The current token moves the session on. One that was exchanged less than 30 seconds ago gets the newest token
        again. The one before, as long as its successor was never used, gets another successor: the answer was lost, and
        if it was not, the use of the first successor shows it. Anything else has been copied: ReplayedError, and the
        session ends for whoever holds it. None when there is no such session.
        """
        place = _place(presented.session)
        for _ in range(_ATTEMPTS):
            version = await self._sessions.read(place)
            if version is None or version.record.expires_at <= epoch(self._clock):
                return None
            record, now = version.record, epoch(self._clock)
            if any(number == presented.number and now - at <= _GRACE_SECONDS for number, at in record.recent):
                return record
            if presented.number not in (record.number, record.came_from):
                await self.end(presented.session)
                raise ReplayedError(record)
            moved = _moved(record, presented.number, now)
            if await self._sessions.replace(place, moved, version.etag):
                return moved
        return None


def _moved(record: SessionRecord, presented: int, now: float) -> SessionRecord:
    recent = [(number, at) for number, at in record.recent if now - at <= _GRACE_SECONDS and number != presented]
    return record.model_copy(
        update={
            "number": record.number + 1,
            "came_from": presented,
            "rotated_at": now,
            "recent": (*recent[1 - _MOST_RECENT :], (presented, now)),
            "expires_at": now + REFRESH_SECONDS,
        }
    )


def _place(session: str) -> str:
    """Where the session's record lies: below the principal's key, under a hash."""
    return f"{session[:_KEY_LENGTH]}/{name_of(session)}"


def _tag(key: Key, session: str, number: int) -> str:
    digest = hmac.new(key.secret, f"{session}.{number}".encode(), hashlib.sha256).digest()
    return f"{key.id}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
