"""The connection is cut at any byte while mail is sent: one message goes out, or none, and which is said."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence

import pytest

from google_workspace_mcp.core.errors import GoogleUnavailableError, NotSentError
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import account
from tests.support.clock import FakeClock
from tests.support.cutter import Cut, Cutter, Side, cutter
from tests.support.workspace import Mailroom

SEND = b"/drafts/send"
CREATE = b"/upload/gmail/v1/users/me/drafts"
# How many bytes lie between two cuts: a prime, so that no field of fixed width is always missed.
STEP = 37

type Cutting = Callable[[Mailroom, GmailService, Cutter, int], Awaitable[None]]


@pytest.fixture
def wire(google: SimulatedGoogle) -> Iterator[Cutter]:
    with cutter(google.url) as wire:
        yield wire


@pytest.fixture
async def desk(google: SimulatedGoogle, clock: FakeClock, wire: Cutter) -> AsyncIterator[Mailroom]:
    async with account(google, clock, "gmail.modify", "gmail.send", "calendar.readonly", url=wire.url) as desk:
        yield desk


async def outcome(desk: Mailroom, gmail: GmailService) -> str:
    """What the caller of one sending is told, after comparing it with what happened."""
    before = len(gmail.sent)
    mailbox = gmail.mailbox(ALICE.email)
    for draft in list(mailbox.drafts):
        await desk.call("gmail_delete_draft", draft_id=draft)
    told, failed = "not sent", None
    try:
        told = (await desk.call("gmail_send", to=["ben@example.com"], subject="Once", body="only")).state
    except (NotSentError, GoogleUnavailableError) as error:
        failed = error
    if isinstance(failed, NotSentError):
        (kept,) = mailbox.drafts
        assert kept in failed.next_step
    elif failed:
        assert "Nothing was sent" in failed.message
    assert len(gmail.sent) - before == (1 if told == "sent" else 0)
    return told


async def lengths(desk: Mailroom, gmail: GmailService, wire: Cutter) -> tuple[int, int, int, int]:
    """Bytes of an exchange that is left alone: head of the request, request, head of the answer, answer."""
    assert await outcome(desk, gmail) == "sent"
    ((request, answer),) = wire.seen
    heads = [text.index(b"\r\n\r\n") + 4 for text in (request, answer)]
    return heads[0], len(request), heads[1], len(answer)


def classes(head: int, whole: int) -> Sequence[int]:
    """Before, in the first line, in the head, between head and body, in the body, before the last byte."""
    return sorted({0, 1, head // 2, head - 1, head, (head + whole) // 2, whole - 1})


async def cuts(desk: Mailroom, gmail: GmailService, wire: Cutter, step: int) -> list[Cut]:
    """Every class of both sides, and every `step`th byte."""
    request_head, request, answer_head, answer = await lengths(desk, gmail, wire)
    places: list[tuple[Side, int]] = [
        *(("request", n) for n in {*classes(request_head, request), *range(0, request, step)}),
        *(("answer", n) for n in {*classes(answer_head, answer), *range(0, answer, step)}),
    ]
    return [Cut(side, after) for side, after in sorted(places)]


async def told_by_cut(desk: Mailroom, gmail: GmailService, wire: Cutter, step: int) -> dict[Cut, str]:
    told: dict[Cut, str] = {}
    for cut in await cuts(desk, gmail, wire, step):
        wire.cut = cut
        told[cut] = await outcome(desk, gmail)
        assert wire.cut is None
    return told


async def sending_is_cut(desk: Mailroom, gmail: GmailService, wire: Cutter, step: int) -> None:
    wire.marks = SEND
    told = await told_by_cut(desk, gmail, wire, step)
    assert {word for cut, word in told.items() if cut.side == "request"} == {"not sent"}
    assert {word for cut, word in told.items() if cut.side == "answer"} == {"sent"}


async def preparing_is_cut(desk: Mailroom, gmail: GmailService, wire: Cutter, step: int) -> None:
    wire.marks = CREATE
    told = await told_by_cut(desk, gmail, wire, step)
    # The draft is found again, or made anew where Gmail has none: what was lost here keeps no mail from going out.
    assert set(told.values()) == {"sent"}
    assert not gmail.mailbox(ALICE.email).drafts


@pytest.mark.security("G-4")
@pytest.mark.parametrize("cutting", [sending_is_cut, preparing_is_cut])
async def test_a_cut_at_any_place_sends_one_message_or_none_and_says_which(
    desk: Mailroom, gmail: GmailService, wire: Cutter, cutting: Cutting
):
    await cutting(desk, gmail, wire, STEP)


@pytest.mark.proof
@pytest.mark.parametrize("cutting", [sending_is_cut, preparing_is_cut])
async def test_a_cut_at_every_single_byte_sends_one_message_or_none_and_says_which(
    desk: Mailroom, gmail: GmailService, wire: Cutter, cutting: Cutting
):
    await cutting(desk, gmail, wire, 1)
