"""All tools that there are to be, in the order that clients see them: kind, tier, capabilities.

What is not there yet is checked as soon as it is added. `ANY` stands for tools that serve whatever the token holds.
"""

from dataclasses import dataclass
from typing import Final

from google_workspace_mcp.core.tools.kinds import Kind, Tier

ANY: Final = None


@dataclass(frozen=True)
class Row:
    """What a tool's definition has to say."""

    name: str
    kind: Kind
    tier: Tier
    capability: str | None


def _rows(table: str) -> tuple[Row, ...]:
    kinds = {"R": Kind.READ, "W": Kind.WRITE, "X": Kind.OUTWARD}
    rows: list[Row] = []
    for line in table.split("\n"):
        if cells := line.split():
            name, kind, tier, capability = cells
            needs = ANY if capability == "any" else "" if capability == "-" else capability
            rows.append(Row(name, kinds[kind], Tier.named(tier), needs))
    return tuple(rows)


MANIFEST: Final = _rows("""
    gmail_search                R core      gmail.read
    gmail_read                  R core      gmail.read
    gmail_read_thread           R core      gmail.read
    gmail_get_attachment        R core      gmail.read
    gmail_list_labels           R extended  gmail.read
    gmail_list_drafts           R extended  gmail.read
    gmail_list_filters          R full      gmail.settings
    gmail_get_settings          R full      gmail.settings
    gmail_create_draft          W core      gmail.write
    gmail_update_draft          W extended  gmail.write
    gmail_delete_draft          W extended  gmail.write
    gmail_send_draft            X extended  gmail.send
    gmail_send                  X core      gmail.send
    gmail_reply                 X core      gmail.send
    gmail_forward               X extended  gmail.send
    gmail_modify                W core      gmail.write
    gmail_delete_forever        X full      gmail.delete
    gmail_create_label          W extended  gmail.write
    gmail_update_label          W extended  gmail.write
    gmail_delete_label          X full      gmail.write
    gmail_create_filter         W full      gmail.settings
    gmail_delete_filter         X full      gmail.settings
    gmail_set_vacation          W full      gmail.settings
    gmail_unsubscribe           X extended  gmail.write

    drive_search                R core      drive.read
    drive_list_folder           R extended  drive.read
    drive_get_file              R extended  drive.read
    drive_read                  R core      drive.read
    drive_download              R extended  drive.read
    drive_list_shared_drives    R extended  drive.read
    drive_list_comments         R extended  drive.read
    drive_list_revisions        R full      drive.read
    drive_about                 R extended  drive.read
    drive_create_folder         W extended  drive.write
    drive_create_file           W core      drive.write
    drive_update_file           W extended  drive.write
    drive_copy                  W extended  drive.write
    drive_trash                 W extended  drive.write
    drive_delete_forever        X full      drive.write
    drive_share                 X extended  drive.write
    drive_unshare               W extended  drive.write
    drive_comment               W extended  drive.write
    drive_restore_revision      W full      drive.write

    calendar_list_calendars     R extended  calendar.read
    calendar_list_events        R core      calendar.read
    calendar_get_event          R extended  calendar.read
    calendar_free_busy          R extended  calendar.read
    calendar_find_time          R core      calendar.read
    calendar_create_event       X core      calendar.write
    calendar_update_event       X core      calendar.write
    calendar_delete_event       X extended  calendar.write
    calendar_respond            X extended  calendar.write
    calendar_move_event         W extended  calendar.write
    calendar_create_calendar    W full      calendar.write
    calendar_share_calendar     X full      calendar.write

    accounts_list               R core      -
    accounts_connect            W extended  -
    accounts_disconnect         X extended  -
    search                      R extended  any
    fetch                       R extended  any
    workspace_changes           R extended  any
    workspace_time              R extended  any
    files_create_upload         W extended  any
    audit_recent                R extended  any
""")
