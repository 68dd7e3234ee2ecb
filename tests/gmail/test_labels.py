"""Labels by name."""

import pytest

from google_workspace_mcp.core.errors import AmbiguousNameError, NotFoundError
from google_workspace_mcp.gmail.labels import Labels

LABELS = Labels(
    {
        "INBOX": "INBOX",
        "Label_1": "Work",
        "Label_2": "Work/Reports",
        "Label_3": "Home/Reports",
        "Label_4": "Steuer\u200b 2026",
    }
)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ("Label_1", "Label_1"),
        ("work", "Label_1"),
        ("Work/Reports", "Label_2"),
        ("home/reports", "Label_3"),
        ("inbox", "INBOX"),
        ("Starred", "STARRED"),
        ("drafts", "DRAFT"),
        ("CATEGORY_PROMOTIONS", "CATEGORY_PROMOTIONS"),
    ],
)
def test_a_label_is_found_by_name_or_id_in_any_case(given: str, key: str):
    assert LABELS.id_of(given) == key


def test_a_name_that_fits_several_labels_names_them():
    with pytest.raises(AmbiguousNameError, match="Home/Reports, Work/Reports"):
        LABELS.id_of("reports")


def test_an_unknown_name_is_answered_with_close_ones():
    with pytest.raises(NotFoundError) as caught:
        LABELS.id_of("wrok")
    assert "Labels there are: Work" in caught.value.next_step
    assert "wrok" not in caught.value.sentence()


def test_only_labels_that_tell_something_are_told():
    assert LABELS.told(["INBOX", "UNREAD", "IMPORTANT", "CATEGORY_UPDATES", "STARRED", "Label_2"]) == [
        "starred",
        "Work/Reports",
    ]


def test_a_label_name_is_clean():
    assert LABELS.told(["Label_4"]) == ["Steuer 2026"]
