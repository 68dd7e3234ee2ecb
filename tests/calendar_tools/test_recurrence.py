import pytest

from google_workspace_mcp.calendar.recurrence import phrase


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("RRULE:FREQ=DAILY", "every day"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE", "every week on Mon, Wed"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20260630T215959Z", "every 2 weeks on Tue until 2026-06-30"),
        ("RRULE:FREQ=WEEKLY;WKST=MO;BYDAY=MO,TU,WE,TH,FR", "every week on workdays"),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Fri"),
        ("RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=6", "every month on the second Tue 6 times"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=15", "every month on day 15"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("RRULE:FREQ=YEARLY", "every year"),
        ("rrule:freq=daily;count=3", "every day 3 times"),
    ],
)
def test_a_common_rule_is_told_in_a_few_words(rule: str, words: str):
    assert phrase([rule]) == words


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=YEARLY;BYWEEKNO=20",
        "RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        "RRULE:FREQ=HOURLY",
        "RRULE:FREQ=WEEKLY;INTERVAL=x",
        "RRULE:FREQ=MONTHLY;BYDAY=17MO",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=-2",
        "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        "RRULE:",
        "RRULE",
        "EXDATE:20260331",
        "",
    ],
)
def test_a_rule_that_a_few_words_would_tell_wrongly_gets_none(rule: str):
    assert not phrase([rule])


def test_exceptions_to_a_rule_are_mentioned():
    assert phrase(["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20260331"]) == "every day, with exceptions"
