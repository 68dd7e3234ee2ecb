"""The Drive tools, in the order that clients see them."""

from collections.abc import Callable

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.tools.kinds import ToolDefinition
from google_workspace_mcp.drive.disposing import Disposing
from google_workspace_mcp.drive.material import FromMail, no_mail
from google_workspace_mcp.drive.restoring import Restoring
from google_workspace_mcp.drive.service import DriveService
from google_workspace_mcp.drive.sharing import Sharing
from google_workspace_mcp.drive.tools import (
    access,
    disposal,
    drive_about,
    drive_comment,
    drive_copy,
    drive_create_file,
    drive_create_folder,
    drive_download,
    drive_get_file,
    drive_list_comments,
    drive_list_folder,
    drive_list_revisions,
    drive_list_shared_drives,
    drive_read,
    drive_restore_revision,
    drive_search,
    drive_update_file,
)
from google_workspace_mcp.drive.unsharing import Unsharing
from google_workspace_mcp.drive.updating import Updating
from google_workspace_mcp.drive.writing import Writing

_MODULES = (
    drive_search,
    drive_list_folder,
    drive_get_file,
    drive_read,
    drive_download,
    drive_list_shared_drives,
    drive_list_comments,
    drive_list_revisions,
    drive_about,
)


def tools(
    clock: Clock,
    documents: Documents,
    service: DriveService | None = None,
    *,
    randomness: Callable[[int], bytes],
    from_mail: FromMail = no_mail,
) -> tuple[ToolDefinition, ...]:
    """All Drive tools on one service object, which keeps names of folders and shared drives per connection.

    It may be shared with whoever else needs it. `randomness` makes the words that written files are found again by,
    `from_mail` fetches files of mail.
    """
    service = service or DriveService(clock, documents)
    return (
        *(module.definition(service) for module in _MODULES),
        *_writing(clock, service, randomness, from_mail),
    )


def _writing(
    clock: Clock, service: DriveService, randomness: Callable[[int], bytes], from_mail: FromMail
) -> tuple[ToolDefinition, ...]:
    writing = Writing(clock, service.placing, from_mail, randomness)
    return (
        drive_create_folder.definition(writing),
        drive_create_file.definition(writing),
        drive_update_file.definition(Updating(service.placing, from_mail, randomness)),
        drive_copy.definition(writing),
        *disposal.definitions(Disposing(service.placing)),
        *access.definitions(Sharing(service.placing), Unsharing(service.placing)),
        drive_comment.definition(),
        drive_restore_revision.definition(Restoring(randomness)),
    )
