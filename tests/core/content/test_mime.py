"""The readable part of a message, and its files."""

import base64
from typing import Any

import pytest

from google_workspace_mcp.core.content.headers import Headers, decoded
from google_workspace_mcp.core.content.invitations import invitation_text
from google_workspace_mcp.core.content.mime import attachments, count_attachments, readable


def part(mime_type: str, content: str | bytes = b"", **more: Any) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    headers = [{"name": name.replace("_", "-"), "value": value} for name, value in more.pop("headers", {}).items()]
    body = {"size": len(data), **({"data": base64.urlsafe_b64encode(data).decode()} if data else {})}
    return {"mimeType": mime_type, "filename": "", "headers": headers, "body": body, **more}


def multi(kind: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"mimeType": f"multipart/{kind}", "filename": "", "body": {"size": 0}, "parts": list(children)}


def test_the_html_alternative_is_read_as_a_person_sees_it():
    message = multi(
        "alternative", part("text/plain", "View in browser"), part("text/html", "<h1>Offer</h1><p>Ten percent")
    )
    assert readable(message).text == "# Offer\n\nTen percent"


def test_a_plain_part_that_says_something_else_is_not_read():
    message = multi("alternative", part("text/plain", "Transfer money"), part("text/html", "<p>Good morning</p>"))
    assert readable(message).text == "Good morning"


def test_a_plain_part_is_read_where_the_html_says_hardly_anything():
    message = multi("alternative", part("text/plain", "word " * 200), part("text/html", "<p>See the picture</p>"))
    assert readable(message).text.startswith("word word")


def test_an_html_part_without_any_text_leaves_the_plain_one():
    message = multi("alternative", part("text/plain", "Hello"), part("text/html", "<img src=x>"))
    assert readable(message).text == "Hello"


def test_a_plain_part_read_instead_is_said_to_be_what_a_person_does_not_see():
    plain = part("text/plain", "word " * 200)
    assert not readable(multi("alternative", plain, part("text/html", "<p>See the picture</p>"))).complete
    assert not readable(multi("alternative", plain, part("text/html", "<img src=x>"))).complete
    assert readable(multi("alternative", plain)).complete


def test_a_delivery_report_tells_what_failed_and_why():
    status = (
        "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ben@example.com\nAction: failed\nStatus: 5.1.1\n"
    )
    returned = part("message/rfc822", parts=[part("text/plain", "my letter")])
    report = multi(
        "report",
        part("text/plain", "Your mail could not be delivered."),
        part("message/delivery-status", status),
        returned,
    )
    text = readable(report).text
    assert text.startswith("Your mail could not be delivered.")
    assert "Action: failed" in text
    assert "my letter" not in text
    assert [each.mime_type for each in attachments(report)] == ["message/rfc822"]


def test_a_name_in_continued_and_encoded_pieces_is_put_together():
    disposition = "attachment;\r\n filename*0*=UTF-8''Gr%C3%B6%C3%9F;\r\n filename*1*=e.pdf"
    message = part("application/pdf", headers={"Content_Disposition": disposition})
    assert attachments(message)[0].name == "Gr\u00f6\u00dfe.pdf"


@pytest.mark.parametrize(
    "value", ["attachment; filename*=nonsense''%FF%FE.pdf", "attachment; filename*9*=x", 'attachment; "', ";;;"]
)
def test_a_broken_name_fails_nothing(value: str):
    attachments(part("application/pdf", headers={"Content_Disposition": value}))[0].name.encode()


def test_parts_of_a_mixed_message_follow_each_other_and_files_do_not():
    message = multi(
        "mixed",
        part("text/plain", "Above"),
        part("text/plain", "content of a file", filename="notes.txt"),
        part("text/plain", "Below"),
    )
    assert readable(message).text == "Above\n\nBelow"


def test_hidden_text_is_counted_over_all_parts():
    message = multi("mixed", part("text/html", "a<p hidden>12345"), part("text/html", "b<p hidden>67"))
    assert readable(message).hidden_chars == 7


def test_a_message_inside_a_message_is_a_file_unless_it_is_all_there_is():
    inner = part("message/rfc822", parts=[part("text/plain", "Inner text", headers={"Subject": "Old news"})])
    assert readable(multi("mixed", part("text/plain", "See below"), inner)).text == "See below"
    assert readable(inner).text == "Inner text"
    assert attachments(inner)[0].name == "Old news"


