"""Folding of quoted history and signatures."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.content.quotes import fold_quotes

QUOTE = "> Shall we meet?\n> Best"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Tue, Mar 31, 2026 at 9:00 AM Ben Okafor <ben@example.com> wrote:",
        "On Tue, Mar 31, 2026 at 9:00 AM Ben Okafor\n<ben@example.com> wrote:",
        "Am Di., 31. März 2026 um 09:00 Uhr schrieb Ben <ben@example.com>:",
        "Am 31.03.2026 um 09:00 schrieb Ben Okafor:",
        "Le mar. 31 mars 2026 à 09:00, Ben <ben@example.com> a écrit :",
        "Il giorno mar 31 mar 2026 alle ore 09:00 Ben <ben@example.com> ha scritto:",
        "El mar, 31 mar 2026 a las 9:00, Ben (<ben@example.com>) escribió:",
        "Em ter., 31 de mar. de 2026 às 09:00, Ben <ben@example.com> escreveu:",
        "Op di 31 mrt 2026 om 09:00 schreef Ben <ben@example.com>:",
        "2026年3月31日(火) 9:00 Ben <ben@example.com>:",
        "вт, 31 мар. 2026 г. в 09:00, Ben <ben@example.com> писал(а):",  # noqa: RUF001
    ],
)
def test_a_reply_above_its_quote_is_all_that_is_left(attribution: str):
    folded = fold_quotes(f"Yes, at ten.\n\n{attribution}\n\n{QUOTE}")
    assert folded.text == "Yes, at ten."
    assert folded.quoted_lines >= 3


@pytest.mark.parametrize(
    "opening",
    [
        "-----Original Message-----\nFrom: Ben\nSent: Tuesday\nTo: Alice\nSubject: Lunch",
        "-----Ursprüngliche Nachricht-----\nVon: Ben",
        "________________________________\nFrom: Ben <b@example.com>\nSent: Tuesday, March 31\nTo: Al\nSubject: Lunch",
        "Von: Ben Okafor\nGesendet: Dienstag, 31. März 2026\nAn: Alice\nBetreff: Essen",
        "De : Ben\nEnvoyé : mardi\nÀ : Alice\nObjet : Repas",
        "**From:** Ben\n**Sent:** Tuesday\n**To:** Alice",
        "差出人: Ben\n送信日時: 2026\n宛先: Alice\n件名: 昼食",
    ],
)
def test_history_below_a_block_of_headers_is_folded(opening: str):
    folded = fold_quotes(f"Agreed.\n\n{opening}\n\nOld text\nwithout marks")
    assert folded.text == "Agreed."
    assert folded.quoted_lines >= 4


def test_history_without_marks_below_an_attribution_is_folded():
    text = "Agreed.\n\nOn Tue, Mar 31, 2026 Ben <ben@example.com> wrote:\n\nOld text\nmore"
    assert fold_quotes(text).text == "Agreed."


def test_a_forwarded_message_is_content():
    text = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Ben\nDate: Tue\nSubject: Lunch\nTo: Alice\n\n> old\nBody"
    )
    folded = fold_quotes(text)
    assert folded.text == text
    assert folded.quoted_lines == 0


def test_an_outlook_forward_is_content_when_the_subject_says_so():
    text = "FYI\n\nFrom: Ben\nSent: Tue\nTo: Alice\nSubject: Lunch\n\nBody"
    assert fold_quotes(text, forward=True).text == text
    assert fold_quotes(text).text == "FYI"


def test_replies_between_quotes_keep_their_context():
    text = "> Monday?\n\nNo.\n\n> Tuesday?\n\nYes."
    assert fold_quotes(text).text == text


def test_a_long_quote_before_a_reply_is_shortened():
    text = "\n".join(f"> line {n}" for n in range(20)) + "\n\nNo."
    folded = fold_quotes(text)
    assert folded.text == "> line 16\n> line 17\n> line 18\n> line 19\n\nNo."
    assert folded.quoted_lines == 16


def test_a_signature_is_folded():
    folded = fold_quotes("Hello\n\n--\nBen Okafor\nExample Ltd")
    assert folded.text == "Hello"
    assert folded.signature_lines == 3


@pytest.mark.parametrize(
    "line", ["Sent from my iPhone", "Von meinem iPhone gesendet", "Get Outlook for iOS <https://aka.ms/x>"]
)
def test_a_line_of_the_phone_is_folded(line: str):
    assert fold_quotes(f"Hello\n\n{line}").text == "Hello"


def test_the_footer_of_a_mailing_list_is_folded():
    text = "Hello\n_______________________________________________\nusers mailing list\nusers@lists.example"
    assert fold_quotes(text).text == "Hello"


def test_a_message_that_is_all_quote_stays():
    assert fold_quotes(QUOTE).text == QUOTE


@pytest.mark.parametrize(
    "text",
    [
        "From: here to there it is far\nand nothing else",
        "As Ben wrote:\n\nwe should go",
        "Dates:\n- 31 March wrote down\n- 1 April",
        "--\nonly this",
        "a -- b",
        "On the whole, she wrote: nothing",
    ],
)
def test_prose_that_resembles_a_quote_stays(text: str):
    assert fold_quotes(text).text == text


@given(
    st.lists(
        st.sampled_from(
            [
                "> q",
                "text",
                "",
                "On 1 Jan a@b.example wrote:",
                "--",
                "From: a",
                "Sent: b",
                "To: c",
                "-----Original Message-----",
            ]
        ),
        max_size=14,
    )
)
def test_what_is_left_is_made_of_the_messages_own_lines(lines: list[str]):
    text = "\n".join(lines)
    folded = fold_quotes(text)
    assert set(folded.text.split("\n")) <= {*lines, ""}
    assert bool(folded.text.strip()) == bool(text.strip())


@pytest.mark.parametrize(
    "piece",
    [
        "On ",
        "> ",
        "wrote:",
        "From: ",
        "-",
        "_",
        " ",
        ":",
        "\n",
        "On 1 wrote:\n",
        ">\n",
        "From:\n",
        "--\n",
        "schrieb a@",
    ],
)
def test_no_repetition_makes_it_slow(piece: str):
    started = time.process_time()
    fold_quotes(piece * (200_000 // len(piece)))
    assert time.process_time() - started < 5
