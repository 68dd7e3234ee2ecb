"""What is fetched from an address that came from outside, and what is never even connected to."""

import ssl
from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.core.google.transport import make_http_client
from google_workspace_mcp.core.http.egress import Egress, EgressError
from tests.support.key_server import KeyServer, key_server
from tests.support.tls import self_signed, tls_server


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with make_http_client() as http:
        yield http


@pytest.fixture
def server() -> Iterator[KeyServer]:
    with key_server({"keys": []}) as server:
        yield server


async def reason(egress: Egress, url: str, most_bytes: int = 1000) -> str:
    with pytest.raises(EgressError) as caught:
        await egress.fetch_json(url, most_bytes)
    return caught.value.reason


@pytest.mark.parametrize(
    "url",
    [
        "http://keys.example/jwks",
        "https://keys.example:8443/jwks",
        "ftp://keys.example/",
        "file:///etc/passwd",
        "https:///jwks",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://0.0.0.0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://169.254.170.2/v2/credentials",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://224.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
    ],
)
async def test_private_places_and_other_ports_are_refused(http: httpx2.AsyncClient, url: str) -> None:
    assert await reason(Egress(http, local=False), url) == "refused"


async def test_this_machine_is_asked_only_where_that_is_allowed(http: httpx2.AsyncClient, server: KeyServer) -> None:
    assert await Egress(http, local=True).fetch_json(server.url, 1000) == {"keys": []}
    assert await reason(Egress(http, local=False), server.url) == "refused"
    assert server.requests == 1


async def test_allowing_this_machine_allows_no_other_private_place(http: httpx2.AsyncClient) -> None:
    assert await reason(Egress(http, local=True), "https://169.254.169.254/") == "refused"
    assert await reason(Egress(http, local=True), "http://10.0.0.1/") == "refused"


async def test_a_redirect_is_not_followed(http: httpx2.AsyncClient, server: KeyServer) -> None:
    server.status = 302
    assert await reason(Egress(http, local=True), server.url) == "unreachable"
    assert server.requests == 1


async def test_a_document_over_the_limit_is_not_read_to_its_end(http: httpx2.AsyncClient, server: KeyServer) -> None:
    server.document = ["x" * 5000]
    assert await reason(Egress(http, local=True), server.url, most_bytes=4999) == "too_large"


@pytest.mark.parametrize("document", [b"<html>", b"", b"[" * 100_000, b"\xff\xfe"])
async def test_what_is_no_json_is_malformed(http: httpx2.AsyncClient, server: KeyServer, document: bytes) -> None:
    server.document = document
    assert await reason(Egress(http, local=True), server.url, 200_000) == "malformed"


async def test_a_name_that_does_not_exist_is_unreachable(http: httpx2.AsyncClient) -> None:
    assert await reason(Egress(http, local=False), "https://nowhere.invalid/jwks") == "unreachable"


async def test_the_connection_goes_to_the_address_that_was_checked_and_proves_its_name(
    tmp_path: Path,
) -> None:
    certificate = self_signed(tmp_path, "localhost")
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with (
        tls_server(certificate) as (port, seen),
        httpx2.AsyncClient(verify=trusting, trust_env=False) as http,
    ):
        egress = Egress(http, local=False, port=port, permits=lambda address: ip_address(address).is_loopback)
        assert await egress.fetch_json(f"https://localhost:{port}/jwks?a=1", 1000) == {"ok": True}
        # The same listener under a name that its certificate does not hold.
        assert await reason(egress, f"https://127.0.0.1:{port}/jwks") == "unreachable"
    assert [(request.host, request.target) for request in seen] == [(f"localhost:{port}", "/jwks?a=1")]
