"""Sign-ins of MCP clients: authorization codes, and the refresh tokens that keep a client signed in.

A session is one client's sign-in by one person. Its refresh tokens are numbered; the stored record only knows which
number is current. A token is `<session>.<number>.<tag>` with a tag that the signing ring makes, so the next token can
be computed again when an answer was lost, and no token is ever stored.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from google_workspace_mcp.auth.records import Records, name_of
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.keys import Key, Ring
from google_workspace_mcp.core.storage.lives import SESSION, TRANSIENT
from google_workspace_mcp.core.storage.sealing import SealedStore

CODE_SECONDS = 60
_CODE_KEPT = 600  # a redeemed code is remembered this long, so that a replay is recognised
REFRESH_SECONDS = 30 * 24 * 3600
# A client that lost the answer asks again with the same token; RFC 9700 section 4.14.2 allows for that.
_GRACE_SECONDS = 30


class SessionRecord(BaseModel):
    """What is stored of a session."""

    model_config = ConfigDict(frozen=True)

    subject: str
    client_id: str
    scopes: tuple[str, ...]
    number: int = 0
    rotated_at: float = 0
    expires_at: float


class CodeRecord(BaseModel):
    """What an authorization code stands for. `session` is set once it has been redeemed."""

    model_config = ConfigDict(frozen=True)

    subject: str
    client_id: str
    redirect_uri: str
    code_challenge: str
    scopes: tuple[str, ...]
    expires_at: float
    session: str = ""


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

    async def issue_code(self, record: CodeRecord) -> str:
        """A fresh authorization code for the record."""
        code = secrets.token_urlsafe(32)
        await self._codes.create(name_of(code), record)
        return code

    async def peek_code(self, code: str) -> CodeRecord | None:
        """What an unredeemed, live code stands for. A code that was redeemed before ends the session it opened."""
        version = await self._codes.read(name_of(code))
        if version is None:
            return None
        if version.record.session:
            await self.end(version.record.session)
            return None
        return version.record if version.record.expires_at > epoch(self._clock) else None

    async def redeem_code(self, code: str) -> tuple[str, SessionRecord] | None:
        """Open a session for the code, once: the second of two redeemers gets None, and the session ends."""
        version = await self._codes.read(name_of(code))
        if version is None:
            return None
        if version.record.session:
            await self.end(version.record.session)
            return None
        session = secrets.token_urlsafe(16)
        used = version.record.model_copy(update={"session": session, "expires_at": epoch(self._clock) + _CODE_KEPT})
        if not await self._codes.replace(name_of(code), used, version.etag):
            return await self.redeem_code(code)  # somebody was faster: now it is a replay
        record = SessionRecord(
            subject=used.subject,
            client_id=used.client_id,
            scopes=used.scopes,
            expires_at=epoch(self._clock) + REFRESH_SECONDS,
        )
        await self._sessions.create(name_of(session), record)
        return session, record

    async def find(self, session: str) -> SessionRecord | None:
        """The session, None when it has ended or expired."""
        version = await self._sessions.read(name_of(session))
        if version is None or version.record.expires_at <= epoch(self._clock):
            return None
        return version.record

    async def end(self, session: str) -> None:
        """Sign the client out: no token of this session is good any more."""
        await self._sessions.remove(name_of(session))

    def refresh_token(self, session: str, number: int) -> str:
        """The refresh token of that number."""
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

    async def rotate(self, presented: Presented) -> tuple[SessionRecord, int] | None:
        """The session and the number of the token that now is current; None when the presented one was used before.

        The current token moves the session on. The one before it, within the grace time, gets the same answer again.
        Anything older has been copied: the session ends for whoever holds it.
        """
        name = name_of(presented.session)
        for _ in range(3):
            version = await self._sessions.read(name)
            if version is None or version.record.expires_at <= epoch(self._clock):
                return None
            record, now = version.record, epoch(self._clock)
            if presented.number == record.number:
                moved = record.model_copy(
                    update={"number": record.number + 1, "rotated_at": now, "expires_at": now + REFRESH_SECONDS}
                )
                if await self._sessions.replace(name, moved, version.etag):
                    return moved, moved.number
                continue
            if presented.number == record.number - 1 and now - record.rotated_at <= _GRACE_SECONDS:
                return record, record.number
            await self.end(presented.session)
            return None
        return None


def _tag(key: Key, session: str, number: int) -> str:
    digest = hmac.new(key.secret, f"{session}.{number}".encode(), hashlib.sha256).digest()
    return f"{key.id}-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
