"""The sample people's mail: what it must contain for the demo and the tests to be worth something."""

import base64
import re
import zipfile
from collections import Counter
from io import BytesIO

import pytest

from google_workspace_mcp.sandbox.gmail import GmailService
from google_workspace_mcp.sandbox.people.cast import ALICE, PEOPLE
from google_workspace_mcp.sandbox.people.mail import fill_mail
from google_workspace_mcp.sandbox.service import JSON

from .support import SteppingClock, World, parts


@pytest.fixture(scope="module")
def world() -> World:
    world = World()
    fill_mail(world.gmail, world.clock)
    return world


def full(world: World, q: str) -> list[JSON]:
    ids = world.found(q, person=ALICE, maxResults=500)
    return [world.call("messages.get", id=one, person=ALICE) for one in ids]


def header(message: JSON, name: str) -> str:
    return next((pair["value"] for pair in message["payload"]["headers"] if pair["name"] == name), "")


def files(message: JSON) -> dict[str, JSON]:
    return {part["filename"]: part for part in parts(message["payload"]) if part["filename"]}


def test_every_message_is_served_and_dated_before_now(world: World) -> None:
    now = world.clock.now().timestamp() * 1000
    for person in PEOPLE:
        for message_id in world.found("in:anywhere", person=person, maxResults=500):
            message = world.call("messages.get", id=message_id, person=person)
            assert int(message["internalDate"]) < now


def test_alice_has_a_full_mailbox_and_the_others_a_smaller_one(world: World) -> None:
    totals = [world.call("getProfile", person=person)["messagesTotal"] for person in PEOPLE]
    assert 150 <= totals[0] <= 200
    assert all(10 <= total < 100 for total in totals[1:])


def test_the_same_clock_gives_the_same_bytes(world: World) -> None:
    again = GmailService(world.clock)
    fill_mail(again, world.clock)
    for person in PEOPLE:
        first, second = world.gmail.mailbox(person.email), again.mailbox(person.email)
        assert [one.content.raw for one in first] == [one.content.raw for one in second]


def test_ids_stay_the_same_on_another_day(world: World) -> None:
    later = SteppingClock()
    later.step(days=400)
    again = GmailService(later)
    fill_mail(again, later)

    def ids(gmail: GmailService) -> set[str]:
        return {one.id for one in gmail.mailbox(ALICE.email)}

    assert ids(again) == ids(world.gmail)


def test_a_thread_of_a_dozen_messages_and_more_quotes_its_history(world: World) -> None:
    [thread] = {message["threadId"] for message in full(world, 'subject:"spring catalogue: schedule"')}
    messages = world.call("threads.get", id=thread, person=ALICE)["messages"]
    assert len(messages) >= 12
    last = base64.urlsafe_b64decode(messages[-1]["payload"]["parts"][0]["body"]["data"]).decode()
    assert "> > > Black ships" in last.replace(">>", "> >")


def test_there_are_messages_in_every_system_place(world: World) -> None:
    for place in ("in:inbox", "in:sent", "in:drafts", "in:spam", "in:trash", "is:starred", "is:important", "is:unread"):
        assert full(world, place), place


def test_newsletters_are_large_tables_with_hidden_text_and_padding(world: World) -> None:
    letters = full(world, "list:garden-weekly.example")
    assert len(letters) == 10
    for letter in letters:
        assert 60_000 < letter["sizeEstimate"] < 95_000
        page = next(part for part in parts(letter["payload"]) if part["mimeType"] == "text/html")
        text = base64.urlsafe_b64decode(page["body"]["data"]).decode()
        assert "display:none" in text
        assert text.count("&zwnj;") > 100
        assert header(letter, "List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"


def test_every_kind_of_attachment_is_there_and_is_what_it_says(world: World) -> None:
    kinds: Counter[str] = Counter()
    for message in full(world, "has:attachment"):
        for name, part in files(message).items():
            kinds[name.rpartition(".")[2]] += 1
            attachment_id = part["body"]["attachmentId"]
            answer = world.call("messages.attachments.get", id=attachment_id, messageId=message["id"], person=ALICE)
            data = base64.urlsafe_b64decode(answer["data"])
            if name.endswith(".pdf"):
                assert data.startswith(b"%PDF-")
            if name.endswith(("docx", "xlsx")):
                assert zipfile.ZipFile(BytesIO(data)).testzip() is None
    assert set(kinds) >= {"pdf", "docx", "xlsx", "csv", "ics", "eml"}


def test_an_invitation_carries_a_calendar_part(world: World) -> None:
    [invitation] = full(world, "filename:ics")
    calendar = next(part for part in parts(invitation["payload"]) if part["mimeType"] == "text/calendar")
    text = base64.urlsafe_b64decode(calendar["body"]["data"]).decode()
    assert re.search(r"DTSTART:\d{8}T\d{6}Z", text)


def test_inline_pictures_are_no_attachments(world: World) -> None:
    [message] = full(world, "subject:cable black grey from:chiara -has:attachment")
    assert {"black.png", "grey.png"} == set(files(message))


def test_names_and_subjects_in_other_scripts_arrive_readable(world: World) -> None:
    subjects = {header(message, "Subject") for message in full(world, "in:inbox")}
    assert {"طلب جديد: ٢٠٠ مصباح", "会議資料", "Спасибо за лампы", "🎉 Archiv: fertig für heuer, Grüße"} <= subjects
    [estimate] = full(world, "from:中村 has:attachment")
    assert list(files(estimate)) == ["見積書（第二版）.csv"]  # noqa: RUF001


def test_other_charsets_are_served_in_utf_8(world: World) -> None:
    for query, words in (("from:中村 has:attachment", "見積書"), ("from:des", "“almost”"), ("from:Ирина", "Лампы")):
        [message] = full(world, query)
        texts = [part["body"].get("data", "") for part in parts(message["payload"]) if part["mimeType"] == "text/plain"]
        assert words in base64.urlsafe_b64decode(texts[0]).decode()


def test_the_delivery_report_holds_the_returned_message(world: World) -> None:
    [report] = full(world, "from:mailer-daemon")
    kinds = [part["mimeType"] for part in parts(report["payload"])]
    assert kinds[0] == "multipart/report"
    assert {"message/delivery-status", "message/rfc822"} <= set(kinds)


def test_the_topmost_verdict_is_googles_and_a_forged_one_stands_below(world: World) -> None:
    [forged] = full(world, 'subject:"Letzte Warnung"')
    verdicts = [pair["value"] for pair in forged["payload"]["headers"] if pair["name"] == "Authentication-Results"]
    assert "dmarc=fail" in verdicts[0]
    assert "dmarc=pass" in verdicts[1]


def test_hidden_instructions_stand_behind_a_harmless_question(world: World) -> None:
    [phish] = full(world, "from:sample-service")
    page = base64.urlsafe_b64decode(phish["payload"]["body"]["data"]).decode()
    assert page.count("Ignore previous instructions") >= 3
    assert phish["snippet"].startswith("Hi Alice, could you confirm the delivery address")


def test_every_address_is_fictional(world: World) -> None:
    allowed = re.compile(r"@(?:[\w-]+\.)*(?:example\.(?:com|org)|[\w-]+\.example)$")
    for message in full(world, "in:anywhere"):
        for name in ("From", "To", "Cc"):
            for address in re.findall(r"<([^<>]+)>", header(message, name)):
                assert allowed.search(address), address
