"""What may stand in a log line, and what never."""

import contextlib
import io
import json
import logging
import time

import pytest
import structlog
from pydantic import SecretStr

from google_workspace_mcp.core.logging import configure_logging, describe_exception, get_logger, mask, request_context
from tests.support.logs import captured_log

LOG = get_logger("google_workspace_mcp.tests")
SECRET = "the merger is off"


def test_a_line_is_json_with_event_level_time_and_logger():
    with captured_log() as log:
        LOG.info("token_refreshed", outcome="ok", seconds=0.25)
    (line,) = log.lines()
    assert line.pop("time").endswith("Z")
    assert line == {
        "event": "token_refreshed",
        "level": "info",
        "logger": "google_workspace_mcp.tests",
        "outcome": "ok",
        "seconds": 0.25,
    }


def test_lines_inside_a_request_carry_its_id():
    with captured_log() as log:
        with request_context("abc"):
            LOG.info("inside")
        LOG.info("outside")
    assert [line.get("request_id") for line in log.lines()] == ["abc", None]


def test_the_level_counts_for_our_own_lines():
    with captured_log("warning") as log:
        LOG.info("quiet")
        LOG.warning("loud")
    assert [line["event"] for line in log.lines()] == ["loud"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("to alice.b+tag@mail.example.co.uk now", "to *** now"),
        ("jürgen@exämple.org", "***"),
        ("GET /x?login_hint=alice%40example.com&a=1", "GET ***&a=1"),
        ("Authorization: Bearer abc.def-123", "Authorization: ***"),
        ("authorization: basic YWxpY2U6c2VjcmV0", "authorization: ***"),
        ("got ya29.a0AfH6SMB_x-1", "got ***"),
        ("refresh 1//0gAbCdEfGhIjKlMnOpQr", "refresh ***"),
        ("GOCSPX-abc_def", "***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "***"),
        ("/callback?code=4%2F0Ab_c&state=xyz", "/callback?code=***&state=***"),
        ('{"access_token": "opaque", "expires_in": 3599}', '{"access_token": "***", "expires_in": 3599}'),
        ("{'client_secret': 'opaque'}", "{'client_secret': '***'}"),
        ("grant=x&code_verifier=abc", "grant=x&code_verifier=***"),
        ("gmail.users.messages.list took 3 s", "gmail.users.messages.list took 3 s"),
    ],
)
def test_what_looks_like_an_address_or_a_secret_is_masked_wherever_it_stands(text: str, masked: str):
    assert mask(text) == masked


@pytest.mark.parametrize(
    "hostile", ["a" * 100_000, "a@" * 50_000, "eyJ" * 30_000, "code=" * 20_000, "a." * 50_000 + "@"]
)
def test_masking_takes_no_longer_for_hostile_text(hostile: str):
    begun = time.process_time()
    assert len(mask(hostile)) <= 2_000
    assert time.process_time() - begun < 0.5


def test_values_are_masked_at_every_depth():
    with captured_log() as log:
        LOG.info("deep", items=[{"to": "alice@example.com"}, ("ya29.abcdef",)], mapping={"password": "hunter2"})
    (line,) = log.lines()
    assert line["items"] == [{"to": "***"}, ["***"]]
    assert line["mapping"] == {"password": "***"}


@pytest.mark.parametrize(
    "key", ["token", "access_token", "Authorization", "subject", "email", "client_secret", "query"]
)
def test_values_whose_name_says_what_they_are_are_masked_whole(key: str):
    with captured_log() as log:
        LOG.info("named", **{key: SECRET})
    assert log.lines()[0][key] == "***"


def test_of_an_object_only_its_type_is_logged():
    with captured_log() as log:
        LOG.info("objects", secret_holder=SecretStr("hunter2"), error_value=ValueError(SECRET), raw=b"bytes")
    (line,) = log.lines()
    assert (line["secret_holder"], line["error_value"], line["raw"]) == ("<SecretStr>", "<ValueError>", "<bytes>")


