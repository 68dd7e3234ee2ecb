"""Attachment ids: another one on every fetch, and every one of them good for ever, as Google's are."""

import base64
import binascii
import hashlib

from google_workspace_mcp.sandbox.service import bad_request

_PREFIX = b"\x00\xd1\x83\x25"
_NONCE = 12
# The real ones have about 400 characters; a client that shortens or stores them should notice.
_LENGTH = 240


class AttachmentIds:
    """Makes and opens ids. They depend on how many were made before, not on chance, so that runs repeat."""

    def __init__(self) -> None:
        self._made = 0

    def make(self, message_id: str, part_id: str) -> str:
        self._made += 1
        nonce = hashlib.sha256(f"{message_id}/{part_id}/{self._made}".encode()).digest()[:_NONCE]
        plain = f"{message_id}/{part_id}".encode()
        sealed = _mask(nonce, plain.ljust(_LENGTH, b"\x00"))
        check = hashlib.sha256(nonce + sealed).digest()[:8]
        return base64.urlsafe_b64encode(_PREFIX + nonce + check + sealed).decode().rstrip("=")

    def open(self, attachment_id: str, message_id: str) -> str:
        """The part id; 400 as Gmail words it for what is no id of that message."""
        refused = bad_request("Invalid attachment token")
        try:
            data = base64.b64decode(attachment_id + "=" * (-len(attachment_id) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise refused from None
        start = len(_PREFIX)
        nonce, check, sealed = data[start : start + _NONCE], data[start + _NONCE :][:8], data[start + _NONCE + 8 :]
        if not data.startswith(_PREFIX) or hashlib.sha256(nonce + sealed).digest()[:8] != check:
            raise refused
        owner, _, part_id = _mask(nonce, sealed).rstrip(b"\x00").decode().partition("/")
        if owner != message_id:
            raise refused
        return part_id


def _mask(nonce: bytes, data: bytes) -> bytes:
    stream = hashlib.shake_256(nonce).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))
