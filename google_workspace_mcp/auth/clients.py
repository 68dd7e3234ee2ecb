"""Clients: those that registered themselves, those that the operator added, and those with a metadata document.

The first two are kept here. A registration that nobody uses for 90 days is gone; whoever uses it stamps it, at most
once a day. A client that the operator removed stays known as such, so that its sign-ins end within a minute.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Literal, override

from fastmcp.server.auth.oauth_proxy.models import ProxyDCRClient
from mcp.shared.auth import InvalidRedirectUriError, InvalidScopeError
from pydantic import AnyUrl, BaseModel, ConfigDict

from google_workspace_mcp.auth.redirects import is_allowed, is_registered, normal
from google_workspace_mcp.core.cache import Cache
from google_workspace_mcp.core.clock import Clock, epoch
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.storage.lives import CLIENT
from google_workspace_mcp.core.storage.records import Records, name_of
from google_workspace_mcp.core.storage.sealing import SealedStore

UNUSED_SECONDS = 90 * 24 * 3600
_STAMP_SECONDS = 24 * 3600
_RECHECK_SECONDS = 60
_CLIENTS_KEPT = 10_000
LONGEST_NAME = 200
_SHOWN_NAME = 80

type Origin = Literal["registered", "operator", "document"]


class ClientRecord(BaseModel):
    """What is stored of a client. Only the hash of a secret is kept; `removed` is when the operator took it away."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    name: str
    redirect_uris: tuple[str, ...]
    origin: Origin
    created_at: float
    used_at: float
    secret_hash: str = ""
    scope: str = ""
    application_type: str = "native"
    removed: float = 0

    @property
    def is_confidential(self) -> bool:
        """Whether it has to prove who it is at the token endpoint."""
        return bool(self.secret_hash)


class KnownClient(ProxyDCRClient):
    """A client as the OAuth endpoints see it.

    `patterns` are where a client that named its redirect URIs itself may lead; None for those the operator named.
    """

    origin: Origin
    secret_hash: str = ""
    offer: tuple[str, ...] = ()
    patterns: tuple[str, ...] | None = None

    @property
    def shown_name(self) -> str:
        """Its name on one line, without what cannot be seen, of bounded length."""
        return clean_line(self.client_name or "", _SHOWN_NAME) or "A program without a name"

    @property
    def needs_secret(self) -> bool:
        """Whether it authenticates by a secret."""
        return bool(self.secret_hash)

    @property
    def signs_assertions(self) -> bool:
        """Whether it authenticates by assertions that it signs with the keys of its document."""
        return self.token_endpoint_auth_method == "private_key_jwt"  # noqa: S105 - the name of a method

    def knows(self, secret: str) -> bool:
        """Whether this is the client's secret; takes the same time for every wrong one."""
        return self.needs_secret and hmac.compare_digest(_hash(secret), self.secret_hash)

    @override
    def validate_redirect_uri(self, redirect_uri: AnyUrl | None) -> AnyUrl:
        """The URI to send the browser back to. Raises InvalidRedirectUriError for one that was not registered."""
        registered = self._registered()
        if redirect_uri is None:
            if len(registered) != 1:
                raise InvalidRedirectUriError("redirect_uri is required: this client has registered several")
            redirect_uri = AnyUrl(registered[0])
        asked = str(redirect_uri)
        if not is_registered(asked, registered):
            raise InvalidRedirectUriError("redirect_uri is not registered for this client")
        if self.patterns is not None and not is_allowed(asked, self.patterns):
            raise InvalidRedirectUriError("redirect_uri leads to a host that is not allowed here")
        return redirect_uri

    @override
    def validate_scope(self, requested_scope: str | None) -> list[str] | None:
        """The capabilities asked for. What this service offers counts, not what the client once registered for."""
        if requested_scope is None or not requested_scope.split():
            return (self.scope or "").split() or None
        asked = list(dict.fromkeys(requested_scope.split()))
        if not set(asked) <= set(self.offer):
            raise InvalidScopeError("a scope was asked for that this service does not offer")
        return asked

    def _registered(self) -> list[str]:
        if self.cimd_document is not None:
            # A document may hold patterns; here each entry is one address, as the specification has it.
            return [normal(uri) for uri in self.cimd_document.redirect_uris]
        return [str(uri) for uri in self.redirect_uris or []]


