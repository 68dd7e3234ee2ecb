"""Comments that are written and answered, and former contents that are brought back."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    ConflictError,
    GoogleRefusedError,
    NotFoundError,
    OutcomeUnknownError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import Fault, reset_after, reset_before, server_error, truncated_json
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.wire import Outgoing
from tests.drive.conftest import Files
from tests.drive.pen import Pen, pen_of
from tests.support.clock import FakeClock

COMMENT, REPLY, UPDATE = "drive.comments.create", "drive.replies.create", "drive.files.update"
LOST = [reset_after(), truncated_json(), reset_before(), server_error()]


@pytest.fixture
async def pen(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Pen]:
    async with pen_of(google, clock, ALICE.email, tmp_path) as pen:
        yield pen


async def comments(pen: Pen, file_id: str) -> list[Any]:
    return list((await pen.call("drive_list_comments", file_id=file_id)).comments)


# -- comments


async def test_a_comment_is_written_in_one_round_trip(pen: Pen, files: Files):
    told = await pen.call("drive_comment", file_id=files.plan, text="Is May <b>fixed</b>? ❤️ 👨‍👩‍👧")
    assert pen.methods == [COMMENT]
    assert (told.state, told.reply_id) == ("commented", "")
    [comment] = await comments(pen, files.plan)
    assert comment.id == told.comment_id
    assert "Is May <b>fixed</b>? ❤" in comment.content


async def test_a_comment_is_answered_resolved_and_reopened(pen: Pen, files: Files):
    comment = files.drive.comments.add(files.plan, BEN.email, "When?")
    answered = await pen.call("drive_comment", file_id=files.plan, comment_id=comment, text="In May")
    assert (answered.state, answered.comment_id) == ("answered", comment)
    assert answered.reply_id
    for action, state in (("resolve", "resolved"), ("reopen", "reopened"), ("resolve", "resolved")):
        told = await pen.call("drive_comment", file_id=files.plan, comment_id=comment, action=action)
        assert told.state == state
        assert pen.methods == [REPLY]
    [shown] = await comments(pen, files.plan)
    assert shown.resolved


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"action": "resolve"},
        {"text": "x", "action": "resolve"},
        {"text": "a\u202eb"},
        {"text": "a\U000e0041b"},
        {"text": "a\x00b"},
        {"text": "x", "comment_id": "../x"},
    ],
)
async def test_what_cannot_be_said_is_refused_before_google_is_asked(pen: Pen, files: Files, arguments: dict[str, Any]):
    with pytest.raises(UserInputError):
        await pen.call("drive_comment", file_id=files.plan, **arguments)
    assert not pen.methods


async def test_a_dry_run_of_a_comment_says_nothing_to_anybody(pen: Pen, files: Files):
    told = await pen.call("drive_comment", file_id=files.plan, text="x", dry_run=True)
    assert (told.state, told.words) == ("dry run", "x")
    assert not pen.methods


async def test_who_may_only_read_says_nothing_and_what_is_gone_is_not_answered(pen: Pen, files: Files):
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_comment", file_id=files.bens, text="x")
    with pytest.raises(NotFoundError):
        await pen.call("drive_comment", file_id=files.plan, comment_id="AAAB1234567", text="x")


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.label)
@pytest.mark.parametrize("answer", [False, True])
async def test_a_comment_whose_answer_is_lost_is_there_once(
    pen: Pen, google: SimulatedGoogle, files: Files, fault: Fault, answer: bool
):
    first = files.drive.comments.add(files.plan, ALICE.email, "First words")
    google.faults.add(REPLY if answer else COMMENT, fault, times=1)
    more = {"comment_id": first} if answer else {}
    await pen.call("drive_comment", file_id=files.plan, text="Other words", **more)
    shown = await comments(pen, files.plan)
    assert len(shown) == (1 if answer else 2)
    assert sum(comment.replies for comment in shown) == (1 if answer else 0)


async def test_when_google_will_not_say_whether_a_comment_is_there_nobody_knows(
    pen: Pen, google: SimulatedGoogle, files: Files
):
    google.faults.add(COMMENT, reset_after(), times=1)
    google.faults.add("drive.comments.list", server_error())
    with pytest.raises(OutcomeUnknownError):
        await pen.call("drive_comment", file_id=files.plan, text="x")
    assert pen.methods.count(COMMENT) == 1


# -- revisions


async def old_and_new(pen: Pen, files: Files, clock: FakeClock, new: bytes = b"new") -> str:
    """The id of the first revision of the notes, which have other content now."""
    clock.advance(600)
    files.drive.replace(files.notes, new, ALICE.email)
    return (await pen.call("drive_list_revisions", file_id=files.notes)).revisions[-1].id


async def test_a_former_content_becomes_the_newest_revision(pen: Pen, files: Files, clock: FakeClock):
    before = files.drive.store.items[files.notes].data
    revision = await old_and_new(pen, files, clock)
    told = await pen.call("drive_restore_revision", file_id=files.notes, revision_id=revision)
    assert files.drive.store.items[files.notes].data == before
    assert len((await pen.call("drive_list_revisions", file_id=files.notes)).revisions) == 3
    assert told.state == "restored"
    assert "Thu 2026-03-19 13:00 +01:00 (Europe/Berlin) is now the newest revision" in told.note


async def test_restoring_takes_three_round_trips(pen: Pen, files: Files, clock: FakeClock):
    revision = await old_and_new(pen, files, clock)
    await pen.call("drive_restore_revision", file_id=files.notes, revision_id=revision)
    assert [m for m in pen.methods if m.startswith("drive.")] == [
        "drive.files.get",
        UPDATE,
        "drive.revisions.get",
        "drive.revisions.get",
    ]


async def test_a_large_former_content_comes_back_in_pieces(pen: Pen, files: Files, clock: FakeClock):
    data = bytes(range(251)) * 30_000
    files.drive.replace(files.notes, data, ALICE.email)
    clock.advance(600)
    files.drive.replace(files.notes, b"small", ALICE.email)
    revision = (await pen.call("drive_list_revisions", file_id=files.notes)).revisions[1].id
    await pen.call("drive_restore_revision", file_id=files.notes, revision_id=revision)
    assert files.drive.store.items[files.notes].data == data
    assert pen.heard[-1] == (len(data), len(data))


async def test_a_dry_run_of_restoring_does_nothing(pen: Pen, files: Files, clock: FakeClock):
    revision = await old_and_new(pen, files, clock)
    told = await pen.call("drive_restore_revision", file_id=files.notes, revision_id=revision, dry_run=True)
    assert (told.state, files.drive.store.items[files.notes].data) == ("dry run", b"new")


async def test_a_google_doc_s_versions_are_left_to_the_person(pen: Pen, files: Files):
    [revision, *_] = (await pen.call("drive_list_revisions", file_id=files.plan)).revisions
    with pytest.raises(GoogleRefusedError) as refused:
        await pen.call("drive_restore_revision", file_id=files.plan, revision_id=revision.id)
    assert "Version history" in refused.value.next_step


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.label)
async def test_a_content_whose_answer_is_lost_is_brought_back_once(
    pen: Pen, google: SimulatedGoogle, files: Files, clock: FakeClock, fault: Fault
):
    revision = await old_and_new(pen, files, clock)
    google.faults.add(UPDATE, fault, times=1)
    await pen.call("drive_restore_revision", file_id=files.notes, revision_id=revision)
    assert files.drive.store.items[files.notes].revision == 3


async def test_what_somebody_else_writes_meanwhile_is_not_written_over(
    pen: Pen, google: SimulatedGoogle, files: Files, clock: FakeClock
):
    revision = await old_and_new(pen, files, clock)

    def meanwhile(answer: Outgoing) -> Outgoing:
        clock.advance(60)
        files.drive.replace(files.notes, b"theirs", BEN.email)
        return answer

    google.faults.add("drive.revisions.get", Fault("what is known of it is let through"), times=1)
    google.faults.add(
        "drive.revisions.get", Fault("somebody writes while it is fetched", afterwards=meanwhile), times=1
    )
    google.faults.add(UPDATE, reset_before(), times=1)
    with pytest.raises(ConflictError):
        await pen.call("drive_restore_revision", file_id=files.notes, revision_id=revision)
    assert files.drive.store.items[files.notes].data == b"theirs"
