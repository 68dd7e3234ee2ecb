import io

import pytest
from fpdf import FPDF
from fpdf.enums import TextMode
from PIL import Image

from tests.core.content.documents.making import pdf, read, said, text_of, trouble_of


def test_pages_are_read_in_order_with_their_numbers():
    found = read(pdf(said("First words"), said("Second words")))
    assert found["text"] == "[page 1]\nFirst words\n\n[page 2]\nSecond words"
    assert found["parts"] == 2
    assert found["places"] == [["", 1, 2]]


@pytest.mark.parametrize(
    ("part", "pages"),
    [
        ("2", [2]),
        ("2-3", [2, 3]),
        ("4-", [4, 5]),
        ("-2", [1, 2]),
        ("1,4-9", [1, 4, 5]),
        ("pages 2-3", [2, 3]),
        ("3,3", [3]),
    ],
)
def test_pages_are_chosen(part: str, pages: list[int]):
    data = pdf(*(said(f"Number {number}") for number in range(1, 6)))
    assert text_of(data, part=part) == "\n\n".join(f"[page {number}]\nNumber {number}" for number in pages)


@pytest.mark.parametrize(
    ("part", "code"), [("6", "no_page"), ("0-2", "no_page"), ("A1:B2", "bad_part"), ("-", "bad_part")]
)
def test_pages_that_are_not_there_are_refused_with_the_number_of_the_last(part: str, code: str):
    found = read(pdf(*(said("x") for _ in range(5))), part=part)
    assert found["trouble"] == code
    assert found["number"] == (5 if code == "no_page" else 0)


def test_a_cut_says_which_pages_the_piece_is_from_and_the_rest_follows_exactly():
    data = pdf(*(said(f"Page {number} says this. " * 20) for number in range(1, 9)))
    whole = text_of(data, max_chars=80_000)
    text, offset, places = "", 0, []
    for _ in range(20):
        piece = read(data, max_chars=1000, offset=offset)
        text, offset = text + piece["text"], piece["next_offset"]
        places.append(piece["places"][0][1:])
        if not offset:
            break
    assert text == whole
    assert places[0] == [1, 3]
    assert places[-1][1] == 8


def hidden_texts(page: FPDF) -> None:
    page.text(20, 20, "seen")
    page.text(-500, 40, "off the page")
    page.set_text_color(255, 255, 255)
    page.text(20, 50, "white on nothing")
    page.set_text_color(0)
    page.set_font_size(0.5)
    page.text(20, 60, "tiny")
    page.set_font_size(12)
    page.text(20, 80, "under black")
    page.set_fill_color(0)
    page.rect(15, 70, 60, 20, style="F")
    with page.local_context(text_mode=TextMode.INVISIBLE):
        page.text(20, 100, "never drawn")
    with page.local_context(fill_opacity=0):
        page.text(20, 110, "transparent")


def test_what_a_person_would_not_see_is_left_out_and_counted():
    found = read(pdf(hidden_texts))
    assert found["text"] == "[page 1]\nseen"
    gone = "off the pagewhite on nothingtinyunder blacknever drawntransparent"
    assert found["remarks"]["hidden_chars"] == len(gone)
    assert "off the page" in found["hidden"]
    assert "under black never drawn transparent" in found["hidden"]


def visible_texts(page: FPDF) -> None:
    page.set_fill_color(0, 0, 128)
    page.rect(15, 70, 80, 20, style="F")
    page.set_text_color(255, 255, 255)
    page.text(20, 80, "white on blue")
    page.set_text_color(0)
    page.set_fill_color(255, 255, 0)
    page.text(20, 100, "highlighted")
    page.rect(15, 95, 60, 10, style="F")
    with page.local_context(text_mode=TextMode.STROKE):
        page.text(20, 120, "outlined")


def test_what_only_looks_hidden_is_read():
    assert text_of(pdf(visible_texts)).split("\n") == ["[page 1]", "white on blue", "highlighted", "outlined"]


def picture(page: FPDF) -> None:
    image = io.BytesIO()
    Image.new("RGB", (40, 56), (200, 200, 200)).save(image, "PNG")
    image.seek(0)
    page.image(image, x=0, y=0, w=page.w, h=page.h)


def test_a_scan_is_said_to_have_no_text():
    found = read(pdf(picture, picture))
    assert found["text"] == ""
    assert found["remarks"] == {"no_page_has_text": 2}


def test_pages_without_text_among_others_are_counted():
    assert read(pdf(said("words"), picture))["remarks"] == {"pages_without_text": 1}


def test_text_recognised_on_a_scan_is_read_and_said_to_be_unseen():
    def recognised(page: FPDF) -> None:
        picture(page)
        with page.local_context(text_mode=TextMode.INVISIBLE):
            page.text(20, 100, "Invoice 42")

    found = read(pdf(recognised))
    assert found["text"] == "[page 1]\nInvoice 42"
    assert found["remarks"] == {"layer_pages": 1}


def test_a_locked_file_says_so():
    locked = FPDF()
    locked.set_encryption(owner_password="owner", user_password="user")
    locked.add_page()
    assert trouble_of(bytes(locked.output())) == "password"


def test_a_file_that_only_may_not_be_changed_is_read():
    guarded = FPDF()
    guarded.set_encryption(owner_password="owner")
    guarded.set_font("helvetica", size=12)
    guarded.add_page()
    guarded.multi_cell(0, text="open to all")
    assert "open to all" in text_of(bytes(guarded.output()))


def test_bookmarks_and_the_title_tell_what_there_is():
    book = FPDF()
    book.set_title("Handbook")
    book.set_font("helvetica", size=12)
    for number, name in enumerate(("Safety", "Cleaning"), start=1):
        book.add_page()
        book.start_section(name)
        book.multi_cell(0, text=f"Chapter {number}")
    found = read(bytes(book.output()))
    assert found["title"] == "Handbook"
    assert found["outline"] == [["1", "Safety", False], ["2", "Cleaning", False]]


def test_a_text_about_pdf_is_a_text():
    text = b"%PDF-1.4 is how a file begins that ..."
    assert text_of(text, media_type="text/plain") == text.decode()
    assert trouble_of(text, media_type="application/pdf") == "damaged"
