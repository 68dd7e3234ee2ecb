"""`files.list` and `drives.list`: which items, in what order, page by page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from google_workspace_mcp.sandbox.drive import resources
from google_workspace_mcp.sandbox.drive.documents import FOLDER
from google_workspace_mcp.sandbox.drive.errors import drive_not_found, invalid_value
from google_workspace_mcp.sandbox.drive.matching import Matcher, words
from google_workspace_mcp.sandbox.drive.paging import next_page, waiting
from google_workspace_mcp.sandbox.drive.query import Condition, named_parents, parse, uses_full_text
from google_workspace_mcp.sandbox.drive.store import DriveStore, Item
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError

_PAGE_SIZES = range(1, 1001)
_DRIVE_PAGE_SIZES = range(1, 101)
_NEVER = datetime.min.replace(tzinfo=UTC)
_DRIVES_QUERY = re.compile(r"\s*name\s*(=|contains)\s*'((?:[^'\\]|\\.)*)'\s*")


class Listing:
    """Answers the list methods. `incomplete` makes searches over all drives say that they did not see everything."""

    def __init__(self, store: DriveStore) -> None:
        self._store = store
        self.incomplete = False

    def files(self, call: Call) -> JSON:
        """`drive.files.list`."""
        size = _page_size(call, 100, _PAGE_SIZES)
        corpora = _corpora(call)
        ids = waiting(self._store, call)
        if ids is None:
            ids = self._found(call, corpora)
        answer: JSON = {
            "kind": "drive#fileList",
            "incompleteSearch": self.incomplete and corpora == "allDrives",
            "files": [
                resources.file(self._store, self._store.items[item_id], call.person.email)
                for item_id in ids[:size]
                if item_id in self._store.items
            ],
        }
        return answer | next_page(self._store, call, ids, size)

    def drives(self, call: Call) -> JSON:
        """`drive.drives.list`, of the drives that the person is a member of."""
        size = _page_size(call, 10, _DRIVE_PAGE_SIZES)
        ids = waiting(self._store, call)
        ids = self._drive_ids(call) if ids is None else ids
        shown = [resources.drive(self._store.drives[drive_id], call.person.email) for drive_id in ids[:size]]
        return {"kind": "drive#driveList", "drives": shown} | next_page(self._store, call, ids, size)

    def _drive_ids(self, call: Call) -> list[str]:
        mine = [shared for shared in self._store.drives.values() if shared.role(call.person.email)]
        if q := str(call.params.get("q") or ""):
            match = _DRIVES_QUERY.fullmatch(q)
            if match is None:
                raise invalid_value("q")
            wanted = re.sub(r"\\(.)", r"\1", match[2])
            mine = [shared for shared in mine if _is_called(shared.name, match[1], wanted)]
        return [shared.id for shared in sorted(mine, key=lambda shared: (shared.name.casefold(), shared.id))]

    def _found(self, call: Call, corpora: str) -> list[str]:
        check_drive(self._store, call)
        viewer = call.person.email
        q = str(call.params.get("q") or "")
        condition = parse(q) if q.strip() else None
        order = str(call.params.get("orderBy") or "")
        if order and condition is not None and uses_full_text(condition):
            raise GoogleError(
                403,
                "forbidden",
                "Sorting is not supported for queries with fullText terms. Results are always in descending relevance"
                " order.",
            )
        matcher = Matcher(self._store, viewer, condition) if condition is not None else None
        if matcher is not None:
            # A folder that cannot be seen is an error even when no file would have been looked at.
            matcher.check()
        # Who may see what is found out last: it takes longest, and most files are not asked for.
        found = [
            item
            for item in self._store.items.values()
            if not item.root
            and (matcher is None or matcher.matches(item))
            and self._in_corpora(item, corpora, call, condition)
        ]
        return [item.id for item in _sorted(found, order, viewer)]

    def _in_corpora(self, item: Item, corpora: str, call: Call, condition: Condition | None) -> bool:
        viewer = call.person.email
        everywhere = bool(call.params.get("supportsAllDrives")) and bool(call.params.get("includeItemsFromAllDrives"))
        if item.drive_id and not everywhere:
            return False
        match corpora:
            case "drive":
                return item.drive_id == call.params.get("driveId") and self._store.role(viewer, item) is not None
            case "domain":
                return self._shared_with_domain(item, call.person.domain)
            case "allDrives":
                return self._store.finds(viewer, item)
            case _:
                # `user` holds files of shared drives only if the person opened or made them, or names their folder.
                touched = viewer in item.viewed or viewer in item.changed
                named = condition is not None and item.parent in named_parents(condition)
                return self._store.finds(viewer, item) and (not item.drive_id or touched or named)

    def _shared_with_domain(self, item: Item, domain: str) -> bool:
        return any(
            held.kind == "domain" and held.domain == domain and held.discoverable
            for held, _ in self._store.permissions(item)
        )


def check_drive(store: DriveStore, call: Call) -> None:
    """Refuses a `driveId` that the person is no member of with 404."""
    drive_id = str(call.params.get("driveId") or "")
    if drive_id and (drive_id not in store.drives or store.drives[drive_id].role(call.person.email) is None):
        raise drive_not_found(drive_id)


def _corpora(call: Call) -> str:
    corpora = str(call.params.get("corpora") or "user")
    everywhere = bool(call.params.get("supportsAllDrives")) and bool(call.params.get("includeItemsFromAllDrives"))
    if corpora not in {"user", "domain", "drive", "allDrives"}:
        raise invalid_value("corpora")
    if (corpora == "drive") != bool(call.params.get("driveId")):
        raise GoogleError(
            403,
            "teamDriveIdRequiresTeamDriveCorpora",
            "The driveId parameter must be specified if and only if corpora is set to drive.",
        )
    if corpora in {"drive", "allDrives"} and not everywhere:
        raise GoogleError(
            403,
            "teamDrivesNotSupported",
            "The supportsAllDrives and includeItemsFromAllDrives parameters must be true for this corpora.",
        )
    spaces = str(call.params.get("spaces") or "drive").split(",")
    if not set(spaces) <= {"drive", "appDataFolder"}:
        raise invalid_value("spaces")
    return corpora


def _page_size(call: Call, default: int, allowed: range) -> int:
    given = call.params.get("pageSize")
    size = default if given is None else int(given)
    if size not in allowed:
        raise invalid_value(
            "pageSize",
            f"Invalid value '{size}'. Values must be within the range: [{allowed.start}, {allowed.stop - 1}]",
        )
    return size


def _is_called(name: str, sign: str, wanted: str) -> bool:
    if sign == "=":
        return name.casefold() == wanted.casefold()
    return all(any(word.startswith(start) for word in words(name)) for start in words(wanted))


def _sorted(items: list[Item], order: str, viewer: str) -> list[Item]:
    # Google leaves the order open when none is asked for; the newest first is what it mostly does.
    ordered = sorted(items, key=lambda item: (item.modified, item.id), reverse=True)
    for part in reversed([part.split() for part in order.split(",")] if order.strip() else []):
        key = _SORT_KEYS.get(part[0]) if part else None
        if key is None or part[1:] not in ([], ["desc"]):
            raise invalid_value("orderBy")
        ordered.sort(key=_bound(key, viewer), reverse=bool(part[1:]))
    return ordered


def _bound(key: Callable[[Item, str], Any], viewer: str) -> Callable[[Item], Any]:
    return lambda item: key(item, viewer)


def _natural(name: str) -> list[tuple[int, int, str]]:
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", name.casefold()) if part
    ]


def _recency(item: Item, viewer: str) -> datetime:
    seen = item.viewed.get(viewer, _NEVER)
    shared = item.shared.get(viewer, (_NEVER, ""))[0]
    return max(item.modified, item.created, seen, shared)


_SORT_KEYS: dict[str, Callable[[Item, str], Any]] = {
    "createdTime": lambda item, _: item.created,
    # Folders before files, which is what the key is used for.
    "folder": lambda item, _: item.mime_type != FOLDER,
    "modifiedByMeTime": lambda item, viewer: item.changed.get(viewer, _NEVER),
    "modifiedTime": lambda item, _: item.modified,
    "name": lambda item, _: item.name.casefold(),
    "name_natural": lambda item, _: _natural(item.name),
    "quotaBytesUsed": lambda item, _: len(item.data or b""),
    "recency": _recency,
    "sharedWithMeTime": lambda item, viewer: item.shared.get(viewer, (_NEVER, ""))[0],
    "starred": lambda item, viewer: viewer not in item.starred_by,
    "viewedByMeTime": lambda item, viewer: item.viewed.get(viewer, _NEVER),
}
