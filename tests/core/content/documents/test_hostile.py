"""Documents built to harm, and real ones broken at random, through real processes."""

import asyncio
import io
import random
import zipfile
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from google_workspace_mcp.core.content.documents.model import DocumentText
from google_workspace_mcp.core.content.documents.service import Documents
from google_workspace_mcp.core.errors import WorkspaceError
from tests.core.content.documents import hostile, test_slides, test_word, test_workbook
from tests.core.content.documents.making import pdf, repacked, said, slides, word, workbook

# These take many seconds of a processor, as they are meant to.
HEAVY = {
    "many_attributes", "columns_without_end", "million_hidden_cells", "million_hidden_columns", "million_strings",
    "million_rows_of_nothing", "wide_table", "runs_without_end", "hundred_thousand_pages", "paths_without_end",
    "drawings_without_end", "folded_calendar", "lines_without_end", "giant_content", "forms_that_double",
}  # fmt: skip
TABLES = {"quotes_without_end", "lines_without_end", "commas_without_end"}
# What is harmless behind its frightening looks is read.
READ = {
    "nested_archive": "hello",
    "outward_names": "hello",
    "symbolic_link": "hello",
    "lying_dimension": "1\t1\n1048576\t[XFD] 2",
    "styles_in_a_ring": "hello",
}
REFUSED = {
    "inflating_word", "many_large_entries", "many_entries", "lying_sizes", "overlapping_entries", "laughs",
    "laughs_in_styles", "laughs_in_slides", "outside_entity", "deep_word", "deep_relations", "huge_attribute",
    "giant_content", "content_packed_twice", "object_stream", "arrays_without_end",
}  # fmt: skip

type Read = Callable[[bytes, str], DocumentText | WorkspaceError]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    """Reads by real processes; a refusal is a result, everything else an error."""
    documents = Documents()
    with asyncio.Runner() as runner:

        async def one(data: bytes, media_type: str) -> DocumentText | WorkspaceError:
            try:
                return await documents.read(data, media_type=media_type)
            except WorkspaceError as refused:
                return refused

        yield lambda data, media_type: runner.run(one(data, media_type))
        runner.run(documents.aclose())


def case(make: Callable[[], bytes]) -> object:
    marks = [pytest.mark.proof] if make.__name__ in HEAVY else []
    return pytest.param(make, id=make.__name__, marks=marks)


@pytest.mark.security("T-17")
@pytest.mark.parametrize("make", [case(make) for make in (*hostile.OFFICE, *hostile.PDFS, *hostile.TEXTS)])
def test_a_bomb_is_refused_or_read_within_the_limits_and_the_next_document_is_read(
    read: Read, make: Callable[[], bytes]
):
    name = make.__name__
    found = read(make(), "text/csv" if name in TABLES else "")
    if name in REFUSED:
        assert isinstance(found, WorkspaceError)
    if name in READ:
        assert isinstance(found, DocumentText)
        assert READ[name] in found.text
    if isinstance(found, WorkspaceError):
        assert found.reason.startswith("document_")
        assert found.next_step
    else:
        assert len(found.text) <= 20_000
    after = read(b"hello", "")
    assert isinstance(after, DocumentText)
    assert after.text == "hello"


def a_pdf() -> bytes:
    return pdf(*(said(f"Page {number}") for number in range(3)))


SOUND: dict[str, Callable[[], bytes]] = {
    "pdf": a_pdf,
    "word": lambda: word(test_word.a_report),
    "workbook": lambda: workbook(test_workbook.a_budget),
    "slides": lambda: slides(test_slides.a_pitch),
}


@pytest.mark.security("T-17")
@pytest.mark.parametrize("kind", SOUND)
def test_a_document_that_breaks_off_anywhere_is_read_or_refused(read: Read, kind: str):
    data, chance = SOUND[kind](), random.Random(7)
    for _ in range(30):
        found = read(data[: chance.randrange(len(data))], "")
        assert isinstance(found, DocumentText) or found.reason.startswith("document_")


@pytest.mark.security("T-17")
@pytest.mark.parametrize("kind", SOUND)
def test_a_document_with_wrong_bytes_is_read_or_refused(read: Read, kind: str):
    data = SOUND[kind]()

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), min_size=1, max_size=20))
    def broken(changes: list[tuple[int, int]]) -> None:
        bent = bytearray(data)
        for place, value in changes:
            bent[place] = value
        found = read(bytes(bent), "")
        assert isinstance(found, DocumentText) or found.reason.startswith("document_")

    broken()


@pytest.mark.security("T-17")
@pytest.mark.parametrize("kind", ["word", "workbook", "slides"])
def test_a_sound_archive_of_broken_markup_is_read_or_refused(read: Read, kind: str):
    data = SOUND[kind]()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels")) and archive.read(name)]
        contents = {name: archive.read(name) for name in names}

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.sampled_from(names), st.integers(0, 10**6), st.binary(max_size=12), st.integers(0, 40))
    def broken(name: str, place: int, put_in: bytes, taken: int) -> None:
        old = contents[name]
        at = place % len(old)
        found = read(repacked(data, {name: old[:at] + put_in + old[at + taken :]}), "")
        assert isinstance(found, DocumentText) or found.reason.startswith("document_")

    broken()
