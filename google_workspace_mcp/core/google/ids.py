"""Ids are checked before they become part of a path: `..` in one would reach another API with the same token."""

import re

from google_workspace_mcp.core.errors import UserInputError

_ID = re.compile(r"[A-Za-z0-9_-]{1,256}")
# Beside addresses there are ids such as `en.german#holiday@group.v.calendar.google.com`. `/`, `?` and `%` are legal
# in an address's local part (RFC 5322) and left out here: no calendar has them and a path must not.
_CALENDAR_ID = re.compile(r"[A-Za-z0-9_.#+!$&'*=^`{|}~-]+@[A-Za-z0-9.-]+")
_LONGEST = 256


def checked_id(value: str, what: str = "message") -> str:
    """The value, if it has the form of a Google id. Raises UserInputError that names `what`, never the value."""
    if not _ID.fullmatch(value):
        raise UserInputError(
            f"That is not {'an' if what[0] in 'aeiou' else 'a'} {what} id",
            next_step=f"Take the {what} id unchanged from a search or list result",
            reason="bad_id",
        )
    return value


def checked_calendar_id(value: str) -> str:
    """The value, if it is `primary` or has the form of a calendar's address. Raises UserInputError."""
    if value == "primary":
        return value
    if len(value) > _LONGEST or ".." in value or not _CALENDAR_ID.fullmatch(value):
        raise UserInputError(
            "That is not a calendar id",
            next_step="Use `primary`, or take the calendar id unchanged from the list of calendars",
            reason="bad_id",
        )
    return value
