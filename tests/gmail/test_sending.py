"""Mail that is sent, answered, passed on: what leaves, that it leaves once, and what is said when nobody can know."""

import email
import email.policy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from google_workspace_mcp.core.errors import (
    GoogleUnavailableError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
    TooLargeError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import (
    Fault,
    reset_after,
    reset_before,
    server_error,
    too_many_requests,
    truncated_json,
)
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import Deliver, account
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom

SEND = "gmail.users.drafts.send"
CREATE = "gmail.users.drafts.create"
THREE_PEOPLE = {
    "From": "Ben Okafor <ben@example.com>",
    "To": "Alice Ferreira <alice@example.com>, Chiara <chiara@partner.example>",
    "Cc": "Dana <dana@partner.example>",
}


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock) -> AsyncIterator[Mailroom]:
    async with account(google, clock, "gmail.modify", "gmail.send", "calendar.readonly") as desk:
        yield desk


def last_sent(gmail: GmailService) -> EmailMessage:
    message = email.message_from_bytes(gmail.sent[-1].raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def rich(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content()


def drafts_of(gmail: GmailService) -> int:
    return len(gmail.mailbox(ALICE.email).drafts)


async def test_a_message_arrives_as_it_was_written(desk: Mailroom, gmail: GmailService):
    sent = await desk.call(
        "gmail_send",
        to=["Ben, the tall one <ben@example.com>"],
        cc=["ben@example.com", "Zoë <zoe@partner.example>"],
        bcc=["quiet@partner.example"],
        subject="Grüße aus Köln",
        body="**Hello**\nBen",
    )
    message = last_sent(gmail)
    assert str(message["Subject"]) == "Grüße aus Köln"
    assert [(a.display_name, a.addr_spec) for a in message["To"].addresses] == [
        ("Ben, the tall one", "ben@example.com")
    ]
    assert [a.addr_spec for a in message["Cc"].addresses] == ["zoe@partner.example"]
    assert message["Bcc"] is None
    assert set(gmail.sent[-1].recipients) == {"ben@example.com", "zoe@partner.example", "quiet@partner.example"}
    assert plain(message).startswith("**Hello**\nBen")
    assert "<strong>Hello</strong><br>" in rich(message)
    assert sent.state == "sent"
    assert "SENT" in gmail.mailbox(ALICE.email).get(sent.message_id).labels
    assert drafts_of(gmail) == 0
    assert desk.reached[-1].recipients == ("ben@example.com", "zoe@partner.example", "quiet@partner.example")


async def test_sending_takes_two_steps_once_the_identities_are_known(desk: Mailroom):
    for _ in range(2):
        await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert desk.methods == [CREATE, SEND]
    assert desk.round_trips == 2


async def test_plain_text_stays_plain_text(desk: Mailroom, gmail: GmailService):
    await desk.call(
        "gmail_send", to=["ben@example.com"], subject="x", body="a *b*\n<i>c</i>", format="text", signature=False
    )
    message = last_sent(gmail)
    assert message.get_content_type() == "text/plain"
    assert plain(message).rstrip() == "a *b*\n<i>c</i>"


async def test_a_dry_run_says_what_would_go_out_and_does_nothing(desk: Mailroom, gmail: GmailService):
    shown = await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y", dry_run=True)
    assert (shown.state, shown.to, shown.preview) == (
        "dry run",
        ("ben@example.com",),
        "y\n\n-- \nAlice Ferreira",
    )
    assert not gmail.sent
    assert drafts_of(gmail) == 0
    assert desk.reached


async def test_a_message_to_nobody_is_refused(desk: Mailroom, gmail: GmailService):
    with pytest.raises(UserInputError):
        await desk.call("gmail_send", to=[], subject="x", body="y")
    assert not gmail.sent


@pytest.mark.security("T-2")
@pytest.mark.parametrize(
    "subject",
    [
        "=?utf-8?q?a=0d=0aBcc:_evil@x.example?=",
        "=?utf-8?b?YQ0KQmNjOiBldmlsQHguZXhhbXBsZQ==?=",
        "ä =?utf-8?q?a=0aBcc:_evil@x.example?= =?x?",
        "=?utf-8?q?" + "a" * 200 + "=0d=0aBcc:_evil@x.example?=",
    ],
)
async def test_an_encoded_word_in_a_subject_is_text_and_adds_no_field(
    desk: Mailroom, gmail: GmailService, subject: str
):
    await desk.call("gmail_send", to=["ben@example.com"], subject=subject, body="y")
    assert gmail.sent[-1].recipients == ("ben@example.com",)
    head = gmail.sent[-1].raw.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert b"bcc" not in names
    assert len(names) == len(set(names))
    assert str(last_sent(gmail)["Subject"]) == subject


@pytest.mark.security("T-7")
async def test_too_many_recipients_are_refused_and_repetitions_count_once(desk: Mailroom, gmail: GmailService):
    with pytest.raises(UserInputError):
        await desk.call(
            "gmail_send",
            to=[f"p{n}@example.com" for n in range(300)],
            bcc=[f"q{n}@example.com" for n in range(201)],
            subject="x",
            body="y",
        )
    await desk.call("gmail_send", to=["ben@example.com"] * 400, cc=["BEN@EXAMPLE.COM"], subject="x", body="y")
    assert gmail.sent[-1].recipients == ("ben@example.com",)


# -- answers


async def test_an_answer_keeps_its_thread_together(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    first = deliver("Plans", "Shall we?", Message_ID="<one@mail.example>", References="<zero@mail.example>")
    sent = await desk.call("gmail_reply", message_id=first, body="Yes", signature=False)
    message = last_sent(gmail)
    assert str(message["In-Reply-To"]) == "<one@mail.example>"
    assert str(message["References"]).split() == ["<zero@mail.example>", "<one@mail.example>"]
    assert str(message["Subject"]) == "Re: Plans"
    mailbox = gmail.mailbox(ALICE.email)
    assert mailbox.get(sent.message_id).thread_id == mailbox.get(first).thread_id
    assert plain(message).startswith("Yes\n\nOn ")
    assert "> Shall we?" in plain(message)
    assert 'class="gmail_quote"' in rich(message)


async def test_an_answer_takes_three_steps(desk: Mailroom, deliver: Deliver):
    first = deliver("Plans", "Shall we?", Message_ID="<one@mail.example>")
    for _ in range(2):
        await desk.call("gmail_reply", message_id=first, body="Yes")
    assert desk.methods == [CREATE, SEND, "gmail.users.messages.get"]
    assert desk.round_trips == 3


async def test_an_answer_to_all_leaves_out_oneself(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    await desk.call("gmail_reply", message_id=deliver(**THREE_PEOPLE), body="Yes", reply_all=True)
    message = last_sent(gmail)
    assert [a.addr_spec for a in message["To"].addresses] == ["ben@example.com"]
    assert [a.addr_spec for a in message["Cc"].addresses] == ["chiara@partner.example", "dana@partner.example"]


async def test_an_answer_goes_to_the_sender_alone_unless_all_are_meant(
    desk: Mailroom, gmail: GmailService, deliver: Deliver
):
    await desk.call("gmail_reply", message_id=deliver(**THREE_PEOPLE), body="Yes")
    assert gmail.sent[-1].recipients == ("ben@example.com",)


async def test_reply_to_and_the_mailing_list_are_honoured(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    posted = deliver(**THREE_PEOPLE, Reply_To="Desk <desk@partner.example>", List_Post="<mailto:list@lists.example>")
    await desk.call("gmail_reply", message_id=posted, body="Yes", reply_all=True)
    message = last_sent(gmail)
    assert [a.addr_spec for a in message["To"].addresses] == ["desk@partner.example"]
    assert "list@lists.example" in [a.addr_spec for a in message["Cc"].addresses]


async def test_an_answer_to_ones_own_mail_goes_to_whom_that_went(desk: Mailroom, gmail: GmailService, deliver: Deliver):
    own = deliver(From="Alice <alice@example.com>", To="Ben <ben@example.com>", labels=("SENT",))
    await desk.call("gmail_reply", message_id=own, body="And another thing")
    assert gmail.sent[-1].recipients == ("ben@example.com",)


async def test_a_thread_is_answered_at_its_last_message_that_is_no_draft(desk: Mailroom, gmail: GmailService):
    made = ""
    for number, labels in enumerate([("INBOX",), ("INBOX",), ("DRAFT",)]):
        fields = f"From: p{number}@example.com\r\nTo: alice@example.com\r\nMessage-ID: <m{number}@x.example>\r\n"
        raw = f"{fields}Subject: S\r\n\r\nhi"
        moment = datetime(2026, 3, 30, 9, number, tzinfo=UTC)
        made = gmail.deliver(ALICE.email, raw.encode(), labels=labels, thread_key="t", date=moment)
    thread = gmail.mailbox(ALICE.email).get(made).thread_id
    await desk.call("gmail_reply", thread_id=thread, body="ok")
    assert gmail.sent[-1].recipients == ("p1@example.com",)


@pytest.mark.security("T-3")
@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": "=?utf-8?q?hello=0d=0aBcc:_evil@x.example?="},
        {"From": "=?utf-8?q?Ben=0d=0aBcc:_evil@x.example?= <ben@example.com>"},
        {"References": "<a@b.example>\tBcc:evil@x.example <c\x0b@d.example>"},
        {"From": "Ben Bcc: evil@x.example <ben@example.com>"},
    ],
)
async def test_headers_of_received_mail_add_none_to_the_answer(
    desk: Mailroom, gmail: GmailService, deliver: Deliver, headers: dict[str, str]
):
    await desk.call("gmail_reply", message_id=deliver(**{"Message-ID": "<o@b.example>", **headers}), body="Yes")
    assert "evil@x.example" not in gmail.sent[-1].recipients
    names = [name.lower() for name in last_sent(gmail)]
    assert "bcc" not in names
    assert len(names) == len(set(names))


async def test_the_original_is_passed_on_with_its_fields_and_files(desk: Mailroom, gmail: GmailService):
    original = EmailMessage()
    original["From"], original["To"], original["Subject"] = "ben@example.com", "alice@example.com", "Fwd: Numbers"
    original.set_content("See below")
    original.add_attachment(b"%PDF-1.4 x" * 2000, maintype="application", subtype="pdf", filename="März.pdf")
    original.add_attachment("a;b\n", filename="t.csv", subtype="csv")
    made = gmail.deliver(ALICE.email, original.as_bytes())
    await desk.call("gmail_forward", message_id=made, to=["zoe@partner.example"], body="FYI")
    message = last_sent(gmail)
    assert str(message["Subject"]) == "Fwd: Numbers"
    assert "From: ben@example.com" in plain(message)
    assert "See below" in plain(message)
    assert [part.get_filename() for part in message.iter_attachments()] == ["März.pdf", "t.csv"]
    assert next(message.iter_attachments()).get_payload(decode=True) == b"%PDF-1.4 x" * 2000


async def test_a_message_inside_of_the_original_is_passed_on_whole(desk: Mailroom, gmail: GmailService):
    inner, original = EmailMessage(), EmailMessage()
    inner["From"], inner["Subject"] = "zoe@partner.example", "Inner"
    inner.set_content("deep")
    original["From"], original["To"], original["Subject"] = "ben@example.com", "alice@example.com", "Outer"
    original.set_content("See below")
    original.add_attachment(inner)
    made = gmail.deliver(ALICE.email, original.as_bytes())
    await desk.call("gmail_forward", message_id=made, to=["zoe@partner.example"])
    (file,) = last_sent(gmail).iter_attachments()
    assert file.get_filename() == "Inner.eml"
    data = file.get_payload(decode=True)
    assert isinstance(data, bytes)
    assert "deep" in email.message_from_bytes(data).get_payload()


async def test_a_forward_without_files_has_none(desk: Mailroom, gmail: GmailService):
    original = EmailMessage()
    original["From"], original["To"], original["Subject"] = "ben@example.com", "alice@example.com", "Numbers"
    original.set_content("See below")
    original.add_attachment(b"x", maintype="application", subtype="pdf", filename="a.pdf")
    made = gmail.deliver(ALICE.email, original.as_bytes())
    for _ in range(2):
        await desk.call("gmail_forward", message_id=made, to=["zoe@partner.example"], with_attachments=False)
    assert not list(last_sent(gmail).iter_attachments())
    assert desk.round_trips == 3


# -- attachments


async def test_files_in_place_and_from_another_message_are_attached(desk: Mailroom, gmail: GmailService):
    other = EmailMessage()
    other["From"], other["To"], other["Subject"] = "ben@example.com", "alice@example.com", "Numbers"
    other.set_content("x")
    other.add_attachment(b"\x00\xff" * 9000, maintype="application", subtype="pdf", filename="a.pdf")
    made = gmail.deliver(ALICE.email, other.as_bytes())
    await desk.call(
        "gmail_send",
        to=["ben@example.com"],
        subject="x",
        body="<p>see <img src='cid:dot.png'></p>",
        format="html",
        attachments=[
            {"message": made, "part": "A.PDF"},
            {"name": "n.txt", "text": "grün"},
            {"name": "dot.png", "base64": "iVBORw0KGgo=", "mime_type": "image/png", "inline": True},
        ],
    )
    message = last_sent(gmail)
    files = {part.get_filename(): part.get_payload(decode=True) for part in message.walk() if part.get_filename()}
    assert files == {"a.pdf": b"\x00\xff" * 9000, "n.txt": "grün".encode(), "dot.png": b"\x89PNG\r\n\x1a\n"}
    assert "cid:dot.png" in rich(message)


@pytest.mark.security("T-8")
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "x", "base64": "####"},
        {"name": "x", "text": "a", "base64": "aa=="},
        {},
        {"message": "18f0000000000000", "part": "1"},
        {"text": "a"},
        {"name": "x\r\nBcc: a@b.example", "text": "a"},
        {"name": "x.txt", "text": "a", "inline": True},
    ],
)
async def test_one_attachment_that_cannot_be_had_stops_it_all(
    desk: Mailroom, gmail: GmailService, wrong: dict[str, Any]
):
    with pytest.raises(UserInputError):
        await desk.call(
            "gmail_send",
            to=["ben@example.com"],
            subject="x",
            body="y",
            attachments=[{"name": "good.txt", "text": "good"}, wrong],
        )
    assert not gmail.sent
    assert drafts_of(gmail) == 0


