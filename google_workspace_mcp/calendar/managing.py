"""Calendars of one's own: made, and shared within what the operator allows."""

import re
from dataclasses import dataclass
from typing import Any, Final, Literal

from google_workspace_mcp.calendar.calendars import PRIMARY, Calendars
from google_workspace_mcp.calendar.models import CalendarEntry
from google_workspace_mcp.calendar.moments import zone_named
from google_workspace_mcp.calendar.timing import require_known
from google_workspace_mcp.calendar.wishes import description, line
from google_workspace_mcp.core.content.addresses import checked_address
from google_workspace_mcp.core.errors import ConflictError, NotFoundError, OutcomeUnknownError, UserInputError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.policy.reach import Reach, Share
from google_workspace_mcp.core.tools.workspace import Workspace

type ShareKind = Literal["user", "group", "domain", "anyone"]
type Role = Literal["free_busy", "read", "write", "none"]

_ROLES: Final[dict[Role, str]] = {"free_busy": "freeBusyReader", "read": "reader", "write": "writer", "none": "none"}
_WORDS: Final = {
    "freeBusyReader": "sees when it is busy",
    "reader": "reads",
    "writer": "changes events",
    "writerWithoutPrivateAccess": "changes events",
    "owner": "owns",
    "none": "no access",
}
_DOMAIN: Final = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shared:
    """Who has which access to a calendar; `before` is empty where nobody looked."""

    calendar: CalendarEntry
    who: str
    before: str
    access: str
    mailed: bool
    dry_run: bool


class Managing:
    """Makes and shares calendars; what is made is known by its name at once."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars

    async def create(self, work: Workspace, name: str, timezone: str, text: str, *, dry_run: bool) -> CalendarEntry:
        """A new calendar of the account's: one step when the list of calendars is known.

        Raises ConflictError when there is one of that name already, OutcomeUnknownError when nobody can tell.
        """
        title = line(name, "name")
        if not title:
            raise UserInputError("A calendar needs a name", next_step="Give name", reason="calendar_name")
        zone = zone_named(timezone) if timezone else await work.zone()
        require_known(zone)
        if _named(await self._calendars.of(work), title):
            raise ConflictError(
                "There is a calendar of that name already",
                next_step="Use that one, or choose another name",
                reason="calendar_name",
            )
        body: dict[str, Any] = {"summary": title, "timeZone": zone.name}
        if text:
            body["description"] = description(text)
        if dry_run:
            return CalendarEntry.of({"id": "", **body, "accessRole": "owner"})
        try:
            request = work.google.calendar.calendars.insert(body=body)
            return CalendarEntry.of(await work.google.execute(request, kind=CallKind.CREATE) | {"accessRole": "owner"})
        except OutcomeUnknownError:
            self._calendars.changed(work)
            # There was none of that name before.
            if found := _named(await self._calendars.of(work), title):
                return found
            raise
        finally:
            self._calendars.changed(work)

    async def share(
        self, work: Workspace, calendar: str, kind: ShareKind, who: str, role: Role, *, notify: bool, dry_run: bool
    ) -> Shared:
        """The calendar shared with somebody, or no longer: one step when names are known.

        Raises UserInputError, PolicyRefusedError, and GoogleRefusedError for somebody else's calendar.
        """
        value = _value(kind, who)
        entries = await self._calendars.named(work, (calendar or PRIMARY.id,))
        if len(entries) != 1:
            raise UserInputError("One calendar is shared at a time", next_step="Name it", reason="calendar")
        told = value or "everybody"
        mailed = notify and kind in ("user", "group") and role != "none"
        if role != "none":
            recipients = (value,) if mailed else ()
            work.permit(Reach(recipients=recipients, shares=(Share(kind, value),)))
        before = await self._before(work, entries[0], kind, value) if dry_run else ""
        if not dry_run:
            await self._carry_out(work, entries[0], kind, value, role, mailed=mailed)
        return Shared(entries[0], told, before, _WORDS[_ROLES[role]], mailed, dry_run)

    async def _carry_out(
        self, work: Workspace, entry: CalendarEntry, kind: ShareKind, value: str, role: Role, *, mailed: bool
    ) -> None:
        acl = work.google.calendar.acl
        if role == "none":
            try:
                request = acl.delete(calendarId=entry.id, ruleId=_rule_id(kind, value))
                await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)
            except NotFoundError as error:
                raise NotFoundError(
                    "The calendar was not shared with them, or it is not this account's to share",
                    next_step="Look at it in Google Calendar",
                    reason=error.reason,
                ) from None
            return
        scope = {"type": "default"} if kind == "anyone" else {"type": kind, "value": value}
        body = {"role": _ROLES[role], "scope": scope}
        # The same rule twice is one rule.
        request = acl.insert(calendarId=entry.id, body=body, sendNotifications=mailed)
        await work.google.execute(request, kind=CallKind.REPEATABLE_WRITE)

    async def _before(self, work: Workspace, entry: CalendarEntry, kind: ShareKind, value: str) -> str:
        request = work.google.calendar.acl.get(calendarId=entry.id, ruleId=_rule_id(kind, value))
        try:
            rule = await work.google.execute(request)
        except NotFoundError:
            return _WORDS["none"]
        return _WORDS.get(str(rule.get("role", "")), "")


def _named(entries: tuple[CalendarEntry, ...], name: str) -> CalendarEntry | None:
    return next((entry for entry in entries if entry.name.casefold() == name.casefold()), None)


def _rule_id(kind: ShareKind, value: str) -> str:
    return "default" if kind == "anyone" else f"{kind}:{value}"


def _value(kind: ShareKind, who: str) -> str:
    """The address or domain, checked: it becomes part of an address at Google."""
    given = who.strip()
    if kind == "anyone":
        good = "" if given else "anyone"
    elif kind == "domain":
        good = given.lower() if _DOMAIN.fullmatch(given) else ""
    else:
        good = checked_address(given)
        good = "" if re.search(r"[/?#%\\]", good) else good
    if not good:
        raise UserInputError(
            "That is nobody a calendar can be shared with in this way",
            next_step="Give an address for user and group, a domain for domain, nothing for anyone",
            reason="bad_address",
        )
    return "" if kind == "anyone" else good
