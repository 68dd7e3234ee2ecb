"""Loading a person's own iCalendar export."""

from pathlib import Path

import pytest

from google_workspace_mcp.sandbox.imports.ics import load_calendar
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.sandbox.calendar.conftest import Desk, summaries

OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.fixture
def load(desk: Desk, tmp_path: Path):
    """Loads events written without their BEGIN and END; returns the count and what was said."""

    def run(*events: str, zones: str = "") -> tuple[int, list[str]]:
        blocks = "".join(f"BEGIN:VEVENT\n{text.strip()}\nEND:VEVENT\n" for text in events)
        file = tmp_path / "export.ics"
        file.write_bytes(f"BEGIN:VCALENDAR\nVERSION:2.0\n{zones}{blocks}END:VCALENDAR\n".replace("\n", "\r\n").encode())
        said: list[str] = []
        return load_calendar(desk.calendar, ALICE.email, file, said.append), said

    return run


def test_an_event_keeps_its_words_and_guests(desk: Desk, load):
    load(f"""
UID:a@example.org
DTSTART:20260325T090000Z
DTEND:20260325T093000Z
SUMMARY:Grüße\\, all
LOCATION:A very long place that the exporting program has folded onto a se
 cond line
CLASS:PRIVATE
ORGANIZER;CN=Zoe:mailto:zoe@elsewhere.example
ATTENDEE;CN="Ben";PARTSTAT=TENTATIVE;ROLE=OPT-PARTICIPANT:MAILTO:{BEN.email.upper()}
ATTENDEE:urn:uuid:nobody
""")

    (item,) = desk.week()

    assert (item["summary"], item["iCalUID"], item["visibility"]) == ("Grüße, all", "a@example.org", "private")
    assert item["location"].endswith("folded onto a second line")
    assert item["organizer"]["email"] == "zoe@elsewhere.example"
    assert [(guest["email"], guest["responseStatus"], guest["optional"]) for guest in item["attendees"]] == [
        (BEN.email, "tentative", True)
    ]


@pytest.mark.parametrize(
    ("name", "zones", "expected"),
    [
        ("America/New_York", "", "2026-03-25T14:00:00+01:00"),
        ("Eastern Standard Time", "", "2026-03-25T14:00:00+01:00"),
        ("/freeassociation.sourceforge.net/America/New_York", "", "2026-03-25T14:00:00+01:00"),
        ("Customized Time Zone", OUTLOOK_ZONE.format(name="Customized Time Zone"), "2026-03-25T14:00:00+01:00"),
        ("Nowhere", "", "2026-03-25T09:00:00+01:00"),
    ],
)
def test_zones_of_many_names_are_understood(desk: Desk, load, name: str, zones: str, expected: str):
    load(f"UID:a\nDTSTART;TZID={name}:20260325T090000\nDURATION:PT1H\nSUMMARY:Call", zones=zones)

    (item,) = desk.week()

    assert item["start"]["dateTime"] == expected
    assert item["end"]["dateTime"][11:13] == f"{int(expected[11:13]) + 1:02}"


def test_days_and_floating_times_are_the_calendars_own(desk: Desk, load):
    load(
        "UID:a\nDTSTART;VALUE=DATE:20260325\nSUMMARY:Day",
        "UID:b\nDTSTART:20260326T090000\nDTEND:20260326T100000\nSUMMARY:Floating",
    )

    day, floating = desk.week()

    assert (day["start"], day["end"]) == ({"date": "2026-03-25"}, {"date": "2026-03-26"})
    assert floating["start"]["dateTime"] == "2026-03-26T09:00:00+01:00"


def test_a_series_comes_with_what_was_moved_and_left_out(desk: Desk, load):
    zone = "TZID=W. Europe Standard Time"
    count, said = load(
        f"UID:s\nRECURRENCE-ID;{zone}:20260325T090000\nDTSTART;{zone}:20260325T150000\nDTEND;{zone}:20260325T160000\n"
        "SUMMARY:Moved",
        f"UID:s\nDTSTART;{zone}:20260323T090000\nDTEND;{zone}:20260323T100000\nRRULE:FREQ=DAILY;UNTIL=20260329T070000Z\n"
        f"EXDATE;{zone}:20260324T090000,20260326T090000\nSUMMARY:Daily",
        f"UID:s\nRECURRENCE-ID;{zone}:20260327T090000\nDTSTART;{zone}:20260327T090000\nSTATUS:CANCELLED\nSUMMARY:Off",
    )

    assert (count, said) == (3, [])
    assert [(item["summary"], item["start"]["dateTime"]) for item in desk.week()] == [
        ("Daily", "2026-03-23T09:00:00+01:00"),
        ("Moved", "2026-03-25T15:00:00+01:00"),
        ("Daily", "2026-03-28T09:00:00+01:00"),
        ("Daily", "2026-03-29T09:00:00+02:00"),
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "UID:b\nSUMMARY:No start",
        "UID:b\nDTSTART:yesterday\nSUMMARY:Garbled start",
        "UID:b\nDTSTART:20260325T090000Z\nDTEND:20260325T080000Z\nSUMMARY:Backwards",
        "UID:b\nDTSTART:20260325T090000Z\nRRULE:FREQ=SOMETIMES\nSUMMARY:Strange rule",
        "UID:b\nDTSTART:20260325T090000Z\nRRULE:FREQ=SECONDLY\nSUMMARY:Too often",
        "UID:b\nDTSTART:20260325T090000Z\nDURATION:long\nSUMMARY:Garbled length",
        "UID:b\nDTSTART:090000\nSUMMARY:A time alone",
        "this is no property",
    ],
)
def test_a_broken_event_is_reported_and_takes_no_other_with_it(desk: Desk, load, bad: str):
    count, said = load(bad, "UID:a\nDTSTART:20260325T090000Z\nDURATION:PT1H\nSUMMARY:Good")

    assert count == 1
    assert said[-1] == "1 of 2 events could not be read"
    assert summaries(desk.week()) == ["Good"]


def test_all_calendars_of_a_folder_are_loaded(desk: Desk, tmp_path: Path):
    for number in (1, 2):
        (tmp_path / f"{number}.ics").write_text(
            f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{number}\nDTSTART:2026032{number + 3}T090000Z\nSUMMARY:{number}\n"
            "END:VEVENT\nEND:VCALENDAR\n"
        )

    assert load_calendar(desk.calendar, ALICE.email, tmp_path) == 2
    assert summaries(desk.week()) == ["1", "2"]
