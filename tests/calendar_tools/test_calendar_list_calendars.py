from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.calendar_tools.conftest import Calendars
from tests.drive.desk import Desk

TOOL = "calendar_list_calendars"


async def test_the_calendars_come_with_role_zone_and_id_the_primary_one_first(desk: Desk, calendars: Calendars):
    found = await desk.call(TOOL)
    assert [(row.name, row.role, row.primary) for row in found.calendars] == [
        (ALICE.email, "owner", True),
        ("Holidays", "may read", False),
        ("Team", "may read", False),
    ]
    assert found.calendars[0].zone == "Europe/Berlin"
    assert found.calendars[2].id == calendars.team
    assert desk.round_trips == 1


async def test_a_calendar_that_is_not_ticked_is_marked_as_hidden(desk: Desk, calendars: Calendars):
    calendars.service.subscribe(ALICE.email, calendars.team, selected=False)
    text = (await desk.call(TOOL)).text()
    assert [line.split("\t")[0] for line in text.splitlines() if "\thidden\t" in line] == ["Team"]


async def test_the_list_is_kept_for_ten_minutes(desk: Desk):
    await desk.call(TOOL)
    await desk.call(TOOL)
    assert desk.methods == []
    desk.clock.advance(600)
    await desk.call(TOOL)
    assert desk.methods == ["calendar.calendarList.list"]
