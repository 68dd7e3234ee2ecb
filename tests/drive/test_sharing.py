"""Access that is given and taken away: to whom, what the operator allows, and how somebody sees it all the same."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    GoogleRefusedError,
    GoogleUnavailableError,
    NotFoundError,
    OutcomeUnknownError,
    PolicyRefusedError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import Fault, latency, reset_after, reset_before, server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.drive.conftest import Files
from tests.drive.pen import Pen, pen_of
from tests.support.clock import FakeClock

GET, LIST = "drive.files.get", "drive.permissions.list"
CREATE, UPDATE, DELETE = (f"drive.permissions.{name}" for name in ("create", "update", "delete"))


@pytest.fixture
async def pen(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Pen]:
    async with pen_of(google, clock, ALICE.email, tmp_path) as pen:
        yield pen


@pytest.fixture
async def open_pen(google: SimulatedGoogle, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Pen]:
    """Where the operator allows everything that can be allowed."""
    async with pen_of(google, clock, ALICE.email, tmp_path, share_domains="*", allow_public_links="true") as pen:
        yield pen


def roles(files: Files, file_id: str) -> dict[str, str]:
    """Direct permissions on a file, but for its owner's."""
    held = files.drive.store.items[file_id].permissions.values()
    return {p.email or p.domain or p.kind: p.role for p in held if p.role != "owner"}


# -- giving


async def test_a_person_gets_access_and_a_mail(pen: Pen, files: Files):
    told = await pen.call(
        "drive_share", file_id=files.plan, to="Ben@Example.com", role="writer", message="Look,\nplease"
    )
    assert roles(files, files.plan) == {BEN.email: "writer"}
    assert [(sent.recipient, sent.message) for sent in files.drive.notifications] == [(BEN.email, "Look,\nplease")]
    assert (told.state, told.who, told.may, told.notified) == ("shared", BEN.email, "edit", True)
    assert told.text().splitlines()[:2] == [
        "shared: Launch plan · Google Doc · alice@example.com",
        "ben@example.com: edit",
    ]
    assert (pen.room.reached[-1].recipients, pen.room.reached[-1].shares[0].value) == ((BEN.email,), BEN.email)


async def test_sharing_takes_two_round_trips(pen: Pen, google: SimulatedGoogle, files: Files):
    await pen.call("drive_share", file_id=files.plan, to=BEN.email)
    await pen.call("drive_share", file_id=files.notes, to=BEN.email)
    assert pen.methods == [GET, CREATE, LIST]


async def test_nobody_is_mailed_when_that_is_said(pen: Pen, files: Files):
    told = await pen.call("drive_share", file_id=files.plan, to=BEN.email, notify=False)
    assert files.drive.notifications == []
    assert not told.notified
    assert pen.room.reached[-1].recipients == ()


async def test_a_group_and_a_domain_and_anyone_get_access(open_pen: Pen, files: Files):
    group = await open_pen.call("drive_share", file_id=files.plan, to="team@example.com", group=True)
    domain = await open_pen.call("drive_share", file_id=files.plan, to="Studio.Example", role="commenter")
    anyone = await open_pen.call("drive_share", file_id=files.plan, to="anyone")
    kinds = {p.kind: p.role for p in files.drive.store.items[files.plan].permissions.values() if p.role != "owner"}
    assert kinds == {"group": "reader", "domain": "commenter", "anyone": "reader"}
    assert (group.who, domain.who, anyone.who) == (
        "group team@example.com",
        "everyone at studio.example with the link",
        "anyone with the link",
    )
    assert anyone.others == [
        "everyone at studio.example with the link (comment)",
        "group team@example.com (view)",
    ]
    assert len(files.drive.notifications) == 1


async def test_a_dry_run_says_who_would_gain_what_and_does_nothing(pen: Pen, files: Files):
    files.drive.share(files.reports, email=BEN.email)
    told = await pen.call("drive_share", file_id=files.reports, to="dana@example.com", role="writer", dry_run=True)
    assert (told.state, told.may) == ("dry run", "edit")
    assert told.contents == "everything in the folder: 1 thing directly in it"
    assert told.others == ["ben@example.com (view)"]
    assert "dry run, nothing was done: Reports" in told.text()
    assert CREATE not in pen.methods
    assert roles(files, files.reports) == {BEN.email: "reader"}


