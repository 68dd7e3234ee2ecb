"""Keys: read from text, made once for a machine, derived per purpose."""

import base64
import multiprocessing
from pathlib import Path

import pytest

from google_workspace_mcp.core.keys import Key, KeyRing, derive, local_keys, parse_keys


def encoded(length: int = 32) -> str:
    # The same each time: parallel workers name their tests by it.
    return base64.b64encode(bytes(range(length))).decode()


def test_the_first_key_writes_and_all_are_found() -> None:
    ring = parse_keys(f"new:{encoded()}, old:{encoded()}")
    assert ring.first.id == "new"
    assert ring.find("old") is not None
    assert ring.find("gone") is None


def test_url_safe_base64_is_understood() -> None:
    secret = bytes([251, 255]) * 16
    assert parse_keys(f"a:{base64.urlsafe_b64encode(secret).decode()}").first.secret == secret


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no key"),
        ("justbase64", "written id:base64"),
        ("bad id:AAAA", "written id:base64"),
        ("a:not base64!", "not base64"),
        (f"a:{encoded(16)}", "16 bytes"),
        (f"a:{encoded()},a:{encoded()}", "same id"),
    ],
)
def test_a_mistake_is_named_without_the_key(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_keys(text)
    secret = text.partition(":")[2]
    assert not secret or secret not in str(caught.value)


def test_a_key_is_never_printed() -> None:
    assert "secret" not in repr(KeyRing((Key("a", b"secret"),)))


def test_derived_keys_differ_by_purpose_and_stay_the_same_for_one() -> None:
    ring = parse_keys(f"a:{encoded()}")
    assert derive(ring, "cursor").first.secret != derive(ring, "token").first.secret
    assert derive(ring, "cursor") == derive(ring, "cursor")
    assert derive(ring, "cursor").first.id == "a"


def test_local_keys_are_made_once_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.keys"
    made = local_keys(path)
    assert local_keys(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.sealing.first.secret != made.signing.first.secret


def test_a_damaged_key_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "store.keys"
    path.write_text('{"sealing": "half')
    with pytest.raises(ValueError, match="damaged"):
        local_keys(path)
    assert path.read_text() == '{"sealing": "half'


def _make(path: Path, results: "multiprocessing.SimpleQueue[bytes]") -> None:
    results.put(local_keys(path).sealing.first.secret)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    workers = [context.Process(target=_make, args=(tmp_path / "keys", results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert len({results.get() for _ in workers}) == 1
