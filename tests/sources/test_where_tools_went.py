"""What other servers' tools do, done here: a test for each group of them, named as they are there.

Whoever comes from one of those servers looks a tool up here, and finds the call that does its work.
"""

import base64
import email
import email.policy
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest

from google_workspace_mcp.sandbox.gmail.mailbox import Mailbox
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.files.world import AGENT
from tests.outputs.teller import Teller, teller

pytestmark = pytest.mark.timeout(60)
ME = ALICE.email


@pytest.fixture
async def call(tmp_path: Path) -> AsyncIterator[Teller]:
    async with teller(tmp_path) as call:
        yield call


def mailbox(call: Teller) -> Mailbox:
    return call.world.files.gmail.mailbox(ME)


def arrived(call: Teller, subject: str, *, days_ago: int = 0, labels: tuple[str, ...] = ("INBOX", "UNREAD")) -> str:
    """A message from Ben."""
    raw = (
        f"From: {BEN.email}\r\nTo: {ME}\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x.example>\r\n\r\nSee {subject}"
    )
    moment = call.world.clock.now() - timedelta(days=days_ago, hours=1)
    return call.world.files.gmail.deliver(ME, raw.encode(), labels=labels, date=moment)


def last_sent(call: Teller) -> EmailMessage:
    message = email.message_from_bytes(call.world.files.gmail.sent[-1].raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def texts(message: EmailMessage) -> dict[str, str]:
    """The bodies of a message by type."""
    return {
        part.get_content_type(): part.get_content() for part in message.walk() if part.get_content_maintype() == "text"
    }


# -- mail


@pytest.mark.parametrize("format", ["text", "html", "markdown"])
async def test_send_email__gmail_send__send_gmail_message__send_mail_message(call: Teller, format: str):
    """`to`, `subject`, `body`, `cc`, `bcc`, `format`: an HTML body gets its text alternative by itself."""
    people = {"to": [BEN.email], "cc": ["chiara@studio.example"], "bcc": ["dana@partner.example"]}
    await call("gmail_send", **people, subject="Hi", body="<b>Hello</b>", format=format, signature=False)
    assert set(call.world.files.gmail.sent[-1].recipients) == {person for one in people.values() for person in one}
    kinds = set(texts(last_sent(call)))
    assert kinds == ({"text/plain"} if format == "text" else {"text/plain", "text/html"})


async def test_send_email_with_attachments(call: Teller):
    """`filename`, `mimeType`, base64 `data` are `name`, `mime_type`, `base64`."""
    data = b"%PDF-1.7 of a kind"
    file = {"name": "a.pdf", "mime_type": "application/pdf", "base64": base64.b64encode(data).decode()}
    await call("gmail_send", to=[BEN.email], subject="File", body="Here", attachments=[file])
    (attached,) = last_sent(call).iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("a.pdf", "application/pdf")
    assert attached.get_payload(decode=True) == data


async def test_reply_to_email(call: Teller):
    """`threadId`, `body`, `subject`, `format`: the subject is the thread's."""
    thread = mailbox(call).get(arrived(call, "Plans")).thread_id
    sent = await call("gmail_reply", thread_id=thread, body="Yes", format="text")
    assert str(last_sent(call)["Subject"]) == "Re: Plans"
    assert mailbox(call).get(sent["message_id"]).thread_id == thread


async def test_fetch_emails__search_emails__search_gmail_messages__list_mail_messages(call: Teller):
    """`maxResults` up to 500 and `page` are cursors, `labelIds` is `label`; `newerThan`, `olderThan` are days."""
    made = [arrived(call, f"news {number}", days_ago=number) for number in range(120)]
    found: list[str] = []
    page: dict[str, Any] = {"cursor": ""}
    while "cursor" in page:
        page = await call("gmail_search", query="subject:news", limit=50, label="INBOX", cursor=page["cursor"])
        found += [row["id"] for row in page["rows"]]
    assert found == made
    narrow = await call("gmail_search", query="newer_than:5d older_than:2d subject:news", unread=True)
    assert [row["subject"] for row in narrow["rows"]] == ["news 2", "news 3", "news 4"]
    spam = arrived(call, "bad", labels=("SPAM",))
    assert not (await call("gmail_search", subject="bad"))["rows"]
    assert [row["id"] for row in (await call("gmail_search", subject="bad", include_spam_trash=True))["rows"]] == [spam]


async def test_fetch_message_by_id__gmail_get_message__content_batch__list_attachments(call: Teller):
    """`format` minimal, metadata, full, raw; several ids at once; attachments with their part and size."""
    ids = [call.world.files.message, arrived(call, "two")]
    for detail in ("summary", "body", "full"):
        read = (await call("gmail_read", message_ids=ids, detail=detail))["messages"]
        assert [message["id"] for message in read] == ids
    names = [file["name"] for file in read[0]["attachments"]]
    assert names[:3] == ["Größe.pdf", "page.html", "table.csv"]
    raw = (await call("gmail_read", message_ids=ids[:1], detail="raw"))["messages"][0]
    answer = await call.world.http.get(raw["raw"]["url"])
    assert answer.content == call.world.files.raw


async def test_get_thread__gmail_get_thread__get_gmail_threads_content_batch(call: Teller):
    """One conversation, or several."""
    threads = [mailbox(call).get(arrived(call, subject)).thread_id for subject in ("one", "two")]
    read = await call("gmail_read_thread", thread_ids=threads)
    assert [thread["id"] for thread in read["threads"]] == threads


async def test_download_attachment__gmail_get_attachment(call: Teller):
    """The bytes by a link, or the words for the model."""
    where = {"message_id": call.world.files.message, "name": "table.csv"}
    linked = await call("gmail_get_attachment", **where, mode="link")
    assert (await call.world.http.get(linked["url"])).content == b"name,amount\nbike,1200\n"
    assert "1200" in (await call("gmail_get_attachment", **where))["content"]


async def test_create_draft__send_draft__list_drafts(call: Teller):
    """A draft is written, listed, and sent by its id."""
    draft = await call("gmail_create_draft", to=[BEN.email], subject="Plan", body="Soon")
    assert [row["id"] for row in (await call("gmail_list_drafts"))["rows"]] == [draft["draft_id"]]
    await call("gmail_send_draft", draft_id=draft["draft_id"])
    assert str(last_sent(call)["Subject"]) == "Plan"
    assert not mailbox(call).drafts


@pytest.mark.parametrize(
    ("tool", "change", "gained", "lost"),
    [
        ("mark_as_read", {"actions": ["read"]}, set(), {"UNREAD"}),
        ("mark_as_unread", {"actions": ["unread"]}, {"UNREAD"}, set()),
        ("gmail_archive", {"actions": ["archive"]}, set(), {"INBOX"}),
        ("move_to_trash, gmail_trash, delete_mail_message", {"actions": ["trash"]}, {"TRASH"}, {"INBOX"}),
        ("update_mail_message_flags", {"actions": ["star", "important"]}, {"STARRED", "IMPORTANT"}, set()),
        ("move_mail_message", {"actions": ["spam"]}, {"SPAM"}, {"INBOX"}),
    ],
)
async def test_marking_and_moving(call: Teller, tool: str, change: dict[str, Any], gained: set[str], lost: set[str]):
    one = arrived(call, "one")
    await call("gmail_modify", message_ids=[one], **change)
    labels = set(mailbox(call).get(one).labels)
    assert gained <= labels
    assert not lost & labels


async def test_modify_labels__batch_modify_gmail_message_labels(call: Teller):
    """Labels by name, for many messages at once."""
    ids = [arrived(call, f"n{number}") for number in range(30)]
    await call("gmail_create_label", name="Later")
    done = await call("gmail_modify", message_ids=ids, add_labels=["later"], remove_labels=["INBOX"])
    assert done["messages"] == 30
    found = await call("gmail_search", label="Later", limit=50)
    assert {row["id"] for row in found["rows"]} == set(ids)


async def test_delete_message__delete_mail_message(call: Teller):
    """For good, where the operator allows it."""
    one = arrived(call, "one")
    await call("gmail_delete_forever", message_ids=[one])
    assert not (await call("gmail_search", query="in:anywhere subject:one"))["rows"]


async def test_list_labels__list_mailboxes__create_label__delete_label(call: Teller):
    """With counts, and with what is shown where."""
    await call("gmail_create_label", name="Bills", visibility="hide", in_messages="hide")
    labels = {row["name"]: row for row in (await call("gmail_list_labels", counts=True))["labels"]}
    assert labels["INBOX"]["messages"] == 1
    assert labels["Bills"]["hidden"]
    await call("gmail_delete_label", label="Bills")
    assert "Bills" not in {row["name"] for row in (await call("gmail_list_labels"))["labels"]}


# -- accounts


async def test_gmail_get_auth_url__list_connections__check_connection__disconnect__start_google_auth(call: Teller):
    """A page for the person, what is connected and how it fares, and the end of it."""
    linked = await call("accounts_connect")
    page = await call.world.http.get(linked["link"], follow_redirects=True)
    assert page.status_code == 200
    (own,) = (await call("accounts_list"))["accounts"]
    assert (own["address"], own["healthy"]) == (ME, True)
    await call("accounts_disconnect", account=ME)
    assert not (await call("accounts_list")).get("accounts")


# -- events and files


async def test_list_calendars__list_events__get_events__get_event(call: Teller):
    """The calendars, what is in them between two days, and one event whole."""
    start = {"dateTime": "2031-04-02T09:00:00+02:00"}
    event = {"summary": "Stand-up", "start": start, "end": {"dateTime": "2031-04-02T09:30:00+02:00"}}
    made = call.world.files.calendar.add_event(ME, event)
    assert [row["primary"] for row in (await call("calendar_list_calendars"))["calendars"]] == [True]
    listed = await call("calendar_list_events", start="2031-04-02", end="2031-04-02")
    assert [row["id"] for row in listed["events"]] == [made]
    assert (await call("calendar_get_event", event_id=made))["title"] == "Stand-up"


async def test_create_event__update_event__modify_event__delete_event(call: Teller):
    """`summary`, `start`, `end`, `attendees`, `location`, Meet; a change leaves alone what it does not name."""
    guests = [BEN.email, "chiara@studio.example"]
    made = await call(
        "calendar_create_event",
        title="Review",
        start="2031-04-02T10:00",
        end="2031-04-02T11:00",
        attendees=guests,
        location="Room 5",
        meet=True,
        notify="none",
    )
    event = {"event_id": made["event_id"], "notify": "none"}
    await call("calendar_update_event", **event, start="2031-04-02T12:00")
    read = await call("calendar_get_event", event_id=made["event_id"])
    assert read["start"] == "2031-04-02T12:00+02:00"
    assert {guest["email"] for guest in read["guests"]} == {*guests}
    assert "Room 5" in str(read["facts"])
    assert read["video"]
    await call("calendar_delete_event", **event)
    assert not (await call("calendar_list_events", start="2031-04-02", end="2031-04-02"))["events"]


async def test_search_drive_files__list_drive_items__get_drive_file_content(call: Teller):
    """By name or words, by folder, then the words of it."""
    (found,) = (await call("drive_search", name="Plan", type="document"))["files"]
    assert found["id"] in {row["id"] for row in (await call("drive_list_folder"))["files"]}
    assert "We launch in May." in (await call("drive_read", file_id=found["id"]))["content"]


async def test_create_drive_file(call: Teller):
    """`file_name`, `content`, `folder_id`; also as one of Google's own documents."""
    folder = (await call("drive_create_folder", name="Reports"))["id"]
    for kind in ("", "document"):
        made = await call(
            "drive_create_file", name="Notes", text="# Notes\n\nWe launch.", folder=folder, convert_to=kind
        )
        assert "We launch." in (await call("drive_read", file_id=made["id"]))["content"]
    assert len((await call("drive_list_folder", folder=folder))["files"]) == 2


# -- plain HTTP


async def test_http_routes_of_other_servers(call: Teller):
    """`/auth/google`, `/gmail/status`, `/gmail/messages`, `/gmail/send`, `/gmail/tools`, `/tools/<tool>`."""
    headers = {"Authorization": f"Bearer {AGENT.token('user-1')}"}
    arrived(call, "one")
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=20) as http:
        base = call.world.deployment.base

        async def asked(path: str, **query: str) -> dict[str, Any]:
            answer = await http.get(f"{base}{path}", params=query)
            assert answer.status_code == 200, answer.text
            return answer.json()

        assert (await asked("/auth/google", service="gmail"))["authorization_url"].startswith(base)
        assert (await asked("/gmail/status"))["data"]["connected"] is True
        assert (await asked("/gmail/messages", query="subject:one"))["data"]["total"] == 1
        assert "gmail_send" in {tool["name"] for tool in (await asked("/gmail/tools"))["data"]["tools"]}
        letter = {"to": [BEN.email], "subject": "Hi", "body": "Hello"}
        assert (await http.post(f"{base}/gmail/send", json=letter)).json()["data"]["state"] == "sent"
        assert (await http.post(f"{base}/tools/gmail_search", json={"limit": 1})).json()["data"]["account"] == ME
