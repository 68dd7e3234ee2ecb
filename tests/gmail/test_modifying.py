"""Mail that is filed: by ids, threads and queries, many at once, and what is told of it."""

from collections.abc import AsyncIterator

import pytest

from google_workspace_mcp.core.errors import AmbiguousNameError, ConflictError, NotFoundError, UserInputError
from google_workspace_mcp.sandbox.faults import reset_after
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import Deliver, account
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with account(google, clock, "gmail.modify", "calendar.readonly") as desk:
        yield desk


def names(gmail: GmailService, message_id: str) -> set[str]:
    mailbox = gmail.mailbox(ALICE.email)
    return {mailbox.labels.get(label).name for label in mailbox.get(message_id).labels}


async def test_archive_is_archive_and_trash_is_trash_and_both_come_back(
    desk: Mailroom, gmail: GmailService, deliver: Deliver
):
    one, other = deliver("a", labels=("INBOX", "UNREAD")), deliver("b")
    await desk.call("gmail_modify", message_ids=[one], actions=["archive", "read"])
    await desk.call("gmail_modify", message_ids=[other], actions=["trash"])
    assert (names(gmail, one), names(gmail, other)) == (set(), {"TRASH"})
    await desk.call("gmail_modify", message_ids=[one], actions=["inbox", "unread"])
    await desk.call("gmail_modify", message_ids=[other], actions=["untrash"])
    assert (names(gmail, one), names(gmail, other)) == ({"INBOX", "UNREAD"}, {"INBOX"})


async def test_labels_are_named_as_people_name_them(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    one = deliver("a", labels=("INBOX", "Work/Reports", "Old"))
    deliver("b", labels=("Work/Plans",))
    done = await desk.call(
        "gmail_modify", message_ids=[one], add_labels=["plans"], remove_labels=["OLD", "work/reports"]
    )
    assert names(gmail, one) == {"INBOX", "Work/Plans"}
    assert (done.added, done.removed) == (("Work/Plans",), ("Old", "Work/Reports"))
    assert done.text().startswith("changed 1 message: +Work/Plans -Old -Work/Reports")


async def test_an_ambiguous_or_unknown_label_changes_nothing(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    one = deliver("a", labels=("INBOX", "Work/Reports"))
    deliver("b", labels=("Home/Reports",))
    with pytest.raises(AmbiguousNameError) as ambiguous:
        await desk.call("gmail_modify", message_ids=[one], add_labels=["reports"], actions=["archive"])
    assert "Home/Reports, Work/Reports" in ambiguous.value.message
    with pytest.raises(NotFoundError):
        await desk.call("gmail_modify", message_ids=[one], add_labels=["nowhere"], actions=["archive"])
    assert names(gmail, one) == {"INBOX", "Work/Reports"}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"actions": ["archive", "inbox"]},
        {"add_labels": ["SENT"]},
        {"actions": ["read"], "query": "from:ben"},
        {"actions": ["read"], "message_ids": []},
        {"actions": ["read"], "message_ids": ["../x"]},
    ],
)
async def test_what_cannot_be_meant_is_refused(desk: Mailroom, deliver: Deliver, wrong: dict[str, object]):
    with pytest.raises(UserInputError):
        await desk.call("gmail_modify", **{"message_ids": [deliver("a")], **wrong})
    assert "gmail.users.messages.batchModify" not in desk.methods