@pytest.mark.security("T-8")
async def test_a_forged_type_becomes_harmless(desk: Mailroom, gmail: GmailService):
    attachment = {"name": "x", "text": "a", "mime_type": "text/html\r\nX-Evil: 1"}
    await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y", attachments=[attachment])
    assert next(last_sent(gmail).iter_attachments()).get_content_type() == "application/octet-stream"


@pytest.mark.slow
@pytest.mark.security("T-8")
async def test_more_than_gmail_carries_is_refused_with_the_way_by_drive(desk: Mailroom, gmail: GmailService):
    big = EmailMessage()
    big["From"], big["To"], big["Subject"] = "ben@example.com", "alice@example.com", "Big"
    big.set_content("x")
    for name in ("a.bin", "b.bin"):
        big.add_attachment(b"\x00" * (13 * 2**20), maintype="application", subtype="zip", filename=name)
    made = gmail.deliver(ALICE.email, big.as_bytes())
    with pytest.raises(TooLargeError) as refused:
        await desk.call("gmail_forward", message_id=made, to=["zoe@partner.example"])
    assert "Drive" in refused.value.next_step
    one = [{"message": made, "part": "a.bin"}]
    await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y", attachments=one)
    assert len(gmail.sent) == 1
    assert len(gmail.sent[0].raw) > 13 * 2**20


