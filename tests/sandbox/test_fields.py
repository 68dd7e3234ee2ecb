"""The `fields` parameter selects, and refuses what is not there."""

from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.sandbox.fields import apply_mask, parse_mask
from google_workspace_mcp.sandbox.server import SimulatedGoogle
from google_workspace_mcp.sandbox.service import GoogleError
from tests.sandbox.world import ALICE, Recorder, StoppedClock, bearer

VALUE: dict[str, Any] = {
    "kind": "list",
    "files": [{"id": "1", "name": "One", "owners": [{"name": "A", "mail": "a"}]}, {"id": "2"}],
    "next": "more",
}


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ("next", {"next": "more"}),
        ("files/id", {"files": [{"id": "1"}, {"id": "2"}]}),
        ("files(id,name),next", {"files": [{"id": "1", "name": "One"}, {"id": "2"}], "next": "more"}),
        ("files(id,owners/mail)", {"files": [{"id": "1", "owners": [{"mail": "a"}]}, {"id": "2"}]}),
        ("files/owners(name)", {"files": [{"owners": [{"name": "A"}]}, {}]}),
        ("files/id,files/name", {"files": [{"id": "1", "name": "One"}, {"id": "2"}]}),
        ("files/id,files", {"files": VALUE["files"]}),
        ("files/*", {"files": VALUE["files"]}),
        ("*", VALUE),
        ("*/id", {"kind": "list", "files": [{"id": "1"}, {"id": "2"}], "next": "more"}),
    ],
)
def test_a_mask_leaves_what_it_names(mask: str, expected: object) -> None:
    assert apply_mask(parse_mask(mask), VALUE) == expected


@pytest.mark.parametrize(
    "mask", ["", ",", "files(", "files(id", "files)", "files()", "/id", "files//id", "a,,b", "files(id)x"]
)
def test_what_is_not_a_mask_is_refused(mask: str) -> None:
    with pytest.raises(GoogleError) as caught:
        parse_mask(mask)

    assert caught.value.reason == "invalidParameter"


@given(st.text(alphabet="ab,/()*", max_size=12))
def test_any_text_is_a_mask_or_a_400(text: str) -> None:
    try:
        parse_mask(text)
    except GoogleError as error:
        assert error.status == 400  # noqa: PT017 - either outcome is right


async def test_the_answer_is_masked(alice: httpx2.AsyncClient) -> None:
    answer = await alice.get("/drive/v3/files?fields=files(id,owners/emailAddress),nextPageToken")

    owners = [{"emailAddress": ALICE.email}]
    assert answer.json() == {
        "files": [{"id": "f1", "owners": owners}, {"id": "f2", "owners": owners}],
        "nextPageToken": "more",
    }


@pytest.mark.parametrize("mask", ["files(id,nme)", "file", "files/owners/mail", "nextPageToken/x"])
async def test_a_field_that_does_not_exist_is_refused(alice: httpx2.AsyncClient, mask: str) -> None:
    answer = await alice.get("/drive/v3/files", params={"fields": mask})

    error = answer.json()["error"]["errors"][0]
    assert (answer.status_code, error["reason"], error["location"]) == (400, "invalidParameter", "fields")


async def test_a_key_of_a_free_map_may_be_selected(alice: httpx2.AsyncClient) -> None:
    answer = await alice.get("/drive/v3/files?fields=files/properties/colour")

    assert answer.json()["files"][0] == {"properties": {"colour": "red"}}


async def test_without_fields_the_default_mask_applies(recorder: Recorder, clock: StoppedClock) -> None:
    masks = {"drive.files.list": "files(id)"}
    google = SimulatedGoogle([recorder], [ALICE], clock=clock, default_fields=masks)
    transport = httpx2.ASGITransport(google.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost", headers=bearer(google)) as client:
        by_default = await client.get("/drive/v3/files")
        asked_for = await client.get("/drive/v3/files?fields=nextPageToken")

    assert by_default.json() == {"files": [{"id": "f1"}, {"id": "f2"}]}
    assert asked_for.json() == {"nextPageToken": "more"}