async def test_who_has_it_already_is_told_so(pen: Pen, files: Files):
    files.drive.share(files.reports, email=BEN.email, role="writer")
    for file_id in (files.reports, files.plan):
        told = await pen.call("drive_share", file_id=file_id, to=BEN.email, role="reader")
        assert (told.state, told.may) == ("unchanged", "edit")
        assert CREATE not in pen.methods
    assert roles(files, files.plan) == {}


async def test_a_smaller_role_grows(pen: Pen, files: Files):
    files.drive.share(files.plan, email=BEN.email)
    told = await pen.call("drive_share", file_id=files.plan, to=BEN.email, role="writer")
    assert (told.state, told.before, told.may) == ("shared", "view", "edit")
    assert roles(files, files.plan) == {BEN.email: "writer"}


async def test_access_ends_at_the_end_of_the_day_in_the_person_s_zone(pen: Pen, files: Files):
    told = await pen.call("drive_share", file_id=files.plan, to=BEN.email, expires="2026-03-29")
    [held] = [p for p in files.drive.store.items[files.plan].permissions.values() if p.email == BEN.email]
    assert held.expires == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    assert told.until == "2026-03-30T00:00+02:00"


@pytest.mark.parametrize(
    "arguments",
    [
        {"to": BEN.email, "expires": "2026-03-01"},
        {"to": BEN.email, "expires": "2028-01-01"},
        {"to": BEN.email, "expires": "soon"},
        {"to": "example.com", "expires": "2026-04-01"},
        {"to": "ben"},
        {"to": "Ben <ben@example.com>"},
        {"to": "ben@example.com, dana@example.com"},
        {"to": "*"},
        {"to": "ben@example.com\nBcc: x@evil.example"},
        {"to": "example.com", "message": "hello"},
        {"to": BEN.email, "message": "hello", "notify": False},
    ],
)
async def test_what_cannot_be_meant_is_refused_before_google_is_asked(
    pen: Pen, files: Files, arguments: dict[str, Any]
):
    with pytest.raises(UserInputError):
        await pen.call("drive_share", file_id=files.plan, **arguments)
    assert not [method for method in pen.methods if method.startswith("drive.")]


@pytest.mark.security("T-19")
@pytest.mark.parametrize(
    "message",
    [
        "<a href='https://evil.example'>Sign in</a>",
        "hello <script>alert(1)</script>",
        "</div><div>",
        "a\x00b",
        "a\u202eb",
        "in\u200bvisible",
        "one\u2028two",
        "a\x0bb",
        "x" * 1001,
    ],
)
async def test_a_message_carries_nothing_but_plain_text(pen: Pen, files: Files, message: str):
    with pytest.raises(UserInputError):
        await pen.call("drive_share", file_id=files.plan, to=BEN.email, message=message)
    assert files.drive.notifications == []
    assert roles(files, files.plan) == {}


# -- what the operator allows


@pytest.mark.security("T-19")
@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        ({"to": CHIARA.email}, "share_domains"),
        ({"to": "team@studio.example", "group": True}, "share_domains"),
        ({"to": "studio.example"}, "share_domains"),
        ({"to": "sub.example.com"}, "share_domains"),
        ({"to": "ben@example.com.evil.example"}, "share_domains"),
        ({"to": "b\u0435n@ex\u0430mple.com"}, ""),
        ({"to": "anyone"}, "public_links"),
        ({"to": "anyone", "role": "writer"}, "public_links"),
        ({"to": BEN.email, "role": "owner"}, "ownership"),
        ({"to": CHIARA.email, "role": "owner"}, "ownership"),
    ],
)
async def test_what_the_operator_does_not_allow_is_not_shared(
    pen: Pen, files: Files, arguments: dict[str, Any], rule: str
):
    for more in ({}, {"dry_run": True}, {"notify": False}):
        with pytest.raises(PolicyRefusedError if rule else UserInputError) as refused:
            await pen.call("drive_share", file_id=files.plan, **arguments, **more)
        assert not rule or refused.value.reason == rule
        assert not [method for method in pen.methods if method.startswith("drive.")]
    assert roles(files, files.plan) == {}
    assert files.drive.notifications == []


@pytest.mark.security("T-19")
async def test_ownership_is_handed_over_by_nobody(open_pen: Pen, files: Files):
    with pytest.raises(PolicyRefusedError):
        await open_pen.call("drive_share", file_id=files.plan, to=BEN.email, role="owner")
    assert files.drive.store.items[files.plan].owner == ALICE.email