# -- exactly once


@pytest.mark.parametrize(
    "fault", [reset_before(), server_error(), reset_after(), truncated_json()], ids=lambda f: f.label
)
async def test_whatever_breaks_while_the_draft_is_made_one_message_goes_out(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle, fault: Fault
):
    google.faults.add(CREATE, fault, times=1)
    sent = await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert sent.state == "sent"
    assert len(gmail.sent) == 1
    assert drafts_of(gmail) == 0


@pytest.mark.parametrize("fault", [reset_after(), truncated_json()], ids=lambda f: f.label)
async def test_a_lost_answer_to_a_message_that_went_out_is_found_out(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle, fault: Fault
):
    google.faults.add(SEND, fault, times=1)
    sent = await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert (sent.state, sent.message_id) == ("sent", "")
    assert "answer was lost" in sent.text()
    assert len(gmail.sent) == 1


@pytest.mark.parametrize("fault", [reset_before(), server_error()], ids=lambda f: f.label)
async def test_a_message_that_did_not_go_out_stays_as_a_draft_and_is_said_to(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle, fault: Fault
):
    google.faults.add(SEND, fault, times=1)
    with pytest.raises(NotSentError) as not_sent:
        await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert not gmail.sent
    (kept,) = gmail.mailbox(ALICE.email).drafts
    assert kept in not_sent.value.next_step
    await desk.call("gmail_send_draft", draft_id=kept)
    assert len(gmail.sent) == 1


