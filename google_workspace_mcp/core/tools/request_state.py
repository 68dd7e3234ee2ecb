"""The state that a client carries between the halves of a question, sealed under keys that may change."""

from mcp.server.request_state import AESGCMRequestStateCodec

from google_workspace_mcp.core.keys import Key, Ring


class LiveRequestState:
    """A `RequestStateCodec` that follows a ring: its first key seals, all of them open."""

    def __init__(self, keys: Ring) -> None:
        self._keys = keys
        self._made = (keys.keys, _codec(keys.keys))

    def seal(self, payload: bytes) -> str:
        """A token for the client."""
        return self._codec().seal(payload)

    def unseal(self, token: str) -> bytes:
        """What was sealed. Raises the SDK's error for anything else."""
        return self._codec().unseal(token)

    def _codec(self) -> AESGCMRequestStateCodec:
        keys, codec = self._made
        if keys != self._keys.keys:
            keys = self._keys.keys
            codec = _codec(keys)
            self._made = (keys, codec)
        return codec


def _codec(keys: tuple[Key, ...]) -> AESGCMRequestStateCodec:
    return AESGCMRequestStateCodec([key.secret for key in keys])
