"""Clients in the store and with a document: where they may be sent back to, and how they prove who they are."""

import secrets
import time
from pathlib import Path
from typing import Any

import pytest
from fastmcp.server.auth.cimd import CIMDClientManager, CIMDDocument
from fastmcp.server.auth.oauth_proxy.models import ProxyDCRClient
from joserfc import jwt
from joserfc.jwk import ECKey
from mcp.shared.auth import InvalidRedirectUriError, InvalidScopeError
from pydantic import AnyUrl
from starlette.datastructures import Headers

from google_workspace_mcp.auth.client_authentication import ClientAuthentication, ClientRefusedError
from google_workspace_mcp.auth.clients import Clients, KnownClient
from google_workspace_mcp.auth.redirects import allowed_patterns
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from tests.support.clock import FakeClock

DAY = 24 * 3600
ADDRESS = "https://client.example/metadata.json"
TOKEN_ENDPOINT = "https://tools.example/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def clients(tmp_path: Path, clock: FakeClock) -> Clients:
    store = SealedStore(DirectoryStore(tmp_path), KeyRingWrapper(KeyRing((Key("k", b"k" * 32),))))
    return Clients(store, clock, offer=("drive.read", "gmail.read"), patterns=allowed_patterns(()))


def with_document(clients: Clients, *redirects: str, **more: Any) -> KnownClient:
    """A client as it is after its document was fetched."""
    document = CIMDDocument.model_validate(
        {"client_id": ADDRESS, "client_name": "Paper\u200b Crane", "redirect_uris": list(redirects), **more}
    )
    return clients.of_document(
        ProxyDCRClient(
            client_id=ADDRESS,
            client_name=document.client_name,
            redirect_uris=None,
            grant_types=document.grant_types,
            token_endpoint_auth_method=document.token_endpoint_auth_method,
            cimd_document=document,
        )
    )


async def registered(clients: Clients, *redirects: str) -> KnownClient:
    record = await clients.register("Client", redirects, scope="", application_type="native")
    found = await clients.find(record.client_id)
    assert found is not None
    return found


def leads_to(client: KnownClient, uri: str) -> bool:
    try:
        return str(client.validate_redirect_uri(AnyUrl(uri))) == str(AnyUrl(uri))
    except InvalidRedirectUriError:
        return False


def test_a_client_with_a_document_is_sent_back_only_where_its_document_says(clients: Clients) -> None:
    client = with_document(clients, "http://127.0.0.1/callback", "https://claude.ai/api/mcp/auth_callback")
    assert leads_to(client, "http://127.0.0.1:4711/callback")
    assert leads_to(client, "https://claude.ai/api/mcp/auth_callback")
    assert not leads_to(client, "http://127.0.0.1:4711/other")
    assert not leads_to(client, "https://claude.com/api/mcp/auth_callback")


def test_a_pattern_in_a_document_is_no_pattern_here(clients: Clients) -> None:
    client = with_document(clients, "https://claude.ai/api/*", "http://localhost:*/callback")
    assert not leads_to(client, "https://claude.ai/api/mcp/auth_callback")
    assert leads_to(client, "http://localhost:33418/callback")
    assert not leads_to(client, "http://localhost:33418/callback/x")


def test_a_document_cannot_lead_to_a_host_that_is_not_allowed_here(clients: Clients) -> None:
    assert not leads_to(with_document(clients, "https://client.example/cb"), "https://client.example/cb")


def test_the_name_in_a_document_is_shown_without_what_cannot_be_seen(clients: Clients) -> None:
    assert with_document(clients, "http://localhost/").shown_name == "Paper Crane"


async def test_without_a_redirect_in_the_request_the_only_registered_one_counts(clients: Clients) -> None:
    one = await registered(clients, "http://localhost/cb")
    two = await registered(clients, "http://localhost/cb", "http://localhost/other")
    assert str(one.validate_redirect_uri(None)) == "http://localhost/cb"
    with pytest.raises(InvalidRedirectUriError):
        two.validate_redirect_uri(None)


