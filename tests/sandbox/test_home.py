"""The page where a person sees who is there, switches faults on and off, and watches the calls."""

import httpx2
import pytest
from selectolax.lexbor import LexborHTMLParser

from google_workspace_mcp.sandbox.server import SimulatedGoogle
from tests.sandbox.world import ALICE, BEN, Recorder

FAULTS = "/_simulator/faults"


async def test_it_lists_people_and_the_last_calls(alice: httpx2.AsyncClient) -> None:
    await alice.get("/gmail/v1/users/me/profile")
    page = (await alice.get("/")).text

    assert ALICE.name in page
    assert BEN.email in page
    assert "gmail.users.getProfile" in LexborHTMLParser(page).css("tbody tr")[0].text()


async def test_every_fault_on_offer_can_be_switched_on_and_off(
    google: SimulatedGoogle, anyone: httpx2.AsyncClient
) -> None:
    page = LexborHTMLParser((await anyone.get("/")).text)
    kinds = [option.attributes["value"] or "" for option in page.css("select[name=kind] option")]
    for kind in kinds:
        answer = await anyone.post(FAULTS, data={"method": "gmail.*", "kind": kind, "times": ""})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert len(google.faults.active()) == len(kinds) == 12

    page = LexborHTMLParser((await anyone.get("/")).text)
    for hidden in page.css("input[name=id]"):
        await anyone.post(f"{FAULTS}/remove", data={"id": hidden.attributes["value"] or ""})
    assert google.faults.active() == []


async def test_a_fault_can_be_counted(google: SimulatedGoogle, alice: httpx2.AsyncClient) -> None:
    await alice.post(FAULTS, data={"method": "*", "kind": "503", "times": "1"})

    assert (await alice.get("/gmail/v1/users/me/profile")).status_code == 503
    assert google.faults.active() == []


@pytest.mark.parametrize("form", [{}, {"method": "*", "kind": "flood"}, {"method": "*", "kind": "503", "times": "few"}])
async def test_an_incomplete_form_is_refused(anyone: httpx2.AsyncClient, form: dict[str, str]) -> None:
    assert (await anyone.post(FAULTS, data=form)).status_code == 400


async def test_another_site_cannot_switch_faults(google: SimulatedGoogle, anyone: httpx2.AsyncClient) -> None:
    form = {"method": "*", "kind": "503"}
    answer = await anyone.post(FAULTS, data=form, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert google.faults.active() == []


async def test_it_says_when_the_simulator_is_wrong(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    recorder.label = {"nonsense": True}
    await alice.get("/gmail/v1/users/me/labels/Label_1")

    assert "The simulator is wrong" in (await alice.get("/")).text
