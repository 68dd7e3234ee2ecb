"""gmail_search on a simulated Google."""

from datetime import UTC, datetime

import pytest

from google_workspace_mcp.core.errors import NotFoundError, UserInputError
from google_workspace_mcp.sandbox.faults import latency, server_error
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.gmail.conftest import Deliver
from tests.support.clock import FakeClock
from tests.support.workspace import Mailroom
from tests.tokens.budgets import BUDGETS, tokens

OVERLAP = 0.05


def day(number: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


async def test_messages_are_listed_newest_first_with_what_matters(mail: Mailroom, deliver: Deliver):
    old = deliver("Lamps", "We have lamps", when=day(20), labels=("INBOX", "Work/Reports"))
    new = deliver("Größe & Maß", "Wie groß?", when=day(30), labels=("INBOX", "UNREAD", "IMPORTANT"))
    result = await mail.call("gmail_search")
    assert [row.id for row in result.rows] == [new, old]
    first, second = result.rows
    assert (first.subject, first.sender, first.date) == (
        "Größe & Maß", "Ben Okafor <ben@example.com>", "2026-03-30T11:00+02:00",
    )  # fmt: skip
    assert (first.unread, first.labels, second.labels) == (True, [], ["Work/Reports"])
    assert result.complete
    assert result.text().splitlines()[:3] == [
        "2 messages · alice@example.com · Europe/Berlin +02:00",
        "id\tdate\tfrom\tsubject — text\tmarks",
        f"{new}\t2026-03-30 11:00\tBen Okafor <ben@example.com>\tGröße & Maß — Wie groß?\tunread",
    ]


async def test_a_row_from_before_the_change_of_clocks_names_its_offset(mail: Mailroom, deliver: Deliver):
    deliver(when=day(20))
    assert "2026-03-20 10:00 +01:00" in (await mail.call("gmail_search")).text()


async def test_a_search_is_two_round_trips_warm_and_cold(mail: Mailroom, deliver: Deliver, google: SimulatedGoogle):
    for number in range(5):
        deliver(f"Message {number}")
    google.faults.add("*", latency(OVERLAP))
    await mail.call("gmail_search")
    assert mail.round_trips == 2
    await mail.call("gmail_search")
    assert mail.round_trips == 2
    assert mail.methods == ["gmail.users.messages.get"] * 5 + ["gmail.users.messages.list"]


async def test_a_search_by_label_or_date_needs_their_names_and_zone_first(
    mail: Mailroom, deliver: Deliver, google: SimulatedGoogle
):
    deliver(labels=("INBOX", "Work"))
    google.faults.add("*", latency(OVERLAP))
    await mail.call("gmail_search", label="work", after="2026-03-01")
    assert mail.round_trips == 3
    await mail.call("gmail_search", label="work", after="2026-03-01")
    assert mail.round_trips == 2


async def test_a_label_by_name_narrows_the_search(mail: Mailroom, deliver: Deliver):
    wanted = deliver("Report", labels=("INBOX", "Work/Reports"))
    deliver("Other")
    assert [row.id for row in (await mail.call("gmail_search", label="reports")).rows] == [wanted]


async def test_an_unknown_label_is_refused(mail: Mailroom, deliver: Deliver):
    deliver(labels=("INBOX", "Work"))
    with pytest.raises(NotFoundError, match="no label of that name"):
        await mail.call("gmail_search", label="Wrok")


async def test_days_are_the_persons_own(mail: Mailroom, deliver: Deliver):
    deliver("Too early", when=datetime(2026, 3, 24, 22, 59, tzinfo=UTC))
    wanted = deliver("Just after midnight in Berlin", when=datetime(2026, 3, 24, 23, 1, tzinfo=UTC))
    deliver("Next day", when=datetime(2026, 3, 25, 23, 1, tzinfo=UTC))
    result = await mail.call("gmail_search", after="2026-03-25", before="2026-03-26")
    assert [row.id for row in result.rows] == [wanted]


async def test_conditions_narrow_each_other(mail: Mailroom, deliver: Deliver):
    wanted = deliver("Big lamp", "green", labels=("INBOX", "UNREAD"), From="Chiara <chiara@studio.example>")
    deliver("Big lamp", "green", From="Chiara <chiara@studio.example>")
    deliver("Big lamp", "green", labels=("INBOX", "UNREAD"))
    deliver("Small lamp", "blue", labels=("INBOX", "UNREAD"), From="Chiara <chiara@studio.example>")
    arguments = {"from": "chiara@studio.example", "unread": True, "subject": "lamp big", "query": "red OR green"}
    result = await mail.call("gmail_search", **arguments)
    assert [row.id for row in result.rows] == [wanted]


async def test_trash_and_spam_are_searched_when_asked(mail: Mailroom, deliver: Deliver):
    deliver("Spam", labels=("SPAM",))
    assert (await mail.call("gmail_search")).rows == []
    result = await mail.call("gmail_search", include_spam_trash=True)
    assert result.rows[0].labels == ["SPAM"]


async def test_a_long_list_goes_on_with_a_cursor(mail: Mailroom, deliver: Deliver):
    sent = [deliver(f"Message {number}", when=day(1 + number)) for number in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        result = await mail.call("gmail_search", limit=3, cursor=cursor)
        seen += [row.id for row in result.rows]
        cursor = result.cursor
        assert result.complete is (not cursor)
        if not cursor:
            break
        assert result.text().endswith(f"next: cursor={cursor}")
    assert seen == sent[::-1]


async def test_a_search_that_finds_nothing_says_what_to_try(mail: Mailroom, deliver: Deliver):
    deliver("Lamps")
    nothing = (await mail.call("gmail_search", subject="zebra")).text()
    assert nothing.endswith("Nothing found; try fewer conditions or other words, or include_spam_trash.")
    everywhere = (await mail.call("gmail_search", subject="zebra", include_spam_trash=True)).text()
    assert everywhere.endswith("Nothing found; try fewer conditions or other words.")
    assert "Nothing found" not in (await mail.call("gmail_search")).text()


async def test_a_cursor_of_another_search_is_refused(mail: Mailroom, deliver: Deliver):
    for number in range(3):
        deliver(f"Message {number}")
    cursor = (await mail.call("gmail_search", limit=2)).cursor
    with pytest.raises(UserInputError, match="not valid for this request"):
        await mail.call("gmail_search", limit=2, query="Message", cursor=cursor)


async def test_a_message_that_cannot_be_had_is_named(mail: Mailroom, deliver: Deliver, google: SimulatedGoogle):
    deliver("One")
    deliver("Two")
    google.faults.add("gmail.users.messages.get", server_error(500), times=3)
    result = await mail.call("gmail_search")
    assert len(result.rows) + len(result.errors) == 2
    if result.errors:
        assert not result.complete
        assert f"not read: {result.errors[0].id}" in result.text()


async def test_an_operator_that_gmail_does_not_know_is_refused_and_not_ignored(mail: Mailroom, deliver: Deliver):
    deliver()
    with pytest.raises(UserInputError):
        await mail.call("gmail_search", query="nosuchoperator:x")


async def test_files_are_counted_and_images_in_the_text_are_not(mail: Mailroom, deliver: Deliver):
    body = (
        "--b\r\nContent-Type: text/html\r\n\r\n<p>Hi\r\n"
        "--b\r\nContent-Type: image/png; name=l.png\r\nContent-ID: <logo>\r\n\r\nx\r\n"
        "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nx\r\n--b--\r\n"
    )
    deliver(body=body, content_type="multipart/mixed; boundary=b")
    result = await mail.call("gmail_search")
    assert result.rows[0].attachments == 1
    assert "1 file" in result.text()


async def test_what_senders_write_cannot_break_a_row(mail: Mailroom, deliver: Deliver):
    deliver("=?utf-8?Q?Hi=0Aid=09x=E2=80=AE?=", "text", From="=?utf-8?Q?A=09B?= <x@y.example>")
    lines = (await mail.call("gmail_search")).text().splitlines()
    assert len(lines) == 3
    assert lines[2].split("\t")[2:] == ["A B <x@y.example>", "Hi id x — text"]


async def test_threads_are_listed_by_their_last_message(mail: Mailroom, deliver: Deliver):
    first = deliver("Lunch", "Where?", when=day(20), Message_ID="<1@example.com>")
    answer = {"In_Reply_To": "<1@example.com>", "References": "<1@example.com>", "Message_ID": "<2@example.com>"}
    deliver("Re: Lunch", "Here", when=day(22), labels=("SENT",), From="Alice <alice@example.com>", **answer)
    deliver("Other", when=day(21))
    result = await mail.call("gmail_search", kind="threads")
    row = result.rows[0]
    assert (row.id, row.subject, row.messages, row.snippet) == (first, "Lunch", 2, "Here")
    assert row.sender == "Ben Okafor <ben@example.com>, Alice <alice@example.com>"
    assert result.text().startswith("2 threads · ")
    assert "2 messages" in result.text()


async def test_a_query_over_the_limit_is_refused_by_the_schema(mail: Mailroom):
    with pytest.raises(ValueError, match="at most 2000"):
        await mail.call("gmail_search", query="x" * 10_000)


async def test_a_row_costs_at_most_sixty_tokens(mail: Mailroom, deliver: Deliver, clock: FakeClock):
    subject = "Quarterly figures for the northern region, second draft, please comment"
    sender = "Maximiliane Hohenstein-Okafor <max@long-name.example>"
    for number in range(10):
        deliver(f"{subject} {number}", "We have collected numbers. " * 20, labels=("INBOX", "UNREAD"), From=sender)
    deliver(
        "四半期の数字についてのお知らせと次の会議の予定", "数字を集めました。" * 30, From="山田太郎 <yamada@example.jp>"
    )
    rows = (await mail.call("gmail_search", limit=20)).text().splitlines()[2:]
    assert len(rows) == 11
    assert max(map(tokens, rows)) <= BUDGETS.search_row
