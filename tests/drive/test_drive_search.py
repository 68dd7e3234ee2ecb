import pytest

from google_workspace_mcp.core.errors import (
    AmbiguousNameError,
    GoogleUnavailableError,
    NotFoundError,
    UserInputError,
)
from google_workspace_mcp.sandbox.faults import latency, server_error
from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from tests.drive.conftest import Files, at
from tests.drive.desk import Desk
from tests.tokens.budgets import BUDGETS, tokens

# Long enough for calls that are sent together to overlap in the log.
OVERLAP = 0.05


def names(found: object) -> list[str]:
    return [row.name for row in found.files]  # type: ignore[attr-defined]


async def test_files_of_the_account_shared_ones_and_shared_drives_are_found_newest_first(desk: Desk):
    found = await desk.call("drive_search")
    assert names(found) == [
        "To the plan",
        "Launch plan",
        "notes.txt",
        "Figures",
        "Pitch",
        "bike.png",
        "O'Brien's \\ list",
        "Budget (draft)",
        "2026",
        "Reports",
    ]
    assert found.complete


async def test_a_search_is_one_round_trip_when_names_are_known(desk: Desk):
    for _ in range(4):
        await desk.call("drive_search", folder="Reports/2026")
    assert desk.methods == ["drive.files.list"]


async def test_the_first_search_asks_for_zone_and_drive_names_beside_the_files(desk: Desk, files: Files):
    desk.google.faults.add("*", latency(OVERLAP))
    await desk.call("drive_search", folder=files.shared_drive)
    assert desk.methods == ["calendar.settings.get", "drive.drives.list", "drive.files.list"]
    assert desk.round_trips == 1


async def test_folders_of_what_was_found_cost_one_round_trip_more_until_they_are_known(desk: Desk, files: Files):
    await desk.call("drive_list_folder", folder=files.shared_drive)
    desk.google.faults.add("drive.*", latency(OVERLAP))
    paths: list[str] = []
    trips: list[int] = []
    for _ in range(4):
        found = await desk.call("drive_search", name="Launch")
        paths.append(found.files[0].path)
        trips.append(desk.round_trips)
    assert paths == ["…/2026", "…/Reports/2026", "My Drive/Reports/2026", "My Drive/Reports/2026"]
    assert trips == [2, 2, 2, 1]


async def test_a_file_s_folder_is_told_in_its_row(desk: Desk, files: Files):
    await desk.call("drive_list_folder", folder=files.quarter)
    found = await desk.call("drive_search", name="Launch")
    assert "\tReports/2026\t" in found.text()
    assert (await desk.call("drive_search", name="Budget")).files[0].path == "Shared with me"
    assert (await desk.call("drive_search", name="list")).files[0].path == "Studio Launch"


async def test_of_a_long_path_the_end_is_told(desk: Desk, files: Files):
    folder = files.drive.add_folder(ALICE.email, "A folder with a long name", parent=files.quarter)
    files.drive.add_file(ALICE.email, "deep.txt", b"", "text/plain", parent=folder)
    await desk.call("drive_list_folder", folder=folder)
    found = await desk.call("drive_search", name="deep")
    assert found.files[0].path == "My Drive/Reports/2026/A folder with a long name"
    assert "\t…folder with a long name\t" in found.text()


async def test_a_row_whose_zone_was_another_one_then_says_so(desk: Desk, files: Files):
    files.drive.add_file(ALICE.email, "autumn.txt", b"", "text/plain", modified=at(1).replace(month=9))
    text = (await desk.call("drive_search")).text()
    assert "times in Europe/Berlin +01:00" in text
    assert "2026-09-01 14:00 +02:00" in text


async def test_full_text_finds_what_stands_in_a_file(desk: Desk):
    assert "Launch plan" in names(await desk.call("drive_search", text="cargo"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"name": "lau"}, ["Launch plan"]),
        ({"type": "spreadsheet"}, ["Figures"]),
        ({"type": "image"}, ["bike.png"]),
        ({"type": "folder"}, ["2026", "Reports"]),
        ({"owner": BEN.email}, ["Budget (draft)"]),
        ({"owner": "me", "type": "document"}, ["Launch plan"]),
        ({"trashed": True}, ["old plan.txt"]),
        ({"query": "mimeType = 'text/csv' or mimeType = 'text/plain'"}, ["notes.txt", "O'Brien's \\ list"]),
        ({"order": "name", "type": "folder"}, ["2026", "Reports"]),
        ({"modified_after": "2026-03-19", "modified_before": "2026-03-20"}, ["notes.txt"]),
        ({"folder": "Reports"}, ["2026"]),
        ({"folder": "Reports/2026"}, ["Launch plan"]),
        ({"folder": "My Drive/Reports/2026"}, ["Launch plan"]),
        ({"folder": "/reports/2026/"}, ["Launch plan"]),
        ({"shared_drive": "studio launch"}, ["O'Brien's \\ list"]),
    ],
)
async def test_each_condition_narrows_the_search(desk: Desk, arguments: dict[str, object], expected: list[str]):
    assert names(await desk.call("drive_search", **arguments)) == expected


