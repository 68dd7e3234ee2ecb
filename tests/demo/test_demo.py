"""The demo, run as a newcomer runs it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.slow


def free_port() -> int:
    """A port whose next one is free too: the demo takes both."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no two free ports side by side")


def demo(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", "demo", "--once", "--port", str(free_port()), *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def test_the_tour_shows_real_answers_and_how_to_connect() -> None:
    done = demo()
    assert done.returncode == 0, done.stderr
    for call in ("gmail_search", "gmail_read", "drive_search", "drive_read", "calendar_list_events"):
        assert f"> {call} " in done.stdout
    for client in ("claude mcp add", ".cursor/mcp.json", "code --add-mcp", "inspector", "/account", "Ctrl-C"):
        assert client in done.stdout
    assert "Traceback" not in done.stderr
    assert "not_found" not in done.stdout


def test_another_base_url_is_refused() -> None:
    done = demo(GWMCP_BASE_URL="https://tools.example.com")
    assert done.returncode == 2
    assert "stays on this machine" in done.stderr


def test_a_persons_own_exports_take_the_place_of_the_samples(tmp_path: Path) -> None:
    (tmp_path / "mail.mbox").write_bytes(
        b"From 1@xxx Mon Mar 02 10:00:00 +0000 2026\nX-Gmail-Labels: Inbox,Unread\nFrom: Dana <dana@example.org>\n"
        b"To: alice@example.com\nSubject: Only message\nMessage-ID: <one@example.org>\n"
        b"Date: Mon, 2 Mar 2026 10:00:00 +0000\n"
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nJust this.\n--b\n'
        b'Content-Type: text/csv; name="a.csv"\nContent-Disposition: attachment; filename="a.csv"\n\n1,2\n--b--\n\n'
    )
    files = tmp_path / "files"
    files.mkdir()
    (files / "note.md").write_text("# A note\n\nof mine\n")
    (tmp_path / "days.ics").write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n"
        "DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=DAILY\r\nSUMMARY:Every single day\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    done = demo("--mail", str(tmp_path / "mail.mbox"), "--files", str(files), "--calendar", str(tmp_path / "days.ics"))
    assert done.returncode == 0, done.stderr
    assert "Loaded 1 messages" in done.stdout
    assert "Only message" in done.stdout
    assert "Every single day" in done.stdout


@pytest.mark.parametrize("option", ["--mail", "--files", "--calendar"])
def test_a_path_that_is_not_there_is_a_clear_error(tmp_path: Path, option: str) -> None:
    done = demo(option, str(tmp_path / "nothing"))
    assert done.returncode == 2
    assert str(tmp_path / "nothing") in done.stderr
    assert "Traceback" not in done.stderr


def test_it_stays_up_until_ctrl_c_and_then_ends_well() -> None:
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "main.py", "demo", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Ctrl-C" in line:
                break
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/account", timeout=10) as page:
            assert page.status == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert errors == ""


def test_a_taken_port_is_a_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "main.py", "demo", "--once", "--port", str(taken.getsockname()[1])],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    assert done.returncode == 2
    assert "make demo PORT=" in done.stderr
    assert "Traceback" not in done.stderr
