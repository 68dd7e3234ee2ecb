"""What a running service has stored, read and written beside it, as another task of the service would."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

from google_workspace_mcp.auth.connections import Connections
from google_workspace_mcp.auth.links import ConnectLinks, Wish
from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.principal import Caller
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from google_workspace_mcp.foundation import keys_of, offer_of, store_of
from tests.support.stack import Stack


@dataclass(frozen=True)
class Vault:
    """Connections and links of a service, on its store and with its keys."""

    connections: Connections
    links: ConnectLinks

    @classmethod
    def of(cls, stack: Stack, clock: Clock) -> Self:
        settings = stack.settings
        store = SealedStore(store_of(settings), KeyRingWrapper(keys_of(settings).sealing))
        connections = Connections(store, clock)
        links = ConnectLinks(
            store,
            connections,
            clock,
            base_url=settings.base_url,
            offer=offer_of(settings),
            return_urls=settings.return_urls,
        )
        return cls(connections, links)

    def make_link(self, caller: Caller, **wish: Any) -> str:
        """The address of a new link, for a test that has no event loop of its own to wait in."""
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(self.links.create(caller, Wish(**wish)))).result(30).url
