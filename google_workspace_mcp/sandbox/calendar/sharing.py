"""New calendars, and who may see them: `calendars.insert` and the access rules of `acl`."""

import re

from google_workspace_mcp.sandbox.calendar import resources
from google_workspace_mcp.sandbox.calendar.store import ROLES, Calendar, CalendarStore, Entry, Notification
from google_workspace_mcp.sandbox.calendar.times import known_zone
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Reply, bad_request, not_found

_EVERYBODY = "default"


class Sharing:
    """Answers `calendars.insert` and the acl methods."""

    def __init__(self, store: CalendarStore) -> None:
        self._store = store

    def insert_calendar(self, call: Call) -> JSON:
        """`calendar.calendars.insert`: in the person's list at once."""
        body = call.body or {}
        summary = str(body.get("summary") or "").strip()
        if not summary:
            raise GoogleError(400, "required", "Missing title.", location="summary")
        email = call.person.email
        zone = known_zone(str(body.get("timeZone") or "UTC"))
        made = Calendar(
            f"c_{self._store.new_id()}@group.calendar.google.com",
            summary,
            zone,
            {email: "owner"},
            email,
            str(body.get("description") or ""),
            str(body.get("location") or ""),
        )
        self._store.calendars[made.id] = made
        self._store.lists.setdefault(email, {})[made.id] = Entry(made.id)
        return resources.calendar(made)

    def rules(self, call: Call) -> JSON:
        """`calendar.acl.list`."""
        calendar = self._owned(call)
        items = [_rule(key, role) for key, role in calendar.access.items() if role != "none"]
        return {"kind": "calendar#acl", "etag": resources.etag(calendar), "items": items}

    def rule(self, call: Call) -> JSON:
        """`calendar.acl.get`."""
        calendar, key = self._owned(call), _key_of_id(str(call.params["ruleId"]))
        if calendar.access.get(key, "none") == "none":
            raise not_found("Not Found")
        return _rule(key, calendar.access[key])

    def insert_rule(self, call: Call) -> JSON:
        """`calendar.acl.insert`: a rule for the same scope is replaced."""
        calendar, body = self._owned(call), call.body or {}
        role = str(body.get("role") or "")
        if role not in ROLES:
            raise bad_request("Invalid value for: role", location="role")
        scope = body.get("scope") or {}
        key = _key(str(scope.get("type") or _EVERYBODY), str(scope.get("value") or ""))
        if key == calendar.owner and role != "owner":
            raise GoogleError(403, "cannotChangeOwnAcl", "Cannot change your own access level.")
        calendar.access[key] = role
        # Without a word Google mails people.
        if call.params.get("sendNotifications") is not False and "@" in key:
            self._store.notifications.append(Notification("share", calendar.id, key))
        return _rule(key, role)

    def delete_rule(self, call: Call) -> Reply:
        """`calendar.acl.delete`."""
        calendar, key = self._owned(call), _key_of_id(str(call.params["ruleId"]))
        if calendar.access.get(key, "none") == "none":
            raise not_found("Not Found")
        if key == calendar.owner:
            raise GoogleError(403, "cannotChangeOwnAcl", "Cannot change your own access level.")
        del calendar.access[key]
        return Reply()

    def _owned(self, call: Call) -> Calendar:
        return self._store.calendar(call.person, str(call.params["calendarId"]), "owner")


def _rule(key: str, role: str) -> JSON:
    kind = "user" if "@" in key else "domain"
    scope: JSON = {"type": _EVERYBODY} if key == "*" else {"type": kind, "value": key}
    name = _EVERYBODY if key == "*" else f"{kind}:{key}"
    return {"kind": "calendar#aclRule", "etag": resources.etag(key, role), "id": name, "scope": scope, "role": role}


def _key_of_id(rule_id: str) -> str:
    kind, _, value = rule_id.partition(":")
    return _key(kind, value)


def _key(kind: str, value: str) -> str:
    if kind == _EVERYBODY:
        return "*"
    form = r"[^@\s]+@[^@\s]+" if kind in {"user", "group"} else r"[\w-]+(\.[\w-]+)+"
    if kind not in {"user", "group", "domain"} or not re.fullmatch(form, value):
        raise bad_request("Invalid scope value.", location="scope.value")
    return value.lower()