class Clients:
    """The clients that are kept in the store."""

    def __init__(self, store: SealedStore, clock: Clock, *, offer: tuple[str, ...], patterns: tuple[str, ...]) -> None:
        self._records = Records(store, "client", ClientRecord, CLIENT.place("clients"))
        self._clock = clock
        self._offer = offer
        self._patterns = patterns
        self._removed: Cache[bool] = Cache(clock, _RECHECK_SECONDS, _CLIENTS_KEPT)

    async def register(
        self, name: str, redirect_uris: Sequence[str], *, scope: str, application_type: str
    ) -> ClientRecord:
        """A client that registered itself: public, and gone when unused."""
        return await self._create("registered", name, redirect_uris, scope=scope, application_type=application_type)

    async def add(self, name: str, redirect_uris: Sequence[str], *, confidential: bool) -> tuple[ClientRecord, str]:
        """A client by the operator, and its secret ("" for a public one), which is shown this once."""
        # 256 random bits need no slow hash: there is nothing to guess.
        secret = secrets.token_urlsafe(32) if confidential else ""
        record = await self._create("operator", name, redirect_uris, secret_hash=_hash(secret) if secret else "")
        return record, secret

    async def find(self, client_id: str) -> KnownClient | None:
        """The client, None when it is unknown, removed, or was not used for too long."""
        record = await self._read(client_id)
        if record is None or record.removed or self._is_stale(record):
            return None
        return self._known(record)

    async def stamp(self, client_id: str) -> None:
        """Note that a registered client is in use; written at most once a day."""
        version = await self._records.read(name_of(client_id))
        now = epoch(self._clock)
        if version is None or version.record.removed or now - version.record.used_at < _STAMP_SECONDS:
            return
        # Another task that was faster has written the same.
        await self._records.replace(
            name_of(client_id), version.record.model_copy(update={"used_at": now}), version.etag
        )

    async def is_removed(self, client_id: str) -> bool:
        """Whether the operator took this client away; looked up at most once a minute."""
        return await self._removed.get_or_load(client_id, lambda: self._load_removed(client_id))

    async def all(self) -> list[ClientRecord]:
        """Every client in use, oldest first; registrations that have lapsed are cleared away."""
        found: list[ClientRecord] = []
        for name in await self._records.names():
            version = await self._records.read(name)
            if version is None or version.record.removed:
                continue
            if self._is_stale(version.record):
                await self._records.remove(name)
                continue
            found.append(version.record)
        return sorted(found, key=lambda record: (record.created_at, record.client_id))

    async def remove(self, client_id: str) -> bool:
        """Take the client away and refuse it from now on, one with a metadata document too; False when unknown."""
        now = epoch(self._clock)
        if await self._load_removed(client_id):
            return False

        def change(old: ClientRecord | None) -> ClientRecord | None:
            if old is None:
                return self._document(client_id, now) if client_id.startswith("https://") else None
            return old.model_copy(update={"removed": now, "secret_hash": ""})

        changed = await self._records.update(name_of(client_id), change)
        self._removed.drop(client_id)
        return changed is not None

    def of_document(self, client: ProxyDCRClient) -> KnownClient:
        """A client whose metadata document was fetched."""
        known = client.model_dump(
            exclude={"cimd_document", "allowed_redirect_uri_patterns", "scope"}, exclude_none=True
        )
        return KnownClient(
            **known, cimd_document=client.cimd_document, origin="document", offer=self._offer, patterns=self._patterns
        )

    def _known(self, record: ClientRecord) -> KnownClient:
        return KnownClient(
            client_id=record.client_id,
            client_name=record.name,
            redirect_uris=[AnyUrl(uri) for uri in record.redirect_uris],
            scope=record.scope or None,
            token_endpoint_auth_method="client_secret_basic" if record.is_confidential else "none",
            application_type=record.application_type,
            origin=record.origin,
            secret_hash=record.secret_hash,
            offer=self._offer,
            patterns=self._patterns if record.origin == "registered" else None,
        )

    async def _create(
        self,
        origin: Origin,
        name: str,
        redirect_uris: Sequence[str],
        *,
        secret_hash: str = "",
        scope: str = "",
        application_type: str = "native",
    ) -> ClientRecord:
        now = epoch(self._clock)
        record = ClientRecord(
            client_id=secrets.token_hex(16),
            name=clean_line(name, LONGEST_NAME),
            redirect_uris=tuple(redirect_uris),
            origin=origin,
            created_at=now,
            used_at=now,
            secret_hash=secret_hash,
            scope=scope,
            application_type=application_type,
        )
        await self._records.create(name_of(record.client_id), record)
        return record

    def _document(self, client_id: str, now: float) -> ClientRecord:
        return ClientRecord(
            client_id=client_id, name="", redirect_uris=(), origin="document", created_at=now, used_at=now, removed=now
        )

    def _is_stale(self, record: ClientRecord) -> bool:
        return record.origin == "registered" and epoch(self._clock) - record.used_at > UNUSED_SECONDS

    async def _read(self, client_id: str) -> ClientRecord | None:
        version = await self._records.read(name_of(client_id))
        return version.record if version else None

    async def _load_removed(self, client_id: str) -> bool:
        record = await self._read(client_id)
        return record is not None and record.removed > 0


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
