import io
import threading

import pytest
from googleapiclient.http import MediaIoBaseUpload

from google_workspace_mcp.core.google.endpoints import GoogleEndpoints
from google_workspace_mcp.core.google.resources import GoogleResources

BASE = "http://127.0.0.1:9000"


@pytest.fixture(scope="module")
def resources() -> GoogleResources:
    return GoogleResources(GoogleEndpoints.of(BASE))


def test_requests_to_each_api_lie_under_the_base(resources: GoogleResources):
    requests = [
        resources.gmail.messages.get(userId="me", id="m1"),
        resources.drive.files.get(fileId="f1"),
        resources.calendar.events.get(calendarId="primary", eventId="e1"),
    ]

    assert [request.uri.partition("?")[0] for request in requests] == [
        f"{BASE}/gmail/v1/users/me/messages/m1",
        f"{BASE}/drive/v3/files/f1",
        f"{BASE}/calendar/v3/calendars/primary/events/e1",
    ]


def test_an_upload_goes_to_the_base_as_well(resources: GoogleResources):
    media = MediaIoBaseUpload(io.BytesIO(b"x"), "text/plain")

    request = resources.drive.files.create(body={"name": "x"}, media_body=media)

    assert request.uri.startswith(f"{BASE}/upload/drive/v3/files?")


def test_the_real_google_is_reached_at_its_own_hosts():
    real = GoogleResources(GoogleEndpoints.of(""))

    assert real.gmail.profile.getProfile(userId="me").uri.startswith("https://gmail.googleapis.com/gmail/v1/users/me/")
    assert real.drive.about.get(fields="user").uri.startswith("https://www.googleapis.com/drive/v3/about?")
    assert real.calendar.colors.get().uri.startswith("https://www.googleapis.com/calendar/v3/colors?")


def test_every_kept_collection_builds_requests(resources: GoogleResources):
    gmail, drive, calendar = resources.gmail, resources.drive, resources.calendar
    built = [
        gmail.messages.list(userId="me"),
        gmail.attachments.get(userId="me", messageId="m", id="a"),
        gmail.threads.list(userId="me"),
        gmail.labels.list(userId="me"),
        gmail.drafts.list(userId="me"),
        gmail.history.list(userId="me", startHistoryId="1"),
        gmail.settings.getVacation(userId="me"),
        gmail.send_as.list(userId="me"),
        gmail.filters.list(userId="me"),
        drive.drives.list(),
        drive.permissions.list(fileId="f"),
        drive.comments.list(fileId="f"),
        drive.replies.list(fileId="f", commentId="c"),
        drive.revisions.list(fileId="f"),
        drive.changes.getStartPageToken(),
        calendar.calendar_list.list(),
        calendar.calendars.get(calendarId="primary"),
        calendar.freebusy.query(body={}),
        calendar.settings.list(),
        calendar.acl.list(calendarId="primary"),
    ]

    assert [request.methodId for request in built] == [
        "gmail.users.messages.list",
        "gmail.users.messages.attachments.get",
        "gmail.users.threads.list",
        "gmail.users.labels.list",
        "gmail.users.drafts.list",
        "gmail.users.history.list",
        "gmail.users.settings.getVacation",
        "gmail.users.settings.sendAs.list",
        "gmail.users.settings.filters.list",
        "drive.drives.list",
        "drive.permissions.list",
        "drive.comments.list",
        "drive.replies.list",
        "drive.revisions.list",
        "drive.changes.getStartPageToken",
        "calendar.calendarList.list",
        "calendar.calendars.get",
        "calendar.freebusy.query",
        "calendar.settings.list",
        "calendar.acl.list",
    ]


def test_a_resource_is_built_once_also_when_many_threads_ask_first():
    resources = GoogleResources(GoogleEndpoints.of(BASE))
    start = threading.Barrier(8)
    found: list[object] = []

    def ask() -> None:
        start.wait(timeout=10)
        found.append(resources.calendar)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert len(found) == 8
    assert len({id(resource) for resource in found}) == 1


def test_the_librarys_own_way_of_sending_is_closed(resources: GoogleResources):
    with pytest.raises(AssertionError, match="GoogleTransport"):
        resources.gmail.labels.list(userId="me").execute()


def test_the_next_page_is_none_after_the_last(resources: GoogleResources):
    first = resources.drive.files.list(q="x")

    following = resources.drive.files.list_next(first, {"nextPageToken": "p2"})

    assert following is not None
    assert "pageToken=p2" in following.uri
    assert resources.drive.files.list_next(first, {}) is None
