"""One API request from the wire to the handler and back, checked on both ways."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from google_workspace_mcp.sandbox.calls import CallLog, LoggedCall
from google_workspace_mcp.sandbox.discovery import Directory, Match, Method
from google_workspace_mcp.sandbox.errors import bad_credentials, malformed, no_credentials, scope_missing
from google_workspace_mcp.sandbox.faults import Faults
from google_workspace_mcp.sandbox.fields import Mask, apply_mask, check_mask, parse_mask
from google_workspace_mcp.sandbox.oauth.book import TokenBook
from google_workspace_mcp.sandbox.ranges import media_answer
from google_workspace_mcp.sandbox.service import JSON, Call, GoogleError, Handler, Linked, Person, Reply
from google_workspace_mcp.sandbox.uploads import Uploads, read_upload
from google_workspace_mcp.sandbox.validation import SchemaError, check_answer, checked_body, checked_parameters
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing, error_answer, html_answer, json_answer, oauth_error


@dataclass(frozen=True, slots=True)
class World:
    """All that the front works on."""

    directory: Directory
    handlers: Mapping[str, Handler]
    people: Mapping[str, Person]
    book: TokenBook
    faults: Faults
    calls: CallLog
    timer: Callable[[], float]
    default_fields: Mapping[str, str] = field(default_factory=dict[str, str])
    linked: Mapping[str, Linked] = field(default_factory=dict[str, Linked])
    violations: list[str] = field(default_factory=list[str])
    streams: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Of each large file that was streamed, once that has ended: its bytes, and those that were taken."""


class ApiFront:
    """Answers requests to the APIs."""

    def __init__(self, world: World, uploads: Uploads) -> None:
        self._world = world
        self._uploads = uploads

    async def answer(self, incoming: Incoming) -> Outgoing:
        """The answer to one request; `reset` in it means that the connection is to be dropped."""
        incoming = overridden(incoming)
        match = self._uploads.match(incoming) or self._world.directory.match(incoming.verb, incoming.path)
        if match is None:
            return html_answer(404, f"The requested URL {_escaped(incoming.path)} was not found on this server.")
        return await watched(self._world, match.method.id, incoming, lambda: self._answered(match, incoming))

    async def _answered(self, match: Match, incoming: Incoming) -> Outgoing:
        try:
            resumed = self._uploads.resume(incoming)
            if isinstance(resumed, Outgoing):
                return resumed
            if resumed is not None:
                return self._uploads.finished(incoming, self._perform(match.method, resumed))
            call, wants_session = self._prepared(match, incoming)
            if wants_session:
                return self._uploads.begin(match, call, incoming)
            return self._perform(match.method, call)
        except GoogleError as error:
            return error_answer(error, match.method.api.name)

    def _prepared(self, match: Match, incoming: Incoming) -> tuple[Call, bool]:
        """The checked call, and whether it only opens a resumable upload."""
        method = match.method
        person, scopes = self._authorised(method, incoming)
        query = parse_qsl(incoming.query, keep_blank_values=True)
        params = checked_parameters(method, match.path, query, upload=match.upload)
        if params.get("alt", "json") == "proto" or (params.get("alt") == "media" and not method.downloads):
            raise malformed(f"alt={params['alt']} is not supported by {method.id}.", field_path="alt")
        _mask(method, params.get("fields"))
        if match.upload:
            content, media, wants_session = read_upload(method, params.get("uploadType"), incoming)
        else:
            content, media, wants_session = _json_content(incoming), None, False
        body = _body(method, content, uploads=match.upload)
        return Call(method.id, person, params, scopes, body, media, incoming.headers), wants_session

    def _authorised(self, method: Method, incoming: Incoming) -> tuple[Person, frozenset[str]]:
        query = dict(parse_qsl(incoming.query))
        bearer = incoming.bearer or query.get("access_token") or query.get("oauth_token") or ""
        if not bearer:
            raise no_credentials()
        token = self._world.book.live(bearer)
        if token is None:
            raise bad_credentials()
        if not token.consent.scopes & method.scopes:
            raise scope_missing(method.id, method.api.name, method.scopes)
        return self._world.people[token.consent.email], token.consent.scopes

    def _perform(self, method: Method, call: Call) -> Outgoing:
        handler = self._world.handlers.get(method.id)
        if handler is None:
            raise GoogleError(501, "notImplemented", f"The simulated Google has no handler for {method.id}.")
        try:
            result = handler(call)
            return self._reply(method, call, result)
        except GoogleError:
            raise
        except SchemaError as violation:
            return self._violated(str(violation))
        except Exception as error:  # noqa: BLE001 - the outermost boundary of a simulated service
            return self._violated(f"{method.id} failed: {type(error).__name__}: {error}")

    def _reply(self, method: Method, call: Call, result: JSON | Reply) -> Outgoing:
        reply = result if isinstance(result, Reply) else Reply(json=result)
        if reply.media is not None:
            return media_answer(reply.media, call.headers.get("range", ""), reply.headers)
        if reply.json is None:
            if method.response:
                raise SchemaError(method.id, f"no answer was given where {method.response} is promised")
            return Outgoing(204, headers=reply.headers)
        check_answer(method, reply.json)
        chosen = call.params.get("fields") or self._world.default_fields.get(method.id)
        return json_answer(apply_mask(_mask(method, chosen), reply.json), headers=reply.headers)

    def _violated(self, text: str) -> Outgoing:
        self._world.violations.append(text)
        return error_answer(GoogleError(500, "simulatorViolation", f"The simulated Google is wrong: {text}"))


