"""Giving, changing and taking away access."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.errors import invalid_value, may_not, permission_not_found
from google_workspace_mcp.sandbox.drive.store import ROLES, DriveStore, Item, Permission, rank, user_permission_id
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Reply

_LONGEST_EXPIRY = timedelta(days=366)
_DRIVE_ROLES = frozenset({"fileOrganizer", "organizer"})


@dataclass(frozen=True, slots=True)
class Notification:
    """A mail that Google would have sent about a shared file."""

    file_id: str
    recipient: str
    message: str


class Sharing:
    """Answers the methods that change permissions. Mails that Google would send are noted in `notifications`."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store
        self.notifications: list[Notification] = []

    def create(self, call: Call) -> JSON:
        """`drive.permissions.create`; who has access already gets the greater of the two roles."""
        item = self._shareable(call)
        permission = self._asked(call, item)
        held = self._held(item)
        if not permission.email and call.params.get("sendNotificationEmail") is not None:
            raise invalid_value("sendNotificationEmail", "Only users and groups can be notified.")
        known = held.get(permission.id)
        if permission.role == "owner":
            self._give_away(item, permission, call)
        elif known is None or rank(known.role) <= rank(permission.role):
            held[permission.id] = permission
        if permission.email:
            item.shared[permission.email] = (self._store.clock.now(), call.person.email)
            if call.params.get("sendNotificationEmail") is not False:
                message = str(call.params.get("emailMessage") or "")
                self.notifications.append(Notification(item.id, permission.email, message))
        item.version += 1
        return resources.permission(held[permission.id])

    def update(self, call: Call) -> JSON:
        """`drive.permissions.update`: role and expiry of a direct permission."""
        item = self._shareable(call)
        held, body = self._held(item), call.body or {}
        permission_id = str(call.params["permissionId"])
        self._direct(item, permission_id)
        changed = replace(
            held[permission_id], role=self._role(body, item) if "role" in body else held[permission_id].role
        )
        if held[permission_id].role == "owner":
            raise may_not("The owner's permission cannot be changed.")
        if call.params.get("removeExpiration"):
            changed.expires = None
        elif "expirationTime" in body:
            changed.expires = self._expiry(body, changed.kind)
        if changed.role == "owner":
            self._give_away(item, changed, call)
        held[permission_id] = changed
        item.version += 1
        return resources.permission(changed)

    def delete(self, call: Call) -> Reply:
        """`drive.permissions.delete`: by who may share, or by somebody of their own access."""
        item = self._item(call)
        permission_id = str(call.params["permissionId"])
        if permission_id != user_permission_id(call.person.email) and not self._may_share(call, item):
            raise may_not()
        self._direct(item, permission_id)
        held = self._held(item)
        if held[permission_id].role == "owner":
            raise may_not("The owner of a file cannot be removed.")
        item.shared.pop(held[permission_id].email, None)
        del held[permission_id]
        item.version += 1
        return Reply()

    def _asked(self, call: Call, item: Item) -> Permission:
        body = call.body or {}
        kind, role = str(body.get("type") or ""), self._role(body, item)
        expires = self._expiry(body, kind) if "expirationTime" in body else None
        email = str(body.get("emailAddress") or "").strip().lower()
        if role == "owner" and (kind != "user" or not call.params.get("transferOwnership")):
            raise GoogleError(
                403,
                "forbidden",
                "The transferOwnership parameter must be enabled when the permission role is 'owner'.",
                location="transferOwnership",
            )
        if kind in {"user", "group"}:
            if "@" not in email:
                raise invalid_value(
                    "permission.emailAddress", "The specified emailAddress is invalid or not applicable."
                )
            person = self._store.people.get(email)
            name = person.name if person else email
            return Permission(user_permission_id(email), kind, role, email, name=name, expires=expires)
        found = bool(body.get("allowFileDiscovery"))
        if kind == "domain":
            domain = str(body.get("domain") or "").lower()
            if not domain:
                raise invalid_value("permission.domain", "The specified domain is invalid or not applicable.")
            return Permission(user_permission_id(domain) + "k", kind, role, domain=domain, discoverable=found)
        if kind != "anyone":
            raise invalid_value("permission.type")
        return Permission("anyone" if found else "anyoneWithLink", kind, role, discoverable=found)

    def _role(self, body: JSON, item: Item) -> str:
        role = str(body.get("role") or "")
        if role not in ROLES:
            raise invalid_value("permission.role")
        if (role in _DRIVE_ROLES and not item.drive_id) or (role == "owner" and item.drive_id):
            raise GoogleError(403, "invalidSharingRequest", "The role is not valid for this item.")
        return role

    def _expiry(self, body: JSON, kind: str) -> datetime:
        try:
            moment = datetime.fromisoformat(str(body["expirationTime"]))
        except ValueError:
            raise invalid_value("permission.expirationTime") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        now = self._store.clock.now()
        if kind not in {"user", "group"} or not now < moment <= now + _LONGEST_EXPIRY:
            raise GoogleError(403, "invalidSharingRequest", "The expiration time is not valid for this permission.")
        return moment

    def _give_away(self, item: Item, permission: Permission, call: Call) -> None:
        """Makes somebody the owner, who then is one of the editors."""
        if item.owner != call.person.email:
            raise may_not()
        old = user_permission_id(item.owner)
        item.permissions[old] = replace(item.permissions[old], role="writer")
        item.permissions[permission.id] = permission
        item.owner = permission.email

    def _held(self, item: Item) -> dict[str, Permission]:
        """Where direct permissions are kept: those of a shared drive's root are its members."""
        return self._store.drives[item.drive_id].members if item.root and item.drive_id else item.permissions

    def _direct(self, item: Item, permission_id: str) -> None:
        if permission_id in self._held(item):
            return
        if any(held.id == permission_id for held, _ in self._store.permissions(item)):
            raise GoogleError(
                403, "cannotModifyInheritedPermission", "Cannot change or remove an inherited permission."
            )
        raise permission_not_found(permission_id)

    def _shareable(self, call: Call) -> Item:
        item = self._item(call)
        if not self._may_share(call, item):
            raise may_not()
        return item

    def _may_share(self, call: Call, item: Item) -> bool:
        held = rank(self._store.role(call.person.email, item) or "reader")
        if item.root:
            return bool(item.drive_id) and held >= rank("organizer")
        if item.drive_id or not item.writers_can_share:
            return held >= rank("fileOrganizer")
        return held >= rank("writer")

    def _item(self, call: Call) -> Item:
        return self._store.reachable(
            call.person.email, str(call.params["fileId"]), all_drives=bool(call.params.get("supportsAllDrives"))
        )