async def test_what_nobody_can_know_is_said_and_never_tried_again(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle
):
    google.faults.add(SEND, reset_after(), times=1)
    google.faults.add("gmail.users.drafts.get", server_error())
    with pytest.raises(OutcomeUnknownError) as unknown:
        await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert not isinstance(unknown.value, NotSentError)
    assert len(gmail.sent) == 1


async def test_a_refusal_leaves_no_draft_behind(desk: Mailroom, gmail: GmailService, google: SimulatedGoogle):
    google.faults.add(SEND, too_many_requests(600), times=1)
    with pytest.raises(RateLimitedError):
        await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert not gmail.sent
    assert drafts_of(gmail) == 0


async def test_nothing_is_sent_when_the_draft_cannot_be_made(
    desk: Mailroom, gmail: GmailService, google: SimulatedGoogle
):
    google.faults.add(CREATE, server_error())
    with pytest.raises(GoogleUnavailableError) as failed:
        await desk.call("gmail_send", to=["ben@example.com"], subject="x", body="y")
    assert "Nothing was sent" in failed.value.message
    assert not gmail.sent


# -- drafts


async def test_a_draft_is_changed_in_what_is_given_and_kept_in_the_rest(
    desk: Mailroom, gmail: GmailService, deliver: Deliver
):
    first = deliver("Plans", "Shall we?", Message_ID="<one@mail.example>")
    made = await desk.call(
        "gmail_create_draft",
        reply_to_message=first,
        body="Perhaps",
        signature=False,
        cc=["Zoë <zoe@partner.example>"],
        attachments=[{"name": "ä.txt", "text": "grün"}],
    )
    assert not gmail.sent
    changed = await desk.call(
        "gmail_update_draft", draft_id=made.draft_id, subject="Re: Plans", bcc=["q@partner.example"]
    )
    assert changed.draft_id == made.draft_id
    assert desk.round_trips <= 2
    sent = await desk.call("gmail_send_draft", draft_id=made.draft_id)
    message = last_sent(gmail)
    assert plain(message).startswith("Perhaps\n\nOn ")
    assert [a.addr_spec for a in message["Cc"].addresses] == ["zoe@partner.example"]
    assert [a.display_name for a in message["Cc"].addresses] == ["Zoë"]
    assert str(message["In-Reply-To"]) == "<one@mail.example>"
    assert [part.get_filename() for part in message.iter_attachments()] == ["ä.txt"]
    assert set(gmail.sent[-1].recipients) == {"ben@example.com", "zoe@partner.example", "q@partner.example"}
    mailbox = gmail.mailbox(ALICE.email)
    assert mailbox.get(sent.message_id).thread_id == mailbox.get(first).thread_id
    assert desk.reached[-1].recipients == sent_to(sent)


