"""Links to bytes, followed: through the proxy with its prefix, and on the internal address."""

import hashlib

import httpx2
import pytest

from google_workspace_mcp.core.files.links import LINK_SECONDS
from google_workspace_mcp.sandbox import faults
from google_workspace_mcp.sandbox.people.cast import ALICE
from tests.clients.deployment import Address
from tests.files.world import CSV, LARGE, PDF, World
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(90)
ADDRESSES = ["public", "internal"]


async def get(world: World, url: str, **headers: str) -> httpx2.Response:
    return await world.http.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})


# -- what a link gives


@pytest.mark.parametrize("address", ADDRESSES)
async def test_an_attachment_comes_whole_by_the_address_that_the_caller_uses(world: World, address: Address):
    found = await world.file("größe.pdf", address=address)
    assert found["url"].startswith(f"{world.deployment.base_of(address)}/files/")
    response = await get(world, found["url"])
    assert response.status_code == 200, response.text
    assert response.content == PDF
    assert response.headers["content-length"] == str(len(PDF))
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"].endswith("filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_file_of_drive_comes_whole(world: World, address: Address):
    found = await world.call("drive_download", file_id=world.files.photo, address=address)
    response = await get(world, found["url"])
    assert response.content == b"\x89PNG" * 5000
    assert response.headers["content-type"] == "image/png"
    assert response.headers["etag"] == f'"{hashlib.md5(response.content).hexdigest()}"'


async def test_a_large_file_comes_whole(world: World):
    found = await world.call("drive_download", file_id=world.files.large)
    digest, size = hashlib.md5(), 0
    async with world.http.stream("GET", found["url"]) as response:
        async for chunk in response.aiter_bytes():
            digest.update(chunk)
            size += len(chunk)
    assert (size, digest.hexdigest()) == (len(LARGE), LARGE.checksums[0])


async def test_a_message_comes_as_it_was_sent(world: World):
    found = await world.call("gmail_read", message_ids=[world.files.message], detail="raw")
    [message] = found["messages"]
    assert message["raw"]["url"] in found["words"]
    assert "content" not in message
    response = await get(world, message["raw"]["url"])
    assert response.content == world.files.raw
    assert response.headers["content-type"] == "message/rfc822"
    assert f'filename="message-{world.files.message}.eml"' in response.headers["content-disposition"]


