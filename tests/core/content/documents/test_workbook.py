import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook

from google_workspace_mcp.core.content.documents.sheet_rows import from_row
from tests.core.content.documents.making import read, sheet_xml, text_of, trouble_of, with_strings, workbook


def a_budget(book: Workbook) -> None:
    budget = book.active
    assert budget is not None
    budget.title = "Budget"
    for row in (
        ("item", "cost", "when", "share"),
        ("bike", 1200.5, datetime.date(2026, 3, 1), 0.15),
        ("bell", 0.1 + 0.2, datetime.datetime(2026, 3, 1, 9, 30), 1),  # noqa: DTZ001 - a sheet's times have no zone
    ):
        budget.append(row)
    budget["D2"].number_format = "0%"
    other = book.create_sheet("Last year's")
    other["B3"] = True
    book.create_sheet("Plans").sheet_state = "hidden"
    book["Plans"]["A1"] = "sell the shop"


def test_every_sheet_that_is_seen_is_read_with_numbered_rows():
    found = read(workbook(a_budget))
    assert found["text"] == (
        "## Budget\n1\titem\tcost\twhen\tshare\n2\tbike\t1200.5\t2026-03-01\t15%\n3\tbell\t0.3\t2026-03-01 09:30\t1\n\n"
        "## Last year's\n3\t\tTRUE"
    )
    assert found["parts"] == 3
    assert found["outline"] == [
        ["Budget", "A1:D3", False],
        ["Last year's", "A1:B3", False],
        ["Plans", "A1:A1", True],
    ]
    assert found["remarks"] == {"hidden_sheets": 1}


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("Budget!A2:B2", "2\tbike\t1200.5"),
        ("budget!a2:b2", "2\tbike\t1200.5"),
        ("A1", "1\titem"),
        ("B:B", "1\tcost\n2\t1200.5\n3\t0.3"),
        ("3:3", "3\tbell\t0.3\t2026-03-01 09:30\t1"),
        ("Last year's", "3\t\tTRUE"),
        ("'Last year''s'!$B$3", "3\tTRUE"),
        ("Budget!B2:XFD1048576", "2\t1200.5\t2026-03-01\t15%\n3\t0.3\t2026-03-01 09:30\t1"),
        ("Budget!Z1:Z9", ""),
    ],
)
def test_a_sheet_or_a_range_is_read_alone(part: str, text: str):
    assert text_of(workbook(a_budget), part=part) == text


def test_a_hidden_sheet_is_read_when_it_is_named_and_said_to_be_hidden():
    found = read(workbook(a_budget), part="Plans")
    assert found["text"] == "1\tsell the shop"
    assert found["remarks"] == {"hidden_part": 1}


@pytest.mark.parametrize(
    ("part", "code"),
    [("Nowhere", "no_sheet"), ("Nowhere!A1", "no_sheet"), ("Budget!", "bad_part"), ("B2:A1", "no_sheet")],
)
def test_a_part_that_is_not_there_is_refused(part: str, code: str):
    assert trouble_of(workbook(a_budget), part=part) == code