@pytest.mark.security("T-19")
async def test_a_notice_goes_to_nobody_whom_mail_may_not_go_to(
    google: SimulatedGoogle, clock: FakeClock, tmp_path: Path, files: Files
):
    async with pen_of(google, clock, ALICE.email, tmp_path, share_domains="*", send_domains="example.com") as pen:
        with pytest.raises(PolicyRefusedError):
            await pen.call("drive_share", file_id=files.plan, to=CHIARA.email)
        await pen.call("drive_share", file_id=files.plan, to=CHIARA.email, notify=False)
    assert roles(files, files.plan) == {CHIARA.email: "reader"}
    assert files.drive.notifications == []


async def test_a_shortcut_is_not_shared_but_names_what_it_leads_to(pen: Pen, files: Files):
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_share", file_id=files.shortcut, to=BEN.email)
    assert files.plan in refused.value.next_step


async def test_who_may_not_share_is_told_so(pen: Pen, files: Files):
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_share", file_id=files.bens, to="dana@example.com")


# -- once


async def test_a_lost_answer_is_resolved_by_looking_and_one_mail_goes_out(
    pen: Pen, google: SimulatedGoogle, files: Files
):
    google.faults.add(CREATE, reset_after(), times=1)
    assert (await pen.call("drive_share", file_id=files.plan, to=BEN.email)).state == "shared"
    assert len(files.drive.notifications) == 1
    assert pen.methods.count(CREATE) == 1


async def test_a_lost_answer_without_access_says_that_nothing_was_done(pen: Pen, google: SimulatedGoogle, files: Files):
    google.faults.add(CREATE, reset_before(), times=1)
    with pytest.raises(GoogleUnavailableError):
        await pen.call("drive_share", file_id=files.plan, to=BEN.email)
    assert roles(files, files.plan) == {}
    assert pen.methods.count(CREATE) == 1


async def test_when_google_will_not_say_nobody_knows(pen: Pen, google: SimulatedGoogle, files: Files):
    google.faults.add(CREATE, reset_after(), times=1)
    google.faults.add(LIST, Fault("the look before the sharing is let through"), times=1)
    google.faults.add(LIST, server_error())
    with pytest.raises(OutcomeUnknownError):
        await pen.call("drive_share", file_id=files.plan, to=BEN.email)
    assert pen.methods.count(CREATE) == 1


async def test_a_folder_that_is_shared_is_known_to_be_so_at_once(open_pen: Pen, files: Files):
    first = await open_pen.call("drive_create_file", name="a", text="x", folder=files.reports)
    await open_pen.call("drive_share", file_id=files.reports, to=CHIARA.email)
    second = await open_pen.call("drive_create_file", name="b", text="x", folder=files.reports)
    assert (first.seen_by, second.seen_by) == ([], [CHIARA.email])


# -- taking away


async def test_access_is_taken_away_by_address_domain_link_or_permission(open_pen: Pen, files: Files):
    own = files.drive.share(files.plan, email=BEN.email, role="writer")
    files.drive.share(files.plan, email=CHIARA.email)
    files.drive.share(files.plan, domain="studio.example")
    files.drive.share(files.plan)
    for who in (CHIARA.email.upper(), "studio.example", "anyone", own):
        told = await open_pen.call("drive_unshare", file_id=files.plan, who=who)
        assert told.state == "taken away"
    assert roles(files, files.plan) == {}
    assert (told.who, told.before, told.may) == (BEN.email, "edit", "")
    assert "ben@example.com: no access, before: edit" in told.text()


async def test_taking_away_takes_two_round_trips(pen: Pen, google: SimulatedGoogle, files: Files):
    google.faults.add("drive.*", latency(0.05))
    for file_id in (files.plan, files.notes):
        files.drive.share(file_id, email=BEN.email)
        await pen.call("drive_unshare", file_id=file_id, who=BEN.email)
        assert set(pen.methods) == {GET, DELETE, LIST}
        assert pen.room.round_trips == 2


async def test_what_a_folder_a_domain_and_the_link_still_give_is_told(pen: Pen, files: Files):
    files.drive.share(files.plan, email=BEN.email, role="writer")
    files.drive.share(files.reports, email=BEN.email)
    files.drive.share(files.plan, domain="example.com")
    files.drive.share(files.quarter)
    told = await pen.call("drive_unshare", file_id=files.plan, who=BEN.email)
    assert told.still == [
        "view, through a folder or shared drive above",
        "everyone at example.com with the link (view)",
        "anyone with the link (view)",
    ]
    assert "still sees it by: view, through a folder" in told.text()