@pytest.mark.parametrize(
    ("format", "kind", "beginning"),
    [
        ("", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
        ("pdf", "application/pdf", b"%PDF"),
        ("txt", "text/plain", b"\xef\xbb\xbfWe launch"),
        ("html", "application/octet-stream", b"<"),
    ],
)
async def test_a_document_comes_as_an_export(world: World, format: str, kind: str, beginning: bytes):
    found = await world.call("drive_download", file_id=world.files.document, format=format)
    response = await get(world, found["url"])
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == kind
    assert response.content.startswith(beginning)
    assert f'filename="{found["name"]}"' in response.headers["content-disposition"]
    assert "64 MB" in found["words"]
    assert "content-length" not in response.headers
    assert "accept-ranges" not in response.headers


async def test_a_shortcut_leads_to_its_file(world: World):
    found = await world.call("drive_download", file_id=world.files.shortcut)
    assert (found["id"], found["name"]) == (world.files.document, "Plan.docx")


async def test_an_empty_file_is_empty_and_whole(world: World):
    response = await get(world, (await world.file("empty.bin"))["url"])
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("name", ["page.html", "evil.svg"])
async def test_nothing_that_could_run_is_served_as_what_it_is(world: World, name: str):
    if name == "evil.svg":
        found = await world.call("drive_download", file_id=world.files.page)
    else:
        found = await world.file(name)
    response = await get(world, found["url"])
    headers = response.headers
    assert response.status_code == 200
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment;")
    assert headers["content-security-policy"].startswith("sandbox;")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
    assert "set-cookie" not in headers


# -- parts


async def test_a_part_of_a_file_is_asked_of_google_as_a_part(world: World):
    found = await world.call("drive_download", file_id=world.files.large)
    world.google.streams.clear()
    response = await get(world, found["url"], range="bytes=1000000-1000999")
    expected = b"".join(LARGE[1_000_000:1_001_000].blocks())
    assert (response.status_code, response.content) == (206, expected)
    assert response.headers["content-range"] == f"bytes 1000000-1000999/{len(LARGE)}"
    assert response.headers["content-length"] == "1000"
    # Google notes a stream when it has ended, which may be a moment after its last byte has come through.
    await until(lambda: bool(world.google.streams))
    assert [size for size, _ in world.google.streams] == [1000]


async def test_a_part_of_an_attachment_is_cut_out_here(world: World):
    found = await world.file("Größe.pdf")
    response = await get(world, found["url"], range="bytes=500000-")
    assert (response.status_code, response.content) == (206, PDF[500_000:])
    assert (await get(world, found["url"], range="bytes=-7")).content == PDF[-7:]


async def test_a_part_of_another_version_is_all_of_this_one(world: World):
    found = await world.call("drive_download", file_id=world.files.photo)
    tag = (await get(world, found["url"])).headers["etag"]
    assert (await get(world, found["url"], range="bytes=0-3", if_range=tag)).status_code == 206
    assert (await get(world, found["url"], range="bytes=0-3", if_range='"old"')).status_code == 200


async def test_a_part_beyond_the_end_is_refused(world: World):
    found = await world.call("drive_download", file_id=world.files.photo)
    response = await get(world, found["url"], range="bytes=99999999-")
    assert response.status_code == 416
    assert response.headers["content-range"] == "bytes */20000"


async def test_parts_of_an_export_are_the_whole(world: World):
    found = await world.call("drive_download", file_id=world.files.document, format="txt")
    response = await get(world, found["url"], range="bytes=0-3")
    assert response.status_code == 200
    assert b"We launch in May." in response.content


async def test_head_tells_everything_and_moves_nothing(world: World):
    for found in (await world.file("Größe.pdf"), await world.call("drive_download", file_id=world.files.large)):
        world.google.calls.clear()
        response = await world.http.head(found["url"])
        assert response.status_code == 200
        assert int(response.headers["content-length"]) == found["size"]
        assert response.headers["accept-ranges"] == "bytes"
        assert response.content == b""
        assert len(world.google.calls.all()) == 1, "metadata alone"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
async def test_a_link_can_only_be_read(world: World, method: str):
    found = await world.file("table.csv")
    assert (await world.http.request(method, found["url"])).status_code == 405


async def test_pages_of_other_origins_get_no_leave_to_read_it(world: World):
    found = await world.file("table.csv")
    response = await get(world, found["url"], origin="https://evil.example")
    assert "access-control-allow-origin" not in response.headers
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


# -- who may


async def test_a_link_needs_nothing_but_itself_and_gives_nothing_but_its_file(world: World):
    found = await world.file("table.csv")
    response = await get(world, found["url"], authorization="Bearer nonsense")
    assert response.status_code == 200
    assert response.content.decode().splitlines() == CSV.splitlines()


@pytest.mark.parametrize("change", ["cut", "flip", "other key", "long"])
async def test_a_link_that_was_tampered_with_is_none(world: World, change: str):
    url = (await world.file("table.csv"))["url"]
    changed = {
        "cut": url[:-4],
        "flip": url[:-20] + ("A" if url[-20] != "A" else "B") + url[-19:],
        "other key": url.replace("/files/", "/files/zz", 1),
        "long": url + "A" * 6000,
    }[change]
    world.google.calls.clear()
    response = await get(world, changed)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
    assert world.google.calls.all() == []


async def test_a_person_without_the_file_gets_no_link_to_it(world: World):
    refused = await world.answer("drive_download", {"file_id": world.files.photo}, user="user-2")
    assert refused.status_code == 404
    message = {"message_id": world.files.message, "name": "table.csv", "mode": "link"}
    assert (await world.answer("gmail_get_attachment", message, user="user-2")).status_code == 404


async def test_an_expired_link_says_so_and_what_to_do(world: World):
    url = (await world.file("table.csv"))["url"]
    world.clock.advance(LINK_SECONDS + 1)
    world.google.calls.clear()
    response = await get(world, url)
    assert response.status_code == 410
    assert response.json()["detail"] == "This link has expired: links are good for 15 minutes"
    assert "new link" in response.json()["next_step"]
    page = await get(world, url, accept="text/html,*/*")
    assert page.status_code == 410
    assert page.headers["content-type"].startswith("text/html")
    assert "This link has expired" in page.text
    assert page.headers["content-security-policy"].startswith("sandbox")
    assert world.google.calls.all() == []


# -- failures


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (faults.server_error(503), 503, "google_unavailable"),
        (faults.too_many_requests(30), 429, "rate_limited"),
        (faults.html_error(200), 503, "google_unavailable"),
        (faults.error_with_200(), 503, "google_unavailable"),
        (faults.reset_before(), 503, "google_unavailable"),
    ],
    ids=lambda value: getattr(value, "label", ""),
)
async def test_a_failure_before_the_first_byte_is_an_answer(world: World, fault: faults.Fault, status: int, code: str):
    url = (await world.file("Größe.pdf"))["url"]
    world.google.faults.add("gmail.users.messages.attachments.get", fault)
    response = await get(world, url)
    assert response.status_code == status
    assert response.json()["code"] == code
    assert response.json()["retryable"]
    assert "content-disposition" not in response.headers


