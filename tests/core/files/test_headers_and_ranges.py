"""What a stranger's file may be called, which type it may have, and which part of it is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.files.headers import disposition, download_headers, safe_name, safe_type
from google_workspace_mcp.core.files.ranges import Part, UnsatisfiableError, wanted


@pytest.mark.parametrize(
    "kind",
    [
        "text/html",
        "TEXT/HTML; charset=utf-8",
        "image/svg+xml",
        "application/xml",
        "text/xml",
        "application/xhtml+xml",
        "text/javascript",
        "application/javascript",
        "application/x-shockwave-flash",
        "text/css",
        "multipart/related",
        "text/html\r\nX-Evil: 1",
        "text/plain\r\nX-Evil: 1",
        "nonsense",
        "",
        "application/vnd.openxmlformats-officedocument.\r\nx/y",
    ],
)
@pytest.mark.security("T-8")
def test_what_a_browser_could_run_is_only_bytes(kind: str):
    assert safe_type(kind) == "application/octet-stream"


@pytest.mark.parametrize(
    "kind",
    [
        "application/pdf",
        "image/png",
        "text/csv",
        "audio/mpeg",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
)
def test_what_is_only_shown_keeps_its_type(kind: str):
    assert safe_type(kind) == kind


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("report.pdf", 'attachment; filename="report.pdf"'),
        (
            "Größe €.pdf",
            "attachment; filename=\"Groe .pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC.pdf",
        ),
        ("日本.txt", "attachment; filename=\"txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt"),
        ('a"b\\c.txt', 'attachment; filename="a_b_c.txt"'),
        ("../../etc/passwd", 'attachment; filename="_.._etc_passwd"'),
        ("x\r\nSet-Cookie: a=b", 'attachment; filename="x Set-Cookie_ a=b"'),
        ("invoice\u202efdp.exe", 'attachment; filename="invoicefdp.exe"'),
        ("", 'attachment; filename="file"'),
        ("...", 'attachment; filename="file"'),
    ],
)
def test_a_name_is_told_so_that_it_means_nothing_else(name: str, header: str):
    assert disposition(name) == header


@given(st.text(max_size=400))
def test_no_name_breaks_a_header_or_leads_elsewhere(name: str):
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert not set("/\\") & set(safe_name(name))
    assert 0 < len(safe_name(name)) <= 200


def test_a_long_name_keeps_its_ending():
    assert safe_name("x" * 300 + ".pdf").endswith("x.pdf")


def test_nothing_is_ever_shown_inline():
    headers = download_headers("page.html", "text/html")
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", Part(0, 100)),
        ("bytes=0-9", Part(0, 10, partial=True)),
        ("bytes=90-", Part(90, 100, partial=True)),
        ("bytes=-5", Part(95, 100, partial=True)),
        ("bytes=-500", Part(0, 100, partial=True)),
        ("bytes=50-5000", Part(50, 100, partial=True)),
        ("bytes=0-1,5-6", Part(0, 100)),
        ("bytes=9-3", Part(0, 100)),
        ("bytes=-", Part(0, 100)),
        ("items=0-9", Part(0, 100)),
    ],
)
def test_one_range_is_a_part_and_anything_else_is_all(header: str, part: Part):
    assert wanted(header, "", 100, '"v1"') == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0", "bytes=500-600"])
def test_a_range_beyond_the_end_cannot_be_had(header: str):
    with pytest.raises(UnsatisfiableError):
        wanted(header, "", 100, "")


def test_a_part_of_another_version_is_all_of_this_one():
    assert wanted("bytes=50-", '"v1"', 100, '"v1"').partial
    assert not wanted("bytes=50-", '"v0"', 100, '"v1"').partial
    assert not wanted("bytes=50-", '"v1"', 100, "").partial


def test_a_file_of_unknown_size_has_no_parts():
    assert wanted("bytes=0-9", "", None, "") == Part(0, None)
