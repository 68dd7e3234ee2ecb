from typing import Any

import pytest
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from tests.core.content.documents.making import read, slides, text_of, trouble_of


def a_pitch(deck: Any) -> None:
    deck.core_properties.title = "Pitch"
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Why bikes"
    first.placeholders[1].text = "They carry\nThey last"
    first.notes_slide.notes_text_frame.text = "smile here"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Costs"
    table = second.shapes.add_table(2, 2, 0, 0, Inches(2), Inches(1)).table
    for index, text in enumerate(("item", "cost", "bike", "1,200")):
        table.cell(index // 2, index % 2).text = text
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden.shapes.title.text = "Our margin"
    hidden._element.set("show", "0")


def test_slides_are_read_in_their_order_with_titles_and_tables():
    found = read(slides(a_pitch))
    assert found["title"] == "Pitch"
    assert found["text"] == (
        "[slide 1]\n\n# Why bikes\n\nThey carry\nThey last\n\n"
        "[slide 2]\n\n# Costs\n\n| item | cost |\n| --- | --- |\n| bike | 1,200 |"
    )
    assert found["places"] == [["", 1, 2]]
    assert found["parts"] == 3
    assert found["remarks"] == {"hidden_slides": 1, "speaker_notes": 1}


def test_the_title_of_a_hidden_slide_is_not_told():
    assert read(slides(a_pitch))["outline"][2] == ["3", "", True]


def test_speaker_notes_come_on_request():
    assert "Speaker notes: smile here" in text_of(slides(a_pitch), remarks=True)


def test_slides_are_read_by_number():
    assert text_of(slides(a_pitch), part="2").startswith("[slide 2]")
    assert text_of(slides(a_pitch), part="2-3").count("[slide") == 1


def test_a_hidden_slide_is_read_when_it_alone_is_asked_for_and_said_to_be_hidden():
    found = read(slides(a_pitch), part="3")
    assert "Our margin" in found["text"]
    assert found["remarks"] == {"hidden_part": 1}


@pytest.mark.parametrize(("part", "code"), [("4", "no_page"), ("0", "no_page"), ("2-1", "no_page"), ("x", "bad_part")])
def test_slides_that_are_not_there_are_refused(part: str, code: str):
    assert trouble_of(slides(a_pitch), part=part) == code


def test_what_lies_outside_of_the_slide_or_is_hidden_tiny_or_transparent_is_left_out():
    def write(deck: Any) -> None:
        shapes = deck.slides.add_slide(deck.slide_layouts[6]).shapes
        for text, left in (("seen", 1), ("left of it", -30), ("right of it", 40)):
            shapes.add_textbox(Inches(left), 0, Inches(2), Inches(1)).text_frame.text = text
        switched_off = shapes.add_textbox(0, 0, Inches(2), Inches(1))
        switched_off.text_frame.text = "switched off"
        switched_off._element.find(f".//{qn('p:cNvPr')}").set("hidden", "1")
        tiny = shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.paragraphs[0].add_run()
        tiny.text, tiny.font.size = "tiny", Pt(1)
        empty = shapes.add_textbox(0, 0, Inches(2), Inches(1)).text_frame.paragraphs[0].add_run()
        empty.text = "no fill"
        empty.font.fill.background()

    found = read(slides(write))
    assert found["text"] == "[slide 1]\n\nseen"
    assert found["remarks"] == {"hidden_chars": len("left of itright of itswitched offtinyno fill")}


def test_a_chart_is_said_to_be_left_out():
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    def write(deck: Any) -> None:
        data = CategoryChartData()
        data.categories, _ = ["a"], data.add_series("s", (1,))
        shapes = deck.slides.add_slide(deck.slide_layouts[6]).shapes
        shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(2), Inches(2), data)

    assert read(slides(write))["remarks"] == {"charts": 1}
