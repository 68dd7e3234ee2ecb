"""What is written in the sample Docs, Sheets and Slides of a small lamp maker."""

from google_workspace_mcp.sandbox.drive.documents import (
    Block,
    Document,
    Heading,
    ListItem,
    Paragraph,
    Presentation,
    Slide,
    Span,
    Spreadsheet,
    Tab,
    Table,
)

_PARTS = (
    "the sealed switch", "the 40 mm lens", "the braided cable", "the cast base", "the dimmer", "the packaging insert",
    "the Arc's joint", "the wall bracket", "the driver board", "the glass shade", "the pull cord", "the spare-part kit",
)  # fmt: skip


def launch_plan(date: str) -> Document:
    """A document as people write them: headings, nested lists, a table, a link, some emphasis."""
    return Document(
        (
            Heading("Arc lamp: launch plan"),
            Paragraph(
                (Span("Status: "), Span("on track", bold=True), Span(f". Launch on {date} in Milan and online."))
            ),
            Heading("Goals", 2),
            ListItem("Sell 3,000 lamps in the first quarter, two thirds of them through shops", ordered=True),
            ListItem("Be named in at least five design magazines", ordered=True),
            ListItem("Keep returns under 2 %", ordered=True),
            Heading("Who does what", 2),
            Table(
                (
                    ("Task", "Owner", "Due", "State"),
                    ("Humidity test of the sealed switch", "Priya Raman", "two weeks before", "second run"),
                    ("Photos and catalogue pages", "Chiara Rossi", "four weeks before", "done"),
                    ("US prices and freight", "Ben Okafor", "three weeks before", "open"),
                    ("Legal wording of the repair promise", "Alice Ferreira", "four weeks before", "approved"),
                )
            ),
            Heading("Open questions", 2),
            ListItem("Which cable ships?"),
            ListItem("Black in Europe", 1),
            ListItem("Black in the United States as well, if the certificate arrives in time", 1),
            ListItem("Who pays for the second shipment of lenses?"),
            Heading("Risks", 2),
            Paragraph(
                (
                    Span("The lens supplier is late (order 4471). "),
                    Span("If nothing arrives by the end of the month we launch with frosted lenses only", italic=True),
                    Span(". See "),
                    Span("the tracking sheet", link="https://docs.google.com/spreadsheets/"),
                    Span("."),
                )
            ),
        )
    )


def handbook() -> Document:
    """A long one: far more than a model should read at once."""
    blocks: list[Block] = [
        Heading("Assembly handbook"),
        Paragraph("For the workshop. Each chapter stands alone; times are for one person with the usual tools."),
    ]
    for number, part in enumerate(_PARTS, start=1):
        blocks += _chapter(number, part)
    return Document(tuple(blocks))


def _chapter(number: int, part: str) -> list[Block]:
    blocks: list[Block] = [
        Heading(f"Chapter {number}: {part}", 2),
        Paragraph(
            f"This chapter is about {part}. Lay out all pieces before you begin, and compare them with the list in the "
            f"lid of box {number}. A missing piece is written down on the card, never replaced by one from another box."
        ),
    ]
    for step in range(1, 9):
        blocks.append(
            ListItem(
                f"Step {number}.{step}: fasten {part} with {step + 1} turns, wait {step * 5} seconds, and check that "
                f"nothing moves. If it does, go back to step {number}.{max(step - 1, 1)}.",
                ordered=True,
            )
        )
    rows = [("Check", "Wanted", "Tolerance")]
    rows += [(f"Measure {letter}", f"{number * 7 + at:.1f} mm", "± 0.2 mm") for at, letter in enumerate("ABC")]
    return [*blocks, Table(tuple(rows)), Paragraph(f"Sign on page {number * 3}. Keep the signed page for ten years.")]


def meeting_notes() -> Document:
    """German, Italian, Portuguese, Japanese and Arabic in one document."""
    return Document(
        (
            Heading("Notizen: Gespräch mit Händlern"),
            Paragraph("Für Köln, Bologna und São Paulo. Größe und Preis stehen fest, die Farben noch nicht."),
            ListItem("Köln: „Die Lampe ist schön, aber 249 € sind zu viel.“"),
            ListItem("Bologna: «Ci piace, però il cavo dev'essere più lungo.»"),
            ListItem("São Paulo: a decisão sai na próxima terça-feira"),
            ListItem("東京: 四月の展示会に三台必要です"),
            ListItem("دبي: نحتاج إلى قائمة الأسعار بالدولار"),
            Paragraph("Nächster Schritt: Preisliste prüfen 🙂"),
        )
    )


def quarter_report() -> Document:
    return Document(
        (
            Heading("Q3 review"),
            Paragraph("Revenue was 412 k€ against a plan of 390 k€. Freight cost 9 % more than planned."),
            Heading("Numbers", 2),
            Table(
                (
                    ("Region", "Plan k€", "Actual k€"),
                    ("Germany", "180", "195"),
                    ("Italy", "90", "96"),
                    ("United States", "120", "121"),
                )
            ),
            Heading("Decisions", 2),
            ListItem("Ben collects new freight offers"),
            ListItem("Priya works out what the sealed switch costs"),
            ListItem("The Potsdam warehouse waits until April"),
        )
    )


def team_rules() -> Document:
    return Document(
        (
            Heading("How we work"),
            Paragraph("Written by Ben, shared with everybody in the company."),
            ListItem("Answer within a day, even if the answer is “later”"),
            ListItem("No meetings on Friday afternoon"),
        )
    )


def budget() -> Spreadsheet:
    """Three tabs, with numbers, empty cells, and text that needs quoting in CSV."""
    months = ("July", "August", "September")
    costs = (("Material", 41200, 43890.5, 40015), ("Freight", 8100, 9240, 9980.25), ("Photos, print", None, 3200, 1400))
    return Spreadsheet(
        (
            Tab("Costs", (("Item", *months, "Note"), *((*row, None) for row in costs), _TOTAL)),
            Tab("US spring", (("Model", "Price $"), ("Arc", 279), ("Arc mini", 189), ('Bow 24"', 329))),
            Tab("Notes", (('Frosted lenses only, see "Order 4471"',), ("Checked", True))),
        )
    )


_TOTAL = ("Total", 49300, 56330.5, 51395.25, 'without "extras", taxes')


def stock() -> Spreadsheet:
    """A longer sheet."""
    rows = [("Part", "Shelf", "Pieces", "Last counted")]
    shelf_rows = [
        (
            f"{part.removeprefix('the ').capitalize()} {size}",
            f"{'ABCD'[at % 4]}{at}",
            40 + at * 17 % 230,
            f"2026-0{1 + at % 9}-1{at % 9}",
        )
        for at, (part, size) in enumerate((part, size) for part in _PARTS for size in ("S", "M", "L", "XL", "custom"))
    ]
    return Spreadsheet((Tab("Stock", (*rows, *shelf_rows)),))


def launch_slides(date: str) -> Presentation:
    return Presentation(
        (
            Slide(
                "Arc", ("A lamp that is repaired, not replaced", f"Launch: {date}"), "Wait for the lights to go down."
            ),
            Slide(
                "Why now",
                ("Two of three lamps are thrown away within eight years", "Spare parts cost us 3 % of revenue"),
            ),
            Slide(
                "The promise", ("Ten years of repairs", "In every country where we sell"), "Say “ten”, not “for life”."
            ),
            Slide("Next steps", ("Press dinner in Milan", "Online shop opens at noon")),
        )
    )