async def test_a_query_is_previewed_then_changed_up_to_its_bound(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    ids = [deliver(f"Bill {n}", From="shop@partner.example") for n in range(15)]
    deliver("Other")
    shown = await desk.call("gmail_modify", query="from:shop@partner.example", actions=["archive"], dry_run=True)
    assert (shown.messages, len(shown.preview), shown.more) == (15, 10, False)
    assert all(names(gmail, each) == {"INBOX"} for each in ids)
    some = await desk.call("gmail_modify", query="from:shop@partner.example", actions=["archive"], limit=6)
    assert (some.messages, some.more) == (6, True)
    assert sum(names(gmail, each) == set() for each in ids) == 6


@pytest.mark.slow
async def test_a_thousand_messages_take_three_steps(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    for n in range(1002):
        deliver(f"Bill {n}", From="shop@partner.example")
    await desk.call("gmail_list_labels")
    await desk.call("gmail_modify", message_ids=[deliver("x")], actions=["read"])
    done = await desk.call("gmail_modify", query="from:shop@partner.example", actions=["archive"], limit=1000)
    assert (done.messages, done.more) == (1000, True)
    assert desk.round_trips == 3


async def test_each_is_looked_at_again_on_request_and_exceptions_are_told(
    desk: Mailroom, gmail: GmailService, deliver: Deliver
):
    ids = [deliver(f"{n}") for n in range(4)]
    done = await desk.call("gmail_modify", message_ids=[*ids, "18f00000000000ff"], actions=["star"], verify=True)
    assert (done.messages, done.verified) == (4, True)
    assert [item.id for item in done.errors] == ["18f00000000000ff"]
    assert "not changed: 18f00000000000ff" in done.text()


async def test_a_whole_thread_is_changed(desk: Mailroom, gmail: GmailService):
    mailbox = gmail.mailbox(ALICE.email)
    raw = b"From: ben@example.com\r\nSubject: S\r\n\r\nhi"
    ids = [gmail.deliver(ALICE.email, raw, thread_key="t") for _ in range(3)]
    thread = mailbox.get(ids[0]).thread_id
    missing = "18f00000000000ff"
    done = await desk.call("gmail_modify", thread_ids=[thread, missing], actions=["read", "archive"])
    assert (done.threads, done.messages, done.verified) == (1, 3, True)
    assert [item.id for item in done.errors] == [missing]
    assert all(names(gmail, each) == set() for each in ids)


async def test_mail_is_found_in_the_trash_to_be_brought_back(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    one = deliver("Lost", labels=("TRASH",))
    done = await desk.call("gmail_modify", query="subject:Lost", actions=["untrash"])
    assert done.messages == 1
    assert names(gmail, one) == {"INBOX"}


# -- labels


async def test_a_label_is_made_shown_renamed_and_deleted(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    made = await desk.call("gmail_create_label", name="Work / Invoices", color="green")
    assert (made.label.name, made.label.color) == ("Work/Invoices", "green")
    one = deliver("a", labels=("INBOX", "UNREAD", "Work/Invoices"))
    listed = await desk.call("gmail_list_labels", counts=True)
    (row,) = [row for row in listed.labels if row.name == "Work/Invoices"]
    assert (row.messages, row.unread) == (1, 1)
    assert desk.round_trips == 2
    await desk.call("gmail_update_label", label="invoices", name="Work/Bills", visibility="hide")
    assert names(gmail, one) == {"INBOX", "UNREAD", "Work/Bills"}
    shown = await desk.call("gmail_delete_label", label="bills", dry_run=True)
    assert "nothing was done" in shown.text()
    await desk.call("gmail_delete_label", label="bills")
    assert names(gmail, one) == {"INBOX", "UNREAD"}


async def test_a_new_label_can_be_used_at_once(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    one = deliver("a")
    await desk.call("gmail_modify", message_ids=[one], actions=["star"])
    await desk.call("gmail_create_label", name="Fresh")
    await desk.call("gmail_modify", message_ids=[one], add_labels=["fresh"])
    assert "Fresh" in names(gmail, one)


async def test_a_label_is_made_once_although_the_answer_was_lost(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle
):
    google.faults.add("gmail.users.labels.create", reset_after(), times=1)
    made = await desk.call("gmail_create_label", name="Once")
    assert made.label.id == gmail.mailbox(ALICE.email).labels.search("once").id  # pyright: ignore[reportOptionalMemberAccess]
    with pytest.raises(ConflictError):
        await desk.call("gmail_create_label", name="once")


@pytest.mark.parametrize("name", ["", "a//b", "x" * 226, "a\nb"])
async def test_a_name_that_cannot_be_one_is_refused(desk: Mailroom, name: str):
    with pytest.raises((UserInputError, ValueError)):
        await desk.call("gmail_create_label", name=name)


async def test_gmails_own_labels_stay(desk: Mailroom):
    with pytest.raises(UserInputError):
        await desk.call("gmail_delete_label", label="INBOX")


# -- for good


async def test_mail_is_deleted_for_good_one_by_one(
    google: SimulatedGoogle, clock: FakeClock, gmail: GmailService, deliver: Deliver
):
    ids = [deliver(f"{n}") for n in range(4)]
    async with account(google, clock, "https://mail.google.com/", "calendar.readonly") as desk:
        shown = await desk.call("gmail_delete_forever", message_ids=ids, dry_run=True)
        assert (shown.deleted, len(shown.preview)) == (4, 4)
        done = await desk.call("gmail_delete_forever", message_ids=[*ids[:3], "18f00000000000ff"])
    assert (done.deleted, [item.id for item in done.errors]) == (3, ["18f00000000000ff"])
    assert len(gmail.mailbox(ALICE.email)) == 1
