"""Conversations between people, every answer with its signature above the quoted history."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

from google_workspace_mcp.sandbox.people.mail_cast import ALICE, BEN, CHIARA, GRETA, HENRIK, JONAS, MUM, PRIYA, TOMAS
from google_workspace_mcp.sandbox.people.mail_letter import Days, Letter, Part, Who, alternative, arrived, message

type Said = tuple[Who, float, str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said, each with the hours since the message before. It began `days` ago."""

    slug: str
    subject: str
    days: int
    people: tuple[Who, ...]
    said: tuple[Said, ...]
    labels: tuple[str, ...] = ()
    unread: int = 0


CONVERSATIONS = (
    Conversation(
        slug="spring",
        subject="Spring catalogue: schedule and open points",
        days=24,
        people=(ALICE, BEN, CHIARA, PRIYA),
        labels=("Projects/Catalogue", "IMPORTANT"),
        unread=2,
        said=(
            (ALICE, 0, "Hi all,\n\nthe printer wants the final files for the spring catalogue four weeks from now. "
             "Chiara, could you say what you still need from us? My own list: photos of the Arc lamp, prices, and the "
             "text about repairs."),
            (CHIARA, 3, "Ciao Alice,\n\nI miss three things:\n- the Arc photos on white\n- a decision on paper "
             "(90 or 115 g)\n- prices in dollars for the American edition\n\nEverything else is laid out."),
            (PRIYA, 2, "The Arc sample comes back from testing on Thursday. We can photograph it on Friday, not "
             "before."),
            (BEN, 5, "Dollar prices: I need two days, the new freight rates change the lower end. Does the American "
             "edition keep A4? Our racks are built for letter size."),
            (CHIARA, 16, "Letter size is possible, but then pages 12 to 19 must be set again. That is two days "
             "of work, "
             "1,400 euros. Please decide this week."),
            (ALICE, 4, "Let us stay with A4 for this year. Ben, the racks can take it if the insert is turned, I asked "
             "Tomás.\n\nPaper: 115 g."),
            (BEN, 3, "Fine with A4. Prices are attached to the shared sheet now, tab \"US spring\"."),
            (PRIYA, 44, "Arc passed the drop test, failed the humidity one. We seal the switch and test again "
             "on Monday. "
             "The look does not change, so photograph it anyway."),
            (CHIARA, 20, "Photos are in. They are beautiful, thank you Priya. One question: the cable looks grey on "
             "page 7 and black on page 9. Which one ships?"),
            (PRIYA, 1, "Black ships. Grey was the prototype."),
            (ALICE, 22, "Then page 7 needs retouching. Chiara, can you do it, or shall we take the picture again?"),
            (CHIARA, 2, "I retouch it, half an hour.\n\nProof comes on Wednesday. Please read page 3 twice: the "
             "repair promise says \"for life\" in English and \"for ten years\" in German."),
            (BEN, 6, "\"For life\" is not what we sell in New York. Ten years everywhere, please, and legal should see "
             "the sentence."),
            (ALICE, 18, "Ten years it is. I sent the sentence to Greta and will answer here when she has."),
            (CHIARA, 30, "Small reminder: without a word on page 3 by tomorrow noon we lose the printing slot."),
            (BEN, 2, "Alice, did Greta answer? I can call her from here if that helps."),
        ),
    ),
    Conversation(
        slug="repair-promise",
        subject="Wording of the repair promise",
        days=9,
        people=(ALICE, GRETA),
        labels=("Projects/Catalogue",),
        said=(
            (ALICE, 0, "Dear Greta,\n\nmay we print this?\n\n    We repair every lamp for ten years from the day you "
             "bought it.\n\nIt goes to Germany, Italy and the United States."),
            (GRETA, 50, "Dear Alice,\n\nthe sentence is a guarantee, so it needs three things: who gives it, where it "
             "holds, and that statutory rights stay untouched. I suggest:\n\n    Example Lamps repairs every lamp "
             "for ten years from purchase, in all countries where we sell it. Your statutory rights are not "
             "affected.\n\nThe invoice for this follows separately."),
            (ALICE, 3, "Thank you, that is clear. We take it as it is."),
        ),
    ),
    Conversation(
        slug="offsite",
        subject="Team offsite in March?",
        days=18,
        people=(ALICE, BEN, PRIYA, JONAS, TOMAS),
        labels=("Team",),
        said=(
            (PRIYA, 0, "Shall we meet in person again? Last time half of the useful talk happened in the kitchen."),
            (BEN, 6, "Yes please. I can fly in the week of the 9th or the 23rd."),
            (JONAS, 15, "Budget: 6.500 € insgesamt, also höchstens zwei Nächte. Grüße aus dem Homeoffice"),
            (TOMAS, 3, "The 23rd is stocktaking. Week of the 9th works."),
            (ALICE, 5, "Week of the 9th then. I found a house near Potsdam with eight rooms and a large kitchen. "
             "Shall I book it?"),
            (PRIYA, 1, "Book it! 🎉"),
            (BEN, 7, "+1"),
        ),
    ),
    Conversation(
        slug="lens-order",
        subject="Order 4471: lenses delayed",
        days=12,
        people=(ALICE, HENRIK, TOMAS),
        labels=("Suppliers/Fjord Parts",),
        unread=1,
        said=(
            (HENRIK, 0, "Dear Alice,\n\nbad news. The mould for the 40 mm lens cracked. Your 3,000 pieces will be two "
             "weeks late. We can send 800 from stock tomorrow if you take the frosted ones."),
            (ALICE, 2, "Dear Henrik,\n\nthank you for telling us at once. 800 frosted ones are good, please send them "
             "to the Bologna address. Who pays the second shipment?"),
            (HENRIK, 20, "We do, of course."),
            (TOMAS, 6, "Received 780, not 800. Box 4 was opened on the way. Pictures are with the carrier."),
            (HENRIK, 3, "I add 20 to the next delivery. The mould is repaired, first parts on Tuesday."),
        ),
    ),
    Conversation(
        slug="vat",
        subject="Umsatzsteuer: fehlende Belege für Oktober",
        days=15,
        people=(ALICE, JONAS),
        labels=("Finance",),
        said=(
            (JONAS, 0, "Hallo Alice,\n\nfür die Voranmeldung fehlen mir noch drei Belege: Bahn am 3., Hotel in "
             "Bologna, "
             "und die Rechnung von Fjord Parts über 2.318,40 €. Schaffst du das bis Freitag?"),
            (ALICE, 26, "Hallo Jonas,\n\nBahn und Hotel liegen im Ordner »Belege/Oktober«. Fjord Parts hat die "
             "Rechnung "
             "noch nicht geschickt, ich frage nach."),
            (JONAS, 2, "Danke! Ohne die dritte melde ich geschätzt, das lässt sich später ändern."),
        ),
    ),
    Conversation(
        slug="sunday",
        subject="Sunday lunch",
        days=6,
        people=(ALICE, MUM),
        labels=("Family",),
        unread=1,
        said=(
            (MUM, 0, "Darling, your cousin comes on Sunday with the new baby. Will you be there at one? Bring nothing. "
             "Well, bring bread."),
            (ALICE, 8, "Of course. The dark one from the corner?"),
            (MUM, 12, "Two of them. And your raincoat, it is still here."),
        ),
    ),
    Conversation(
        slug="returns",
        subject="Returns dashboard numbers look wrong",
        days=4,
        people=(ALICE, PRIYA, BEN),
        unread=1,
        said=(
            (BEN, 0, "The dashboard says 11 % returns for October. That cannot be right, we had 14 lamps back "
             "out of 640."),
            (PRIYA, 3, "It counts exchanges twice. Fixed in the query:\n\n    select count(distinct order_id)\n    "
             "from returns\n    where month = '2026-10' and kind <> 'exchange';\n\nNow it shows 2.2 %."),
            (ALICE, 1, "Thanks both. Can we note on the page what is counted?"),
            (PRIYA, 20, "Done, there is a line below the chart now."),
        ),
    ),
    Conversation(
        slug="samples",
        subject="Samples for the Milan fair",
        days=41,
        people=(ALICE, CHIARA),
        labels=("Projects/Milan",),
        said=(
            (CHIARA, 0, "Which six lamps go to Milan? The stand is 4 m wide, with more than six it looks like a shop."),
            (ALICE, 4, "Arc, Bow, Cone, two Dots and the old Ember from 1998. People ask for the Ember every year."),
            (CHIARA, 1, "Then the Ember stands in the middle. I draw the stand this week."),
            (CHIARA, 70, "The drawing is in the shared folder. Power comes from the left, so the Dots have to "
             "be there."),
            (ALICE, 5, "Very good. Approved."),
        ),
    ),
    Conversation(
        slug="warehouse-door",
        subject="Warehouse door",
        days=2,
        people=(ALICE, TOMAS),
        said=(
            (TOMAS, 0, "The big door closes only by hand since this morning. The technician comes on Thursday between "
             "8 and 12. Somebody has to be there from 8."),
            (ALICE, 1, "I can be there until 10. Could you take over then?"),
            (TOMAS, 1, "Yes."),
        ),
    ),
    Conversation(
        slug="quarter",
        subject="Q3 review: notes and to-dos",
        days=33,
        people=(ALICE, BEN, JONAS, PRIYA),
        labels=("Finance", "STARRED"),
        said=(
            (JONAS, 0, "Notes from today:\n\n1. Revenue 412 k€, plan 390 k€\n2. Freight 9 % over plan\n3. Two open "
             "claims with the carrier\n\nTo do:\n- Ben: new freight offers until the 20th\n- Priya: cost of the sealed "
             "switch\n- Alice: decide on the Potsdam warehouse"),
            (BEN, 22, "Three freight offers are in the shared sheet. The cheapest one takes nine days longer."),
            (PRIYA, 30, "Sealed switch: 0.42 € more per lamp from 2,000 pieces on."),
            (ALICE, 19, "Potsdam: no for this year. Let us look again in April."),
        ),
    ),
)  # fmt: skip


