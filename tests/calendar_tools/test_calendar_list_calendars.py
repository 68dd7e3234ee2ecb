from google_workspace_mcp.calendar.colours import EVENT_COLOURS, calendar_colour
from google_workspace_mcp.sandbox.calendar.palette import CALENDAR_COLORS, EVENT_COLORS
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


async def test_colours_have_the_names_that_google_calendar_shows(desk: Desk, calendars: Calendars):
    calendars.service.subscribe(ALICE.email, calendars.team, color="16")
    found = await desk.call(TOOL)
    assert [row.colour for row in found.calendars] == ["peacock", "eucalyptus", "blueberry"]


def test_every_colour_of_google_s_palette_has_a_name_and_any_other_is_told_as_it_is():
    names = [calendar_colour(each["background"]) for each in CALENDAR_COLORS.values()]
    assert len({*names}) == len(CALENDAR_COLORS)
    assert not [name for name in names if name.startswith("#")]
    assert set(EVENT_COLOURS) == set(EVENT_COLORS)
    assert calendar_colour("#123456") == "#123456"


async def test_the_list_is_kept_for_ten_minutes(desk: Desk):
    await desk.call(TOOL)
    await desk.call(TOOL)
    assert desk.methods == []
    desk.clock.advance(600)
    await desk.call(TOOL)
    assert desk.methods == ["calendar.calendarList.list"]