async def test_access_from_above_is_not_taken_away_here_and_told_where_it_is(pen: Pen, files: Files):
    files.drive.share(files.reports, email=BEN.email)
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_unshare", file_id=files.plan, who=BEN.email)
    assert "drive_unshare on" in refused.value.next_step
    assert DELETE not in pen.methods
    assert roles(files, files.reports) == {BEN.email: "reader"}


async def test_where_google_does_not_say_what_is_inherited_the_folder_tells(
    pen: Pen, google: SimulatedGoogle, files: Files
):
    files.drive.store.tells_inheritance = False
    files.drive.share(files.reports, email=BEN.email)
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_unshare", file_id=files.plan, who=BEN.email)
    assert files.quarter in refused.value.next_step
    files.drive.share(files.plan, email=BEN.email, role="writer")
    for dry_run in (True, False):
        told = await pen.call("drive_unshare", file_id=files.plan, who=BEN.email, dry_run=dry_run)
        assert told.still == ["view, through a folder or shared drive above"]
    assert pen.methods == [GET, DELETE, LIST, LIST]
    assert roles(files, files.plan) == {}
    files.drive.share(files.plan, email=BEN.email, role="writer")
    google.faults.add(LIST, Fault("who has access to the file is let through"), times=1)
    google.faults.add(LIST, server_error())
    assert (await pen.call("drive_unshare", file_id=files.plan, who=BEN.email)).state == "taken away"


async def test_membership_of_a_shared_drive_is_told_by_its_id(pen: Pen, files: Files):
    shared = files.drive.add_shared_drive("Launch", {ALICE.email: "organizer", BEN.email: "writer"})
    file = files.drive.add_file(ALICE.email, "x", b"x", parent=shared)
    with pytest.raises(UserInputError) as refused:
        await pen.call("drive_unshare", file_id=file, who=BEN.email)
    assert shared in refused.value.next_step


async def test_a_role_becomes_smaller_or_greater(pen: Pen, files: Files):
    files.drive.share(files.plan, email=BEN.email, role="writer")
    smaller = await pen.call("drive_unshare", file_id=files.plan, who=BEN.email, role="reader")
    assert (smaller.state, smaller.before, smaller.may) == ("changed", "edit", "view")
    assert roles(files, files.plan) == {BEN.email: "reader"}
    assert (await pen.call("drive_unshare", file_id=files.plan, who=BEN.email, role="reader")).state == "unchanged"
    await pen.call("drive_unshare", file_id=files.plan, who=BEN.email, role="writer")
    assert roles(files, files.plan) == {BEN.email: "writer"}


@pytest.mark.security("T-19")
async def test_a_stranger_s_role_is_made_smaller_but_never_greater(pen: Pen, files: Files):
    files.drive.share(files.plan, email=CHIARA.email, role="commenter")
    await pen.call("drive_unshare", file_id=files.plan, who=CHIARA.email, role="reader")
    with pytest.raises(PolicyRefusedError):
        await pen.call("drive_unshare", file_id=files.plan, who=CHIARA.email, role="writer")
    assert roles(files, files.plan) == {CHIARA.email: "reader"}


async def test_a_dry_run_of_taking_away_does_nothing(pen: Pen, files: Files):
    files.drive.share(files.plan, email=BEN.email)
    told = await pen.call("drive_unshare", file_id=files.plan, who=BEN.email, dry_run=True)
    assert told.state == "dry run"
    assert roles(files, files.plan) == {BEN.email: "reader"}


async def test_the_owner_stays_and_nobody_is_found_under_other_names(pen: Pen, files: Files):
    with pytest.raises(GoogleRefusedError):
        await pen.call("drive_unshare", file_id=files.plan, who=ALICE.email)
    files.drive.share(files.plan, domain="example.com")
    with pytest.raises(NotFoundError) as missing:
        await pen.call("drive_unshare", file_id=files.plan, who=BEN.email)
    assert "everyone at example.com" in missing.value.next_step


async def test_a_lost_answer_to_taking_away_is_no_failure(pen: Pen, google: SimulatedGoogle, files: Files):
    files.drive.share(files.plan, email=BEN.email)
    google.faults.add(DELETE, reset_after(), times=1)
    assert (await pen.call("drive_unshare", file_id=files.plan, who=BEN.email)).state == "taken away"
    assert roles(files, files.plan) == {}