def conversation_letters(days: Days, reader: Who) -> list[Letter]:
    """The conversations that somebody takes part in, as they lie in that mailbox."""
    return [
        letter
        for conversation in CONVERSATIONS
        if reader in conversation.people
        for letter in _letters(conversation, days, reader)
    ]


def _letters(conversation: Conversation, days: Days, reader: Who) -> list[Letter]:
    date = days.ago(conversation.days, 9, 20)
    history: list[tuple[Who, datetime, str]] = []
    ids: list[str] = []
    letters: list[Letter] = []
    for index, (sender, hours, words) in enumerate(conversation.said):
        date = min(date + timedelta(hours=hours, minutes=7 * index % 41), days.now - timedelta(minutes=20))
        ids.append(f"{conversation.slug}.{index}@{sender.domain}")
        raw = message(
            _body(sender, words, history),
            sender=sender,
            to=[one for one in conversation.people if one != sender],
            subject=("Re: " if index else "") + conversation.subject,
            date=date,
            message_id=ids[-1],
            more=_reply_fields(ids[:-1]),
        )
        unread = index >= len(conversation.said) - conversation.unread
        letters.append(_filed(raw, date, sender, reader, conversation.labels, unread=unread))
        history.append((sender, date, words))
    return letters


def _filed(raw: bytes, date: datetime, sender: Who, reader: Who, labels: Sequence[str], *, unread: bool) -> Letter:
    own = tuple(labels) if reader == ALICE else ()
    if sender == reader:
        return Letter(raw, date, ("SENT", *own))
    seen = ("UNREAD",) if unread else ()
    return Letter(
        arrived(raw, at=date, to=reader.address, envelope=sender.address),
        date,
        ("INBOX", "CATEGORY_PERSONAL", *seen, *own),
    )


