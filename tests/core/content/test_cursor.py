"""Sealed cursors."""

import random
import re
from collections.abc import Callable

import pytest

from google_workspace_mcp.core.content.cursor import LIFE_SECONDS, Cursors
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.keys import Key, KeyRing
from tests.support.clock import FakeClock

OLD, NEW = Key("old", b"o" * 32), Key("new", b"n" * 32)
STATE = {"page": "CAoQAA==", "drive": ""}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def cursors(clock: FakeClock, *keys: Key) -> Cursors:
    return Cursors(KeyRing(keys or (NEW,)), clock, random.Random(1).randbytes)


def test_a_cursor_opens_to_what_was_sealed(clock: FakeClock):
    one, another_process = cursors(clock), cursors(clock)
    assert another_process.open(one.seal(STATE, "tool"), "tool") == STATE


def test_a_cursor_is_url_safe_and_tells_nothing(clock: FakeClock):
    cursor = cursors(clock).seal(STATE, "tool")
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", cursor)
    assert "CAoQAA" not in cursor


def test_a_cursor_made_under_an_older_key_still_opens(clock: FakeClock):
    cursor = cursors(clock, OLD).seal(STATE, "tool")
    assert cursors(clock, NEW, OLD).open(cursor, "tool") == STATE


def test_a_cursor_of_a_retired_key_is_refused(clock: FakeClock):
    with pytest.raises(UserInputError, match="not valid for this request"):
        cursors(clock, NEW).open(cursors(clock, OLD).seal(STATE, "tool"), "tool")


def test_a_cursor_for_other_arguments_is_refused(clock: FakeClock):
    with pytest.raises(UserInputError, match="not valid for this request"):
        cursors(clock).open(cursors(clock).seal(STATE, "tool a"), "tool b")


def test_a_cursor_of_somebody_else_is_refused(clock: FakeClock):
    sealer = cursors(clock)
    cursor = sealer.of("alice").seal(STATE, "tool")
    assert sealer.of("alice").open(cursor, "tool") == STATE
    with pytest.raises(UserInputError, match="not valid for this request"):
        sealer.of("ben").open(cursor, "tool")


def test_caller_and_request_cannot_be_shifted_into_each_other(clock: FakeClock):
    sealer = cursors(clock)
    cursor = sealer.of("ab").seal(STATE, "c")
    with pytest.raises(UserInputError):
        sealer.of("a").open(cursor, "bc")


def test_a_cursor_lives_a_day(clock: FakeClock):
    sealer = cursors(clock)
    cursor = sealer.seal(STATE, "tool")
    clock.advance(LIFE_SECONDS - 2)
    assert sealer.open(cursor, "tool") == STATE
    clock.advance(4)
    with pytest.raises(UserInputError, match="expired") as caught:
        sealer.open(cursor, "tool")
    assert "without cursor" in caught.value.next_step


@pytest.mark.parametrize(
    "damage",
    [
        lambda cursor: cursor[:-4],
        lambda cursor: cursor.replace(".", ""),
        lambda cursor: "other" + cursor,
        lambda cursor: cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:],
        lambda cursor: cursor + "!" * 5000,
        lambda cursor: "new.",
        lambda cursor: "new.ü",
        lambda cursor: "…",
    ],
)
def test_a_damaged_cursor_is_refused_without_an_echo(clock: FakeClock, damage: Callable[[str], str]):
    broken = damage(cursors(clock).seal(STATE, "tool"))
    with pytest.raises(UserInputError) as caught:
        cursors(clock).open(broken, "tool")
    assert broken not in caught.value.sentence()
