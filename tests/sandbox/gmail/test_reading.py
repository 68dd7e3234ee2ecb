"""Reading: formats, parts, attachments, threads, pages, labels and history."""

import base64
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from google_workspace_mcp.sandbox.service import GoogleError

from .support import ANNA, BERT, World, parts

NASTY = Path(__file__).parent / "nasty"
MIXED = b"""From: =?utf-8?b?WsO8cmNoZXI=?= <z@example.org>
Subject: =?utf-8?q?Caf=C3?=
 =?utf-8?q?=A9_menu?=
Date: Tue, 24 Nov 2026 10:00:00 +0100
Content-Type: multipart/mixed; boundary=out

--out
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe & <Kisses>
--in
Content-Type: text/html; charset=utf-8

<style>p{}</style><p>Gr\xc3\xbc\xc3\x9fe <span style="display:none">secret</span></p>
--in--
--out
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''R%C3%A9sum%C3%A9.pdf
Content-Transfer-Encoding: base64

JVBERi0xLjQ=
--out
Content-Type: message/rfc822

Subject: inner

inside
--out--
"""


def decoded(data: str) -> bytes:
    return base64.urlsafe_b64decode(data)


def nasty_messages() -> list[Path]:
    """Messages from the folder that MAIL_CORPUS names, or a few of our own."""
    folder = Path(os.environ.get("MAIL_CORPUS") or NASTY)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_every_nasty_message_is_served_in_every_format_and_its_attachments_open() -> None:
    world = World()
    for path in nasty_messages():
        message_id = world.gmail.deliver(ANNA.email, path.read_bytes())
        for form in ("minimal", "metadata", "full", "raw"):
            message = world.call("messages.get", id=message_id, format=form)
            assert message["id"] == message_id
        full = world.call("messages.get", id=message_id)
        for part in parts(full["payload"]):
            attachment = part["body"].get("attachmentId")
            if attachment:
                answer = world.call("messages.attachments.get", messageId=message_id, id=attachment)
                assert len(decoded(answer["data"])) == answer["size"] == part["body"]["size"]
    assert world.found("hello") is not None
    assert world.call("getProfile")["messagesTotal"] == len(nasty_messages())


def test_the_full_format_shows_the_tree_with_gmails_part_ids() -> None:
    world = World()
    payload = world.call("messages.get", id=world.gmail.deliver(ANNA.email, MIXED), format="full")["payload"]
    assert [(part["partId"], part["mimeType"], part["filename"]) for part in parts(payload)] == [
        ("", "multipart/mixed", ""),
        ("0", "multipart/alternative", ""),
        ("0.0", "text/plain", ""),
        ("0.1", "text/html", ""),
        ("1", "application/pdf", "Résumé.pdf"),
        ("2", "message/rfc822", ""),
        ("2.0", "text/plain", ""),
    ]


def test_text_is_given_in_utf_8_while_its_header_keeps_the_charset() -> None:
    world = World()
    payload = world.call("messages.get", id=world.gmail.deliver(ANNA.email, MIXED))["payload"]
    plain = payload["parts"][0]["parts"][0]
    assert decoded(plain["body"]["data"]).decode() == "Grüße & <Kisses>"
    assert plain["body"]["size"] == len("Grüße & <Kisses>".encode())
    assert {"name": "Content-Type", "value": "text/plain; charset=iso-8859-1"} in plain["headers"]


def test_bytes_that_do_not_fit_their_charset_are_left_alone() -> None:
    world = World()
    raw = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdfe"
    payload = world.call("messages.get", id=world.gmail.deliver(ANNA.email, raw))["payload"]
    assert decoded(payload["body"]["data"]) == b"Gr\xfc\xdfe"


def test_header_values_are_decoded_also_where_a_letter_was_cut_in_two() -> None:
    world = World()
    headers = world.call("messages.get", id=world.gmail.deliver(ANNA.email, MIXED))["payload"]["headers"]
    assert {"name": "Subject", "value": "Café menu"} in headers
    assert {"name": "From", "value": "Zürcher <z@example.org>"} in headers


def test_the_metadata_format_gives_the_named_headers_and_no_body() -> None:
    world = World()
    message_id = world.gmail.deliver(ANNA.email, MIXED)
    message = world.call("messages.get", id=message_id, format="metadata", metadataHeaders=["subject"])
    assert message["payload"] == {"mimeType": "multipart/mixed", "headers": [{"name": "Subject", "value": "Café menu"}]}


def test_the_raw_format_gives_back_every_byte() -> None:
    world = World()
    message_id = world.gmail.deliver(ANNA.email, MIXED)
    assert decoded(world.call("messages.get", id=message_id, format="raw")["raw"]) == MIXED


