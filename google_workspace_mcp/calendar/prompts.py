"""Jobs with the calendar that a person starts by name."""

from collections.abc import Mapping

from google_workspace_mcp.calendar.moments import is_day
from google_workspace_mcp.calendar.reading import checked_event_id
from google_workspace_mcp.core.errors import UserInputError
from google_workspace_mcp.core.tools.prompts import MATERIAL, NOTHING_DONE, Argument, PromptDefinition


def prompts() -> tuple[PromptDefinition, ...]:
    """A briefing for a day, and the preparation of a meeting."""
    return (
        PromptDefinition(
            name="daily_briefing",
            title="Brief me on my day",
            description="What is on today, what clashes, what wants an answer, and the mail that belongs to it.",
            tool="calendar_list_events",
            arguments=(Argument("day", "A day such as 2026-03-30; today if left out"),),
            words=_briefing,
        ),
        PromptDefinition(
            name="prepare_meeting",
            title="Prepare me for a meeting",
            description="A meeting's people, its mail and its files, and what I should know and decide.",
            tool="calendar_get_event",
            arguments=(
                Argument("event_id", "The event's id, or calendar/event"),
                Argument("search", "Words to find it by; the next meeting with others if both are left out"),
            ),
            words=_preparation,
        ),
    )


def _briefing(given: Mapping[str, str], usable: frozenset[str]) -> str:
    day = given["day"]
    if day and not is_day(day):
        raise UserInputError("`day` is not a day", next_step="Write it like 2026-03-30", reason="arguments")
    today = day or _only(usable, "workspace_time", "today, which workspace_time tells", "today")
    steps = [
        f'Take the day: {today}. List it with calendar_list_events, calendars ["all"], start and end that day, and '
        "follow the cursor until it is complete. Say which calendars could not be seen.",
        _only(usable, "calendar_get_event", "Read with calendar_get_event the meetings that have other people."),
        _only(
            usable,
            "gmail_search",
            "Look with gmail_search for unread mail of the last two days from the people who are in them; read with "
            "gmail_read_thread what the row does not settle.",
        ),
        "Give me the day in time order, one line each: time with zone, title, place or link, who is there, who has not "
        "answered. Then: what clashes or leaves no time to get there, invitations I have not answered, mail that "
        "belongs to a meeting, and the longest free time within working hours.",
        _only(
            usable,
            "calendar_respond",
            "Ask me which invitations to answer, and answer with calendar_respond only after I have said what.",
            "Name the invitations that wait for my answer. You cannot answer them for me here.",
        ),
    ]
    return _told("Brief me on my day.", steps)


def _preparation(given: Mapping[str, str], usable: frozenset[str]) -> str:
    event_id, search = given["event_id"], given["search"]
    if event_id:
        found = f"Read the event {checked_event_id(event_id)} with calendar_get_event."
    elif search:
        found = (
            f"Find the meeting with calendar_list_events, query: {search}\n   If several fit, show me the rows and ask "
            "which one is meant. Then read it with calendar_get_event."
        )
    else:
        found = (
            "Find my next meeting that has other people in it with calendar_list_events, and read it with "
            "calendar_get_event."
        )
    steps = [
        found,
        _only(
            usable,
            "gmail_search",
            "Find its mail with gmail_search, kind threads: the words of its title, and the last month's mail with its "
            "guests. Read what belongs to it with gmail_read_thread.",
        ),
        _only(
            usable,
            "drive_read",
            "Read its files with drive_read: those that are attached, then those that its description names.",
        ),
        _only(usable, "drive_search", "If it has none, look with drive_search for files of its title."),
        "Give me one page: when and where, in my zone and that of the others; who comes, who does not, who has "
        "not answered; what it is for; what was said and decided so far, and where each point comes from; what is "
        "open; what is expected of me; three questions worth asking.",
        _only(
            usable,
            "gmail_create_draft",
            "If something is missing, offer a draft with gmail_create_draft to whoever has it, and show it to me.",
        ),
    ]
    return _told("Prepare me for a meeting.", steps)


def _only(usable: frozenset[str], tool: str, step: str, otherwise: str = "") -> str:
    """The words where the tool that they need may be used."""
    return step if tool in usable else otherwise


def _told(task: str, steps: list[str]) -> str:
    numbered = [f"{number}. {step}" for number, step in enumerate((each for each in steps if each), start=1)]
    return "\n".join((task, "", *numbered, "", MATERIAL, NOTHING_DONE))
