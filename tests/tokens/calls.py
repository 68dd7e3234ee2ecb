"""A typical call of each tool, on the account of the demo's first person.

A tool that reads and has no required arguments is called without any, and needs no line here. Those that write or reach
people are called where nothing comes of it.
"""

from collections.abc import Awaitable, Callable
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


async def _nothing(_run: Run) -> Data:
    return {}


async def _own_account(_run: Run) -> Data:
    return {"account": "alice@example.com", "dry_run": True}


TYPICAL: Final[dict[str, Callable[[Run], Awaitable[Data]]]] = {
    "gmail_read": _newest_newsletter,
    "gmail_read_thread": _conversation,
    "drive_read": _document,
    "accounts_connect": _nothing,
    "accounts_disconnect": _own_account,
}
