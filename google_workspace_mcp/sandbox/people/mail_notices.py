"""Mail that machines write: receipts, parcels, alerts, sign-ins, a mailing list, a delivery report."""

from google_workspace_mcp.sandbox.people.mail_cast import ALICE, PRIYA
from google_workspace_mcp.sandbox.people.mail_letter import (
    Days,
    Letter,
    Part,
    Who,
    alternative,
    arrived,
    message,
    multipart,
    text_part,
)

_BUILD = Who("Build", "build@ci.example.org")
_PARCEL = Who("Paketdienst Blitz", "no-reply@blitz-paket.example")
_RAIL = Who("Nordbahn Tickets", "buchung@nordbahn.example")
_BANK = Who("Spar & Giro", "service@spar-giro.example")
_SHOP = Who("Printhaus", "orders@printhaus.example")
_LIST = Who("Lamp makers", "makers@lists.example.org")
_ROBOT = Who("Mail Delivery Subsystem", "mailer-daemon@googlemail.example")
_POSTERS = (
    Who("Oskar Lund", "oskar@lund-light.example"),
    Who("Mei Tan", "mei@tan.example"),
    Who("Ruth Adeyemi", "ruth@adeyemi.example"),
)
_POSTS = (
    (0, "Dimmers that hum", "Three of my customers hear a hum below 20 %. Same dimmer, other bulbs. Who knows this?"),
    (1, "Re: Dimmers that hum", "Leading edge dimmer with a switching supply. Use trailing edge, and it is gone."),
    (2, "Re: Dimmers that hum", "Or a capacitor across the lamp, if you cannot get at the wall."),
    (0, "Re: Dimmers that hum", "Trailing edge it was. Thanks to all!"),
    (
        1,
        "Source for cloth cable in small lengths?",
        "I need eleven metres of green, twisted. Everybody sells by the drum.",
    ),
    (
        2,
        "Re: Source for cloth cable in small lengths?",
        "I have a drum of green and can cut. Write to me off the list.",
    ),
    (
        2,
        "Meeting in Ghent, notes",
        "Notes are on the wiki: standards, repair labels, and who brings the cake next time.",
    ),
    (1, "New rules for mercury", "From February on the exemption for compact tubes ends. The text is on the wiki."),
    (0, "Spare sockets, E14, free", "Two hundred of them, brown. Pick up in Aarhus."),
)


def notice_letters(days: Days) -> list[Letter]:
    """All of them, for Alice."""
    return [*_builds(days), *_parcels(days), *_receipts(days), *_bank(days), *_list_posts(days), _bounce(days)]


def _notice(
    sender: Who, subject: str, text: str, days: Days, ago: int, *, hour: int = 14, key: str = "", unread: bool = False
) -> Letter:
    date = days.ago(ago, hour, ago * 7 % 60)
    page = "".join(f"<p style='font-family:sans-serif'>{line}</p>" for line in text.splitlines() if line)
    raw = message(
        alternative(text, f"<html><body>{page}</body></html>"),
        sender=sender,
        to=[ALICE],
        subject=subject,
        date=date,
        message_id=f"{key or subject.split(maxsplit=1)[0].lower()}-{ago}-{hour}@{sender.domain}",
        more=[("Auto-Submitted", "auto-generated")],
    )
    seen = ("UNREAD",) if unread else ()
    labels = ("INBOX", "CATEGORY_UPDATES", *seen) if ago < 30 else ("CATEGORY_UPDATES",)
    return Letter(arrived(raw, at=date, to=ALICE.address, envelope=sender.address), date, labels)


def _builds(days: Days) -> list[Letter]:
    return [
        _notice(
            _BUILD,
            f"[shop] Build {900 - ago} {'failed' if ago % 3 == 0 else 'fixed'} on main",
            f"Build {900 - ago} of shop/main {'failed in step test' if ago % 3 == 0 else 'passed again'}.\n"
            f"Commit by Priya Raman: Count returns without exchanges\nLog: https://ci.example.org/shop/{900 - ago}\n",
            days,
            ago,
            key="build",
            unread=ago < 3,
        )
        for ago in (1, 2, 3, 6, 9, 10, 15, 16, 21, 22)
    ]


def _parcels(days: Days) -> list[Letter]:
    steps = ("ist unterwegs", "wird heute zugestellt", "wurde zugestellt")
    return [
        _notice(
            _PARCEL,
            f"Ihr Paket {4711 + first} {step}",
            f"Guten Tag Alice Ferreira,\nIhr Paket {4711 + first} {step}.\nAbsender: Printhaus\n"
            "Zustellung an: Werkstraße 12, 10999 Berlin\n",
            days,
            first - number,
            hour=8 + number,
            key="paket",
        )
        for first in (7, 26, 48)
        for number, step in enumerate(steps)
    ]


