"""How tools of mail word times and lists."""

from google_workspace_mcp.core.content.times import offset
from google_workspace_mcp.core.tools.workspace import Workspace, Zone


def offset_now(work: Workspace, zone: Zone) -> str:
    """The offset that rows leave out when it is theirs too."""
    return offset(work.clock.now(), zone.info)
