"""Data keys made and opened by AWS KMS, bound to the object that they seal.

The encryption context is the object's kind and a hash of its key, so KMS itself refuses a data key that was moved to
another object. Each object names the KMS key that wrapped it by a fingerprint of the key's name in the settings; the
first key of the settings wraps, all of them unwrap.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NoReturn

from google_workspace_mcp.core.aws import AwsAccess, AwsError, AwsService, answered
from google_workspace_mcp.core.storage.base import StoreMisconfiguredError, StoreUnavailableError
from google_workspace_mcp.core.storage.sealing import DataKey, SealBrokenError, SealContext

# Also the most calls to KMS at a time: more wait, rather than being throttled.
_WORKERS = 8
KMS_MARK = "kms:"
_MISCONFIGURED = frozenset(
    {"NotFoundException", "DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException"}
)


class KmsWrapper:
    """A `DataKeyWrapper` on KMS. `keys` are ids, ARNs or `alias/name`."""

    def __init__(self, keys: Sequence[str], access: AwsAccess) -> None:
        self._keys = {fingerprint(key): key for key in keys}
        self._first = keys[0]
        try:
            self._kms = AwsService(access, "kms", workers=_WORKERS)
        except AwsError as error:
            self._fail(error)

    @property
    def current_id(self) -> str:
        return fingerprint(self._first)

    def holds(self, key_id: str) -> bool:
        """Every object that KMS wrapped, also by a key that the settings no longer list: that one is not lost."""
        return key_id.startswith(KMS_MARK)

    async def fresh(self, context: SealContext) -> DataKey:
        bound = _encryption_context(context)
        try:
            answer = await self._kms.call(
                lambda kms: kms.generate_data_key(KeyId=self._first, KeySpec="AES_256", EncryptionContext=bound)
            )
            return DataKey(self.current_id, answered(answer, "Plaintext"), answered(answer, "CiphertextBlob"))
        except AwsError as error:
            self._fail(error)

    async def unwrap(self, key_id: str, wrapped: bytes, context: SealContext) -> bytes:
        key, bound = self._keys.get(key_id), _encryption_context(context)
        if key is None:
            raise StoreMisconfiguredError("an object was sealed by a KMS key that GWMCP_KMS_KEY no longer lists")
        try:
            # With KeyId KMS takes no data key that somebody wrapped under a key of their own.
            answer = await self._kms.call(
                lambda kms: kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=bound, KeyId=key)
            )
            return bytes(answered(answer, "Plaintext"))
        except AwsError as error:
            if error.code == "InvalidCiphertextException":
                raise SealBrokenError("KMS does not open the data key for this object") from None
            self._fail(error)

    async def close(self) -> None:
        await self._kms.close()

    def _fail(self, error: AwsError) -> NoReturn:
        if error.code in _MISCONFIGURED:
            words = "there is no such key" if error.code == "NotFoundException" else "the key is switched off"
            raise StoreMisconfiguredError(f"the KMS key cannot be used: {words}") from None
        if error.code == "IncorrectKeyException":
            raise StoreMisconfiguredError("an object was sealed by another KMS key of the same name") from None
        kind = StoreMisconfiguredError if error.is_lasting else StoreUnavailableError
        raise kind(f"the KMS key cannot be used: {error.in_words()}") from None


def fingerprint(key: str) -> str:
    """How a sealed object names the KMS key; a key of a ring cannot be called so."""
    return KMS_MARK + hashlib.sha256(key.encode()).hexdigest()[:16]


def _encryption_context(context: SealContext) -> dict[str, Any]:
    # KMS writes the context into CloudTrail in plain text, so the key goes in as a hash.
    return {"gwmcp:kind": context.kind, "gwmcp:object": hashlib.sha256(context.key.encode()).hexdigest()}