async def test_scopes_are_those_of_the_service_whatever_was_registered(clients: Clients) -> None:
    client = await registered(clients, "http://localhost/cb")
    assert client.validate_scope("gmail.read  drive.read gmail.read") == ["gmail.read", "drive.read"]
    assert client.validate_scope("") is None
    with pytest.raises(InvalidScopeError):
        client.validate_scope("gmail.read gmail.delete")


async def test_use_is_stamped_once_a_day_and_only_disuse_ends_a_registration(
    clients: Clients, clock: FakeClock
) -> None:
    client = await registered(clients, "http://localhost/cb")
    clock.advance(DAY - 1)
    await clients.stamp(client.client_id)
    first = (await clients.all())[0]
    assert first.used_at == first.created_at
    clock.advance(1)
    await clients.stamp(client.client_id)
    assert (await clients.all())[0].used_at == first.created_at + DAY
    clock.advance(90 * DAY)
    assert await clients.find(client.client_id) is not None
    clock.advance(1)
    assert await clients.find(client.client_id) is None
    assert await clients.all() == []


async def test_a_removed_client_stays_removed_when_it_is_used(clients: Clients, clock: FakeClock) -> None:
    client = await registered(clients, "http://localhost/cb")
    assert await clients.remove(client.client_id)
    clock.advance(2 * DAY)
    await clients.stamp(client.client_id)
    assert await clients.find(client.client_id) is None
    assert not await clients.remove(client.client_id)


# -- clients that sign


KEY = ECKey.generate_key("P-256", {"kid": "one"})


def signing_client(clients: Clients) -> KnownClient:
    return with_document(
        clients,
        "http://localhost/cb",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [KEY.as_dict(private=False)]},
    )


def assertion(key: ECKey = KEY, **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": ADDRESS, "sub": ADDRESS, "aud": TOKEN_ENDPOINT, "iat": now, "exp": now + 60}
    return jwt.encode({"alg": "ES256", "kid": "one"}, {**claims, "jti": secrets.token_hex(8), **changes}, key)


def authentication(client: KnownClient) -> ClientAuthentication:
    async def find(client_id: str) -> KnownClient | None:
        return client if client_id == ADDRESS else None

    return ClientAuthentication(find, CIMDClientManager(), TOKEN_ENDPOINT)


async def test_a_client_that_signs_is_known_by_its_assertion_alone(clients: Clients) -> None:
    form = {"client_assertion_type": ASSERTION, "client_assertion": assertion()}
    client = await authentication(signing_client(clients)).client_of(Headers(), form)
    assert client.client_id == ADDRESS


@pytest.mark.parametrize(
    "changes",
    [
        {"client_assertion": ""},
        {"client_assertion": "a.b.c"},
        {"client_assertion": assertion(aud="https://elsewhere.example/token")},
        {"client_assertion": assertion(iss="https://another.example/metadata.json")},
        {"client_assertion": assertion(exp=int(time.time()) - 120)},
        {"client_assertion": assertion(ECKey.generate_key("P-256", {"kid": "one"}))},
        {"client_assertion_type": "something else"},
    ],
    ids=["none", "nonsense", "audience", "issuer", "expired", "another key", "another type"],
)
async def test_an_assertion_that_does_not_hold_is_refused(clients: Clients, changes: dict[str, str]) -> None:
    form = {"client_id": ADDRESS, "client_assertion_type": ASSERTION, "client_assertion": assertion(), **changes}
    with pytest.raises(ClientRefusedError):
        await authentication(signing_client(clients)).client_of(Headers(), form)


async def test_an_assertion_serves_once(clients: Clients) -> None:
    form = {"client_assertion_type": ASSERTION, "client_assertion": assertion()}
    who = authentication(signing_client(clients))
    await who.client_of(Headers(), form)
    with pytest.raises(ClientRefusedError):
        await who.client_of(Headers(), form)
