"""Filters, the out-of-office reply and what else is set: by name, in the person's days, tried before it is done."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from google_workspace_mcp.core.errors import GoogleRefusedError, NotFoundError, UserInputError
from google_workspace_mcp.sandbox.faults import forbidden, reset_after
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import Deliver, account
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom

SHOP = "shop@partner.example"


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with account(google, clock, "gmail.settings.basic", "gmail.modify", "calendar.readonly") as desk:
        yield desk


async def test_a_filter_is_shown_made_applied_listed_and_deleted(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    bills = [deliver(f"Bill {n}", From=SHOP) for n in range(3)]
    other = deliver("Hello", labels=("INBOX", "Money/Bills"))
    wanted = {"from": SHOP, "actions": ["archive", "mark_read"], "label": "bills"}
    # `from` is a word of Python's, so it is given by its alias.
    shown = await desk.call("gmail_create_filter", **wanted, dry_run=True)
    assert (shown.applied, len(shown.preview)) == (3, 3)
    assert not (await desk.call("gmail_list_filters")).filters
    made = await desk.call("gmail_create_filter", **wanted, apply_to=100)
    assert (made.applied, made.more) == (3, False)
    mailbox = gmail.mailbox(ALICE.email)
    label = next(iter(mailbox.get(other).labels - {"INBOX"}))
    assert all(mailbox.get(each).labels == {label} for each in bills)
    (listed,) = (await desk.call("gmail_list_filters")).filters
    assert listed.criteria == (f"from {SHOP}",)
    assert set(listed.actions) == {"archive", "mark_read", "label Money/Bills"}
    await desk.call("gmail_delete_filter", filter_id=listed.id, dry_run=True)
    gone = await desk.call("gmail_delete_filter", filter_id=listed.id)
    assert gone.filter == listed
    with pytest.raises(NotFoundError):
        await desk.call("gmail_delete_filter", filter_id=listed.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actions": ["archive"]},
        {"from": SHOP},
        {"from": SHOP, "actions": ["important", "not_important"]},
        {"from": f"{SHOP}\nx", "actions": ["archive"]},
    ],
)
async def test_a_filter_that_cannot_be_meant_is_not_made(desk: Mailroom, gmail: GmailService, wrong: dict[str, object]):
    with pytest.raises(UserInputError):
        await desk.call("gmail_create_filter", **wrong)
    assert not gmail.settings.of(gmail.mailbox(ALICE.email)).filters


async def test_the_same_filter_twice_is_refused_and_a_lost_answer_makes_one(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle
):
    google.faults.add("gmail.users.settings.filters.create", reset_after(), times=1)
    await desk.call("gmail_create_filter", subject="x", actions=["star"])
    assert len(gmail.settings.of(gmail.mailbox(ALICE.email)).filters) == 1
    with pytest.raises(GoogleRefusedError):
        await desk.call("gmail_create_filter", subject="x", actions=["star"])


async def test_out_of_office_lasts_from_the_first_midnight_to_the_last_in_the_persons_zone(
    desk: Mailroom, gmail: GmailService
):
    done = await desk.call(
        "gmail_set_vacation", on=True, subject="Away", body="Back soon", first_day="2026-04-01", last_day="2026-04-03"
    )
    stored = gmail.settings.of(gmail.mailbox(ALICE.email)).vacation
    begins, ends = (datetime.fromtimestamp(int(stored[key]) / 1000, UTC) for key in ("startTime", "endTime"))
    # Berlin is two hours ahead of UTC in April.
    assert (begins.isoformat(), ends.isoformat()) == ("2026-03-31T22:00:00+00:00", "2026-04-03T22:00:00+00:00")
    assert (done.vacation.first_day, done.vacation.last_day) == ("2026-04-01", "2026-04-03")
    read = await desk.call("gmail_get_settings")
    assert read.vacation == done.vacation
    assert "out of office: on from 2026-04-01 to 2026-04-03" in read.text()


@pytest.mark.parametrize(
    "wrong",
    [
        {"on": True},
        {"on": True, "body": "x", "first_day": "2026-04-02", "last_day": "2026-04-01"},
        {"on": True, "body": "x", "last_day": "2026-03-30"},
        {"on": True, "body": "x", "first_day": "1.4.2026"},
        {"on": True, "body": "x", "subject": "a\r\nb"},
    ],
)
async def test_an_out_of_office_reply_that_cannot_be_meant_is_not_set(
    desk: Mailroom, gmail: GmailService, wrong: dict[str, object]
):
    with pytest.raises(UserInputError):
        await desk.call("gmail_set_vacation", **wrong)
    assert gmail.settings.of(gmail.mailbox(ALICE.email)).vacation == {"enableAutoReply": False}


async def test_settings_come_in_one_step_and_say_what_is_not_known(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle
):
    gmail.mailbox(ALICE.email).aliases.append(
        {"sendAsEmail": "a@alias.example", "displayName": "A", "signature": "", "verificationStatus": "pending"}
    )
    await desk.call("gmail_get_settings")
    google.faults.add("gmail.users.settings.getImap", forbidden("domainPolicy"))
    read = await desk.call("gmail_get_settings")
    assert desk.round_trips == 1
    assert read.unknown == ("IMAP",)
    assert [(entry.address, entry.default, entry.confirmed) for entry in read.send_as] == [
        (ALICE.email, True, True),
        ("a@alias.example", False, False),
    ]
