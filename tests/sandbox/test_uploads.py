"""Uploads of three kinds, and downloads whole or in part."""

import base64

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.sandbox.multipart import split
from google_workspace_mcp.sandbox.service import Media
from google_workspace_mcp.sandbox.uploads import CHUNK
from tests.sandbox.world import Recorder

UPLOAD = "/upload/drive/v3/files"
# All bytes, and line ends of every kind at the edges where a text parser would eat them.
AWKWARD = b"\r\n" + bytes(range(256)) + b"\n--not-the-boundary\r\n\r"


def related(metadata: str, data: bytes, *, newline: bytes = b"\r\n", encoding: str = "") -> bytes:
    media = "Content-Type: image/png" + (f"\nContent-Transfer-Encoding: {encoding}" if encoding else "")
    lines = [b"--edge", b"Content-Type: application/json; charset=UTF-8", b"", metadata.encode(), b"--edge"]
    lines += [*media.encode().split(b"\n"), b"", data, b"--edge--", b""]
    return newline.join(lines)


async def multipart(client: httpx2.AsyncClient, body: bytes) -> httpx2.Response:
    headers = {"Content-Type": "multipart/related; boundary=edge"}
    return await client.post(f"{UPLOAD}?uploadType=multipart", content=body, headers=headers)


async def begin(client: httpx2.AsyncClient, **headers: str) -> str:
    answer = await client.post(
        f"{UPLOAD}?uploadType=resumable",
        json={"name": "Long"},
        headers={"X-Upload-Content-Type": "video/mp4", **headers},
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["location"]


# -- in one go


async def test_media_alone_is_the_body(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    headers = {"Content-Type": "image/png"}
    answer = await alice.post(f"{UPLOAD}?uploadType=media", content=AWKWARD, headers=headers)

    assert answer.json()["size"] == str(len(AWKWARD))
    assert recorder.last.media == Media(AWKWARD, "image/png")


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
async def test_multipart_brings_metadata_and_media(
    alice: httpx2.AsyncClient, recorder: Recorder, newline: bytes
) -> None:
    answer = await multipart(alice, related('{"name":"Bild ü"}', AWKWARD, newline=newline))

    assert answer.status_code == 200
    assert recorder.last.body == {"name": "Bild ü"}
    assert recorder.last.media == Media(AWKWARD, "image/png")


async def test_a_part_in_base64_is_decoded(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    await multipart(alice, related("{}", base64.encodebytes(AWKWARD), encoding="base64"))

    assert recorder.last.media == Media(AWKWARD, "image/png")


async def test_the_metadata_of_an_upload_is_checked(alice: httpx2.AsyncClient) -> None:
    assert (await multipart(alice, related('{"nome":"x"}', b"x"))).status_code == 400


async def test_a_message_may_come_as_an_upload(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    path = "/upload/gmail/v1/users/me/messages/send?uploadType=media"
    sent = await alice.post(path, content=b"To: b@example.com\r\n\r\nHi", headers={"Content-Type": "message/rfc822"})
    refused = await alice.post(path, content=b"x", headers={"Content-Type": "text/plain"})

    assert sent.status_code == 200
    assert recorder.last.body == {}
    assert recorder.last.media is not None
    assert (refused.status_code, refused.json()["error"]["errors"][0]["reason"]) == (400, "badContent")


async def test_a_message_without_upload_needs_its_raw_form(alice: httpx2.AsyncClient) -> None:
    assert (await alice.post("/gmail/v1/users/me/messages/send", json={})).status_code == 400
    assert (await alice.post("/gmail/v1/users/me/messages/send", json={"raw": "SGk"})).status_code == 200


@pytest.mark.parametrize("query", ["", "?uploadType=carrier-pigeon"])
async def test_an_upload_without_a_known_kind_is_refused(alice: httpx2.AsyncClient, query: str) -> None:
    answer = await alice.post(UPLOAD + query, content=b"x", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 400


async def test_more_than_the_document_allows_is_refused_before_it_comes(alice: httpx2.AsyncClient) -> None:
    headers = {"X-Upload-Content-Type": "message/rfc822", "X-Upload-Content-Length": "36700161"}
    answer = await alice.post("/upload/gmail/v1/users/me/messages/send?uploadType=resumable", headers=headers)

    assert answer.status_code == 413


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4))
def test_a_multipart_body_comes_apart_as_it_was_put_together(bodies: list[bytes]) -> None:
    boundary = "edge-0f9e8d7c6b5a"
    joined = b"".join(b"--" + boundary.encode() + b"\r\nA: b\r\n\r\n" + body + b"\r\n" for body in bodies)
    parts = split(joined + f"--{boundary}--".encode(), f"multipart/mixed; boundary={boundary}")

    assert [part.body for part in parts] == bodies


# -- resumable


async def test_a_resumable_upload_comes_in_chunks(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    data = bytes(range(256)) * 1024 + b"the end"
    location = await begin(alice)
    first = await alice.put(
        location, content=data[:CHUNK], headers={"Content-Range": f"bytes 0-{CHUNK - 1}/{len(data)}"}
    )
    last = await alice.put(
        location, content=data[CHUNK:], headers={"Content-Range": f"bytes {CHUNK}-{len(data) - 1}/{len(data)}"}
    )

    assert (first.status_code, first.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")
    assert (last.status_code, last.json()["name"]) == (200, "Long")
    assert recorder.last.media == Media(data, "video/mp4")
    assert recorder.last.body == {"name": "Long"}


async def test_after_a_break_the_session_tells_where_to_go_on(alice: httpx2.AsyncClient) -> None:
    location = await begin(alice)
    nothing = await alice.put(location, headers={"Content-Range": f"bytes */{CHUNK + 3}"})
    await alice.put(location, content=b"x" * CHUNK, headers={"Content-Range": f"bytes 0-{CHUNK - 1}/{CHUNK + 3}"})
    some = await alice.put(location, headers={"Content-Range": f"bytes */{CHUNK + 3}"})

    assert (nothing.status_code, "range" in nothing.headers) == (308, False)
    assert (some.status_code, some.headers["range"]) == (308, f"bytes=0-{CHUNK - 1}")


async def test_a_chunk_sent_again_counts_once(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    location = await begin(alice)
    chunk = {"Content-Range": f"bytes 0-{CHUNK - 1}/{CHUNK + 1}"}
    for _ in range(2):
        await alice.put(location, content=b"x" * CHUNK, headers=chunk)
    await alice.put(location, content=b"y", headers={"Content-Range": f"bytes {CHUNK}-{CHUNK}/{CHUNK + 1}"})

    assert recorder.last.media is not None
    assert len(recorder.last.media.data) == CHUNK + 1


async def test_a_lost_last_answer_can_be_asked_for_again(alice: httpx2.AsyncClient, recorder: Recorder) -> None:
    location = await begin(alice)
    done = await alice.put(location, content=b"all of it")
    again = await alice.put(location, headers={"Content-Range": "bytes */9"})

    assert done.json() == again.json()
    assert len(recorder.files) == 1


@pytest.mark.parametrize("content_range", ["bytes 0-2/1000000", "bytes 0-9/10", "elephants"])
async def test_a_chunk_that_does_not_fit_is_refused(alice: httpx2.AsyncClient, content_range: str) -> None:
    location = await begin(alice)
    answer = await alice.put(location, content=b"abc", headers={"Content-Range": content_range})

    assert answer.status_code == 400


async def test_a_session_needs_no_token_and_an_unknown_one_is_a_404(
    alice: httpx2.AsyncClient, anyone: httpx2.AsyncClient
) -> None:
    location = await begin(alice)

    assert (await anyone.put(location, content=b"x")).status_code == 200
    assert (await alice.put(f"{UPLOAD}?uploadType=resumable&upload_id=none", content=b"x")).status_code == 404


async def test_a_session_is_only_opened_for_a_right_request(
    alice: httpx2.AsyncClient, anyone: httpx2.AsyncClient
) -> None:
    query = f"{UPLOAD}?uploadType=resumable"

    assert (await anyone.post(query, json={"name": "x"})).status_code == 401
    assert (await alice.post(query, json={"nome": "x"})).status_code == 400
    assert (await alice.post(query, headers={"X-Upload-Content-Length": "many"})).status_code == 400


# -- downloads


@pytest.fixture
def stored(recorder: Recorder) -> bytes:
    data = b"0123456789" * 100
    recorder.files["f1"] = Media(data, "text/plain")
    return data


async def test_a_file_is_downloaded_with_its_headers(alice: httpx2.AsyncClient, stored: bytes) -> None:
    answer = await alice.get("/drive/v3/files/f1?alt=media")

    assert answer.content == stored
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["etag"] == '"v1"'
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("wanted", "told", "part"),
    [
        ("bytes=0-9", "bytes 0-9/1000", slice(10)),
        ("bytes=990-", "bytes 990-999/1000", slice(990, 1000)),
        ("bytes=-5", "bytes 995-999/1000", slice(995, 1000)),
        ("bytes=995-5000", "bytes 995-999/1000", slice(995, 1000)),
    ],
)
async def test_a_range_is_answered_with_that_part(
    alice: httpx2.AsyncClient, stored: bytes, wanted: str, told: str, part: slice
) -> None:
    answer = await alice.get("/drive/v3/files/f1?alt=media", headers={"Range": wanted})

    assert (answer.status_code, answer.headers["content-range"]) == (206, told)
    assert answer.content == stored[part]


@pytest.mark.parametrize("wanted", ["bytes=1000-", "bytes=-0", "bytes=5-2"])
@pytest.mark.usefixtures("stored")
async def test_a_range_outside_the_file_is_a_416(alice: httpx2.AsyncClient, wanted: str) -> None:
    answer = await alice.get("/drive/v3/files/f1?alt=media", headers={"Range": wanted})

    assert answer.status_code == 416
    if wanted != "bytes=5-2":
        assert answer.headers["content-range"] == "bytes */1000"


async def test_several_ranges_are_answered_with_everything(alice: httpx2.AsyncClient, stored: bytes) -> None:
    answer = await alice.get("/drive/v3/files/f1?alt=media", headers={"Range": "bytes=0-1,5-6"})

    assert (answer.status_code, answer.content) == (200, stored)


async def test_json_is_compressed_when_asked(alice: httpx2.AsyncClient) -> None:
    packed = await alice.get("/drive/v3/files/generateIds?count=1000")
    plain = await alice.get("/drive/v3/files/generateIds?count=1000", headers={"Accept-Encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
