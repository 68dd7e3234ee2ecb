"""Google's three APIs as request builders, made once from the bundled discovery documents.

Building a resource costs milliseconds and so does every `service.users().messages()`; a request from a kept
collection costs a tenth of one. So each collection that is used is kept here by name.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from google_workspace_mcp.core.google.calls import JSON
from google_workspace_mcp.core.google.endpoints import GoogleEndpoints, ServiceName

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

VERSIONS: dict[ServiceName, str] = {"gmail": "v1", "drive": "v3", "calendar": "v3"}


class Collection(Protocol):
    """A collection of Google's API: each method named in the discovery document builds one request."""

    def __getattr__(self, name: str, /) -> "Callable[..., HttpRequest]": ...

    def list_next(self, previous_request: "HttpRequest", previous_response: JSON) -> "HttpRequest | None":
        """The request for the next page, None after the last one."""
        ...


@dataclass(frozen=True, slots=True)
class GmailResources:
    """Gmail v1. `profile` is the `users` collection itself, for `getProfile`."""

    profile: Collection
    messages: Collection
    attachments: Collection
    threads: Collection
    labels: Collection
    drafts: Collection
    history: Collection
    settings: Collection
    send_as: Collection
    filters: Collection
    forwarding_addresses: Collection


@dataclass(frozen=True, slots=True)
class DriveResources:
    """Drive v3."""

    files: Collection
    drives: Collection
    permissions: Collection
    about: Collection
    comments: Collection
    replies: Collection
    revisions: Collection
    changes: Collection


@dataclass(frozen=True, slots=True)
class CalendarResources:
    """Calendar v3."""

    events: Collection
    calendar_list: Collection
    calendars: Collection
    freebusy: Collection
    settings: Collection
    acl: Collection
    colors: Collection


class _NoHttp:
    """Takes the place of the library's own connection, which must never be used."""

    credentials = None

    def request(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("requests are sent by GoogleTransport only")

    def close(self) -> None:
        """Nothing is open."""


class GoogleResources:
    """The three APIs at the given addresses, each built on first use. No network. Safe to share between threads."""

    def __init__(self, endpoints: GoogleEndpoints) -> None:
        self.endpoints = endpoints
        self._lock = threading.Lock()
        self._gmail: GmailResources | None = None
        self._drive: DriveResources | None = None
        self._calendar: CalendarResources | None = None

    @property
    def gmail(self) -> GmailResources:
        if self._gmail is None:
            with self._lock:
                self._gmail = self._gmail or _gmail(self._built("gmail"))
        return self._gmail

    @property
    def drive(self) -> DriveResources:
        if self._drive is None:
            with self._lock:
                self._drive = self._drive or _drive(self._built("drive"))
        return self._drive

    @property
    def calendar(self) -> CalendarResources:
        if self._calendar is None:
            with self._lock:
                self._calendar = self._calendar or _calendar(self._built("calendar"))
        return self._calendar

    def _built(self, service: ServiceName) -> Any:
        from google.api_core.client_options import ClientOptions
        from googleapiclient.discovery import build_from_document

        document = _document(service, self.endpoints.api_root(service))
        # The universe is named here because the library would otherwise take it from the environment.
        options = ClientOptions(universe_domain="googleapis.com")
        return build_from_document(document, http=_NoHttp(), client_options=options)


def _document(service: ServiceName, root: str) -> JSON:
    from googleapiclient.discovery_cache import get_static_doc

    version = VERSIONS[service]
    text = get_static_doc(service, version)
    assert text is not None, "google-api-python-client carries its discovery documents"
    document: JSON = json.loads(text)
    document["rootUrl"] = root
    document["baseUrl"] = root + document["servicePath"]
    # Gmail's own is plain `batch`, which on a shared base would not tell whose batch it is; Google takes both.
    document["batchPath"] = f"batch/{service}/{version}"
    document.pop("mtlsRootUrl", None)
    return document


def _kept(resource: Any) -> Collection:
    return cast(Collection, resource)


def _gmail(service: Any) -> GmailResources:
    users = service.users()
    messages, settings = users.messages(), users.settings()
    return GmailResources(
        profile=_kept(users),
        messages=_kept(messages),
        attachments=_kept(messages.attachments()),
        threads=_kept(users.threads()),
        labels=_kept(users.labels()),
        drafts=_kept(users.drafts()),
        history=_kept(users.history()),
        settings=_kept(settings),
        send_as=_kept(settings.sendAs()),
        filters=_kept(settings.filters()),
        forwarding_addresses=_kept(settings.forwardingAddresses()),
    )


def _drive(service: Any) -> DriveResources:
    return DriveResources(
        files=_kept(service.files()),
        drives=_kept(service.drives()),
        permissions=_kept(service.permissions()),
        about=_kept(service.about()),
        comments=_kept(service.comments()),
        replies=_kept(service.replies()),
        revisions=_kept(service.revisions()),
        changes=_kept(service.changes()),
    )


def _calendar(service: Any) -> CalendarResources:
    return CalendarResources(
        events=_kept(service.events()),
        calendar_list=_kept(service.calendarList()),
        calendars=_kept(service.calendars()),
        freebusy=_kept(service.freebusy()),
        settings=_kept(service.settings()),
        acl=_kept(service.acl()),
        colors=_kept(service.colors()),
    )
