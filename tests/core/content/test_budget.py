"""Cuts and shares."""

from hypothesis import given
from hypothesis import strategies as st

from google_workspace_mcp.core.content.budget import cut, share


def test_a_short_text_is_not_cut():
    piece = cut("hello", 100)
    assert (piece.text, piece.remaining, piece.next_offset) == ("hello", 0, 0)


def test_a_cut_is_at_the_end_of_a_paragraph_if_one_is_near():
    piece = cut("First paragraph.\n\nSecond one goes on.", 20)
    assert piece.text == "First paragraph.\n\n"
    assert piece.next_offset == 18
    assert piece.remaining == 19


def test_a_cut_is_at_the_end_of_a_sentence_if_no_line_ends():
    assert cut("One is here. Two is there and longer", 16).text == "One is here. "


def test_a_cut_is_between_words_if_no_sentence_ends():
    assert cut("wordone wordtwo wordthree", 18).text == "wordone wordtwo "


def test_a_text_without_any_end_is_cut_where_the_budget_is_used_up():
    assert cut("x" * 100, 10).text == "x" * 10


def test_an_offset_beyond_the_end_gives_nothing_more():
    piece = cut("hello", 10, 99)
    assert (piece.text, piece.remaining) == ("", 0)


@given(st.text(alphabet="ab.\n ", max_size=300), st.integers(1, 40))
def test_pieces_taken_one_after_another_make_up_the_text(text: str, size: int):
    pieces, offset = [], 0
    while True:
        piece = cut(text, size, offset)
        assert len(piece.text) <= size
        pieces.append(piece.text)
        offset = piece.next_offset
        if not offset:
            break
    assert "".join(pieces) == text


def test_short_texts_stay_whole_and_long_ones_share_what_is_left():
    pieces = share(["short", "x" * 1000, "y" * 1000], 205)
    assert [len(piece.text) for piece in pieces] == [5, 100, 100]


def test_texts_that_fit_together_are_not_cut():
    assert [piece.remaining for piece in share(["a" * 50, "b" * 50], 100)] == [0, 0]


@given(st.lists(st.text(alphabet="ab. ", max_size=60), max_size=8), st.integers(1, 100))
def test_a_share_never_gives_more_than_the_budget(texts: list[str], budget: int):
    pieces = share(texts, budget)
    assert sum(len(piece.text) for piece in pieces) <= budget
    assert [piece.total for piece in pieces] == [len(text) for text in texts]
