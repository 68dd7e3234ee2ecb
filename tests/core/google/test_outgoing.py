from urllib.parse import parse_qs

import pytest

from google_workspace_mcp import __version__
from google_workspace_mcp.core.errors import InternalError
from google_workspace_mcp.core.google.calls import CallKind
from tests.core.google.scripted import Bench, Say, ScriptedServer

OK = Say(200, {})


async def test_a_request_goes_out_as_the_library_built_it_with_our_token_and_agent(
    google: ScriptedServer, bench: Bench
):
    google.script = [OK]

    await bench.session.execute(bench.session.gmail.messages.list(userId="me", q="from:anna is:unread"))

    (seen,) = google.seen
    assert seen.method == "GET"
    assert seen.path == "/gmail/v1/users/me/messages"
    assert parse_qs(seen.target.partition("?")[2]) == {"q": ["from:anna is:unread"], "alt": ["json"]}
    assert seen.headers["authorization"] == "Bearer token-1"
    assert seen.headers["user-agent"] == f"google-workspace-mcp/{__version__} (gzip)"


async def test_a_calendar_id_with_special_characters_arrives_as_one_path_segment(google: ScriptedServer, bench: Bench):
    google.script = [OK]

    await bench.session.execute(
        bench.session.calendar.events.list(calendarId="en.german#holiday@group.v.calendar.google.com")
    )

    assert google.seen[0].path == "/calendar/v3/calendars/en.german%23holiday%40group.v.calendar.google.com/events"


@pytest.mark.security("T-10")
@pytest.mark.parametrize("hostile", ["..", "."])
async def test_a_dot_segment_that_slipped_through_never_leaves(google: ScriptedServer, bench: Bench, hostile: str):
    with pytest.raises(InternalError):
        await bench.session.execute(bench.session.gmail.messages.get(userId=hostile, id=hostile))

    assert google.seen == []


@pytest.mark.security("T-10")
@pytest.mark.parametrize("value", ["../../../../drive/v3/files", "a/b", "a?alt=media", "a#b", "%2e%2e", "📎"])
async def test_an_unchecked_id_stays_inside_its_own_path_segment(google: ScriptedServer, bench: Bench, value: str):
    google.script = [OK]

    try:
        await bench.session.execute(bench.session.gmail.messages.get(userId="me", id=value))
    except InternalError:
        assert google.seen == []
    else:
        prefix = "/gmail/v1/users/me/messages/"
        assert google.seen[0].path.startswith(prefix)
        assert "/" not in google.seen[0].path.removeprefix(prefix)


async def test_a_read_with_a_very_long_query_is_posted_with_the_method_named_in_a_header(
    google: ScriptedServer, bench: Bench
):
    google.script = [OK]
    words = "x" * 3000

    await bench.session.execute(bench.session.drive.files.list(q=words))

    (seen,) = google.seen
    assert (seen.method, seen.target) == ("POST", "/drive/v3/files")
    assert seen.headers["x-http-method-override"] == "GET"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(seen.body.decode()) == {"q": [words], "alt": ["json"]}


async def test_the_same_request_can_be_executed_twice(google: ScriptedServer, bench: Bench):
    google.script = [OK, OK]
    request = bench.session.drive.files.list(q="x" * 3000)

    await bench.session.execute(request)
    await bench.session.execute(request)

    assert google.seen[0].body == google.seen[1].body


async def test_a_body_is_sent_as_json(google: ScriptedServer, bench: Bench):
    google.script = [OK]

    await bench.session.execute(
        bench.session.calendar.events.insert(calendarId="primary", body={"summary": "Frühstück"}), kind=CallKind.CREATE
    )

    (seen,) = google.seen
    assert (seen.method, seen.headers["content-type"]) == ("POST", "application/json")
    assert seen.body == b'{"summary": "Fr\\u00fchst\\u00fcck"}'


async def test_cookies_of_one_answer_are_not_sent_with_the_next_request(google: ScriptedServer, bench: Bench):
    google.script = [Say(200, {}, {"Set-Cookie": "who=anna; Path=/"}), OK]

    await bench.session.execute(bench.session.drive.about.get(fields="user"))
    await bench.session.execute(bench.session.drive.about.get(fields="user"))

    assert "cookie" not in google.seen[1].headers