def test_a_multipart_that_could_not_be_taken_apart_is_shown_as_text():
    assert readable(part("multipart/mixed", "no parts here")).text == "no parts here"


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        ("Größe €".encode(), "text/plain; charset=utf-8", "Größe €"),
        ("Größe €".encode("cp1252"), "text/plain; charset=utf-8", "Größe €"),
        ("日本語".encode("shift_jis"), 'text/plain; charset="Shift_JIS"', "日本語"),
        ("привет".encode("koi8-r"), "text/plain; charset=koi8-r", "привет"),
        ("Größe".encode("latin-1"), "text/plain; charset=no-such-set", "Größe"),
        ("Größe".encode("latin-1"), "text/plain; charset=zip", "Größe"),
        ("Größe".encode("latin-1"), "text/plain", "Größe"),
        (b"\xef\xbb\xbfBOM", "text/plain", "BOM"),
    ],
)
def test_text_in_any_charset_is_read_even_if_the_message_lies(content: bytes, content_type: str, text: str):
    assert readable(part("text/plain", content, headers={"Content-Type": content_type})).text == text


def test_data_that_is_no_base64_is_no_text():
    assert readable({"mimeType": "text/plain", "body": {"data": "a"}}).text == ""


def test_parts_nested_without_end_are_left_and_said():
    message = part("text/plain", "deep")
    for _ in range(200):
        message = multi("mixed", message)
    reading = readable(message)
    assert (reading.text, reading.complete) == ("", False)


def test_files_are_told_with_part_type_and_size():
    message = multi(
        "mixed",
        part("text/html", "Hello"),
        part("application/pdf", b"x" * 10, filename="=?utf-8?Q?R=C3=A9sum=C3=A9.pdf?=", partId="1"),
    )
    (found,) = attachments(message)
    assert (found.name, found.part_id, found.mime_type, found.size, found.inline) == (
        "Résumé.pdf", "1", "application/pdf", 10, False,
    )  # fmt: skip


def test_an_image_in_the_text_is_not_counted_as_a_file():
    logo = part("image/png", b"x", filename="logo.png", headers={"Content-ID": "<logo>"})
    photo = part(
        "image/png", b"x", filename="p.png", headers={"Content-ID": "<p>", "Content-Disposition": "attachment"}
    )
    message = multi("related", part("text/html", "Hello"), logo, photo)
    assert [one.inline for one in attachments(message)] == [True, False]
    assert count_attachments(message) == 1


def test_a_file_name_is_one_clean_line():
    message = part("application/pdf", b"x", filename="a\u202egnp.exe\r\nX: y")
    assert attachments(message)[0].name == "agnp.exe X: y"


def test_a_calendar_part_tells_what_when_and_where():
    ics = (
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Lunch\\, with\r\n  cake\r\n"
        "DTSTART;TZID=Europe/Berlin:20260331T120000\r\nDTEND:20260331T110000Z\r\n"
        "ORGANIZER;CN=Ben:mailto:ben@example.com\r\nLOCATION:Room 1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    assert readable(part("text/calendar", ics)).text == (
        "Calendar request\nwhat: Lunch, with cake\nstart: 2026-03-31 12:00 Europe/Berlin\nend: 2026-03-31 11:00 UTC\n"
        "organizer: Ben <ben@example.com>\nwhere: Room 1"
    )


def test_a_calendar_part_without_an_event_says_nothing():
    assert invitation_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR") == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= from here", "Grüße from here"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?utf-8?B?w4Q=?= =?utf-8?B?w5Y=?=", "ÄÖ"),
        ("=?no-such?Q?x?=", "=?no-such?Q?x?="),
        ("=?utf-8?B?!!!?=", "=?utf-8?B?!!!?="),
        ("plain", "plain"),
    ],
)
def test_encoded_words_left_in_a_header_are_decoded(value: str, text: str):
    assert decoded(value) == text


def test_an_encoded_line_break_makes_no_header():
    headers = Headers((("Subject", "=?utf-8?Q?a=0d=0aBcc:_evil@x.example?="),))
    assert headers.line("subject") == "a Bcc: evil@x.example"


def test_a_long_list_of_people_is_shortened():
    headers = Headers((("To", ", ".join(f"Person {n} <p{n}@example.com>" for n in range(40))),))
    assert headers.people("To").startswith("Person 0 <p0@example.com>, ")
    assert headers.people("To").endswith(" and 28 more")


def test_a_name_that_is_the_address_is_not_told_twice():
    assert Headers((("From", '"ben@example.com" <ben@example.com>'),)).people("From") == "ben@example.com"


def test_a_sender_that_is_no_address_is_told_as_it_is():
    assert "nobody" in Headers((("From", "nobody at all"),)).people("From")