async def test_a_day_begins_at_midnight_of_the_person_s_zone(desk: Desk, files: Files):
    late = at(9, 23)  # half past midnight of the 10th in Berlin, still the 9th in UTC
    files.drive.add_file(ALICE.email, "late.txt", b"", "text/plain", modified=late)
    found = await desk.call("drive_search", modified_after="2026-03-10", modified_before="2026-03-11")
    assert names(found) == ["late.txt"]
    assert found.files[0].modified == "2026-03-10T00:00+01:00"


async def test_a_folder_is_found_by_its_id_in_one_request(desk: Desk, files: Files):
    await desk.call("drive_search")
    assert names(await desk.call("drive_search", folder=files.quarter)) == ["Launch plan"]
    assert desk.methods == ["drive.files.list"]


async def test_a_folder_whose_name_looks_like_an_id_is_found_by_its_name(desk: Desk, files: Files):
    folder = files.drive.add_folder(ALICE.email, "Marketing-Materials-2026")
    files.drive.add_file(ALICE.email, "flyer.txt", b"", "text/plain", parent=folder)
    assert names(await desk.call("drive_search", folder="Marketing-Materials-2026")) == ["flyer.txt"]


async def test_a_folder_s_name_that_several_have_gives_the_candidates_and_searches_nothing(desk: Desk, files: Files):
    other = files.drive.add_folder(ALICE.email, "2026")
    with pytest.raises(AmbiguousNameError) as refused:
        await desk.call("drive_search", folder="2026")
    assert files.quarter in refused.value.message
    assert f"{other} (in My Drive, owner me" in refused.value.message
    assert "in Reports" in refused.value.message


async def test_a_path_tells_folders_of_one_name_apart(desk: Desk, files: Files):
    files.drive.add_folder(ALICE.email, "2026")
    assert names(await desk.call("drive_search", folder="Reports/2026")) == ["Launch plan"]


async def test_an_unknown_folder_is_named_by_its_level(desk: Desk):
    with pytest.raises(NotFoundError, match="level 2"):
        await desk.call("drive_search", folder="Reports/2019")


async def test_an_unknown_shared_drive_gets_the_known_ones_offered(desk: Desk):
    with pytest.raises(NotFoundError) as refused:
        await desk.call("drive_search", shared_drive="Studio")
    assert "Studio Launch" in refused.value.next_step


async def test_a_looked_up_folder_of_one_account_is_not_used_for_another(desk: Desk):
    await desk.call("drive_search", folder="Reports/2026")
    desk.google.calls.clear()
    await desk.tools["drive_search"].run(desk.workspace("another-connection"), folder="Reports/2026")
    assert desk.methods.count("drive.files.list") == 3


@pytest.mark.parametrize("name", ["O'Brien's \\ list", "O'Brien's", "\\"])
async def test_quotes_and_backslashes_in_a_name_are_searched_for(desk: Desk, name: str):
    assert "O'Brien's \\ list" in names(await desk.call("drive_search", name=name))


@pytest.mark.security("T-15")
@pytest.mark.parametrize(
    "name", ["x' or mimeType != '", "' or trashed = true or name contains '", "plan' or name != 'x"]
)
async def test_a_name_that_is_an_attack_finds_nothing(desk: Desk, name: str):
    assert names(await desk.call("drive_search", name=name)) == []


@pytest.mark.security("T-16")
async def test_a_raw_query_does_not_reach_into_the_trash(desk: Desk):
    assert names(await desk.call("drive_search", query="name contains 'old' or trashed = true")) == []


