"""`files.list`: who finds what, in what order, page by page."""

from datetime import timedelta
from typing import Any

import pytest

from google_workspace_mcp.sandbox.drive.documents import Document, Paragraph
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.drive.client import Client
from tests.sandbox.drive.conftest import Office, names

EVERYWHERE: dict[str, Any] = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}


def found(office: Office, q: str, **more: Any) -> list[str]:
    return sorted(names(office.alice.call("files.list", q=q, **more)))


def test_a_name_is_found_by_the_beginnings_of_its_words(office: Office):
    office.add("Quarterly Report final.txt")

    assert found(office, "name contains 'quart rep'") == ["Quarterly Report final.txt"]
    assert found(office, "name contains 'port'") == []
    assert found(office, "name = 'quarterly report FINAL.txt'") == ["Quarterly Report final.txt"]


def test_full_text_finds_whole_words_and_phrases(office: Office):
    office.add("one.txt", b"The launch plan is ready")
    office.drive.add_file(ALICE.email, "Two", Document((Paragraph("plan of the launch"),)))

    assert found(office, "fullText contains 'launch plan'") == ["Two", "one.txt"]
    assert found(office, "fullText contains '\"launch plan\"'") == ["one.txt"]
    assert found(office, "fullText contains 'laun'") == []


def test_types_times_and_flags_narrow_a_search(office: Office):
    office.add("old.csv", b"a,b", "text/csv")
    office.clock.advance(days=1)
    office.add("new.txt", starred=True)
    office.drive.trash(office.add("gone.txt"))

    assert found(office, "mimeType = 'text/csv'") == ["old.csv"]
    assert found(office, "mimeType contains 'text/' and trashed = false") == ["new.txt", "old.csv"]
    assert found(office, "modifiedTime > '2026-03-26T00:00:00' and trashed = false") == ["new.txt"]
    assert found(office, "starred = true") == ["new.txt"]
    assert found(office, "trashed = true") == ["gone.txt"]
    assert found(office, "not mimeType = 'text/plain'") == ["old.csv"]


def test_a_folder_holds_its_own_children_only(office: Office):
    folder = office.drive.add_folder(ALICE.email, "Reports")
    inner = office.drive.add_folder(ALICE.email, "2026", parent=folder)
    office.add("deep.txt", parent=inner)

    assert found(office, f"'{folder}' in parents") == ["2026"]
    assert found(office, "'root' in parents") == ["Reports"]


def test_a_search_in_a_folder_that_one_cannot_see_is_not_found(office: Office):
    folder = office.drive.add_folder(ALICE.email, "Reports")

    with pytest.raises(GoogleError) as caught:
        office.ben.call("files.list", q=f"'{folder}' in parents")

    assert caught.value.status == 404


def test_what_is_in_a_trashed_folder_is_trashed(office: Office):
    folder = office.drive.add_folder(ALICE.email, "Old")
    office.add("inside.txt", parent=folder)
    office.drive.trash(folder)

    assert found(office, "trashed = false") == []
    inside = office.alice.call("files.list", q="name = 'inside.txt'")["files"][0]
    assert (inside["trashed"], inside["explicitlyTrashed"]) == (True, False)


def test_people_find_what_is_shared_with_them_and_no_more(office: Office):
    shared = office.add("shared.txt")
    linked = office.add("linked.txt")
    office.add("private.txt")
    office.drive.share(shared, email=BEN.email)
    office.drive.share(linked)

    assert names(office.ben.call("files.list")) == ["shared.txt"]
    assert names(office.ben.call("files.list", q="sharedWithMe")) == ["shared.txt"]
    assert names(office.ben.call("files.list", q=f"'{ALICE.email}' in owners")) == ["shared.txt"]
    assert office.ben.call("files.get", fileId=linked)["name"] == "linked.txt"
    office.ben.media("files.get", fileId=linked, alt="media")
    assert sorted(names(office.ben.call("files.list"))) == ["linked.txt", "shared.txt"]


def test_access_by_link_shows_as_visibility(office: Office):
    office.drive.share(office.add("linked.txt"))
    office.drive.share(office.add("company.txt"), domain="example.com", discoverable=True)
    office.add("private.txt")

    assert found(office, "visibility = 'anyoneWithLink'") == ["linked.txt"]
    assert found(office, "visibility = 'domainCanFind'") == ["company.txt"]
    assert found(office, "visibility = 'limited'") == ["private.txt"]
    assert names(office.ben.call("files.list", corpora="domain")) == ["company.txt"]
    assert names(office.chiara.call("files.list", corpora="domain")) == []


