"""Gmail's answers, decoded while they stream."""

import base64
import json
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.errors import GoogleUnavailableError
from google_workspace_mcp.core.files.base64_json import decoded
from google_workspace_mcp.core.files.content import slice_of


async def pieces(text: bytes, size: int) -> AsyncGenerator[bytes]:
    for at in range(0, len(text), size):
        yield text[at : at + size]


async def read(text: bytes, size: int = 7) -> bytes:
    return b"".join([chunk async for chunk in decoded(pieces(text, size), "data")])


def answer(data: bytes, *, escaped: bool = False, padded: bool = True) -> bytes:
    text = base64.urlsafe_b64encode(data).decode()
    text = text if padded else text.rstrip("=")
    return f'{{\n  "data": "{text.replace("=", "\\u003d") if escaped else text}"\n}}\n'.encode()


@given(st.binary(max_size=200), st.integers(1, 90), st.booleans(), st.booleans())
async def test_the_bytes_come_out_however_the_answer_is_cut(data: bytes, size: int, escaped: bool, padded: bool):
    assert await read(answer(data, escaped=escaped, padded=padded), size) == data


@given(st.binary(min_size=1, max_size=100), st.integers(0, 120), st.integers(0, 120), st.integers(1, 30))
async def test_a_slice_is_what_it_is_in_memory(data: bytes, start: int, length: int, size: int):
    stop = start + length
    chunks = slice_of(decoded(pieces(answer(data), size), "data"), start, stop)
    assert b"".join([chunk async for chunk in chunks]) == data[start:stop]


async def test_an_answer_without_the_member_holds_no_bytes():
    assert await read(b"{}\n") == b""


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"<html>busy</html>",
        b'{"error": {"code": 500}}',
        b'{"other": "QUJD"}',
        b'{"data": "QUJD',
        b'{"data": "QUJDR"}',
        b'{"data": "QU JD"}',
        b'{"data": "QUJD", "more": 1}',
        b'{"data": "QUJD==="}',
        b'{"data": ' + b" " * 5000,
        b'{"data": "QUJD"' + b" " * 5000,
        json.dumps({"data": "QUJD+/=="}).encode(),
    ],
)
async def test_anything_else_is_a_failure_and_never_a_short_file(text: bytes):
    with pytest.raises(GoogleUnavailableError):
        await read(text)
