import pytest

from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.google.ids import checked_calendar_id, checked_id

HOSTILE = [
    "",
    ".",
    "..",
    "../../../../drive/v3/files",
    "a/b",
    "a?alt=media",
    "a#b",
    "%2e%2e",
    "a b",
    "abc\n",
    "a\x00b",
    "a\\b",
    "é",
    "📎",
    "x" * 257,
    "x" * 5000,
]


@pytest.mark.parametrize("value", ["18c2f1a9b7d3e4f5", "1A_b-c", "x" * 256])
def test_an_id_as_google_makes_them_passes_unchanged(value: str):
    assert checked_id(value) == value


@pytest.mark.security("T-10")
@pytest.mark.parametrize("value", HOSTILE)
def test_an_id_that_could_lead_elsewhere_is_refused(value: str):
    with pytest.raises(UserInputError):
        checked_id(value, "file")


@pytest.mark.parametrize(
    "value",
    [
        "primary",
        "anna@example.com",
        "anna.o'neil+work@example.co.uk",
        "c_1a2b3c@group.calendar.google.com",
        "en.german#holiday@group.v.calendar.google.com",
        "addressbook#contacts@group.v.calendar.google.com",
        "c_18@resource.calendar.google.com",
    ],
)
def test_a_calendar_id_in_each_of_googles_forms_passes_unchanged(value: str):
    assert checked_calendar_id(value) == value


@pytest.mark.security("T-10")
@pytest.mark.parametrize(
    "value",
    [
        *HOSTILE,
        "primary/events",
        "anna@example.com/../x",
        "a..b@example.com",
        "anna@example.com?x=1",
        "anna%2f@example.com",
        "anna@example.com\n",
        "an na@example.com",
        "anna@",
        "@example.com",
        "a@b@c",
        f"{'x' * 250}@example.com",
    ],
)
def test_a_calendar_id_that_could_lead_elsewhere_is_refused(value: str):
    with pytest.raises(UserInputError):
        checked_calendar_id(value)


def test_a_refused_id_is_named_by_what_it_should_be_and_never_echoed():
    with pytest.raises(UserInputError) as refused:
        checked_id("evil/../id", "draft")

    assert "draft id" in refused.value.message
    assert refused.value.next_step
    assert "evil" not in refused.value.sentence()
