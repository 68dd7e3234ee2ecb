"""Codes and refresh tokens: once, in order, and forgiving only of a lost answer."""

import asyncio
import os
from pathlib import Path

import pytest

from google_workspace_mcp.auth.sessions import CODE_SECONDS, REFRESH_SECONDS, CodeRecord, ReplayedError, Sessions
from google_workspace_mcp.core.clock import epoch
from google_workspace_mcp.core.google.endpoints import ISSUER
from google_workspace_mcp.core.keys import Key, KeyRing
from google_workspace_mcp.core.principal import Principal
from google_workspace_mcp.core.storage.directory import DirectoryStore
from google_workspace_mcp.core.storage.sealing import KeyRingWrapper, SealedStore
from tests.support.clock import FakeClock

PERSON = Principal(ISSUER, "1")
SEALING, OLD, NEW = (Key(name, os.urandom(32)) for name in ("s", "old", "new"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path) -> SealedStore:
    return SealedStore(DirectoryStore(tmp_path), KeyRingWrapper(KeyRing((SEALING,))))


@pytest.fixture
def sessions(store: SealedStore, clock: FakeClock) -> Sessions:
    return Sessions(store, KeyRing((OLD,)), clock)


async def code(sessions: Sessions, clock: FakeClock) -> str:
    record = CodeRecord(
        subject="1",
        client_id="c",
        redirect_uri="http://localhost/cb",
        code_challenge="x",
        scopes=("gmail.read",),
        expires_at=epoch(clock) + CODE_SECONDS,
    )
    return await sessions.issue_code(record)


async def signed_in(sessions: Sessions, clock: FakeClock) -> str:
    opened = await sessions.redeem_code(await code(sessions, clock))
    assert opened is not None
    return sessions.refresh_token(opened[0], opened[1].number)


async def refresh(sessions: Sessions, token: str) -> str | None:
    presented = sessions.read_refresh_token(token)
    assert presented is not None
    rotated = await sessions.rotate(presented)
    return sessions.refresh_token(presented.session, rotated.number) if rotated else None


async def test_a_code_opens_a_session_once(sessions: Sessions, clock: FakeClock) -> None:
    one = await code(sessions, clock)
    assert (await sessions.peek_code(one)) is not None
    opened = await sessions.redeem_code(one)
    assert opened is not None
    assert await sessions.find(opened[0]) is not None


async def test_a_replayed_code_ends_the_session_it_opened(sessions: Sessions, clock: FakeClock) -> None:
    one = await code(sessions, clock)
    opened = await sessions.redeem_code(one)
    assert opened is not None
    with pytest.raises(ReplayedError):
        await sessions.peek_code(one)
    assert await sessions.find(opened[0]) is None


async def test_of_two_redeemers_at_once_at_most_one_wins(store: SealedStore, clock: FakeClock) -> None:
    tasks = [Sessions(store, KeyRing((OLD,)), clock) for _ in range(2)]
    one = await code(tasks[0], clock)
    results = await asyncio.gather(*(task.redeem_code(one) for task in tasks), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["ReplayedError", "tuple"]


async def test_a_code_is_good_for_a_minute(sessions: Sessions, clock: FakeClock) -> None:
    one = await code(sessions, clock)
    clock.advance(CODE_SECONDS)
    assert await sessions.peek_code(one) is None


async def test_a_code_that_was_never_issued_is_nothing(sessions: Sessions) -> None:
    assert await sessions.peek_code("x") is None
    assert await sessions.redeem_code("x") is None


async def test_each_refresh_gives_another_token_and_slides_the_end(sessions: Sessions, clock: FakeClock) -> None:
    token = await signed_in(sessions, clock)
    for _ in range(3):
        clock.advance(REFRESH_SECONDS - 1)
        following = await refresh(sessions, token)
        assert following not in (None, token)
        token = following or ""


async def test_a_month_without_use_ends_the_session(sessions: Sessions, clock: FakeClock) -> None:
    token = await signed_in(sessions, clock)
    clock.advance(REFRESH_SECONDS)
    assert await refresh(sessions, token) is None


async def test_a_lost_answer_may_be_asked_for_again_within_half_a_minute(sessions: Sessions, clock: FakeClock) -> None:
    token = await signed_in(sessions, clock)
    first = await refresh(sessions, token)
    clock.advance(29)
    assert await refresh(sessions, token) == first
    assert first is not None
    assert await refresh(sessions, first) is not None


async def test_within_half_a_minute_the_newest_token_is_given_even_if_its_forerunner_was_used(
    sessions: Sessions, clock: FakeClock
) -> None:
    token = await signed_in(sessions, clock)
    newest = await refresh(sessions, await refresh(sessions, token) or "")
    clock.advance(30)
    assert await refresh(sessions, token) == newest


async def test_a_lost_answer_may_be_asked_for_later_too_as_long_as_the_new_token_was_not_used(
    sessions: Sessions, clock: FakeClock
) -> None:
    token = await signed_in(sessions, clock)
    lost = await refresh(sessions, token)
    clock.advance(3600)
    second = await refresh(sessions, token)
    assert second not in (None, token, lost)
    assert await refresh(sessions, token) == second, "and that answer may be lost as well"
    assert await refresh(sessions, second or "") is not None


async def test_if_the_answer_was_not_lost_after_all_the_session_ends_for_both(
    sessions: Sessions, clock: FakeClock
) -> None:
    """The owner holds the first successor, a thief made a second one from the copied token."""
    token = await signed_in(sessions, clock)
    owners = await refresh(sessions, token) or ""
    clock.advance(3600)
    thiefs = await refresh(sessions, token) or ""
    with pytest.raises(ReplayedError):
        await refresh(sessions, owners)
    assert await refresh(sessions, thiefs) is None


@pytest.mark.security("O-9")
async def test_an_old_token_ends_the_session_once_its_successor_was_used(sessions: Sessions, clock: FakeClock) -> None:
    token = await signed_in(sessions, clock)
    newest = await refresh(sessions, await refresh(sessions, token) or "") or ""
    clock.advance(31)
    with pytest.raises(ReplayedError):
        await refresh(sessions, token)
    assert await refresh(sessions, newest) is None


async def test_a_person_sees_their_sessions_and_nobody_elses(sessions: Sessions, clock: FakeClock) -> None:
    await signed_in(sessions, clock)
    clock.advance(1)
    await signed_in(sessions, clock)
    mine = await sessions.of(PERSON)
    assert [session.signed_in_at for _, session in mine] == [epoch(clock), epoch(clock) - 1]
    assert await sessions.of(Principal(ISSUER, "2")) == []


async def test_a_session_is_ended_by_its_name_and_only_by_its_person(sessions: Sessions, clock: FakeClock) -> None:
    token = await signed_in(sessions, clock)
    name = (await sessions.of(PERSON))[0][0]
    assert await sessions.end_named(Principal(ISSUER, "2"), name) is None
    assert await sessions.end_named(PERSON, name) is not None
    assert await refresh(sessions, token) is None


async def test_looking_at_the_sessions_clears_expired_ones_away(
    sessions: Sessions, store: SealedStore, clock: FakeClock
) -> None:
    await signed_in(sessions, clock)
    clock.advance(REFRESH_SECONDS)
    assert await sessions.of(PERSON) == []
    assert [key async for key in store.objects.list("session/sessions/")] == []


async def test_that_a_session_lives_is_looked_up_once_a_minute(store: SealedStore, clock: FakeClock) -> None:
    here, there = (Sessions(store, KeyRing((OLD,)), clock) for _ in range(2))
    opened = await here.redeem_code(await code(here, clock))
    assert opened is not None
    assert await here.live(opened[0]) is not None
    await there.end(opened[0])
    clock.advance(59)
    assert await here.live(opened[0]) is not None
    clock.advance(1)
    assert await here.live(opened[0]) is None


async def test_two_refreshes_at_once_on_two_tasks_get_the_same_token(store: SealedStore, clock: FakeClock) -> None:
    tasks = [Sessions(store, KeyRing((OLD,)), clock) for _ in range(2)]
    token = await signed_in(tasks[0], clock)
    one, two = await asyncio.gather(*(refresh(task, token) for task in tasks))
    assert one == two
    assert one is not None


async def test_a_token_signed_with_the_former_key_still_refreshes(
    store: SealedStore, sessions: Sessions, clock: FakeClock
) -> None:
    token = await signed_in(sessions, clock)
    rotated = Sessions(store, KeyRing((NEW, OLD)), clock)
    following = await refresh(rotated, token)
    assert following is not None
    assert sessions.read_refresh_token(following) is None, "signed with the new key"


@pytest.mark.parametrize("token", ["", "a", "a.1", "a.1.old-x", "a.-1.x", "a.٣.x", "a.99999999999999.x", "é.1.é"])
async def test_a_forged_refresh_token_is_nothing(sessions: Sessions, token: str) -> None:
    assert sessions.read_refresh_token(token) is None


async def test_no_stored_object_holds_a_code_or_token(
    store: SealedStore, sessions: Sessions, clock: FakeClock, tmp_path: Path
) -> None:
    one = await code(sessions, clock)
    opened = await sessions.redeem_code(one)
    assert opened is not None
    token = sessions.refresh_token(opened[0], 0)
    names = [key async for key in store.objects.list("")]
    stored = [(await store.objects.get(name)).data for name in names]
    everything = b"".join([*stored, *(name.encode() for name in names)])
    for secret in (one, token, opened[0]):
        assert secret.encode() not in everything