def test_hidden_rows_columns_and_cells_are_left_out_and_counted():
    def write(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for row in (("seen", "column"), ("row", "x"), ("end", "y")):
            sheet.append(row)
        sheet.column_dimensions["B"].hidden = True
        sheet.row_dimensions[2].hidden = True
        sheet["C1"], sheet["C1"].font = "white", Font(color="FFFFFFFF")
        sheet["D1"], sheet["D1"].number_format = "masked", ";;;"
        sheet["E1"], sheet["E1"].font = "on blue", Font(color="FFFFFFFF")
        sheet["E1"].fill = PatternFill("solid", fgColor="FF000080")

    found = read(workbook(write))
    assert found["text"] == "1\tseen\t\t\t\ton blue\n3\tend"
    assert found["remarks"] == {"hidden_chars": 22, "hidden_rows": 1, "hidden_columns": 1}


def test_a_formula_without_a_value_is_shown_as_a_formula_and_one_with_a_value_by_it():
    found = read(sheet_xml("<row r='1'><c r='A1'><f>1+1</f><v>2</v></c><c r='B1'><f>SUM(A1:A9)</f></c></row>"))
    assert found["text"] == "1\t2\t=SUM(A1:A9)"
    assert found["remarks"] == {"formulas": 1}


def test_rows_and_cells_without_a_place_come_in_their_order():
    rows = "<row><c t='inlineStr'><is><t>a</t></is></c><c><v>2</v></c></row><row><c t='e'><v>#REF!</v></c></row>"
    assert text_of(sheet_xml(rows)) == "1\ta\t2\n2\t#REF!"


def test_a_cell_far_to_the_right_says_its_column():
    rows = (
        "<row r='1'><c r='A1'><v>1</v></c><c r='XFD1'><v>2</v></c></row>"
        "<row r='1048576'><c r='A1048576'><v>3</v></c></row>"
    )
    assert text_of(sheet_xml(rows)) == "1\t1\t[XFD] 2\n1048576\t3"


def test_a_size_that_is_a_lie_costs_nothing_and_is_corrected_when_the_sheet_was_read():
    rows = "<row r='1'><c r='A1'><v>1</v></c></row>"
    found = read(sheet_xml(rows, before="<dimension ref='A1:XFD1048576'/>"))
    assert found["text"] == "1\t1"
    assert found["outline"] == [["Sheet", "A1:A1", False]]


def test_days_counted_from_1904_are_told_apart():
    def write(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        book.epoch = datetime.datetime(1904, 1, 1)  # noqa: DTZ001
        sheet["A1"] = datetime.date(2026, 3, 1)

    assert text_of(workbook(write)) == "1\t2026-03-01"


def test_a_long_sheet_is_cut_at_the_end_of_a_row_and_goes_on_there():
    def write(book: Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        for number in range(1, 501):
            sheet.append((f"name {number}", number))

    data = workbook(write)
    first = read(data, max_chars=1000)
    assert first["text"].endswith("\n")
    assert first["total_chars"] == 0
    assert first["places"] == [["Sheet", 1, len(first["text"].splitlines())]]
    text, offset = first["text"], first["next_offset"]
    while offset:
        piece = read(data, max_chars=1000, offset=offset)
        text, offset = text + piece["text"], piece["next_offset"]
    assert text == "\n".join(f"{number}\tname {number}\t{number}" for number in range(1, 501))


def test_readings_over_japanese_text_are_not_part_of_it():
    strings = (
        "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><r><t>東</t></r><r><t>京</t></r>"
        "<rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si></sst>"
    )
    data = sheet_xml("<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>")
    assert text_of(with_strings(data, strings)) == "1\t東京"


def test_tabs_and_line_ends_in_cells_are_spaces():
    assert text_of(sheet_xml("<row><c t='str'><v>a&#9;b&#10;c</v></c></row>")) == "1\ta b c"


def test_a_sheet_that_does_not_say_its_size_is_looked_over_for_its_last_row():
    rows = "".join(f"<row r='{n}' spans='1:1'><c r='A{n}'><v>{n}</v></c></row>" for n in range(1, 30_001))
    found = read(sheet_xml(rows), max_chars=1000)
    assert found["next_offset"]
    assert found["outline"] == [["Sheet", "1:30000", False]]


def test_rows_far_down_are_reached_wherever_the_bytes_are_cut():
    rows = "".join(f"<row r='{n}' spans='1:1'><c r='A{n}'><v>{n}</v></c></row>" for n in range(1, 20_001))
    data = sheet_xml(rows, before="<cols><col min='1' max='1' width='9'/></cols>")
    for first in (2, 3, 1999, 12_345, 20_000):
        text = text_of(data, part=f"{first}:{first + 1}")
        assert text.splitlines() == [f"{n}\t{n}" for n in (first, first + 1) if n <= 20_000]
    assert text_of(data, part="20001:30000") == ""


@given(st.integers(1, 40), st.integers(1, 60))
def test_leaving_rows_out_changes_nothing_but_the_rows_that_are_left_out(first: int, size: int):
    rows = b"".join(b'<row spans="1:1" r="%d"><c><v>%d</v></c></row>' % (n, n) for n in range(1, 31))
    whole = b"<sheet><cols/><sheetData>" + rows + b"</sheetData></sheet>"
    left = b"".join(from_row((whole[at : at + size] for at in range(0, len(whole), size)), first))
    assert left.startswith(b"<sheet><cols/><sheetData>")
    assert left.endswith(b"</sheetData></sheet>")
    assert [int(n) for n in re.findall(rb'r="(\d+)"', left)] in ([*range(first, 31)], [*range(1, 31)])


def test_rows_without_numbers_are_all_kept():
    whole = b"<sheetData>" + b"<row><c/></row>" * 100 + b"</sheetData>"
    assert b"".join(from_row(iter([whole[:500], whole[500:]]), 50)) == whole