def sent_to(sent: Any) -> tuple[str, ...]:
    return tuple(entry.rpartition("<")[2].rstrip(">") for entry in (*sent.to, *sent.cc, *sent.bcc))


async def test_fields_of_a_draft_can_be_emptied(desk: Mailroom, gmail: GmailService):
    made = await desk.call(
        "gmail_create_draft", to=["ben@example.com"], cc=["z@partner.example"], attachments=[{"name": "a", "text": "b"}]
    )
    changed = await desk.call("gmail_update_draft", draft_id=made.draft_id, clear=["cc", "attachments"], body="new")
    assert (changed.to, changed.cc, changed.attachments) == (("ben@example.com",), (), ())


async def test_drafts_are_listed_with_the_ids_that_the_tools_take(desk: Mailroom, gmail: GmailService):
    made = await desk.call("gmail_create_draft", to=["Ben <ben@example.com>"], subject="Minutes", body="of today")
    await desk.call("gmail_create_draft", subject="Other")
    await desk.call("gmail_list_drafts")
    listed = await desk.call("gmail_list_drafts", query="subject:Minutes")
    assert [(row.id, row.to, row.subject) for row in listed.rows] == [
        (made.draft_id, "Ben <ben@example.com>", "Minutes")
    ]
    assert desk.round_trips <= 2
    await desk.call("gmail_delete_draft", draft_id=made.draft_id)
    assert drafts_of(gmail) == 1


async def test_a_draft_may_lack_everything(desk: Mailroom, gmail: GmailService):
    made = await desk.call("gmail_create_draft")
    with pytest.raises(UserInputError):
        await desk.call("gmail_send_draft", draft_id=made.draft_id)
    assert not gmail.sent
    assert BEN.email not in made.text()
