"""Giving, changing and taking away access."""

from typing import Any

import pytest

from google_workspace_mcp.sandbox.people.cast import ALICE, BEN, CHIARA
from google_workspace_mcp.sandbox.service import JSON, GoogleError
from tests.sandbox.drive.client import Client
from tests.sandbox.drive.conftest import Office


def user(email: str, role: str = "reader", **more: Any) -> JSON:
    return {"type": "user", "role": role, "emailAddress": email} | more


def refusal(client: Client, method: str, body: JSON | None = None, **params: Any) -> tuple[int, str]:
    with pytest.raises(GoogleError) as caught:
        client.reply(method, body, **params)
    return caught.value.status, caught.value.reason


def test_access_is_given_changed_and_taken_away(office: Office):
    file = office.add("a.txt")

    made = office.alice.call("permissions.create", user(BEN.email), fileId=file, emailMessage="Look!")
    assert office.ben.call("files.get", fileId=file)["capabilities"]["canEdit"] is False
    office.alice.call("permissions.update", {"role": "writer"}, fileId=file, permissionId=made["id"])
    assert office.ben.call("files.get", fileId=file)["capabilities"]["canEdit"] is True
    office.alice.reply("permissions.delete", fileId=file, permissionId=made["id"])
    assert refusal(office.ben, "files.get", fileId=file) == (404, "notFound")

    assert [(sent.recipient, sent.message) for sent in office.drive.notifications] == [(BEN.email, "Look!")]


def test_nobody_is_mailed_when_that_is_said(office: Office):
    office.alice.call("permissions.create", user(BEN.email), fileId=office.add("a"), sendNotificationEmail=False)

    assert office.drive.notifications == []


def test_sharing_again_never_lessens_a_role(office: Office):
    file = office.add("a.txt")
    office.alice.call("permissions.create", user(BEN.email, "writer"), fileId=file)

    assert office.alice.call("permissions.create", user(BEN.email), fileId=file)["role"] == "writer"


def test_a_domain_and_everybody_can_be_given_access(office: Office):
    file = office.add("a.txt")
    office.alice.call("permissions.create", {"type": "domain", "role": "reader", "domain": "example.com"}, fileId=file)
    assert office.ben.call("files.get", fileId=file)["name"] == "a.txt"
    assert refusal(office.chiara, "files.get", fileId=file)[0] == 404

    office.alice.call("permissions.create", {"type": "anyone", "role": "reader"}, fileId=file)

    assert office.chiara.call("files.get", fileId=file)["name"] == "a.txt"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"type": "user", "role": "reader"}, "invalid"),
        ({"type": "domain", "role": "reader"}, "invalid"),
        ({"type": "martian", "role": "reader"}, "invalid"),
        ({"type": "anyone", "role": "king"}, "invalid"),
        (user(BEN.email, "organizer"), "invalidSharingRequest"),
        (user(BEN.email, "owner"), "forbidden"),
        (user(BEN.email, expirationTime="2020-01-01T00:00:00Z"), "invalidSharingRequest"),
        ({"type": "anyone", "role": "reader", "expirationTime": "2027-01-01T00:00:00Z"}, "invalidSharingRequest"),
    ],
)
def test_unfit_permissions_are_refused(office: Office, body: JSON, reason: str):
    assert refusal(office.alice, "permissions.create", body, fileId=office.add("a"))[1] == reason


def test_readers_share_nothing_and_may_leave(office: Office):
    file = office.add("a.txt")
    own = office.drive.share(file, email=BEN.email)
    other = office.drive.share(file, email=CHIARA.email)

    assert refusal(office.ben, "permissions.create", user("x@y.example"), fileId=file)[0] == 403
    assert refusal(office.ben, "permissions.delete", fileId=file, permissionId=other)[0] == 403
    office.ben.reply("permissions.delete", fileId=file, permissionId=own)
    assert refusal(office.ben, "files.get", fileId=file)[0] == 404


def test_inherited_and_unknown_permissions_are_not_changed_here(office: Office):
    folder = office.drive.add_folder(ALICE.email, "folder")
    inherited = office.drive.share(folder, email=BEN.email)
    file = office.add("a.txt", parent=folder)

    assert refusal(office.alice, "permissions.delete", fileId=file, permissionId=inherited) == (
        403,
        "cannotModifyInheritedPermission",
    )
    assert refusal(office.alice, "permissions.delete", fileId=file, permissionId="1") == (404, "notFound")


def test_a_file_changes_its_owner(office: Office):
    file = office.add("a.txt")

    office.alice.call("permissions.create", user(BEN.email, "owner"), fileId=file, transferOwnership=True)

    shown = office.alice.call("files.get", fileId=file)
    assert (shown["ownedByMe"], shown["owners"][0]["emailAddress"]) == (False, BEN.email)
    assert shown["capabilities"]["canEdit"] is True
    mine = next(entry["id"] for entry in shown["permissions"] if entry["emailAddress"] == BEN.email)
    assert refusal(office.alice, "permissions.delete", fileId=file, permissionId=mine)[0] == 403


def test_organizers_add_members_to_a_shared_drive(office: Office):
    launch = office.drive.add_shared_drive("Launch", {ALICE.email: "organizer", CHIARA.email: "writer"})

    made = office.alice.call(
        "permissions.create", user(BEN.email, "fileOrganizer"), fileId=launch, supportsAllDrives=True
    )

    assert made["role"] == "fileOrganizer"
    assert office.ben.call("drives.get", driveId=launch)["name"] == "Launch"
    assert refusal(
        office.chiara, "permissions.create", user("x@y.example"), fileId=launch, supportsAllDrives=True
    ) == (403, "insufficientFilePermissions")  # fmt: skip
