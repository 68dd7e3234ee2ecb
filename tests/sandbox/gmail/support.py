"""A mailbox to ask, whose every answer is held against the discovery document."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from google_workspace_mcp.sandbox.discovery import document
from google_workspace_mcp.sandbox.gmail import GmailService
from google_workspace_mcp.sandbox.service import JSON, Call, Media, Person, Reply
from google_workspace_mcp.sandbox.validation import Schemas

ANNA = Person("anna@example.com", "Anna Ångström", "1")
BERT = Person("bert@example.com", "Bert Berger", "2")
START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FULL_SCOPE = "https://mail.google.com/"


class SteppingClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def step(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


class World:
    """Two people with empty mailboxes."""

    def __init__(self) -> None:
        self.clock = SteppingClock()
        self.gmail = GmailService(self.clock)
        self.gmail.add_person(ANNA)
        self.gmail.add_person(BERT)

    def call(
        self,
        method: str,
        *,
        person: Person = ANNA,
        body: JSON | None = None,
        media: Media | None = None,
        scopes: frozenset[str] = frozenset({FULL_SCOPE}),
        **params: Any,
    ) -> JSON:
        """The checked answer of `gmail.users.<method>`; {} for an empty one."""
        method_id = f"gmail.users.{method}"
        answer = self.gmail.handlers()[method_id](Call(method_id, person, params, scopes, body, media))
        if isinstance(answer, Reply):
            assert answer.json is None
            assert responses()[method_id] == ""
            return {}
        Schemas(document("gmail.v1")["schemas"], answer=True).check(answer, responses()[method_id])
        return answer

    def add(self, text: str = "Hello", *, person: Person = ANNA, **options: Any) -> str:
        """Delivers a plain message; header fields by keyword (`subject=`, `from_=`), the rest as `deliver` takes it."""
        kept = {key: options.pop(key) for key in ("labels", "date", "thread_key") if key in options}
        head = "".join(f"{name.strip('_').replace('_', '-')}: {value}\r\n" for name, value in options.items())
        self.clock.step(seconds=1)
        raw = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
        return self.gmail.deliver(person.email, raw, **kept)

    def found(self, q: str, *, person: Person = ANNA, **params: Any) -> list[str]:
        """Ids that a search gives, newest first."""
        return [row["id"] for row in self.call("messages.list", person=person, q=q, **params).get("messages", [])]


@cache
def responses() -> dict[str, str]:
    """The name of the response schema by method id, "" for none."""

    def walk(node: JSON) -> Iterator[JSON]:
        yield from node.get("methods", {}).values()
        for child in node.get("resources", {}).values():
            yield from walk(child)

    return {method["id"]: method.get("response", {}).get("$ref", "") for method in walk(document("gmail.v1"))}


def parts(payload: JSON) -> Iterator[JSON]:
    """A payload and all parts below it."""
    yield payload
    for child in payload.get("parts", []):
        yield from parts(child)