def test_the_snippet_is_visible_text_escaped_for_html() -> None:
    world = World()
    assert (
        world.call("messages.get", id=world.gmail.deliver(ANNA.email, MIXED))["snippet"] == "Grüße &amp; &lt;Kisses&gt;"
    )
    html = b'Content-Type: text/html\r\n\r\n<title>T</title><p>Seen <span style="display: none">unseen</span>it\'s</p>'
    assert world.call("messages.get", id=world.gmail.deliver(ANNA.email, html))["snippet"] == "Seen it&#39;s"
    long = world.call("messages.get", id=world.add("word " * 100))["snippet"]
    assert 150 < len(long) <= 200


def test_attachment_ids_change_and_all_of_them_stay_good() -> None:
    world = World()
    message_id = world.gmail.deliver(ANNA.email, MIXED)
    ids = [world.call("messages.get", id=message_id)["payload"]["parts"][1]["body"]["attachmentId"] for _ in range(3)]
    assert len(set(ids)) == 3
    for one in ids:
        assert decoded(world.call("messages.attachments.get", messageId=message_id, id=one)["data"]) == b"%PDF-1.4"


@pytest.mark.parametrize("attachment_id", ["", "x", "AAAA", "ANGDJQ" * 40, "é"])
def test_an_invented_attachment_id_is_refused(attachment_id: str) -> None:
    world = World()
    message_id = world.gmail.deliver(ANNA.email, MIXED)
    with pytest.raises(GoogleError, match="Invalid attachment token"):
        world.call("messages.attachments.get", messageId=message_id, id=attachment_id)


def test_an_attachment_id_of_another_message_is_refused() -> None:
    world = World()
    one, other = world.gmail.deliver(ANNA.email, MIXED), world.add("x")
    attachment = world.call("messages.get", id=one)["payload"]["parts"][1]["body"]["attachmentId"]
    with pytest.raises(GoogleError, match="Invalid attachment token"):
        world.call("messages.attachments.get", messageId=other, id=attachment)


def test_the_date_is_that_of_delivery_then_of_the_field_then_now() -> None:
    world = World()
    given = world.gmail.deliver(ANNA.email, MIXED, date=datetime(2026, 1, 1, tzinfo=UTC))
    field = world.gmail.deliver(ANNA.email, MIXED)
    neither = world.add("x")
    dates = [int(world.call("messages.get", id=one)["internalDate"]) for one in (given, field, neither)]
    assert dates == [1767225600000, 1795510800000, int(world.clock.now().timestamp() * 1000)]


def test_ids_follow_from_the_order_of_arrival_alone() -> None:
    one, other = World(), World()
    other.clock.step(days=100)
    assert [one.add("a"), one.add("b")] == [other.add("c"), other.add("d")]
    assert len(one.add("x")) == 16


def test_unknown_ids_are_not_found_and_impossible_ones_invalid() -> None:
    world = World()
    with pytest.raises(GoogleError) as unknown:
        world.call("messages.get", id="19ffffffffffffff")
    assert unknown.value.status == 404
    with pytest.raises(GoogleError) as invalid:
        world.call("messages.get", id="not-an-id")
    assert invalid.value.status == 400


def test_mail_of_another_person_is_not_found() -> None:
    world = World()
    theirs = world.add("x", person=BERT)
    with pytest.raises(GoogleError) as caught:
        world.call("messages.get", id=theirs)
    assert caught.value.status == 404


def test_another_persons_user_id_is_refused() -> None:
    with pytest.raises(GoogleError, match="Delegation denied") as caught:
        World().call("messages.list", userId=BERT.email)
    assert caught.value.status == 403


def test_pages_are_newest_first_and_hold_their_place_while_mail_arrives() -> None:
    world = World()
    ids = [world.add(str(number)) for number in range(7)]
    first = world.call("messages.list", maxResults=3)
    world.add("late")
    second = world.call("messages.list", maxResults=3, pageToken=first["nextPageToken"])
    third = world.call("messages.list", maxResults=3, pageToken=second["nextPageToken"])
    rows = [row["id"] for answer in (first, second, third) for row in answer["messages"]]
    assert rows == ids[::-1]
    assert "nextPageToken" not in third


def test_a_page_token_is_refused_when_broken_or_taken_to_another_search() -> None:
    world = World()
    for number in range(3):
        world.add(str(number))
    token = world.call("messages.list", maxResults=1)["nextPageToken"]
    for broken, query in ((token[:-4] + "AAAA", ""), ("7", ""), (token, "in:inbox")):
        with pytest.raises(GoogleError, match="Invalid pageToken"):
            world.call("messages.list", maxResults=1, pageToken=broken, q=query)


