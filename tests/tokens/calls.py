"""A typical call of each tool, on the account of the demo's first person.

A tool that reads and has no required arguments is called without any, and needs no line here. Those that write or reach
people are called where nothing comes of it.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, Final

type Data = dict[str, Any]
type Run = Callable[..., Awaitable[Data]]


async def _newest_newsletter(run: Run) -> Data:
    return {"message_ids": [await newsletter(run)]}


async def newsletter(run: Run) -> str:
    """The id of a newsletter."""
    return (await run("gmail_search", query="from:hello@garden-weekly.example", limit=1))["rows"][0]["id"]


async def _conversation(run: Run) -> Data:
    found = await run("gmail_search", subject="Returns dashboard numbers look wrong", kind="threads", limit=1)
    return {"thread_ids": [found["rows"][0]["id"]]}


async def _document(run: Run) -> Data:
    found = await run("drive_search", name="Assembly handbook", limit=1)
    return {"file_id": found["files"][0]["id"]}


async def _commented(run: Run) -> Data:
    return {"file_id": (await run("drive_search", name="Q3 review", limit=1))["files"][0]["id"]}


async def _new_file(_run: Run) -> Data:
    return {"name": "Packing list.md", "text": "- 3 lamps", "convert_to": "document", "dry_run": True}


async def _new_folder(_run: Run) -> Data:
    return {"name": "Fairs", "folder": "Projects", "dry_run": True}


async def _renamed(run: Run) -> Data:
    return {**await _document(run), "name": "Handbook", "folder": "Reports", "dry_run": True}


async def _copied(run: Run) -> Data:
    return {**await _document(run), "dry_run": True}


async def _documents(run: Run) -> Data:
    return {"file_ids": [(await _document(run))["file_id"]], "dry_run": True}


async def _shared(run: Run) -> Data:
    return {**await _document(run), "to": "ben@example.com", "role": "writer", "dry_run": True}


async def _unshared(run: Run) -> Data:
    return {**await _commented(run), "who": "ben@example.com", "dry_run": True}


async def _said(run: Run) -> Data:
    return {**await _document(run), "text": "Is page 3 still right?", "dry_run": True}


async def _former(run: Run) -> Data:
    found = await run("drive_search", name="opening hours", limit=1)
    file_id = found["files"][0]["id"]
    revisions = (await run("drive_list_revisions", file_id=file_id))["revisions"]
    return {"file_id": file_id, "revision_id": revisions[-1]["id"], "dry_run": True}


async def _event(run: Run) -> Data:
    found = await run("calendar_list_events", query="Berlin and New York", limit=1)
    return {"event_id": found["events"][0]["id"]}


async def _search(_run: Run) -> Data:
    return {"query": "lamp"}


async def _fetch(run: Run) -> Data:
    return {"id": (await run("search", query="lamp"))["results"][0]["id"]}


async def _nothing(_run: Run) -> Data:
    return {}


async def _own_account(_run: Run) -> Data:
    return {"account": "alice@example.com", "dry_run": True}


async def _attachment(run: Run) -> Data:
    row = (await run("gmail_search", query="has:attachment", limit=1))["rows"][0]
    return {"message_id": row["id"], "mode": "link"}


async def _reply(run: Run) -> Data:
    return {"message_id": await newsletter(run), "body": "Thank you", "dry_run": True}


async def _forward(run: Run) -> Data:
    return {"message_id": await newsletter(run), "to": ["ben@example.com"], "dry_run": True}


async def _one_message(run: Run) -> Data:
    return {"message_ids": [await newsletter(run)], "actions": ["archive"], "dry_run": True}


async def _list(run: Run) -> Data:
    return {"message_id": await newsletter(run), "dry_run": True}


async def _draft(run: Run) -> Data:
    return {"draft_id": (await run("gmail_list_drafts", limit=1))["rows"][0]["id"], "dry_run": True}


async def _message(_run: Run) -> Data:
    return {"to": ["ben@example.com"], "subject": "Lunch", "body": "At noon?", "dry_run": True}


async def _filter(_run: Run) -> Data:
    return {"from": "hello@garden-weekly.example", "actions": ["archive"], "dry_run": True}


async def _away(_run: Run) -> Data:
    return {"on": True, "body": "Back on Monday", "dry_run": True}


async def _lunch(_run: Run) -> Data:
    guests = ["ben@example.com", "chiara@studio.example"]
    return {"title": "Lunch", "start": "2036-04-01T12:00", "attendees": guests, "notify": "none", "dry_run": True}


async def _own_event(run: Run) -> Data:
    # One of this week's, whatever week it is: the call is made at other times as well.
    today = await _today(run)
    range_ = {"start": f"{today - timedelta(days=7)}", "end": f"{today + timedelta(days=7)}"}
    found = await run("calendar_list_events", query="Arc launch review", limit=1, **range_)
    return {"event_id": found["events"][0]["id"], "notify": "none", "dry_run": True}


async def _moved(run: Run) -> Data:
    return {**await _own_event(run), "start": f"{await _today(run) + timedelta(days=5)}T15:00"}


async def _today(run: Run) -> date:
    return date.fromisoformat((await run("workspace_time"))["now"][:10])


async def _answer(run: Run) -> Data:
    return {"event_id": (await _own_event(run))["event_id"], "answer": "maybe", "dry_run": True}


TYPICAL: Final[dict[str, Callable[[Run], Awaitable[Data]]]] = {
    "gmail_read": _newest_newsletter,
    "gmail_read_thread": _conversation,
    "gmail_get_attachment": _attachment,
    "gmail_create_draft": _message,
    "gmail_update_draft": _draft,
    "gmail_delete_draft": _draft,
    "gmail_send_draft": _draft,
    "gmail_send": _message,
    "gmail_reply": _reply,
    "gmail_forward": _forward,
    "gmail_modify": _one_message,
    "gmail_unsubscribe": _list,
    "gmail_create_filter": _filter,
    "gmail_set_vacation": _away,
    "drive_get_file": _document,
    "drive_list_comments": _commented,
    "drive_list_revisions": _document,
    "drive_read": _document,
    "drive_download": _document,
    "drive_create_folder": _new_folder,
    "drive_create_file": _new_file,
    "drive_update_file": _renamed,
    "drive_copy": _copied,
    "drive_trash": _documents,
    "drive_share": _shared,
    "drive_unshare": _unshared,
    "drive_comment": _said,
    "drive_restore_revision": _former,
    "calendar_get_event": _event,
    "calendar_create_event": _lunch,
    "calendar_update_event": _moved,
    "calendar_delete_event": _own_event,
    "calendar_respond": _answer,
    "search": _search,
    "fetch": _fetch,
    "accounts_connect": _nothing,
    "accounts_disconnect": _own_account,
}
