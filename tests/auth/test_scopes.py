"""Capabilities and the Google scopes behind them."""

import json
from importlib import resources

import pytest

from google_workspace_mcp.auth.scopes import (
    CAPABILITIES,
    IDENTITY_SCOPES,
    asked_at_sign_in,
    google_scopes,
    granted,
    offered,
)

GOOGLE = "https://www.googleapis.com/auth/"
ALL = ("gmail", "drive", "calendar")
EVERYTHING = offered(ALL, read_only=False, allow_delete_forever=True)


def test_sign_in_asks_for_all_but_settings_and_deletion() -> None:
    offer = offered(ALL, read_only=False, allow_delete_forever=True)
    assert set(offer) - set(asked_at_sign_in(offer)) == {"gmail.settings", "gmail.delete"}


def test_only_what_the_services_need_is_offered() -> None:
    assert offered(("drive",), read_only=False, allow_delete_forever=False) == ("drive.read", "drive.write")


def test_a_read_only_operator_offers_reads() -> None:
    assert offered(ALL, read_only=True, allow_delete_forever=True) == ("gmail.read", "drive.read", "calendar.read")


def test_deletion_for_good_is_offered_only_when_allowed() -> None:
    assert "gmail.delete" not in offered(ALL, read_only=False, allow_delete_forever=False)


def test_identity_comes_first_and_no_scope_twice() -> None:
    scopes = google_scopes(("gmail.write", "gmail.send"))
    assert scopes == (*IDENTITY_SCOPES, f"{GOOGLE}gmail.modify", f"{GOOGLE}gmail.send")


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), ()),
        (("gmail.readonly",), ("gmail.read",)),
        (("gmail.modify",), ("gmail.read", "gmail.write")),
        (("gmail.send",), ()),
        (("gmail.send", "gmail.modify"), ("gmail.read", "gmail.write", "gmail.send")),
        (("drive.readonly",), ("drive.read",)),
        (("drive",), ("drive.read", "drive.write")),
        (("calendar",), ("calendar.read", "calendar.write")),
        (("calendar.readonly", "drive.readonly"), ("drive.read", "calendar.read")),
    ],
)
def test_what_google_granted_decides(scopes: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert granted((GOOGLE + scope for scope in scopes), EVERYTHING) == expected


def test_full_mail_access_grants_reading_writing_sending_and_deletion() -> None:
    found = granted(("https://mail.google.com/",), EVERYTHING)
    assert found == ("gmail.read", "gmail.write", "gmail.send", "gmail.delete")


def test_nothing_is_granted_that_the_operator_does_not_offer() -> None:
    assert granted((f"{GOOGLE}drive",), ("drive.read",)) == ("drive.read",)


def test_every_scope_is_known_to_googles_own_documents() -> None:
    known: set[str] = set()
    for name in ("gmail.v1", "drive.v3", "calendar.v3"):
        folder = resources.files("googleapiclient.discovery_cache") / "documents"
        known |= set(json.loads((folder / f"{name}.json").read_text())["auth"]["oauth2"]["scopes"])
    asked = {scope for capability in CAPABILITIES for scope in capability.asks}
    assert asked <= known
