"""What Google charges each user for a call, in units of the API's own quota.

Sources, read in November 2026: "Usage limits" of the Gmail API and of the Drive API, both in force for projects made
since 1 May 2026, and "Manage quotas" of the Calendar API, which counts requests. Methods that the new Gmail table was
not seen to name have the price of the former table; a method in no table has its API's usual price. A price that is too
low costs a 429 and its wait, one that is too high costs a little speed.
"""

from google_workspace_mcp.core.google.endpoints import ServiceName

# Units (Calendar: requests) for one user of one project in a minute.
PER_MINUTE: dict[ServiceName, int] = {"gmail": 6_000, "drive": 325_000, "calendar": 600}

_USUAL: dict[ServiceName, int] = {"gmail": 5, "drive": 50, "calendar": 1}
_MEDIA = 200

_PRICES: dict[str, int] = {
    "gmail.users.getProfile": 1,
    "gmail.users.messages.list": 5,
    "gmail.users.messages.get": 20,
    "gmail.users.messages.send": 100,
    "gmail.users.messages.insert": 25,
    "gmail.users.messages.import": 25,
    "gmail.users.messages.delete": 10,
    "gmail.users.messages.batchDelete": 50,
    "gmail.users.messages.batchModify": 50,
    "gmail.users.messages.modify": 5,
    "gmail.users.messages.trash": 5,
    "gmail.users.messages.untrash": 5,
    "gmail.users.messages.attachments.get": 5,
    "gmail.users.threads.list": 10,
    "gmail.users.threads.get": 40,
    "gmail.users.threads.modify": 10,
    "gmail.users.threads.trash": 10,
    "gmail.users.threads.untrash": 10,
    "gmail.users.threads.delete": 20,
    "gmail.users.drafts.list": 5,
    "gmail.users.drafts.get": 5,
    "gmail.users.drafts.create": 10,
    "gmail.users.drafts.update": 15,
    "gmail.users.drafts.delete": 10,
    "gmail.users.drafts.send": 100,
    "gmail.users.history.list": 2,
    "gmail.users.labels.list": 1,
    "gmail.users.labels.get": 1,
    "gmail.users.settings.getVacation": 1,
    "gmail.users.settings.getLanguage": 1,
    "gmail.users.settings.getAutoForwarding": 1,
    "gmail.users.settings.filters.list": 1,
    "gmail.users.settings.filters.get": 1,
    "gmail.users.settings.sendAs.list": 1,
    "gmail.users.settings.sendAs.get": 1,
    "drive.about.get": 5,
    "drive.files.get": 5,
    "drive.files.list": 100,
    "drive.files.export": _MEDIA,
    "drive.drives.get": 5,
    "drive.drives.list": 100,
    "drive.permissions.get": 5,
    "drive.permissions.list": 100,
    "drive.comments.get": 5,
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
    return _MEDIA if media and api == "drive" else _PRICES.get(method_id, _USUAL[api])
