"""What tools say is what it was when somebody last read it, and how often they asked Google is what it may be."""

from pathlib import Path
from typing import Final

import pytest

from google_workspace_mcp.core.tools.kinds import ToolDefinition
from tests.outputs.stories import STORIES, kept, told

# The most requests to Google one after another, names known. One more where a story is the first to need a name.
ROUND_TRIPS: Final = {
    "gmail_search": 2,
    "gmail_read": 1,
    "gmail_read_thread": 1,
    "gmail_get_attachment": 2,
    "gmail_list_labels": 2,
    "gmail_list_drafts": 2,
    "gmail_list_filters": 1,
    "gmail_get_settings": 1,
    "gmail_create_draft": 2,
    "gmail_update_draft": 2,
    "gmail_delete_draft": 1,
    "gmail_send_draft": 2,
    "gmail_send": 2,
    "gmail_reply": 3,
    "gmail_forward": 3,
    "gmail_modify": 3,
    "gmail_delete_forever": 1,
    "gmail_create_label": 1,
    "gmail_update_label": 1,
    "gmail_delete_label": 2,
    "gmail_create_filter": 3,
    "gmail_delete_filter": 2,
    "gmail_set_vacation": 1,
    "gmail_unsubscribe": 2,
    "drive_search": 1,
    "drive_list_folder": 1,
    "drive_get_file": 2,
    "drive_read": 2,
    "drive_download": 2,
    "drive_list_shared_drives": 1,
    "drive_list_comments": 1,
    "drive_list_revisions": 1,
    "drive_about": 1,
    "drive_create_folder": 1,
    "drive_create_file": 1,
    "drive_update_file": 2,
    "drive_copy": 1,
    "drive_trash": 1,
    "drive_delete_forever": 1,
    "drive_share": 2,
    "drive_unshare": 2,
    "drive_comment": 1,
    "drive_restore_revision": 3,
    "calendar_list_calendars": 1,
    "calendar_list_events": 2,
    "calendar_get_event": 1,
    "calendar_free_busy": 1,
    "calendar_find_time": 2,
    "calendar_create_event": 1,
    "calendar_update_event": 3,
    "calendar_delete_event": 2,
    "calendar_respond": 2,
    "calendar_move_event": 1,
    "calendar_create_calendar": 1,
    "calendar_share_calendar": 1,
}
_A_NAME = 1
# The first file in a named folder needs the folder's id, and who sees what lies in it.
TWO_NAMES: Final = frozenset({"drive_create_file"})

pytestmark = pytest.mark.timeout(90)


@pytest.mark.parametrize("story", STORIES)
async def test_what_tools_say_is_what_was_read(story: str, tmp_path: Path):
    """After a change that is meant: `python -m tests.outputs`, and read the difference."""
    tell = await told(story, tmp_path)
    assert tell.story() == kept(story).read_text()
    served: list[ToolDefinition] = [tool.definition for tool in tell.world.deployment.stack.service.runner.tools]
    assert {tool.name for tool in served if tool.service == story} <= set(tell.most)
    most = {name: ROUND_TRIPS[name] + _A_NAME + (name in TWO_NAMES) for name in tell.most}
    assert {name: taken for name, taken in tell.most.items() if taken > most[name]} == {}
