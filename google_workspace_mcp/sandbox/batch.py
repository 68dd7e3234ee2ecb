"""Batches: many requests in one `multipart/mixed` body of `application/http` parts, answered in one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from google_workspace_mcp.sandbox.discovery import UPLOAD_PREFIXES, Api
from google_workspace_mcp.sandbox.errors import malformed
from google_workspace_mcp.sandbox.multipart import Part, head_and_body, split
from google_workspace_mcp.sandbox.service import GoogleError
from google_workspace_mcp.sandbox.wire import Incoming, Outgoing, error_answer

# Documented for Gmail and Drive; Calendar's is no smaller.
LARGEST = 100


@dataclass(frozen=True, slots=True)
class Batcher:
    """Takes batches apart, has every part answered, and puts the answers together."""

    answer: Callable[[Incoming], Awaitable[Outgoing]]
    token: Callable[[int], str]

    async def run(self, api: Api, outer: Incoming) -> Outgoing:
        """The batch's answer. A part that fails leaves the others alone; a dropped connection is dropped for all."""
        try:
            parts = split(outer.body, outer.headers.get("content-type", ""))
            if len(parts) > LARGEST:
                raise malformed(f"The batch request has {len(parts)} parts, {LARGEST} are allowed.")
        except GoogleError as error:
            return error_answer(error, api.name)
        batch_id = f"batch-{self.token(12)}"
        answers = await asyncio.gather(*(self._part(api, part, outer, batch_id) for part in parts))
        if any(answer.reset for answer in answers):
            return Outgoing(0, reset=True)
        boundary = f"batch_{self.token(12)}"
        pieces = [_written(part, answer, boundary) for part, answer in zip(parts, answers, strict=True)]
        body = b"".join(pieces) + f"--{boundary}--\r\n".encode()
        return Outgoing(200, body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})

    async def _part(self, api: Api, part: Part, outer: Incoming, batch_id: str) -> Outgoing:
        try:
            inner = _request(part, outer, batch_id)
            if inner.path.startswith(UPLOAD_PREFIXES) or "alt=media" in inner.query.split("&"):
                raise malformed("Media cannot be uploaded or downloaded in a batch.")
            if not inner.path.startswith(f"/{api.name}/") and api.name != "people":
                raise malformed(f"A batch for {api.name} takes requests to {api.name} only.")
        except GoogleError as error:
            return error_answer(error, api.name)
        return await self.answer(inner)


def _request(part: Part, outer: Incoming, batch_id: str) -> Incoming:
    if part.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/http":
        raise malformed("Every part of a batch must be application/http.")
    line, _, rest = part.decoded().lstrip(b"\r\n").partition(b"\n")
    words = line.decode("latin-1").split()
    if len(words) < 2:
        raise malformed("A part of the batch does not begin with a request line.")
    headers, body = head_and_body(rest)
    if "authorization" in outer.headers:
        headers.setdefault("authorization", outer.headers["authorization"])
    length = headers.get("content-length", "")
    if length.isdigit():
        body = body[: int(length)]
    target = urlsplit(words[1])
    return Incoming(words[0].upper(), target.path, target.query, headers, body, outer.origin, batch_id)


def _written(part: Part, answer: Outgoing, boundary: str) -> bytes:
    content_id = part.headers.get("content-id", "")
    named = f"Content-ID: <response-{content_id[1:]}\r\n" if content_id.startswith("<") else ""
    reason = HTTPStatus(answer.status).phrase
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"--{boundary}\r\nContent-Type: application/http\r\n{named}\r\nHTTP/1.1 {answer.status} {reason}\r\n{lines}\r\n"
    )
    return head.encode("latin-1", "replace") + answer.body + b"\r\n"
