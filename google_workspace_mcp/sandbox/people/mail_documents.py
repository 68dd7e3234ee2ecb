"""Mail with something attached: PDF, Office files, tables, invitations, pictures, a forwarded message."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from google_workspace_mcp.sandbox.people.mail_cast import (
    ALICE,
    BEN,
    CHIARA,
    GRETA,
    HENRIK,
    JONAS,
    LANDLORD,
    PRIYA,
    TOMAS,
)
from google_workspace_mcp.sandbox.people.mail_files import csv_text, docx, invitation, pdf, png, xlsx
from google_workspace_mcp.sandbox.people.mail_letter import (
    Days,
    Letter,
    Part,
    Who,
    alternative,
    arrived,
    attachment,
    message,
    multipart,
    text_part,
)

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PRICES = (
    ("Lamp", "EUR", "USD", "Stock"),
    ("Arc", 189, 219, 340),
    ("Bow", 149, 175, 512),
    ("Cone", 99, 119, 1208),
    ("Dot", 59, 69, 2933),
    ("Ember", 249, 289, 61),
)


def document_letters(days: Days) -> list[Letter]:
    """All of them, for Alice."""
    return [
        _invoice(days),
        _contract(days),
        _prices(days),
        _returns(days),
        _invited(days),
        _pictures(days),
        _forwarded(days),
        _letter_from_landlord(days),
        _nothing_but_a_file(days),
    ]


def _filed(
    body: Part,
    sender: Who,
    subject: str,
    date: datetime,
    *,
    labels: Sequence[str] = (),
    unread: bool = False,
    cc: Sequence[Who] = (),
) -> Letter:
    message_id = f"{date:%j}.{len(body.content)}@{sender.domain}"
    raw = message(body, sender=sender, to=[ALICE], cc=cc, subject=subject, date=date, message_id=message_id)
    seen = ("UNREAD",) if unread else ()
    return Letter(
        arrived(raw, at=date, to=ALICE.address, envelope=sender.address),
        date,
        ("INBOX", "CATEGORY_PERSONAL", *seen, *labels),
    )


def _invoice(days: Days) -> Letter:
    lines = [
        "Fjord Parts AS, Havnegata 3, Bergen",
        "Invoice 2026-1187 to Example Lamps, Berlin",
        "",
        *(
            f"Position {number}: lens {20 + number} mm, {number * 40} pieces, {number * 40 * 1.25:.2f} EUR"
            for number in range(1, 41)
        ),
        "",
        "Sum: 2,318.40 EUR. Payable within 14 days.",
    ]
    document = pdf("Invoice 2026-1187", lines, days.ago(8))
    body = multipart(
        "mixed",
        alternative(
            "Dear Alice,\n\nplease find our invoice attached.\n\nHenrik\n",
            "<p>Dear Alice,</p><p>please find our invoice attached.</p><p>Henrik</p>",
        ),
        attachment("Invoice 2026-1187.pdf", "application/pdf", document),
    )
    return _filed(
        body,
        HENRIK,
        "Invoice 2026-1187",
        days.ago(8, 10, 28),
        labels=("Finance", "Suppliers/Fjord Parts"),
        unread=True,
    )


def _contract(days: Days) -> Letter:
    document = docx(
        "Supply agreement (draft 3)",
        [
            "Between Example Lamps, Berlin, and Fjord Parts AS, Bergen.",
            "1. Fjord Parts delivers lenses as listed below. Delays of more than ten working days are announced.",
            "2. Prices hold for twelve months from signature.",
            "3. Either side may end this agreement with three months' notice to the end of a quarter.",
        ],
        [("Part", "Pieces a year", "Price"), ("Lens 40 mm", "12,000", "1.25 EUR"), ("Lens 60 mm", "4,000", "1.90 EUR")],
    )
    body = multipart(
        "mixed",
        text_part("Dear Alice,\n\ndraft 3 with your two changes. Clause 3 is new, please read it.\n\nGreta\n"),
        attachment("Vertragsentwurf (3. Fassung, geändert).docx", _DOCX, document),
    )
    return _filed(
        body, GRETA, "Supply agreement, draft 3", days.ago(13, 10, 23), labels=("Suppliers/Fjord Parts", "STARRED")
    )


def _prices(days: Days) -> Letter:
    freight = [("Carrier", "Days", "EUR per pallet"), ("North", 6, 410), ("Blue", 9, 365), ("Slow", 15, 290)]
    book = xlsx({"Spring prices": _PRICES, "Freight": freight})
    body = multipart(
        "mixed",
        text_part("Prices for spring, second tab is the freight.\n\nBen\n"),
        attachment("Prices spring.xlsx", _XLSX, book),
    )
    return _filed(body, BEN, "Prices spring", days.ago(20, 10, 40), labels=("Projects/Catalogue",))


def _returns(days: Days) -> Letter:
    rows = [
        ("order", "lamp", "reason"),
        *((1000 + n, ("Arc", "Dot", "Cone")[n % 3], ("loose switch", "wrong colour")[n % 2]) for n in range(14)),
    ]
    table = csv_text(rows)
    body = multipart(
        "mixed",
        text_part("The fourteen returns of October as a table.\n\nPriya\n"),
        attachment("returns-october.csv", "text/csv", table.encode()),
    )
    return _filed(body, PRIYA, "Returns in October, one by one", days.ago(4, 10, 44), cc=[BEN])


def _invited(days: Days) -> Letter:
    start = days.now.replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=3)
    calendar = invitation(
        "proof-reading@example.com",
        summary="Proof reading: spring catalogue",
        start=start,
        hours=1.5,
        organizer=CHIARA.address,
        attendees=[ALICE.address, BEN.address],
    )
    words = f"Proof reading: spring catalogue\nWhen: {start:%A %d %B %Y, %H:%M}\nWhere: video\n"
    body = multipart(
        "mixed",
        multipart(
            "alternative",
            text_part(words),
            text_part(f"<h3>Proof reading: spring catalogue</h3><p>{start:%A %d %B %Y, %H:%M}</p>", "html"),
            text_part(calendar, "calendar", parameters="; method=REQUEST"),
        ),
        attachment("invite.ics", "application/ics", calendar.encode()),
    )
    return _filed(
        body, CHIARA, "Invitation: Proof reading: spring catalogue", days.ago(1, 10, 11), unread=True, cc=[BEN]
    )


def _pictures(days: Days) -> Letter:
    colors = {"black": (20, 20, 20), "grey": (120, 120, 120)}
    page = "<p>Which cable?</p>" + "".join(f'<p>{name}: <img src="cid:{name}@rossi"></p>' for name in colors)
    body = multipart(
        "related",
        alternative("Which cable? Two pictures, black and grey.\n", page),
        *(attachment(f"{name}.png", "image/png", png(color), f"{name}@rossi") for name, color in colors.items()),
    )
    return _filed(body, CHIARA, "Cable: black or grey?", days.ago(17, 10, 7), labels=("Projects/Catalogue",))


def _forwarded(days: Days) -> Letter:
    claim = message(
        multipart(
            "mixed",
            text_part("Box 4 arrived open. We refuse the claim because the seal number is missing.\n"),
            attachment("seal.png", "image/png", png((180, 30, 30))),
        ),
        sender=Who("Carrier claims", "claims@blue-carrier.example"),
        to=[TOMAS],
        subject="Claim 88-12: refused",
        date=days.ago(10, 8, 0),
        message_id="claim-88-12@blue-carrier.example",
    )
    body = multipart(
        "mixed",
        text_part("Hi Alice, the carrier refuses. What now? Their mail is attached.\n\nTomás\n"),
        Part(
            (
                ("Content-Type", "message/rfc822"),
                ("Content-Disposition", 'attachment; filename="Claim 88-12 refused.eml"'),
            ),
            claim,
        ),
    )
    return _filed(body, TOMAS, "Fwd: Claim 88-12: refused", days.ago(9, 10, 39))


def _letter_from_landlord(days: Days) -> Letter:
    document = pdf(
        "Betriebskosten", ["Ihre Abrechnung weist ein Guthaben von 84,12 EUR aus.", "", "Hausverwaltung"], days.ago(29)
    )
    body = multipart(
        "mixed",
        text_part("Sehr geehrte Frau Ferreira,\n\nanbei die Abrechnung. Die Heizung wird am Dienstag gewartet.\n"),
        attachment("Übersicht Betriebskosten März bis Oktober.pdf", "application/pdf", document),
    )
    return _filed(body, LANDLORD, "Betriebskostenabrechnung für Ihre Wohnung", days.ago(29, 10, 19))


def _nothing_but_a_file(days: Days) -> Letter:
    body = attachment(
        "Kassenbuch.csv", "text/csv", csv_text([("Tag", "Betrag"), *((n, n * 1.5) for n in range(1, 32))]).encode()
    )
    return _filed(body, JONAS, "Kassenbuch", days.ago(31, 10, 41), labels=("Finance",))
