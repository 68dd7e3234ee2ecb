"""People who have signed in, written into the store of a service that has not started yet."""

import asyncio
from pathlib import Path

from google_workspace_mcp.auth.discovery import issuer_of
from google_workspace_mcp.auth.scopes import asked_at_sign_in
from google_workspace_mcp.auth.sessions import CodeRecord, Sessions
from google_workspace_mcp.auth.signing import AccessTokenIssuer, Signer
from google_workspace_mcp.core.clock import SystemClock, epoch
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.google.identity import GoogleIdentity
from google_workspace_mcp.core.google.oauth import TokenAnswer
from google_workspace_mcp.core.http.health import Lifecycle
from google_workspace_mcp.core.keys import derive
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.settings import Settings
from google_workspace_mcp.foundation import Foundation, foundation_of
from tests.bench.quick import Account, Ready

_CLIENT = "bench-client"
_AT_ONCE = 50


async def sign_in(base_url: str, folder: Path, google: Ready, users: int, *, limited: bool = False) -> list[str]:
    """An access token of the service for each of so many people, all of whom have connected one Google account.

    `limited` takes the account whose every call is answered 429.
    """
    settings = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        base_url=base_url,
        google_url=google.url,
        store=f"file://{folder}/store",
    )
    base = foundation_of(settings, SystemClock(), Metrics(), Lifecycle())
    try:
        signed_in = _SignedIn(base, google.limited if limited else google.account)
        tokens: list[str] = []
        for first in range(0, users, _AT_ONCE):
            numbers = range(first, min(users, first + _AT_ONCE))
            tokens += await asyncio.gather(*(signed_in.token(number) for number in numbers))
        return tokens
    finally:
        await base.google.http.aclose()
        await base.store.close()


class _SignedIn:
    """Does what the end of a sign-in does, with the service's own parts."""

    def __init__(self, base: Foundation, account: Account) -> None:
        signing, clock, settings = base.keys.signing, base.clock, base.settings
        self._base = base
        self._account = account
        self._sessions = Sessions(base.store, derive(signing, "refresh-token"), clock)
        signer = Signer(derive(signing, "access-token"), "at+jwt", clock)
        self._tokens = AccessTokenIssuer(signer, issuer_of(settings.base_url), settings.mcp_url)

    async def token(self, number: int) -> str:
        account, scopes = self._account, asked_at_sign_in(self._base.offer)
        subject = f"{account.subject}{number:04}"
        identity = GoogleIdentity(account.subject, account.email, email_verified=True, name="Bench", hosted_domain="")
        answer = TokenAnswer("", 3599, account.refresh_token, frozenset(account.scopes), "")
        await self._base.connections.save(Principal(ISSUER, subject), identity, answer)
        code = await self._sessions.issue_code(
            CodeRecord(
                subject=subject,
                client_id=_CLIENT,
                scopes=scopes,
                address=account.email,
                redirect_uri="",
                code_challenge="",
                expires_at=epoch(self._base.clock) + 60,
            )
        )
        redeemed = await self._sessions.redeem_code(code)
        assert redeemed is not None
        return self._tokens.issue(subject, _CLIENT, scopes, redeemed[0])
