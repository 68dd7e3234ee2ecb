import pytest
from docx.document import Document
from docx.shared import Pt, RGBColor

from tests.core.content.documents.making import read, repacked, text_of, trouble_of, word, word_xml


def a_report(document: Document) -> None:
    document.core_properties.title = "Yearly report"
    document.add_heading("Report", 0)
    document.add_heading("Costs", 1)
    document.add_paragraph("We bought three bikes.")
    for item in ("red", "blue"):
        document.add_paragraph(item, style="List Bullet")
    for step in ("ask", "buy"):
        document.add_paragraph(step, style="List Number")
    table = document.add_table(2, 2)
    for index, text in enumerate(("item", "cost", "bike", "1,200")):
        table.cell(index // 2, index % 2).text = text


def test_a_document_becomes_markdown():
    found = read(word(a_report))
    assert found["title"] == "Yearly report"
    assert found["text"] == (
        "# Report\n\n# Costs\n\nWe bought three bikes.\n\n- red\n- blue\n1. ask\n2. buy\n\n"
        "| item | cost |\n| bike | 1,200 |"
    )
    assert [entry[1] for entry in found["outline"]] == ["Report", "Costs"]


def test_a_header_stands_in_front_once_and_page_numbers_do_not():
    def letter(document: Document) -> None:
        document.add_paragraph("Dear Ben")
        document.sections[0].header.paragraphs[0].text = "ACME Ltd, Berlin"
        document.sections[0].footer.paragraphs[0].text = "7"
        document.add_section().header.is_linked_to_previous = False
        document.sections[1].header.paragraphs[0].text = "ACME Ltd, Berlin"

    assert text_of(word(letter)) == "ACME Ltd, Berlin\n\nDear Ben"


def hidden_runs(document: Document) -> None:
    paragraph = document.add_paragraph("Seen. ")
    paragraph.add_run("vanished").font.hidden = True
    paragraph.add_run("white").font.color.rgb = RGBColor(255, 255, 255)
    paragraph.add_run("nearly white").font.color.rgb = RGBColor(253, 254, 252)
    paragraph.add_run("tiny").font.size = Pt(1)


def test_what_a_person_would_not_see_is_left_out_and_counted():
    found = read(word(hidden_runs))
    assert found["text"] == "Seen."
    assert found["remarks"]["hidden_chars"] == len("vanishedwhitenearly whitetiny")


def test_text_hidden_by_its_style_is_left_out():
    styles = (
        "<w:styles xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'>"
        "<w:style w:type='character' w:styleId='Ghost'><w:name w:val='Ghost'/><w:rPr><w:vanish/></w:rPr></w:style>"
        "<w:style w:type='character' w:styleId='Child'><w:name w:val='Child'/><w:basedOn w:val='Ghost'/></w:style>"
        "</w:styles>"
    )
    body = "<w:p><w:r><w:t>seen</w:t></w:r><w:r><w:rPr><w:rStyle w:val='Child'/></w:rPr><w:t>unseen</w:t></w:r></w:p>"
    assert text_of(repacked(word_xml(body), {"word/styles.xml": styles.encode()})) == "seen"


@pytest.mark.parametrize(
    "body",
    [
        "<w:p><w:r><w:rPr><w:color w:val='FFFFFF'/><w:shd w:fill='000080'/></w:rPr><w:t>seen</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:shd w:val='clear' w:fill='333333'/></w:pPr>"
        "<w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>seen</w:t></w:r></w:p>",
        "<w:tbl><w:tblPr><w:tblStyle w:val='GridTable5Dark'/></w:tblPr><w:tr><w:tc><w:p>"
        "<w:r><w:rPr><w:color w:val='FFFFFF'/></w:rPr><w:t>seen</w:t></w:r></w:p></w:tc></w:tr></w:tbl>",
        "<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>seen</w:t></w:r></w:p>",
        "<w:p><w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr><w:r><w:t>seen</w:t></w:r></w:p>",
        "<w:p><w:r><w:rPr><w:color w:val='auto'/><w:sz w:val='12'/></w:rPr><w:t>seen</w:t></w:r></w:p>",
    ],
)
def test_what_only_looks_hidden_is_read(body: str):
    assert text_of(word_xml(body)) == "seen"


def test_deleted_text_is_left_out_and_inserted_text_is_kept():
    found = read(
        word_xml(
            "<w:p><w:r><w:t>a </w:t></w:r><w:del><w:r><w:delText>old</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>away</w:t></w:r></w:moveFrom></w:p>"
        )
    )
    assert found["text"] == "a new"
    assert found["remarks"] == {"deleted_chars": 7}


def test_a_text_box_is_read_once():
    mc = "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'"
    box = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
    body = (
        f"<w:p><w:r><w:t>outside</w:t></w:r><w:r><mc:AlternateContent {mc}><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert sorted(text_of(word_xml(body)).split("\n\n")) == ["boxed", "outside"]


def test_codes_of_fields_are_not_read():
    body = "<w:p><w:r><w:instrText>HYPERLINK secret</w:instrText></w:r><w:r><w:t>shown</w:t></w:r></w:p>"
    assert text_of(word_xml(body)) == "shown"


def test_comments_are_counted_and_come_on_request():
    def commented(document: Document) -> None:
        run = document.add_paragraph("Price").add_run(" 5 EUR")
        document.add_comment(run, text="too much?", author="Ben", initials="B")

    data = word(commented)
    assert read(data)["remarks"] == {"comments": 1}
    assert "too much?" not in text_of(data)
    assert "(Ben) too much?" in text_of(data, remarks=True)


def test_a_link_shows_where_it_leads():
    relations = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='rId1' "
        "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink' "
        "Target='https://evil.example/' TargetMode='External'/></Relationships>"
    )
    r = "xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'"
    body = f"<w:p><w:hyperlink {r} r:id='rId1'><w:r><w:t>your bank</w:t></w:r></w:hyperlink></w:p>"
    data = repacked(word_xml(body), {"word/_rels/document.xml.rels": relations.encode()})
    assert text_of(data) == "[your bank](https://evil.example/)"


def test_a_long_table_comes_whole_and_in_pieces():
    rows = "".join(f"<w:tr><w:tc><w:p><w:r><w:t>r{n}</w:t></w:r></w:p></w:tc><w:tc/></w:tr>" for n in range(1000))
    data = word_xml(f"<w:tbl>{rows}</w:tbl>")
    whole = text_of(data, max_chars=80_000)
    assert [line for line in whole.splitlines() if line] == [f"r{n}" for n in range(1000)]
    pieces, offset = "", 0
    for _ in range(50):
        piece = read(data, max_chars=500, offset=offset)
        pieces, offset = pieces + piece["text"], piece["next_offset"]
        if not offset:
            break
    assert pieces == whole


def test_tables_in_tables_are_read_to_any_depth():
    inner = "<w:p><w:r><w:t>deep</w:t></w:r></w:p>"
    for _ in range(40):
        inner = f"<w:tbl><w:tr><w:tc>{inner}</w:tc></w:tr></w:tbl>"
    assert text_of(word_xml(inner)) == "deep"


def test_a_document_without_parts_says_so():
    assert trouble_of(word(a_report), part="2") == "no_parts"


def test_invisible_characters_do_not_come_through():
    assert text_of(word_xml("<w:p><w:r><w:t>a\u200b\u202eb\U000e0041</w:t></w:r></w:p>")) == "ab"
