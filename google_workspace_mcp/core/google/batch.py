"""Many requests in one: Google's batch endpoint, `multipart/mixed` with an `application/http` part for each request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.answers import Answer
from google_workspace_mcp.core.google.calls import JSON, CallKind
from google_workspace_mcp.core.google.failures import json_of, lost_answer
from google_workspace_mcp.core.google.outgoing import Outgoing
from google_workspace_mcp.core.google.prices import api_of, price_of
from google_workspace_mcp.core.google.resources import VERSIONS

if TYPE_CHECKING:
    from googleapiclient.http import HttpRequest

# Google allows 100 and advises 50 for Gmail.
LARGEST = 50
# Parts hold no binary: JSON is written in ASCII, so this cannot occur in one.
_BOUNDARY = "batch_part_0f3b9c5d7e"


@dataclass(frozen=True, slots=True)
class Batch:
    """The one request that carries the others, and what it needs to read their answers."""

    outgoing: Outgoing
    parts: tuple[Outgoing, ...]
    units: int

    @classmethod
    def of(cls, requests: "Sequence[HttpRequest]") -> Self:
        """A batch of requests that all go to one API. None of them may carry or ask for media."""
        parts = tuple(Outgoing.of(request) for request in requests)
        api = api_of(parts[0].method_id)
        base = urlsplit(parts[0].url)
        body = b"".join(_written(number, part) for number, part in enumerate(parts)) + f"--{_BOUNDARY}--\r\n".encode()
        outgoing = Outgoing(
            method_id=f"{api}.batch",
            method="POST",
            url=f"{base.scheme}://{base.netloc}/batch/{api}/{VERSIONS[api]}",
            headers={"content-type": f'multipart/mixed; boundary="{_BOUNDARY}"'},
            body=body,
            promises_json=False,
        )
        return cls(outgoing, parts, sum(price_of(part.method_id) for part in parts))

    def results(self, answer: Answer, *, kind: CallKind, now: datetime) -> list[JSON | WorkspaceError]:
        """One answer or failure for each part, in the order of the requests. Raises when nothing can be read."""
        answers = _answers(answer)
        if not answers:
            raise lost_answer(kind, "garbled_answer")
        return [self._result(number, answers.get(number), kind, now) for number in range(len(self.parts))]

    def _result(self, number: int, answer: Answer | None, kind: CallKind, now: datetime) -> JSON | WorkspaceError:
        if answer is None:
            return lost_answer(kind, "garbled_answer")
        try:
            return json_of(answer, kind=kind, promises_json=self.parts[number].promises_json, now=now)
        except WorkspaceError as error:
            return error


def all_broken(results: "Sequence[JSON | WorkspaceError]") -> bool:
    """Whether every single part met a server that fails, which tells of the API and not of an item."""
    return all(isinstance(result, WorkspaceError) and result.reason == "server_error" for result in results)


def _written(number: int, part: Outgoing) -> bytes:
    target = urlsplit(part.url)
    path = f"{target.path}?{target.query}" if target.query else target.path
    body = part.body or b""
    headers = {**part.headers, "content-length": str(len(body))} if body else part.headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = (
        f"--{_BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: <{number}>\r\n\r\n"
        f"{part.method} {path} HTTP/1.1\r\n{lines}\r\n"
    )
    return head.encode("ascii") + body + b"\r\n"


def _answers(whole: Answer) -> dict[int, Answer]:
    """The answers by the number of their request; what cannot be read is left out."""
    boundary = _boundary(whole.headers.get("content-type", ""))
    if not boundary:
        return {}
    found: dict[int, Answer] = {}
    for piece in (b"\r\n" + whole.body).split(b"\r\n--" + boundary)[1:-1]:
        head, _, message = piece.partition(b"\r\n\r\n")
        number = _number(_fields(head).get("content-id", ""))
        answer = _answer(message)
        if number is not None and answer is not None:
            found[number] = answer
    return found


def _answer(message: bytes) -> Answer | None:
    head, _, body = message.partition(b"\r\n\r\n")
    status_line, _, fields = head.partition(b"\r\n")
    words = status_line.split()
    if len(words) < 2 or not words[1].isdigit():
        return None
    return Answer(int(words[1]), _fields(fields), body)


def _fields(head: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n") if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _number(content_id: str) -> int | None:
    digits = content_id.strip("<>").removeprefix("response-")
    return int(digits) if digits.isdecimal() and len(digits) < 6 else None


def _boundary(content_type: str) -> bytes:
    message = Message()
    message["content-type"] = content_type
    return (message.get_boundary("") or "").encode("latin-1", "replace")
