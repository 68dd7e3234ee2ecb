"""search: mail, files and events at once, in the shape that ChatGPT's connectors and deep research read.

They read the text block as JSON, so it is the same as the structured content: `{"results": [{"id", "title", "url",
"text"}]}` and what this service has to say besides. Source: OpenAI, "Building MCP servers for ChatGPT and API
integrations".
"""

import json
from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from google_workspace_mcp.across.asking import Answers, ask_each, capabilities, left_out
from google_workspace_mcp.core.tools.across import Hit, Hits, Source
from google_workspace_mcp.core.tools.kinds import Kind, Result, Tier, ToolDefinition
from google_workspace_mcp.core.tools.workspace import Workspace

NAME = "search"
_LONGEST_QUERY = 500


class FoundItem(BaseModel):
    """Something found. `text` is a line about it, not its content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(description="for fetch")
    title: str
    url: str
    text: str


class SearchResult(Result):
    """What was found, the best of each kind in turn."""

    results: list[FoundItem]
    not_searched: list[str] = Field(default=[], description="what could not be looked at, and why")
    complete: bool

    def text(self) -> str:
        return as_json(self)


def as_json(result: Result) -> str:
    """The structured content, as one line of JSON."""
    content = result.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def definition(sources: Sequence[Source]) -> ToolDefinition:
    """The tool over these sources."""
    kinds = ", ".join(source.named.words for source in sources)

    async def run(
        work: Workspace,
        *,
        query: Annotated[str, Field(min_length=1, max_length=_LONGEST_QUERY)],
        limit: Annotated[int, Field(description="of each kind", ge=1, le=25)] = 8,
    ) -> SearchResult:
        answers = await ask_each(work, sources, lambda source: source.search(work, query, limit))
        return _result(work, sources, answers)

    return ToolDefinition(
        name=NAME,
        title="Search everything",
        description=f"Search {kinds} at once by a few words. Read what is found with fetch.",
        kind=Kind.READ,
        service="workspace",
        capability="",
        any_of=capabilities(sources),
        tier=Tier.EXTENDED,
        run=run,
        result=SearchResult,
    )


def _result(work: Workspace, sources: Sequence[Source], answers: Answers[Hits]) -> SearchResult:
    given = [
        (source.named, answers.given[source.named.kind]) for source in sources if source.named.kind in answers.given
    ]
    not_searched = left_out(sources, answers.failed)
    not_searched += [f"{named.words}: {reason}" for named, hits in given for reason in hits.unseen]
    rows = ([_item(named.kind, hit) for hit in hits.items] for named, hits in given)
    return SearchResult(
        account=work.address,
        results=list(_in_turn(rows)),
        not_searched=not_searched,
        complete=not not_searched and all(hits.complete for _, hits in given),
    )


def _item(kind: str, hit: Hit) -> FoundItem:
    return FoundItem(id=f"{kind}:{hit.id}", title=hit.title, url=hit.url, text=hit.about)


def _in_turn(rows: Iterable[list[FoundItem]]) -> Iterable[FoundItem]:
    """The first of each kind, then the second: nothing says which kind was meant."""
    return (item for item in chain.from_iterable(zip_longest(*rows)) if item is not None)