def _reply_fields(ids: Sequence[str]) -> list[tuple[str, str]]:
    if not ids:
        return []
    references = "\r\n ".join(f"<{one}>" for one in ids)
    return [("In-Reply-To", f"<{ids[-1]}>"), ("References", references)]


def _body(sender: Who, words: str, history: Sequence[tuple[Who, datetime, str]]) -> Part:
    text = f"{words}\n\n{_signature(sender)}"
    shown = f'<div dir="ltr">{_paragraphs(words)}<br>-- <br>{_paragraphs(_signature(sender)[4:])}</div>'
    quoted, quoted_html = "", ""
    for who, date, said in history:
        attribution = f"On {format_datetime(date)[:-6]}, {who.name} <{who.address}> wrote:"
        former = f"{said}\n\n{_signature(who)}" + (f"\n\n{quoted}" if quoted else "")
        quoted = attribution + "\n\n" + "\n".join(f"> {line}".rstrip() for line in former.splitlines())
        quoted_html = (
            f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{html.escape(attribution)}<br></div>'
            f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">'
            f'<div dir="ltr">{_paragraphs(said)}</div>{quoted_html}</blockquote></div>'
        )
    return alternative(f"{text}\n\n{quoted}\n" if quoted else f"{text}\n", shown + quoted_html)


def _signature(who: Who) -> str:
    return f"-- \n{who.name}" + (f"\n{who.title}" if who.title else "")


def _paragraphs(text: str) -> str:
    return "".join(f"<div>{html.escape(line) or '<br>'}</div>" for line in text.splitlines())
