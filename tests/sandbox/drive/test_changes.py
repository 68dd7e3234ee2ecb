"""What changed since a token: each file once, for those who see it or saw it before."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE, BEN
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.drive.client import Client
from tests.sandbox.drive.conftest import Office

EVERYWHERE: dict[str, Any] = {"supportsAllDrives": True, "includeItemsFromAllDrives": True}


def start(client: Client) -> str:
    return client.call("changes.getStartPageToken")["startPageToken"]


def changed(client: Client, token: str, **params: Any) -> list[tuple[str, bool]]:
    answer = client.call("changes.list", pageToken=token, **{**EVERYWHERE, **params})
    return [(change["fileId"], change["removed"]) for change in answer["changes"]]


def test_a_file_is_told_once_by_its_last_change(office: Office):
    first, second = office.add("a.txt"), office.add("b.txt")
    token = start(office.alice)
    office.alice.call("files.update", {"name": "c.txt"}, fileId=first)
    office.alice.call("files.update", {"trashed": True}, fileId=second)
    office.alice.call("files.update", {"name": "d.txt"}, fileId=first)
    made = office.alice.call("files.copy", fileId=first)["id"]

    assert changed(office.alice, token) == [(second, False), (first, False), (made, False)]
    assert changed(office.ben, token) == []


def test_pages_follow_one_another_to_a_new_start(office: Office):
    token = start(office.alice)
    made = [office.add(f"{number}.txt") for number in range(5)]
    seen: list[str] = []
    while True:
        answer = office.alice.call("changes.list", pageToken=token, pageSize=2, **EVERYWHERE)
        seen += [change["fileId"] for change in answer["changes"]]
        token = answer.get("nextPageToken") or answer["newStartPageToken"]
        if "newStartPageToken" in answer:
            break

    assert seen == made
    assert changed(office.alice, token) == []


def test_whoever_loses_a_file_is_told_that_it_is_gone(office: Office):
    shared, deleted = office.add("shared.txt"), office.add("deleted.txt")
    body = {"type": "user", "role": "reader", "emailAddress": BEN.email}
    held = [office.alice.call("permissions.create", body, fileId=file)["id"] for file in (shared, deleted)]
    token = start(office.ben)
    office.alice.reply("permissions.delete", fileId=shared, permissionId=held[0])
    office.alice.reply("files.delete", fileId=deleted)

    assert changed(office.ben, token) == [(shared, True), (deleted, True)]
    assert changed(office.ben, token, includeRemoved=False) == []
    assert changed(office.alice, token) == [(shared, False), (deleted, True)]


def test_who_joins_or_leaves_a_shared_drive_is_told_of_the_drive(office: Office):
    launch = office.drive.add_shared_drive("Launch", {ALICE.email: "organizer"})
    token = start(office.ben)
    body = {"type": "user", "role": "reader", "emailAddress": BEN.email}
    member = office.alice.call("permissions.create", body, fileId=launch, supportsAllDrives=True)["id"]

    [joined] = office.ben.call("changes.list", pageToken=token, **EVERYWHERE)["changes"]
    office.alice.reply("permissions.delete", fileId=launch, permissionId=member, supportsAllDrives=True)
    [left] = office.ben.call("changes.list", pageToken=token, **EVERYWHERE)["changes"]

    assert (joined["changeType"], joined["driveId"], joined["drive"]["name"]) == ("drive", launch, "Launch")
    assert (left["changeType"], left["driveId"], left["removed"]) == ("drive", launch, True)
    assert office.ben.call("changes.list", pageToken=token)["changes"] == []


@pytest.mark.parametrize("token", ["x", "-1", "99999999"])
def test_a_token_that_was_not_given_is_refused(office: Office, token: str):
    with pytest.raises(GoogleError) as caught:
        office.alice.call("changes.list", pageToken=token)
    assert caught.value.status == 400
