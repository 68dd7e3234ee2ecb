"""Every row of the table of errors is met over real HTTP and comes out as the table says."""

import pytest

from google_workspace_mcp.core.errors import WorkspaceError
from google_workspace_mcp.core.google.calls import CallKind
from google_workspace_mcp.core.google.error_table import error_rows
from google_workspace_mcp.core.google.reasons import BY_REASON, BY_STATUS
from tests.core.google.scripted import Bench, Say, ScriptedServer, google_error

IN_DETAILS = sorted(reason for reason in BY_REASON if reason.isupper())
IN_ERRORS = sorted(reason for reason in BY_REASON if not reason.isupper())


async def failure_of(google: ScriptedServer, bench: Bench, answer: Say, kind: CallKind) -> WorkspaceError:
    google.answer = lambda _: answer
    request = bench.session.drive.files.create(body={"name": "x"}, fields="id")
    with pytest.raises(WorkspaceError) as raised:
        await bench.session.execute(request, kind=kind)
    return raised.value


@pytest.mark.security("G-2")
@pytest.mark.security("G-3")
@pytest.mark.parametrize("kind", [CallKind.READ, CallKind.CREATE])
@pytest.mark.parametrize("reason", [*IN_ERRORS, *IN_DETAILS])
async def test_each_reason_is_what_the_table_says_for_reads_and_writes(
    google: ScriptedServer, bench: Bench, reason: str, kind: CallKind
):
    answer = google_error(403, "", details=reason) if reason in IN_DETAILS else google_error(403, reason)

    error = await failure_of(google, bench, answer, kind)

    row = BY_REASON[reason]
    assert (type(error), error.reason, error.message) == (row.failure, row.reason, row.message)
    assert error.next_step
    assert len(google.seen) == (3 if row.failure.retryable and kind is CallKind.READ else 1)


@pytest.mark.security("G-3")
@pytest.mark.parametrize("status", sorted(BY_STATUS.keys() - {401}))
async def test_each_status_without_a_known_reason_is_what_the_table_says(
    google: ScriptedServer, bench: Bench, status: int
):
    error = await failure_of(google, bench, Say(status, b"SECRET"), CallKind.CREATE)

    row = BY_STATUS[status]
    assert (type(error), error.reason, error.message) == (row.failure, row.reason, row.message)
    assert "SECRET" not in error.sentence()


def test_the_table_has_a_row_for_every_reason_and_status():
    met = " ".join(row.met for row in error_rows())

    assert [reason for reason in BY_REASON if f"`{reason}`" not in met] == []
    assert [status for status in BY_STATUS if f"status {status}" not in met] == []


@pytest.mark.security("G-4")
def test_whatever_is_uncertain_for_a_read_is_unknown_for_a_send_and_certain_things_are_the_same_for_both():
    for row in error_rows():
        if row.send.code != row.read.code:
            assert (row.read.code, row.send.code) == ("google_unavailable", "outcome_unknown"), row.met
            assert row.read.retryable
            assert not row.send.retryable


def test_every_row_says_what_to_do_next_and_distinct_causes_have_distinct_words():
    rows = list(error_rows())
    assert [row.met for row in rows if not (row.read.next_step and row.send.next_step)] == []
    three = ("insufficientPermissions", "domainPolicy", "accessNotConfigured", "dailyLimitExceeded")
    assert len({BY_REASON[reason].message for reason in three}) == len(three)
