"""The tools of all rooms put together, and the routes by which bytes go out and come in."""

import os
from typing import Final
from urllib.parse import urlsplit

from opentelemetry.trace import Tracer
from starlette.routing import Route

from google_workspace_mcp.across.tools import tools as across_tools
from google_workspace_mcp.auth.accounts import ConnectedAccounts
from google_workspace_mcp.auth.offers import LinkOffers
from google_workspace_mcp.auth.tools import tools as account_tools
from google_workspace_mcp.calendar.service import CalendarService
from google_workspace_mcp.calendar.source import EventSource
from google_workspace_mcp.calendar.tools import tools as calendar_tools
from google_workspace_mcp.core.content.cursor import Cursors
from google_workspace_mcp.core.files import files_create_upload
from google_workspace_mcp.core.files.content import Source as ByteSource
from google_workspace_mcp.core.files.downloads import Downloads
from google_workspace_mcp.core.files.upload_routes import UploadRoutes
from google_workspace_mcp.core.google.deadline import Stopping
from google_workspace_mcp.core.google.ids import checked_id
from google_workspace_mcp.core.http.egress import Egress
from google_workspace_mcp.core.keys import derive
from google_workspace_mcp.core.ledger import Ledger
from google_workspace_mcp.core.metrics import Metrics
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.settings import Settings, is_loopback
from google_workspace_mcp.core.tools.across import Source
from google_workspace_mcp.core.tools.runner import ToolRunner
from google_workspace_mcp.core.tools.workspace import Workspace
from google_workspace_mcp.core.tools.zones import Zones
from google_workspace_mcp.drive.files import FILE, content_of, metadata
from google_workspace_mcp.drive.files import FileSource as FileBytes
from google_workspace_mcp.drive.material import Material, in_memory
from google_workspace_mcp.drive.service import DriveService
from google_workspace_mcp.drive.source import FileSource
from google_workspace_mcp.drive.tools import tools as drive_tools
from google_workspace_mcp.foundation import Foundation, Transfers
from google_workspace_mcp.gmail.attaching import AttachmentArgument
from google_workspace_mcp.gmail.compose.parts import File, media_type
from google_workspace_mcp.gmail.files import MESSAGE, PART, MessageSource, PartSource
from google_workspace_mcp.gmail.labels import LabelBook
from google_workspace_mcp.gmail.part_files import from_message, whole
from google_workspace_mcp.gmail.source import MailSource
from google_workspace_mcp.gmail.tools import tools as gmail_tools


def runner_of(
    base: Foundation, metrics: Metrics, stopping: Stopping, transfers: Transfers, tracer: Tracer
) -> tuple[ToolRunner, ConnectedAccounts]:
    """All tools and what runs them, and the accounts that they work on."""
    clock = base.clock
    accounts = ConnectedAccounts(
        connections=base.connections,
        grants=base.grants,
        transport=base.google.transport,
        resources=base.google.resources,
        cursors=Cursors(derive(base.keys.signing, "cursor"), clock, os.urandom),
        links=transfers.links,
        uploads=transfers.uploads,
        zones=Zones(clock),
        clock=clock,
        offer=base.offer,
        stopping=stopping,
    )
    labels, files, events = LabelBook(clock), DriveService(clock, base.documents), CalendarService(clock)
    tools = (
        *gmail_tools(clock, os.urandom, egress_of(base), base.documents, sources=_SOURCES, labels_of=labels),
        *drive_tools(clock, base.documents, files, randomness=os.urandom, from_mail=_from_mail),
        *calendar_tools(clock, events, os.urandom),
        *account_tools(base.connections, base.grants, base.links, base.disconnector, base.offer),
        *across_tools(_sources(base.settings, labels, files, events)),
        files_create_upload.definition(transfers.uploads, transfers.addresses),
    )
    offers = LinkOffers(base.links, base.connections, clock)
    gate, ledger = Gate(base.settings), Ledger(base.store, clock)
    return ToolRunner(tools, accounts, gate, metrics, offers=offers, ledger=ledger, tracer=tracer), accounts


def file_routes(settings: Settings, transfers: Transfers, accounts: ConnectedAccounts) -> list[Route]:
    """Where bytes go out and come in."""
    sources: dict[str, ByteSource] = {
        **({PART: PartSource(), MESSAGE: MessageSource()} if "gmail" in settings.services else {}),
        **({FILE: FileBytes()} if "drive" in settings.services else {}),
    }
    downloads = Downloads(transfers.links, accounts, sources)
    return [*UploadRoutes(transfers.addresses, transfers.uploads).routes(), *downloads.routes()]


def egress_of(base: Foundation) -> Egress:
    """What fetches addresses that came from outside."""
    return Egress(base.google.http, local=is_loopback(urlsplit(base.settings.base_url).hostname))


async def _attached_from_drive(work: Workspace, argument: AttachmentArgument) -> File:
    """A file of Drive, or its export as Drive's own download makes it, to go with a message."""
    if refused := work.barred("drive.read"):
        raise refused
    file = await metadata(work.google, checked_id(argument.drive_file, "file"))
    content = content_of(work.google, file, file.format_of(""))
    return File(content.name, media_type(content.media_type), await whole(content.read(0, None)))


async def _from_mail(work: Workspace, message_id: str, part: str) -> Material:
    """A file of a message, to be stored in Drive."""
    if refused := work.barred("gmail.read"):
        raise refused
    file = await from_message(work, AttachmentArgument(message=message_id, part=part))
    return in_memory(file.name, file.mime_type, file.data)


def _sources(settings: Settings, labels: LabelBook, files: DriveService, events: CalendarService) -> tuple[Source, ...]:
    """What the tools that go across services go through: the services that the operator offers."""
    sources: dict[str, Source] = {
        "gmail": MailSource(labels),
        "drive": FileSource(files),
        "calendar": EventSource(events),
    }
    return tuple(source for service, source in sources.items() if service in settings.services)


# Where a message takes its files from, beside mail and uploads.
_SOURCES: Final = {"drive_file": _attached_from_drive}
