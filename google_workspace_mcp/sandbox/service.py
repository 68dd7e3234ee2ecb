"""How a simulated Google service plugs into the simulator.

The front (`app.py`) authenticates, checks the request against the discovery document, applies faults, writes the call
log, calls the handler registered for the discovery method id, and validates the answer. A service only holds state and
answers; it never sees a request that the discovery document does not allow.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from google_workspace_mcp.sandbox.made import MadeBytes

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a Google account. `subject` is the stable id that id_tokens carry as `sub`.

    `verified` says whether Google has verified the address.
    """

    email: str
    name: str
    subject: str
    time_zone: str = "Europe/Berlin"
    is_verified: bool = True

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Media:
    """Bytes that came as an upload, or that go out as a download. `made` takes the place of `data` in large ones."""

    data: bytes
    content_type: str
    made: MadeBytes | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request that passed all checks.

    `params` holds path and query parameters by their discovery names, converted to their discovery types (int, bool,
    str; a list for repeated ones), with the document's defaults filled in. `body` has passed the request schema.
    `headers` has lower-case names.
    """

    method_id: str
    person: Person
    params: Mapping[str, Any]
    scopes: frozenset[str]
    body: JSON | None = None
    media: Media | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that needs more than a JSON body. `json=None` and `media=None` is an empty 204."""

    json: JSON | None = None
    media: Media | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


type Handler = Callable[[Call], JSON | Reply]

# What answers an address beside the API, for a person whose token was good, with the parameters of the query.
type Linked = Callable[[Person, Mapping[str, str]], Media]


class GoogleService(Protocol):
    """One of Gmail, Drive, Calendar."""

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by discovery method id, such as `gmail.users.messages.list`."""
        ...


@runtime_checkable
class Linking(Protocol):
    """A service that also answers addresses beside its API."""

    def linked(self) -> Mapping[str, Linked]:
        """By path, what answers it."""
        ...


class GoogleError(Exception):
    """An answer in Google's error shape: HTTP status, `reason` as Google spells it, and a message."""

    def __init__(self, status: int, reason: str, message: str, *, location: str = "", retry_after: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.location = location
        self.retry_after = retry_after


def not_found(message: str = "Requested entity was not found.") -> GoogleError:
    """404 as Google words it for ids that do not exist or belong to somebody else."""
    return GoogleError(404, "notFound", message)


def bad_request(message: str, *, location: str = "") -> GoogleError:
    """400 `invalidArgument`/`badRequest`."""
    return GoogleError(400, "badRequest", message, location=location)