def test_shared_drives_appear_only_when_asked_for(office: Office):
    launch = office.drive.add_shared_drive("Studio Launch", {ALICE.email: "organizer", CHIARA.email: "reader"})
    plan = office.drive.add_file(CHIARA.email, "plan.txt", b"x", "text/plain", parent=launch)

    assert found(office, "trashed = false") == []
    assert found(office, "trashed = false", supportsAllDrives=True) == []
    assert found(office, "trashed = false", **EVERYWHERE) == []
    assert found(office, "trashed = false", corpora="allDrives", **EVERYWHERE) == ["plan.txt"]
    assert found(office, "trashed = false", corpora="drive", driveId=launch, **EVERYWHERE) == ["plan.txt"]
    assert found(office, f"'{launch}' in parents", **EVERYWHERE) == ["plan.txt"]
    assert names(office.ben.call("files.list", corpora="allDrives", **EVERYWHERE)) == []
    office.alice.media("files.get", fileId=plan, alt="media", supportsAllDrives=True)
    assert found(office, "trashed = false", **EVERYWHERE) == ["plan.txt"]


def test_a_drive_id_goes_with_the_drive_corpora_alone(office: Office):
    launch = office.drive.add_shared_drive("Studio Launch", {ALICE.email: "organizer"})

    halves: list[dict[str, Any]] = [{"driveId": launch}, {"corpora": "drive"}]
    for params in halves:
        with pytest.raises(GoogleError) as caught:
            office.alice.call("files.list", **params, **EVERYWHERE)
        assert caught.value.reason == "teamDriveIdRequiresTeamDriveCorpora"
    with pytest.raises(GoogleError) as caught:
        office.ben.call("files.list", corpora="drive", driveId=launch, **EVERYWHERE)
    assert caught.value.status == 404


def test_a_search_over_all_drives_can_be_incomplete(office: Office):
    office.drive.incomplete_searches = True

    assert office.alice.call("files.list", corpora="allDrives", **EVERYWHERE)["incompleteSearch"] is True
    assert office.alice.call("files.list")["incompleteSearch"] is False


def test_files_come_in_the_order_asked_for(office: Office):
    for name in ("b 10.txt", "a.txt", "b 2.txt"):
        office.add(name)
    office.drive.add_folder(ALICE.email, "z")

    assert names(office.alice.call("files.list", orderBy="folder,name")) == ["z", "a.txt", "b 10.txt", "b 2.txt"]
    assert names(office.alice.call("files.list", orderBy="name_natural desc")) == ["z", "b 10.txt", "b 2.txt", "a.txt"]
    assert names(office.alice.call("files.list", orderBy="modifiedTime", q="mimeType = 'text/plain'")) == [
        "b 10.txt",
        "a.txt",
        "b 2.txt",
    ]


@pytest.mark.parametrize("order", ["size", "name up", "name,,modifiedTime", "name desc desc"])
def test_an_unknown_order_is_refused(office: Office, order: str):
    with pytest.raises(GoogleError) as caught:
        office.alice.call("files.list", orderBy=order)

    assert (caught.value.status, caught.value.location) == (400, "orderBy")


def test_full_text_searches_have_no_order(office: Office):
    with pytest.raises(GoogleError) as caught:
        office.alice.call("files.list", q="fullText contains 'x'", orderBy="name")

    assert (caught.value.status, caught.value.reason) == (403, "forbidden")


def test_pages_hold_together_while_files_are_added(office: Office):
    for number in range(5):
        office.add(f"{number}.txt")
    first = office.alice.call("files.list", pageSize=2, orderBy="name")
    office.add("0a.txt")

    second = office.alice.call("files.list", pageSize=2, orderBy="name", pageToken=first["nextPageToken"])
    third = office.alice.call("files.list", pageSize=2, orderBy="name", pageToken=second["nextPageToken"])

    assert names(first) + names(second) + names(third) == [f"{number}.txt" for number in range(5)]
    assert "nextPageToken" not in third


def test_a_page_token_is_good_for_its_own_question_only(office: Office):
    for number in range(3):
        office.add(f"{number}.txt")
    token = office.alice.call("files.list", pageSize=1)["nextPageToken"]

    others: list[tuple[Client, dict[str, Any]]] = [(office.alice, {"q": "trashed = false"}), (office.ben, {})]
    for client, params in others:
        with pytest.raises(GoogleError) as caught:
            client.call("files.list", pageSize=1, pageToken=token, **params)
        assert (caught.value.status, caught.value.location) == (400, "pageToken")


@pytest.mark.parametrize("size", [0, -1, 1001])
def test_a_page_has_between_one_and_a_thousand_files(office: Office, size: int):
    with pytest.raises(GoogleError) as caught:
        office.alice.call("files.list", pageSize=size)

    assert caught.value.location == "pageSize"


def test_expired_access_is_gone(office: Office):
    shared = office.add("shared.txt")
    office.drive.share(shared, email=BEN.email, expires=office.clock.now() + timedelta(hours=1))
    assert names(office.ben.call("files.list")) == ["shared.txt"]

    office.clock.advance(hours=2)

    assert names(office.ben.call("files.list")) == []