async def test_a_row_fits_its_budget(desk: Desk, files: Files):
    quarter = files.drive.add_folder(ALICE.email, "Q3", parent=files.quarter)
    report = b"x" * 4_321_000
    files.drive.add_file(ALICE.email, "Quarterly report Q3 2026, final.pdf", report, "application/pdf", parent=quarter)
    await desk.call("drive_list_folder", folder=quarter)
    rows = (await desk.call("drive_search")).text().splitlines()[2:]
    assert max(map(tokens, rows)) <= BUDGETS.search_row


async def test_a_search_that_finds_nothing_says_what_to_try(desk: Desk):
    words = (await desk.call("drive_search", name="zebra", folder="Reports")).text().splitlines()[-1]
    assert words == (
        "Nothing found; try fewer conditions, or text instead of name, or no folder (only its direct children are "
        "looked at), or trashed."
    )
    words = (await desk.call("drive_search", text="zebra", trashed=True)).text().splitlines()[-1]
    assert words == "Nothing found; try fewer conditions, or name instead of text."


async def test_a_cursor_gives_the_rest_and_nothing_twice(desk: Desk):
    seen: list[str] = []
    cursor = ""
    for _ in range(5):
        found = await desk.call("drive_search", limit=3, cursor=cursor)
        seen += names(found)
        cursor = found.cursor
        assert found.complete == (not cursor)
        if not cursor:
            break
    assert seen == names(await desk.call("drive_search"))


async def test_a_cursor_does_not_look_folders_up_again(desk: Desk, files: Files):
    for number in range(3):
        files.drive.add_file(ALICE.email, f"{number}.txt", b"", "text/plain", parent=files.quarter)
    first = await desk.call("drive_search", folder="Reports/2026", limit=2)
    desk.clock.advance(7200)
    await desk.call("drive_search", folder="Reports/2026", limit=2, cursor=first.cursor)
    assert desk.methods.count("drive.files.list") == 1


async def test_a_cursor_of_another_search_is_refused(desk: Desk):
    first = await desk.call("drive_search", limit=3)
    with pytest.raises(UserInputError, match="not valid for this request"):
        await desk.call("drive_search", limit=3, name="plan", cursor=first.cursor)


async def test_a_search_that_google_did_not_finish_says_so(desk: Desk, files: Files):
    files.drive.incomplete_searches = True
    found = await desk.call("drive_search")
    assert not found.complete
    assert not found.searched_everywhere
    assert "did not search everywhere" in found.text()


async def test_a_full_text_search_takes_no_other_order(desk: Desk):
    with pytest.raises(UserInputError, match="relevance"):
        await desk.call("drive_search", text="plan", order="name")
    assert desk.methods == []


@pytest.mark.parametrize(
    "arguments",
    [
        {"modified_after": "yesterday"},
        {"modified_after": "2026-03-20", "modified_before": "2026-03-20"},
        {"query": "name = 'x"},
        {"folder": "/"},
        {"folder": "/".join("abcdefghijk")},
    ],
)
async def test_what_cannot_be_meant_is_refused_before_google_is_asked(desk: Desk, arguments: dict[str, str]):
    with pytest.raises(UserInputError):
        await desk.call("drive_search", **arguments)
    assert desk.methods == []


async def test_names_of_shared_drives_that_cannot_be_had_do_not_fail_the_search(desk: Desk):
    desk.google.faults.add("drive.drives.list", server_error())
    found = await desk.call("drive_search", name="list")
    assert found.files[0].shared_drive == "(shared drive)"


async def test_google_failing_is_an_error_that_may_be_tried_again(desk: Desk):
    desk.google.faults.add("drive.files.list", server_error())
    with pytest.raises(GoogleUnavailableError):
        await desk.call("drive_search")


async def test_a_row_says_whose_the_file_is_and_where_it_lives(desk: Desk):
    text = (await desk.call("drive_search", name="list")).text()
    assert text.splitlines() == [
        "1 file · alice@example.com · times in Europe/Berlin +01:00",
        "name\ttype\tmodified\tsize\tin\tid",
        "O'Brien's \\ list\tCSV\t2026-03-15 13:00\t8 B\tStudio Launch\t" + text.rpartition("\t")[2],
    ]


async def test_invisible_characters_and_line_ends_in_a_file_s_name_are_dropped(desk: Desk, files: Files):
    files.drive.add_file(ALICE.email, "a\u202egnp\n\tb\U000e0041", b"", "text/plain")
    assert names(await desk.call("drive_search", name="a"))[0] == "agnp b"