async def watched(world: World, method: str, incoming: Incoming, work: Callable[[], Awaitable[Outgoing]]) -> Outgoing:
    """Run a call under the faults that are on, and log it."""
    started = world.timer()
    person = world.book.owner(incoming.bearer)
    answer = await under_faults(world, method, person, work)
    world.calls.add(
        LoggedCall(
            method=method,
            person=person,
            started=started,
            ended=world.timer(),
            status=0 if answer.reset else answer.status,
            batch=incoming.batch,
            request_bytes=len(incoming.body),
            response_bytes=len(answer.body),
        )
    )
    return answer


async def under_faults(world: World, method: str, person: str, work: Callable[[], Awaitable[Outgoing]]) -> Outgoing:
    """Run a piece of work under the faults that are on for that name."""
    faults = world.faults.take(method, person)
    if delay := sum(fault.seconds for fault in faults):
        await asyncio.sleep(delay)
    for fault in faults:
        if isinstance(fault.instead, GoogleError):
            family = method.partition(".")[0]
            return oauth_error(fault.instead) if family == "oauth" else error_answer(fault.instead, family)
        if fault.instead is not None:
            return fault.instead
        if fault.afterwards is not None:
            return fault.afterwards(await work())
    return await work()


def overridden(incoming: Incoming) -> Incoming:
    """A GET that came as POST because its address was too long, turned back. Its parameters are in the form body."""
    verb = incoming.headers.get("x-http-method-override", "").upper()
    if incoming.verb != "POST" or not verb:
        return incoming
    if verb != "GET":
        return Incoming(
            verb, incoming.path, incoming.query, incoming.headers, incoming.body, incoming.origin, incoming.batch
        )
    query = "&".join(filter(None, (incoming.query, incoming.body.decode("ascii", "replace"))))
    headers = {
        name: value for name, value in incoming.headers.items() if name not in {"content-type", "content-length"}
    }
    return Incoming("GET", incoming.path, query, headers, b"", incoming.origin, incoming.batch)


def _mask(method: Method, fields: str | None) -> Mask:
    """The `fields` mask, checked; an empty one stands for everything."""
    if fields is None:
        return {}
    mask = parse_mask(fields)
    if method.response:
        check_mask(mask, {"$ref": method.response}, method.api.schemas)
    return mask


def _json_content(incoming: Incoming) -> bytes:
    kind = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
    if incoming.body and kind != "application/json":
        raise GoogleError(400, "badContent", f"Content type '{kind}' is not supported, application/json is.")
    return incoming.body


def _body(method: Method, content: bytes, *, uploads: bool) -> JSON | None:
    try:
        value: Any = json.loads(content) if content.strip() else {}
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise GoogleError(400, "parseError", "Parse Error") from None
    if method.request:
        return checked_body(method, value, uploads=uploads)
    if value != {}:
        raise malformed(f"Invalid JSON payload received. {method.id} takes no body.")
    return None


def _escaped(path: str) -> str:
    return "".join(character if character.isalnum() or character in "/._-%" else "?" for character in path[:200])
