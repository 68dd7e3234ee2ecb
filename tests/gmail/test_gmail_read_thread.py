"""gmail_read_thread on a simulated Google."""

from datetime import UTC, datetime

import pytest

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.sandbox.faults import latency
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import Deliver
from tests.support.workspace import Mailroom


def conversation(deliver: Deliver) -> str:
    first = deliver(
        "Lunch", "Where shall we eat?", when=datetime(2026, 3, 20, 9, tzinfo=UTC), Message_ID="<1@example.com>"
    )
    deliver(
        "Re: Lunch",
        "Here.\n\nOn Fri, Mar 20, 2026 Ben <ben@example.com> wrote:\n> Where shall we eat?\n",
        when=datetime(2026, 3, 21, 9, tzinfo=UTC),
        labels=("SENT",),
        From="Alice Ferreira <alice@example.com>",
        In_Reply_To="<1@example.com>",
        References="<1@example.com>",
    )
    return first


async def test_a_conversation_is_read_in_order_without_repeating_itself(mail: Mailroom, deliver: Deliver):
    thread = conversation(deliver)
    result = await mail.call("gmail_read_thread", thread_ids=[thread])
    text = result.text()
    assert text.count("Where shall we eat?") == 1
    assert text.index("Where shall we eat?") < text.index("Here.")
    assert f"thread {thread} · 2 messages · Lunch" in text
    assert "participants: Ben Okafor <ben@example.com>, Alice Ferreira <alice@example.com>" in text
    assert result.complete


async def test_conversations_are_read_in_one_round_trip(mail: Mailroom, deliver: Deliver, google: SimulatedGoogle):
    threads = [conversation(deliver), deliver("Other")]
    google.faults.add("*", latency(0.05))
    result = await mail.call("gmail_read_thread", thread_ids=threads)
    assert mail.round_trips == 1
    assert [thread.subject for thread in result.threads] == ["Lunch", "Other"]


async def test_a_thread_that_is_not_there_is_named_and_the_others_read(mail: Mailroom, deliver: Deliver):
    thread = conversation(deliver)
    result = await mail.call("gmail_read_thread", thread_ids=["18c0000000000000", thread])
    assert [one.id for one in result.threads] == [thread]
    assert result.errors[0].id == "18c0000000000000"


async def test_a_thread_id_that_is_none_is_refused(mail: Mailroom):
    with pytest.raises(UserInputError, match="not a thread id"):
        await mail.call("gmail_read_thread", thread_ids=["../x"])


async def test_long_messages_of_a_conversation_share_the_budget(mail: Mailroom, deliver: Deliver):
    thread = deliver("Long", "word " * 3000)
    result = await mail.call("gmail_read_thread", thread_ids=[thread], max_chars=1000)
    read = result.threads[0].messages[0]
    assert not result.complete
    assert f"gmail_read of this id with offset={read.next_offset}" in result.text()
