"""Sign-ins under way: ten minutes from their beginning, whatever happens in between."""

from typing import SupportsFloat, override

from fastmcp.server.auth.oauth_proxy.models import OAuthTransaction
from key_value.aio.adapters.pydantic import PydanticAdapter

from google_workspace_mcp.core.storage.key_value import SealedKeyValue

TRANSACTION_SECONDS = 10 * 60


class Transactions(PydanticAdapter[OAuthTransaction]):
    """FastMCP's store of transactions, which would give them 15 minutes, and 15 more at consent."""

    def __init__(self, state: SealedKeyValue) -> None:
        super().__init__(
            key_value=state,
            pydantic_model=OAuthTransaction,
            default_collection="mcp-oauth-transactions",
            raise_on_validation_error=True,
        )

    @override
    async def put(
        self,
        key: str,
        value: OAuthTransaction,
        *,
        collection: str | None = None,
        ttl: SupportsFloat | None = None,
    ) -> None:
        """Keep the transaction for what is left of its time; the wish of the caller is not heard."""
        _, left = await self.ttl(key, collection=collection)
        await super().put(key, value, collection=collection, ttl=TRANSACTION_SECONDS if left is None else left)
