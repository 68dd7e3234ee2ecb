"""Requests are matched to the methods of Google's discovery documents."""

import pytest

from google_workspace_mcp.sandbox.discovery import Directory, document, relocated


@pytest.fixture(scope="module")
def directory() -> Directory:
    return Directory()


@pytest.mark.parametrize(
    ("verb", "path", "method"),
    [
        ("GET", "/gmail/v1/users/me/messages/a1", "gmail.users.messages.get"),
        ("POST", "/gmail/v1/users/me/messages/send", "gmail.users.messages.send"),
        ("POST", "/gmail/v1/users/me/messages/batchModify", "gmail.users.messages.batchModify"),
        ("GET", "/drive/v3/files/generateIds", "drive.files.generateIds"),
        ("GET", "/drive/v3/files/abc/export", "drive.files.export"),
        ("GET", "/calendar/v3/users/me/calendarList", "calendar.calendarList.list"),
        ("POST", "/calendar/v3/freeBusy", "calendar.freebusy.query"),
        ("GET", "/v1/people:batchGet", "people.people.getBatchGet"),
        ("GET", "/v1/people:searchContacts", "people.people.searchContacts"),
        ("POST", "/v1/people/c1:updateContact", None),
        ("GET", "/gmail/v1/users/me/messages/a1/", None),
        ("GET", "/gmail/v1/users/me//messages", None),
        ("PUT", "/gmail/v1/users/me/messages/a1", None),
    ],
)
def test_a_path_finds_its_method(directory: Directory, verb: str, path: str, method: str | None) -> None:
    found = directory.match(verb, path)

    assert (found.method.id if found else None) == method


def test_an_encoded_calendar_id_is_one_variable(directory: Directory) -> None:
    found = directory.match("GET", "/calendar/v3/calendars/team%2Fa%40group.calendar.google.com/events")

    assert found is not None
    assert found.path == {"calendarId": "team/a@group.calendar.google.com"}


def test_a_spanning_variable_keeps_to_its_pattern(directory: Directory) -> None:
    found = directory.match("GET", "/v1/people/c42")

    assert found is not None
    assert found.path == {"resourceName": "people/c42"}
    assert directory.match("GET", "/v1/somebody/c42") is None


def test_only_methods_that_take_uploads_have_upload_paths(directory: Directory) -> None:
    upload = directory.match("POST", "/upload/drive/v3/files")

    assert upload is not None
    assert upload.upload
    assert upload.method.id == "drive.files.create"
    assert directory.match("POST", "/upload/drive/v3/files/abc/copy") is None


def test_every_method_is_found_by_its_own_path(directory: Directory) -> None:
    example = {"resourceName": "people/c1"}
    missed: list[str] = []
    for method in directory.methods.values():
        path = method.template
        for name in method.parameters:
            group = "contactGroups/g1" if "contactGroups" in method.id else "otherContacts/o1"
            value = group if "people.people" not in method.id else example["resourceName"]
            path = path.replace(f"{{+{name}}}", value).replace(f"{{{name}}}", "x1")
        found = directory.match(method.verb, path)
        if found is None or found.method.id != method.id:
            missed.append(method.id)

    assert missed == []


def test_a_relocated_document_has_no_address_of_google_left_to_call() -> None:
    moved = relocated("gmail.v1", "http://127.0.0.1:1234/")

    assert moved["rootUrl"] == "http://127.0.0.1:1234/"
    assert moved["baseUrl"] == "http://127.0.0.1:1234/"
    assert moved["batchPath"] == "batch/gmail/v1"
    assert document("gmail.v1")["rootUrl"] == "https://gmail.googleapis.com/"
