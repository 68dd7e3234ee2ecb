"""Who has access to a file, and by what: directly, through a folder above it, or as a member of its shared drive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, cast

from google_workspace_mcp.core.errors import GoogleRefusedError
from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.policy.reach import Share
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.drive.exposure import ROLES, Grant

type Grantee = Literal["user", "group", "domain", "anyone"]

_RANKS: Final[Mapping[str, int]] = {role: number for number, role in enumerate(ROLES)}
_FIELDS: Final = (
    "nextPageToken,permissions(id,type,role,emailAddress,domain,displayName,allowFileDiscovery,expirationTime,deleted,"
    "permissionDetails(role,inherited,inheritedFrom))"
)
_A_PAGE: Final = 100
_MOST_PAGES: Final = 5


def rank(role: str) -> int:
    """How far a role reaches; one that is not known counts as the greatest, so that nothing is made little of."""
    return _RANKS.get(role, len(_RANKS))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with access. `direct` is the role that was given on the file itself, `inherited` the greatest that comes
    from a folder or a shared drive; empty where there is none.
    """

    grant: Grant
    direct: str
    inherited: str

    @classmethod
    def of(cls, permission: JSON) -> Self | None:
        """From a `Permission` of Drive v3; None for one of an account that no longer exists."""
        grant = Grant.of(permission)
        if grant is None:
            return None
        details: list[dict[str, Any]] = permission.get("permissionDetails") or [{"role": grant.role}]
        direct = [str(detail["role"]) for detail in details if not detail.get("inherited")]
        above = [str(detail["role"]) for detail in details if detail.get("inherited")]
        return cls(grant, max(direct, key=rank, default=""), max(above, key=rank, default=""))

    @property
    def address(self) -> str:
        """The address or domain in lower case, empty for anyone."""
        return "" if self.grant.kind == "anyone" else self.grant.who.lower()

    @property
    def share(self) -> Share:
        """The same for the operator's rules."""
        return Share(cast(Grantee, self.grant.kind), self.address)

    def words(self) -> str:
        """`ben@example.com (edit)`, `everyone at example.com with the link (view)`."""
        return f"{self.grant.whom} ({self.grant.may})"

    def covers(self, kind: Grantee, value: str) -> bool:
        """Whether whoever that is has access by this too, as far as can be told: members of groups are not known."""
        if self.grant.kind == "anyone":
            return True
        if self.grant.kind == "domain":
            return self.address == (value if kind == "domain" else value.rpartition("@")[2])
        return self.is_for(kind, value)

    def is_for(self, kind: Grantee, value: str) -> bool:
        """Whether it is theirs by name. A person and a group of one address are the same to Google."""
        by_address = ("user", "group")
        same = self.grant.kind == kind or (kind in by_address and self.grant.kind in by_address)
        return same and self.address == value


async def holders_of(work: Workspace, file_id: str) -> tuple[Holder, ...]:
    """Everybody with access, the first 500. Raises GoogleRefusedError where this account may not know."""
    found: list[Holder] = []
    page: JSON = {}
    for _ in range(_MOST_PAGES):
        request = work.google.drive.permissions.list(
            fileId=file_id,
            supportsAllDrives=True,
            pageSize=_A_PAGE,
            pageToken=page.get("nextPageToken"),
            fields=_FIELDS,
        )
        page = await work.google.execute(request)
        found += [holder for permission in page.get("permissions") or () if (holder := Holder.of(permission))]
        if not page.get("nextPageToken"):
            break
    return tuple(found)


def others(holders: Iterable[Holder], address: str) -> tuple[Holder, ...]:
    """All but the account itself."""
    return tuple(each for each in holders if not each.is_for("user", address.lower()))


async def known_holders(work: Workspace, file_id: str) -> tuple[Holder, ...]:
    """The same, nobody where this account may not know."""
    try:
        return await holders_of(work, file_id)
    except GoogleRefusedError:
        return ()
