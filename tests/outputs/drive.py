"""Every Drive tool: a report is looked for, written, shared and put away."""

from tests.files.world import BEN
from tests.outputs.teller import Teller

NOTES = "# Notes\n\n- We launch in **May**.\n- Ben writes the page.\n"


async def told(tell: Teller) -> None:
    """Look, write, share, put away."""
    await _looking(tell)
    report = await _writing(tell)
    await _talking(tell, report)
    await _sharing(tell, report)
    await _putting_away(tell, report)


async def _looking(tell: Teller) -> None:
    files = tell.world.files
    files.drive.add_shared_drive("Marketing", {"alice@example.com": "organizer", BEN.email: "writer"})
    await tell("drive_search", name="Plan")
    await tell("drive_search", text="launch", type="document")
    await tell("drive_list_folder")
    await tell("drive_get_file", file_id=files.document)
    await tell("drive_get_file", file_id=files.shortcut)
    await tell("drive_read", file_id=files.document)
    await tell("drive_read", file_id=files.sheet, range="Costs!A1:B2")
    await tell("drive_download", file_id=files.photo)
    await tell.refused("drive_read", file_id=files.form)
    await tell("drive_list_shared_drives")
    await tell("drive_about")


async def _writing(tell: Teller) -> str:
    await tell("drive_create_folder", name="Reports", dry_run=True)
    await tell("drive_create_folder", name="Reports", request_id="f-1")
    await tell("drive_create_folder", name="Reports", request_id="f-1")
    made = await tell("drive_create_file", name="Notes.md", text=NOTES, folder="Reports")
    await tell("drive_create_file", name="Notes", text=NOTES, folder="Reports", convert_to="document")
    changed = {"file_id": made["id"], "text": f"{NOTES}- Done.\n"}
    await tell.refused("drive_update_file", **changed)
    await tell("drive_update_file", **changed, version=made["version"], name="Minutes.md")
    await tell.refused("drive_update_file", **changed, version=made["version"])
    await tell("drive_copy", file_id=made["id"], name="Minutes, copy.md")
    await tell("drive_list_folder", folder="Reports")
    return made["id"]


async def _talking(tell: Teller, report: str) -> None:
    said = await tell("drive_comment", file_id=report, text="Who writes the page?")
    await tell("drive_comment", file_id=report, comment_id=said["comment_id"], text="Ben does.", action="resolve")
    await tell("drive_list_comments", file_id=report)
    versions = (await tell("drive_list_revisions", file_id=report))["revisions"]
    await tell("drive_restore_revision", file_id=report, revision_id=versions[-1]["id"], dry_run=True)
    await tell("drive_restore_revision", file_id=report, revision_id=versions[-1]["id"])


async def _sharing(tell: Teller, report: str) -> None:
    await tell("drive_share", file_id=report, to=BEN.email, role="writer", dry_run=True)
    await tell("drive_share", file_id=report, to=BEN.email, role="writer", message="See the minutes.")
    await tell.refused("drive_share", file_id=report, to="anyone")
    await tell("drive_get_file", file_id=report)
    await tell("drive_unshare", file_id=report, who=BEN.email, role="reader")
    await tell("drive_unshare", file_id=report, who=BEN.email)


async def _putting_away(tell: Teller, report: str) -> None:
    await tell("drive_trash", file_ids=[report], dry_run=True)
    await tell("drive_trash", file_ids=[report])
    await tell("drive_trash", file_ids=[report], restore=True)
    await tell("drive_delete_forever", file_ids=[report])
    await tell.refused("drive_get_file", file_id=report)
