"""Which of the sources a call may use, and asking several of them at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from google_workspace_mcp.core.errors import ScopeMissingError, WorkspaceError
from google_workspace_mcp.core.tools.across import Source
from google_workspace_mcp.core.tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Answers[T]:
    """What each source gave, by its kind, and the failures of the others."""

    given: dict[str, T]
    failed: dict[str, WorkspaceError]


def capabilities(sources: Iterable[Source]) -> tuple[str, ...]:
    """What these sources take, the first to be asked for first."""
    return tuple(source.named.capability for source in sources)


def called(kinds: Iterable[str], sources: Iterable[Source]) -> str:
    """`mail, files`: the kinds in words, in the order of the sources."""
    wanted = set(kinds)
    return ", ".join(source.named.words for source in sources if source.named.kind in wanted)


async def ask_each[T](work: Workspace, sources: Sequence[Source], ask: Callable[[Source], Awaitable[T]]) -> Answers[T]:
    """Asks those sources that may be used, all at once. A failure of one leaves the others alone.

    Raises what the first said when none of them gave anything.
    """
    barred = {source.named.kind: work.barred(source.named.capability) for source in sources}
    usable = [source for source in sources if barred[source.named.kind] is None]
    outcomes = await asyncio.gather(*(_one(source, ask) for source in usable))
    given: dict[str, T] = {}
    failed = {kind: error for kind, error in barred.items() if error is not None}
    for source, outcome in zip(usable, outcomes, strict=True):
        if isinstance(outcome, WorkspaceError):
            failed[source.named.kind] = outcome
        else:
            given[source.named.kind] = outcome
    if not given and failed:
        # A failure on the way says more than that something else was never allowed.
        raise next((failed[source.named.kind] for source in usable), next(iter(failed.values())))
    return Answers(given, failed)


async def _one[T](source: Source, ask: Callable[[Source], Awaitable[T]]) -> T | WorkspaceError:
    try:
        return await ask(source)
    except WorkspaceError as error:
        return named(error, source)


def named(error: WorkspaceError, source: Source) -> WorkspaceError:
    """The failure, which says for which capability a permission is missing where Google alone knew."""
    if isinstance(error, ScopeMissingError) and not error.capability:
        error.capability = source.named.capability
    return error


def left_out(sources: Iterable[Source], failed: dict[str, WorkspaceError]) -> list[str]:
    """One line for each source that could not be asked: `files: …`, with the next step."""
    return [
        f"{source.named.words}: {failed[source.named.kind].sentence()}"
        for source in sources
        if source.named.kind in failed
    ]
