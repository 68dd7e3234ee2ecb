"""Named keys: several may be read, the first one writes, so that keys rotate without a stop."""

import base64
import binascii
import json
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_ID = re.compile(r"^[A-Za-z0-9_-]{1,32}$")


@dataclass(frozen=True, slots=True)
class Key:
    """256 bits with a name that may be told."""

    id: str
    secret: bytes = field(repr=False)


class Ring(Protocol):
    """Keys of which the first one writes. What asks a ring anew each time follows when keys change."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """All that read, the writing one first."""
        ...

    @property
    def first(self) -> Key:
        """The one that seals and signs."""
        ...

    def find(self, key_id: str) -> Key | None:
        """The key of that id, or None when it has been retired."""
        ...


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by id; `first` is the one that seals and signs."""

    keys: tuple[Key, ...]

    @property
    def first(self) -> Key:
        return self.keys[0]

    def find(self, key_id: str) -> Key | None:
        """The key of that id, or None when it has been retired."""
        return next((key for key in self.keys if key.id == key_id), None)


class LiveRing:
    """A ring whose keys can be put in the place of others while it is in use."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def current(self) -> KeyRing:
        """The keys as they are now."""
        return self._ring

    @property
    def keys(self) -> tuple[Key, ...]:
        return self._ring.keys

    @property
    def first(self) -> Key:
        return self._ring.first

    def find(self, key_id: str) -> Key | None:
        """The key of that id, or None when it has been retired."""
        return self._ring.find(key_id)

    def replace(self, ring: KeyRing) -> None:
        """From now on these keys; one assignment, so no reader sees half of it."""
        self._ring = ring


class _DerivedRing:
    """Follows a live ring; derives again only when its keys have changed."""

    def __init__(self, source: LiveRing, purpose: str) -> None:
        self._source = source
        self._purpose = purpose
        self._derived = (source.current, _derived(source.current, purpose))

    @property
    def keys(self) -> tuple[Key, ...]:
        return self._current().keys

    @property
    def first(self) -> Key:
        return self._current().first

    def find(self, key_id: str) -> Key | None:
        return self._current().find(key_id)

    def _current(self) -> KeyRing:
        source, derived = self._derived
        if source is not self._source.current:
            source = self._source.current
            derived = _derived(source, self._purpose)
            self._derived = (source, derived)
        return derived


def derive(ring: KeyRing | LiveRing, purpose: str) -> Ring:
    """The same ring for one purpose only (HKDF-SHA256): what is signed for one thing is worth nothing elsewhere.

    Of a live ring the result is live too.
    """
    return _derived(ring, purpose) if isinstance(ring, KeyRing) else _DerivedRing(ring, purpose)


def _derived(ring: KeyRing, purpose: str) -> KeyRing:
    return KeyRing(tuple(Key(key.id, _hkdf(key.secret, purpose)) for key in ring.keys))


def _hkdf(secret: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


def parse_keys(text: str) -> KeyRing:
    """Read `id:base64,id:base64`. Raises ValueError that names the entry, never the key."""
    keys: list[Key] = []
    for position, entry in enumerate(filter(None, (part.strip() for part in text.split(","))), start=1):
        key_id, separator, encoded = entry.partition(":")
        if not separator or not _ID.match(key_id):
            raise ValueError(f"key {position} is not written id:base64 with an id of letters, digits, - and _")
        keys.append(Key(key_id, _decoded(key_id, encoded)))
    if not keys:
        raise ValueError("there is no key in it")
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return KeyRing(tuple(keys))


def render_keys(ring: Ring) -> str:
    """The form that `parse_keys` reads."""
    return ",".join(f"{key.id}:{base64.b64encode(key.secret).decode()}" for key in ring.keys)


def _decoded(key_id: str, encoded: str) -> bytes:
    try:
        secret = base64.b64decode(encoded, altchars=b"-_" if set(encoded) & set("-_") else None, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"key {key_id} is not base64") from None
    if len(secret) != KEY_BYTES:
        raise ValueError(f"key {key_id} has {len(secret)} bytes, {KEY_BYTES} are needed")
    return secret


@dataclass(frozen=True, slots=True)
class LocalKeys:
    """The keys to seal and to sign with. `sealing` is empty when KMS alone seals."""

    sealing: KeyRing
    signing: KeyRing


@dataclass(frozen=True, slots=True)
class LiveKeys:
    """The same, changing while they are in use."""

    sealing: LiveRing
    signing: LiveRing

    @classmethod
    def of(cls, keys: LocalKeys) -> Self:
        """Beginning with these."""
        return cls(LiveRing(keys.sealing), LiveRing(keys.signing))


def local_keys(path: Path) -> LocalKeys:
    """Keys kept in the file, made on the first call. The file is readable by its owner only.

    Two processes that start at once agree: the file appears complete or not at all, and the first one wins.
    Raises ValueError when the file is there but damaged: a new key would orphan all that the old one sealed.
    """
    if not path.exists():
        _make_once(path)
    try:
        stored = json.loads(path.read_text(encoding="ascii"))
        return LocalKeys(parse_keys(stored["sealing"]), parse_keys(stored["signing"]))
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"the key file {path} is damaged: restore it from a backup, or move the store away") from None


def _new_secret() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _make_once(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = {name: f"local:{_new_secret()}" for name in ("sealing", "signing")}
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(made, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
