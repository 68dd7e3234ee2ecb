"""The store fails while people are signed in: they are told to wait, and nobody has to sign in again."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tests.support.clock import FakeClock
from tests.support.oauth import HandClient

ALICE = "alice@example.com"


@contextmanager
def unreadable(folder: Path) -> Generator[None]:
    """Reading any object below the folder fails, as it does when a disk is gone."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    for path in files:
        path.rename(path.with_name(f".{path.name}"))
        path.mkdir()
    try:
        yield
    finally:
        for path in files:
            path.rmdir()
            path.with_name(f".{path.name}").rename(path)


async def test_a_store_that_fails_signs_nobody_out(client: HandClient, clock: FakeClock, tmp_path: Path) -> None:
    tokens = await client.tokens(ALICE)
    with unreadable(tmp_path / "store" / "session"):
        refused = await client.refresh(tokens["refresh_token"])
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert await client.ping(tokens["access_token"]) == 503
    assert await client.ping(tokens["access_token"]) == 200
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200


async def test_what_was_looked_up_within_the_minute_goes_on_without_the_store(
    client: HandClient, clock: FakeClock, tmp_path: Path
) -> None:
    tokens = await client.tokens(ALICE)
    assert await client.ping(tokens["access_token"]) == 200
    with unreadable(tmp_path / "store"):
        clock.advance(59)
        assert await client.ping(tokens["access_token"]) == 200
        clock.advance(1)
        assert await client.ping(tokens["access_token"]) == 503