async def test_an_attachment_that_breaks_off_at_google_never_looks_whole(world: World):
    url = (await world.file("Größe.pdf"))["url"]
    world.google.faults.add("gmail.users.messages.attachments.get", faults.truncated_json())
    with pytest.raises(httpx2.RemoteProtocolError):
        await get(world, url)


async def test_a_message_that_breaks_off_at_google_never_looks_whole(world: World):
    found = await world.call("gmail_read", message_ids=[world.files.message], detail="raw")
    world.google.faults.add("gmail.users.messages.get", faults.truncated_json())
    with pytest.raises(httpx2.RemoteProtocolError):
        await get(world, found["messages"][0]["raw"]["url"])


async def test_a_message_that_is_gone_is_gone(world: World):
    doomed = world.files.gmail.deliver(ALICE.email, world.files.raw, labels=("INBOX",), date=world.clock.now())
    found = await world.call("gmail_get_attachment", message_id=doomed, name="table.csv", mode="link")
    token = world.google.grant(ALICE.email, ["https://mail.google.com/"]).access_token
    path = f"{world.google.url}/gmail/v1/users/me/messages/{doomed}"
    await world.http.delete(path, headers={"Authorization": f"Bearer {token}"})
    response = await get(world, found["url"])
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_an_export_over_google_s_limit_comes_from_beside_the_api(world: World):
    found = await world.call("drive_download", file_id=world.files.huge, format="txt")
    world.google.calls.clear()
    response = await get(world, found["url"])
    assert response.status_code == 200
    assert len(response.content) > 10 * 2**20
    assert world.google.calls.methods()[-2:] == ["drive.files.export", "documents.export"]


async def test_an_export_that_fails_beside_the_api_says_so(world: World):
    found = await world.call("drive_download", file_id=world.files.huge, format="txt")
    world.google.faults.add("documents.export", faults.server_error())
    response = await get(world, found["url"])
    assert (response.status_code, response.json()["code"]) == (503, "google_unavailable")


@pytest.mark.parametrize(("name", "status"), [("folder", 400), ("form", 400), ("locked", 422)])
async def test_what_has_no_bytes_to_give_gets_no_link(world: World, name: str, status: int):
    response = await world.answer("drive_download", {"file_id": getattr(world.files, name)})
    assert response.status_code == status
    assert response.json()["next_step"]


@pytest.mark.parametrize(("name", "format"), [("document", "xlsx"), ("sheet", "docx"), ("photo", "pdf")])
async def test_an_export_that_there_is_not_is_refused_with_those_there_are(world: World, name: str, format: str):
    response = await world.answer("drive_download", {"file_id": getattr(world.files, name), "format": format})
    assert response.status_code == 400
    assert response.json()["next_step"]
