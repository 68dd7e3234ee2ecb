"""Leaving a list: by one click only where the sender's signature covers the offer, and never into a private network."""

import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx2
import pytest

from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import account
from tests.support.clock import FakeClock
from tests.support.tls import Seen, self_signed, tls_server
from tests.support.workspace import Mailroom

GOOD = {
    "Delivered-To": "alice@example.com",
    "Received": "from mail.news.example by mx.google.com with ESMTPS id k7si3; Mon, 30 Mar 2026 09:00:00 +0000",
    "Authentication-Results": "mx.google.com; dkim=pass header.i=@news.example header.s=s1; spf=pass; dmarc=pass",
    "DKIM-Signature": "v=1; a=rsa-sha256; d=news.example; s=s1; "
    "h=from:to:subject:list-unsubscribe:list-unsubscribe-post; bh=x; b=y",
    "From": "News <news@news.example>",
    "Subject": "News",
    "List-Unsubscribe": "<mailto:leave@news.example>, <https://localhost:PORT/leave?u=1>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


@asynccontextmanager
async def at_desk(
    google: SimulatedGoogle, clock: FakeClock, folder: Path, status: str = "200 OK"
) -> AsyncGenerator[tuple[Mailroom, int, list[Seen]]]:
    certificate = self_signed(folder, "localhost")
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with (
        tls_server(certificate, status, b"") as (port, seen),
        httpx2.AsyncClient(verify=trusting, trust_env=False) as http,
    ):
        egress = Egress(http, local=False, port=port, permits=lambda address: ip_address(address).is_loopback)
        async with account(google, clock, "gmail.modify", "calendar.readonly", egress=egress) as desk:
            yield desk, port, seen


def arrived(gmail: GmailService, port: int, **changes: str) -> str:
    fields = {**GOOD, **{name.replace("_", "-"): value for name, value in changes.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return gmail.deliver(ALICE.email, head.replace("PORT", str(port)).encode() + b"\r\nhello")


async def test_a_signed_offer_is_taken_by_one_post(
    google: SimulatedGoogle, clock: FakeClock, gmail: GmailService, tmp_path: Path
):
    async with at_desk(google, clock, tmp_path) as (desk, port, seen):
        made = arrived(gmail, port)
        shown = await desk.call("gmail_unsubscribe", message_id=made, dry_run=True)
        assert (shown.state, seen) == ("dry run", [])
        done = await desk.call("gmail_unsubscribe", message_id=made)
    assert (done.state, done.host) == ("unsubscribed", "localhost")
    (request,) = seen
    assert (request.method, request.target, request.body) == ("POST", "/leave?u=1", b"List-Unsubscribe=One-Click")
    assert "cookie" not in request.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"List_Unsubscribe": ""},
        {"List_Unsubscribe_Post": ""},
        {"List_Unsubscribe": "<mailto:leave@news.example>"},
        {"List_Unsubscribe": "<http://localhost:PORT/leave>"},
        {"DKIM_Signature": ""},
        {"DKIM_Signature": "v=1; d=news.example; h=from:list-unsubscribe; b=y"},
        {"DKIM_Signature": "v=1; d=other.example; h=list-unsubscribe:list-unsubscribe-post; b=y"},
        {"Authentication_Results": "mx.google.com; dkim=fail header.i=@news.example"},
        {"Authentication_Results": "evil.example; dkim=pass header.i=@news.example"},
        {"Authentication_Results": ""},
        {"list_unsubscribe": "<https://localhost:PORT/other>"},
    ],
)
async def test_an_offer_that_may_be_anybodys_is_not_taken_but_told(
    google: SimulatedGoogle, clock: FakeClock, gmail: GmailService, tmp_path: Path, changes: dict[str, str]
):
    async with at_desk(google, clock, tmp_path) as (desk, port, seen):
        done = await desk.call("gmail_unsubscribe", message_id=arrived(gmail, port, **changes))
    assert (done.state, seen) == ("by hand", [])
    assert done.why
    assert "not unsubscribed" in done.text()


async def test_a_server_that_does_not_take_it_is_told(
    google: SimulatedGoogle, clock: FakeClock, gmail: GmailService, tmp_path: Path
):
    async with at_desk(google, clock, tmp_path, "302 Found") as (desk, port, seen):
        done = await desk.call("gmail_unsubscribe", message_id=arrived(gmail, port))
    assert (done.state, len(seen)) == ("failed", 1)
    assert done.link.startswith("https://localhost")


@pytest.mark.security("T-20")
@pytest.mark.parametrize("host", ["169.254.169.254", "127.0.0.1", "10.0.0.1", "localhost", "[::1]"])
async def test_a_private_address_is_never_called(
    google: SimulatedGoogle, clock: FakeClock, gmail: GmailService, host: str
):
    async with account(google, clock, "gmail.modify", "calendar.readonly") as desk:
        made = arrived(gmail, 443, List_Unsubscribe=f"<https://{host}/leave>")
        done = await desk.call("gmail_unsubscribe", message_id=made)
    assert (done.state, done.why) == (
        "failed",
        "its address is none that this service calls: https on the public internet only",
    )