def test_an_exception_is_its_type_and_frames_and_causes_without_words():
    def inner() -> None:
        raise KeyError(SECRET)

    def outer() -> None:
        try:
            inner()
        except KeyError as error:
            raise ValueError(SECRET) from error

    with captured_log() as log:
        try:
            outer()
        except ValueError:
            LOG.exception("failed")
    (line,) = log.lines()
    assert line["error"] == "ValueError"
    assert line["frames"][-1].endswith(" outer")
    assert line["causes"][0]["error"] == "KeyError"
    assert line["causes"][0]["frames"][-1].endswith(" inner")
    assert SECRET not in log.text


def test_the_members_of_a_group_are_causes():
    described = describe_exception(
        ExceptionGroup("both", [ValueError(SECRET), ExceptionGroup("x", [KeyError(SECRET)])])
    )
    assert [cause["error"] for cause in described["causes"]] == ["ValueError", "ExceptionGroup", "KeyError"]


def test_a_ring_of_causes_comes_to_an_end():
    first, second = ValueError("a"), KeyError("b")
    first.__context__, second.__context__ = second, first
    assert [cause["error"] for cause in describe_exception(first)["causes"]] == ["KeyError"]


def test_of_a_library_only_the_place_is_logged():
    with captured_log() as log:
        logging.getLogger("some.library").warning("could not send %s", SECRET)
    (line,) = log.lines()
    assert line["event"] == "library_message"
    assert line["logger"] == "some.library"
    assert line["place"].startswith("test_logging.py:")
    assert SECRET not in log.text


def test_a_library_that_logs_an_exception_is_cut_down_to_type_and_frames():
    with captured_log() as log:
        try:
            int(SECRET)
        except ValueError as error:
            quoted = f"Error calling tool: {error}"
            logging.getLogger("fastmcp.server").exception(quoted)
    (line,) = log.lines()
    assert line["error"] == "ValueError"
    assert SECRET not in log.text


def test_libraries_speak_from_warning_up_even_at_debug():
    with captured_log("debug") as log:
        logging.getLogger("httpx2").info("HTTP Request: GET https://x.example/?code=4/abc")
        logging.getLogger("some.library").debug("detail")
    assert log.text == ""


def test_google_s_client_library_is_silent_below_critical():
    with captured_log("debug") as log:
        logging.getLogger("googleapiclient.http").warning("Encountered 403 with uri %s", SECRET)
    assert log.text == ""


def test_the_server_s_own_sentences_are_kept():
    with captured_log() as log:
        logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    assert log.lines()[0]["event"] == "Started server process [7]"


def test_handlers_that_libraries_brought_along_are_taken_off():
    library, stderr = logging.getLogger("chatty.library"), io.StringIO()
    library.addHandler(logging.StreamHandler(stderr))
    library.propagate = False
    with captured_log() as log:
        library.error(SECRET)
    assert stderr.getvalue() == ""
    assert len(log.lines()) == 1


def test_structlog_s_own_loggers_go_the_same_way():
    with captured_log() as log:
        structlog.get_logger("google_workspace_mcp.elsewhere").warning("event", to="alice@example.com")
    assert log.lines()[0]["to"] == "***"


def test_logs_go_to_stdout(capsys: pytest.CaptureFixture[str]):
    with captured_log():
        configure_logging("info")
        LOG.info("hello")
        assert json.loads(capsys.readouterr().out)["event"] == "hello"


def test_a_terminal_gets_text_that_is_masked_all_the_same():
    with captured_log():
        stream = io.StringIO()
        configure_logging("info", json=False, stream=stream)
        LOG.info("hello", to="alice@example.com")
    assert "hello" in stream.getvalue()
    assert "alice" not in stream.getvalue()
    with contextlib.suppress(ValueError):
        json.loads(stream.getvalue())
        raise AssertionError("this is JSON")


def test_one_event_is_one_line_whatever_it_holds():
    with captured_log() as log:
        LOG.info("injected", note='x"}\n{"event": "forged"}')
    assert [line["event"] for line in log.lines()] == ["injected"]