def _receipts(days: Days) -> list[Letter]:
    trips = ((5, "Berlin", "Bologna", "219,90"), (34, "Berlin", "Potsdam", "7,60"), (38, "Bologna", "Berlin", "189,00"))
    rail = [
        _notice(
            _RAIL,
            f"Buchungsbestätigung {start} nach {end}",
            f"Ihre Reise von {start} nach {end}\nAuftrag NB{ago}4431\nPreis: {price} €\nWagen 7, Platz 42, Fenster\n",
            days,
            ago,
            key="nordbahn",
            unread=ago == 5,
        )
        for ago, start, end, price in trips
    ]
    prints = [
        _notice(
            _SHOP,
            f"Your order PH-{20_000 + ago} has been received",
            f"Thank you for your order.\n{ago * 10} business cards, 350 g\nTotal: {ago * 2}.00 EUR\nDelivery in "
            "5 days.\n",
            days,
            ago,
            key="order",
        )
        for ago in (8, 27, 50)
    ]
    return [*rail, *prints]


def _bank(days: Days) -> list[Letter]:
    statements = [
        _notice(
            _BANK,
            f"Ihr Kontoauszug Nr. {number} liegt bereit",
            "Guten Tag,\nIhr Kontoauszug liegt im Postfach bereit. Wir fragen nie per E-Mail nach Ihrer PIN.\n",
            days,
            ago,
            key="auszug",
        )
        for number, ago in ((10, 23), (9, 54), (8, 85))
    ]
    sign_in = _notice(
        Who("Sicherheit", "sicherheit@spar-giro.example"),
        "Neue Anmeldung von einem unbekannten Gerät",
        "Um 17:02 Uhr hat sich jemand mit Ihrem Konto angemeldet: Firefox, Linux, Berlin.\nWaren Sie das? Dann ist "
        "nichts zu tun.\n",
        days,
        3,
        key="signin",
        unread=True,
    )
    code = _notice(
        _BANK, "Ihr Bestätigungscode", "Ihr Code lautet 731 904. Er gilt 5 Minuten.\n", days, 3, hour=16, key="code"
    )
    return [*statements, sign_in, code]


def _list_posts(days: Days) -> list[Letter]:
    letters: list[Letter] = []
    roots: dict[str, str] = {}
    for number, (poster, subject, text) in enumerate(_POSTS):
        date = days.ago(40 - number * 4, 11, number * 5)
        sender = _POSTERS[poster]
        message_id = f"post-{number}@{sender.domain}"
        topic = subject.removeprefix("Re: ")
        answered = [("In-Reply-To", f"<{roots[topic]}>"), ("References", f"<{roots[topic]}>")] if topic in roots else []
        roots.setdefault(topic, message_id)
        footer = "_______________\nLamp makers list\nhttps://lists.example.org/makers"
        prefix = "Re: " if subject.startswith("Re: ") else ""
        raw = message(
            text_part(f"{text}\n\n{sender.name}\n{footer}\n"),
            sender=sender,
            to=[_LIST],
            subject=f"{prefix}[makers] {topic}",
            date=date,
            message_id=message_id,
            more=[
                *answered,
                ("List-Id", "Lamp makers <makers.lists.example.org>"),
                ("List-Post", "<mailto:makers@lists.example.org>"),
                ("List-Unsubscribe", f"<https://lists.example.org/makers/leave/{number}>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ],
        )
        letters.append(
            Letter(
                arrived(raw, at=date, to=ALICE.address, envelope="makers-bounces@lists.example.org"),
                date,
                ("INBOX", "CATEGORY_FORUMS", "Lists/Makers"),
            )
        )
    return letters


def _bounce(days: Days) -> Letter:
    """A delivery report (RFC 3464) with the returned message inside."""
    date = days.ago(11, 15, 3)
    gone = Who("Old Address", "old.address@nowhere.example")
    returned = message(
        text_part("Does this address still work?\n"),
        sender=ALICE,
        to=[gone],
        cc=[PRIYA],
        subject="Test of the old address",
        date=date,
        message_id="old-address.1@example.com",
    )
    words = "Your message wasn't delivered to old.address@nowhere.example because the address couldn't be found.\n"
    status = (
        b"Reporting-MTA: dns; googlemail.example\r\nArrival-Date: " + str(date).encode() + b"\r\n\r\n"
        b"Final-Recipient: rfc822; old.address@nowhere.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n"
    )
    raw = message(
        multipart(
            "report",
            alternative(words, f"<p><b>Address not found</b></p><p>{words}</p>"),
            Part((("Content-Type", "message/delivery-status"),), status),
            Part((("Content-Type", "message/rfc822"),), returned),
            parameters="; report-type=delivery-status",
        ),
        sender=_ROBOT,
        to=[ALICE],
        subject="Delivery Status Notification (Failure)",
        date=date,
        message_id="bounce-1@googlemail.example",
        more=[("Auto-Submitted", "auto-replied"), ("In-Reply-To", "<old-address.1@example.com>")],
    )
    return Letter(arrived(raw, at=date, to=ALICE.address, envelope=_ROBOT.address, verdict="none"), date, ("INBOX",))
