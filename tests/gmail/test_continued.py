"""What is read in pieces is the whole, wherever the pieces end and however the reading began."""

import random
import re

import pytest

from tests.gmail.conftest import Deliver
from tests.support.workspace import Mailroom

WORDS = (
    "one",
    "two.",
    "drei!",
    "\u4e94\u3002",
    "https://example.com/" + "x" * 300,
    "\n\n",
    "\n",
    "x" * 700,
    "- item",
    "a",
)


def inside(content: str) -> str:
    """The text between the markers."""
    match = re.fullmatch(r"<untrusted (\w+) [^\n]*>\n(.*)\n</untrusted \1>", content, re.DOTALL)
    assert match
    return match[2]


def text_of(seed: int) -> str:
    dice = random.Random(seed)
    return " ".join(dice.choice(WORDS) for _ in range(dice.randrange(200, 600)))


async def rest(mail: Mailroom, message: str, offset: int, size: int, *, quoted: bool) -> str:
    """The text from `offset` on, in pieces of `size`."""
    pieces: list[str] = []
    while True:
        result = await mail.call("gmail_read", message_ids=[message], offset=offset, max_chars=size, quoted=quoted)
        [letter] = result.messages
        assert len(pieces) < 500
        pieces.append(inside(letter.content))
        assert len(pieces[-1]) <= size
        assert result.complete == (letter.remaining_chars == 0)
        offset = letter.next_offset
        if not offset:
            return "".join(pieces)


@pytest.mark.parametrize("seed", range(6))
async def test_pieces_read_one_after_another_make_up_the_message(mail: Mailroom, deliver: Deliver, seed: int):
    message = deliver(body=text_of(seed))
    whole = inside((await mail.call("gmail_read", message_ids=[message], max_chars=80_000)).messages[0].content)
    assert await rest(mail, message, 0, 1000 + 137 * seed, quoted=False) == whole


async def test_a_thread_is_continued_message_by_message(mail: Mailroom, deliver: Deliver):
    first = deliver(subject="Plan", body=text_of(7), Message_ID="<plan@example.com>")
    second = deliver(
        subject="Re: Plan",
        body=text_of(8) + "\n> quoted\n> more",
        In_Reply_To="<plan@example.com>",
        References="<plan@example.com>",
    )
    thread_id = (await mail.call("gmail_search", kind="threads")).rows[0].id
    short = await mail.call("gmail_read_thread", thread_ids=[thread_id], quoted=True, max_chars=1000)
    assert not short.complete
    for letter, message in zip(short.threads[0].messages, (first, second), strict=True):
        whole = (await mail.call("gmail_read", message_ids=[message], max_chars=80_000, quoted=True)).messages[0]
        left = await rest(mail, message, letter.next_offset, 3000, quoted=True)
        assert inside(letter.content) + left == inside(whole.content)


async def test_a_message_that_found_no_room_says_where_it_begins(mail: Mailroom, deliver: Deliver):
    for number in range(1200):
        deliver(
            subject="Re: Chat",
            body=f"answer {number}",
            **({"References": "<c@example.com>"} if number else {"Message_ID": "<c@example.com>"}),
        )
    thread_id = (await mail.call("gmail_search", kind="threads")).rows[0].id
    result = await mail.call("gmail_read_thread", thread_ids=[thread_id], max_chars=1000)
    letters = result.threads[0].messages
    assert len(letters) == 1200
    assert not result.complete
    left = [letter for letter in letters if letter.remaining_chars]
    assert left
    assert "characters left: gmail_read of this id with offset=0" in "\n".join(left[0].lines())