def test_an_empty_result_has_no_messages_field() -> None:
    assert World().call("messages.list", q="nothing") == {"resultSizeEstimate": 0}


def test_an_unknown_label_id_is_refused() -> None:
    with pytest.raises(GoogleError, match="Invalid label: Label_9"):
        World().call("messages.list", labelIds=["Label_9"])


def test_a_reply_joins_the_thread_of_what_it_answers_when_the_subject_agrees() -> None:
    world = World()
    first = world.add("a", subject="Plan", message_id="<1@example.org>")
    reply = world.add("b", subject="Re: Plan", message_id="<2@example.org>", in_reply_to="<1@example.org>")
    later = world.add("c", subject="AW: Re: plan", references="<1@example.org> <2@example.org>")
    other = world.add("d", subject="Re: Other", references="<1@example.org>")
    thread = world.call("threads.get", id=first)
    assert [message["id"] for message in thread["messages"]] == [first, reply, later]
    assert world.call("messages.get", id=other)["threadId"] == other


def test_a_reply_that_overtakes_its_question_still_shares_the_thread() -> None:
    world = World()
    reply = world.add("b", subject="Re: Plan", message_id="<2@example.org>", in_reply_to="<1@example.org>")
    question = world.add("a", subject="Plan", message_id="<1@example.org>")
    assert world.call("messages.get", id=question)["threadId"] == reply


def test_threads_stand_where_their_newest_message_puts_them() -> None:
    world = World()
    old = world.add("findme", subject="Old", message_id="<1@example.org>")
    new = world.add("findme", subject="New")
    world.add("a reply", subject="Re: Old", in_reply_to="<1@example.org>")
    answer = world.call("threads.list", q="findme")
    assert [row["id"] for row in answer["threads"]] == [old, new]
    assert answer["threads"][0]["snippet"] == "a reply"


def test_labels_are_listed_with_type_and_counted_one_by_one() -> None:
    world = World()
    world.add("x", labels=["INBOX", "UNREAD", "Work/Reports"])
    world.add("x", labels=["INBOX", "work/reports"])
    listed = {label["id"]: label for label in world.call("labels.list")["labels"]}
    assert listed["INBOX"] == {"id": "INBOX", "name": "INBOX", "type": "system"}
    assert listed["Label_1"]["name"] == "Work/Reports"
    assert listed["Label_1"]["type"] == "user"
    counted = world.call("labels.get", id="Label_1")
    assert [counted[name] for name in ("messagesTotal", "messagesUnread", "threadsTotal", "threadsUnread")] == [
        2,
        1,
        2,
        1,
    ]


def test_history_tells_what_changed_since_and_forgets_what_is_too_old() -> None:
    world = World()
    start = world.call("getProfile")["historyId"]
    message_id = world.add("x", labels=["INBOX", "UNREAD"])
    world.call("messages.modify", id=message_id, body={"removeLabelIds": ["UNREAD"]})
    answer = world.call("history.list", startHistoryId=start)
    assert [sorted(record)[-1] for record in answer["history"]] == ["messagesAdded", "messages"]
    assert answer["history"][1]["labelsRemoved"][0]["labelIds"] == ["UNREAD"]
    only = world.call("history.list", startHistoryId=start, historyTypes=["labelRemoved"], maxResults=1)
    assert len(only["history"]) == 1
    world.gmail.mailbox(ANNA.email).history.forget()
    with pytest.raises(GoogleError) as caught:
        world.call("history.list", startHistoryId=start)
    assert caught.value.status == 404


def test_history_comes_in_pages() -> None:
    world = World()
    start = world.call("getProfile")["historyId"]
    ids = [world.add(str(number)) for number in range(3)]
    first = world.call("history.list", startHistoryId=start, maxResults=2)
    second = world.call("history.list", startHistoryId=start, maxResults=2, pageToken=first["nextPageToken"])
    assert [record["messages"][0]["id"] for record in first["history"] + second["history"]] == ids


def test_the_metadata_scope_reads_no_bodies() -> None:
    world = World()
    message_id = world.add("x")
    scopes = frozenset({"https://www.googleapis.com/auth/gmail.metadata"})
    with pytest.raises(GoogleError, match="Metadata scope"):
        world.call("messages.get", id=message_id, scopes=scopes)
    assert "payload" in world.call("messages.get", id=message_id, format="metadata", scopes=scopes)
