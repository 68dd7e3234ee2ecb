"""What Google charges each user for a call, in units of the API's own quota.

Sources, looked at in November 2026; all of them in force for projects made since 1 May 2026:

- Gmail: "Usage limits" (developers.google.com/workspace/gmail/api/reference/quota) for the limits; its table of methods
  by three transcriptions of September 2026 that agree. Of the former table it changed `messages.get`, `drafts.get`,
  `attachments.get`, both `trash` and `threads.get`.
- Drive: "Usage limits" (developers.google.com/workspace/drive/api/guides/limits), which prices kinds of methods: reads
  5, lists 100, downloads 200, edits 50, others 5.
- Calendar: "Usage limits" (developers.google.com/workspace/calendar/api/guides/quota), which counts requests.

Gmail's `patch` methods and languages are in no table; they have the price of their nearest neighbour. A price that is
too low costs a 429 and its wait, one that is too high costs a little speed.
"""

from google_workspace_mcp.core.google.endpoints import ServiceName

# Units (Calendar: requests) for one user of one project in a minute.
PER_MINUTE: dict[ServiceName, int] = {"gmail": 6_000, "drive": 325_000, "calendar": 600}

# Of methods that are not named below: those of Gmail that list or change one thing, Drive's edits.
_USUAL: dict[ServiceName, int] = {"gmail": 5, "drive": 50, "calendar": 1}
_MEDIA = 200

PRICES: dict[str, int] = {
    "gmail.users.getProfile": 1,
    "gmail.users.watch": 100,
    "gmail.users.stop": 50,
    "gmail.users.history.list": 2,
    "gmail.users.labels.list": 1,
    "gmail.users.labels.get": 1,
    "gmail.users.messages.get": 20,
    "gmail.users.messages.attachments.get": 20,
    "gmail.users.messages.trash": 20,
    "gmail.users.messages.send": 100,
    "gmail.users.messages.insert": 25,
    "gmail.users.messages.import": 25,
    "gmail.users.messages.delete": 10,
    "gmail.users.messages.batchDelete": 50,
    "gmail.users.messages.batchModify": 50,
    "gmail.users.threads.list": 10,
    "gmail.users.threads.get": 40,
    "gmail.users.threads.modify": 10,
    "gmail.users.threads.trash": 20,
    "gmail.users.threads.untrash": 10,
    "gmail.users.threads.delete": 20,
    "gmail.users.drafts.get": 20,
    "gmail.users.drafts.create": 10,
    "gmail.users.drafts.update": 15,
    "gmail.users.drafts.delete": 10,
    "gmail.users.drafts.send": 100,
    "gmail.users.settings.getVacation": 1,
    "gmail.users.settings.getLanguage": 1,
    "gmail.users.settings.getAutoForwarding": 1,
    "gmail.users.settings.getImap": 1,
    "gmail.users.settings.getPop": 1,
    "gmail.users.settings.updatePop": 100,
    "gmail.users.settings.filters.list": 1,
    "gmail.users.settings.filters.get": 1,
    "gmail.users.settings.forwardingAddresses.list": 1,
    "gmail.users.settings.forwardingAddresses.get": 1,
    "gmail.users.settings.forwardingAddresses.create": 100,
    "gmail.users.settings.delegates.list": 1,
    "gmail.users.settings.delegates.get": 1,
    "gmail.users.settings.delegates.create": 100,
    "gmail.users.settings.sendAs.list": 1,
    "gmail.users.settings.sendAs.get": 1,
    "gmail.users.settings.sendAs.create": 100,
    "gmail.users.settings.sendAs.update": 100,
    "gmail.users.settings.sendAs.patch": 100,
    "gmail.users.settings.sendAs.verify": 100,
    "drive.about.get": 5,
    "drive.files.get": 5,
    "drive.files.list": 100,
    "drive.files.generateIds": 5,
    "drive.files.export": _MEDIA,
    "drive.files.download": _MEDIA,
    "drive.drives.get": 5,
    "drive.drives.list": 100,
    "drive.permissions.get": 5,
    "drive.permissions.list": 100,
    "drive.comments.get": 5,
    "drive.replies.get": 5,
    "drive.comments.list": 100,
    "drive.replies.list": 100,
    "drive.revisions.get": 5,
    "drive.revisions.list": 100,
    "drive.changes.list": 100,
    "drive.changes.getStartPageToken": 5,
}


def api_of(method_id: str) -> ServiceName:
    """The API that a method id of a discovery document belongs to. Raises ValueError for any other."""
    match method_id.partition(".")[0]:
        case "gmail":
            return "gmail"
        case "drive":
            return "drive"
        case "calendar":
            return "calendar"
        case _:
            raise ValueError("not a method of Gmail, Drive or Calendar")


def price_of(method_id: str, *, media: bool = False) -> int:
    """Units of the API's per-user quota; `media` for the bytes of a Drive file, which cost more than its metadata."""
    api = api_of(method_id)
    return _MEDIA if media and api == "drive" else PRICES.get(method_id, _USUAL[api])
