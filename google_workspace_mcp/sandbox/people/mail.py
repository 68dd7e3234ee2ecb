"""The mailboxes of the sample people: some three months of a working life, counted back from now."""

from datetime import datetime
from typing import NamedTuple

from google_workspace_mcp.core.clock import Clock
from google_workspace_mcp.sandbox.gmail.service import GmailService
from google_workspace_mcp.sandbox.people import cast
from google_workspace_mcp.sandbox.people.mail_cast import ALICE, BEN, CHIARA, HENRIK, MUM, PRIYA, TOMAS
from google_workspace_mcp.sandbox.people.mail_conversations import conversation_letters
from google_workspace_mcp.sandbox.people.mail_documents import document_letters
from google_workspace_mcp.sandbox.people.mail_files import pdf
from google_workspace_mcp.sandbox.people.mail_hostile import hostile_letters
from google_workspace_mcp.sandbox.people.mail_languages import language_letters
from google_workspace_mcp.sandbox.people.mail_letter import (
    Days,
    Letter,
    Who,
    arrived,
    attachment,
    message,
    multipart,
    text_part,
)
from google_workspace_mcp.sandbox.people.mail_newsletters import newsletter_letters
from google_workspace_mcp.sandbox.people.mail_notices import notice_letters
from google_workspace_mcp.sandbox.service import Person


class _Note(NamedTuple):
    """A short message to or from somebody, so many days ago."""

    person: Who
    ago: int
    subject: str
    text: str


_DRAFTS = (
    (PRIYA, "Offsite: who cooks what", "Hi all,\n\nproposal for the kitchen plan:\n\n- Monday: Tomás\n- Tuesday: "),
    (HENRIK, "Order for summer", "Dear Henrik,\n\nfor summer we need about 4,000 lenses of 40 mm. Could you "),
    (None, "Ideas", "- lamp that remembers\n- repair café in the shop?\n"),
)
_SENT = (
    _Note(TOMAS, 3, "Key for the side door", "Hi Tomás, the key is in the blue box now.\n\nAlice\n"),
    _Note(MUM, 21, "Photos", "Dear Mum, the photos from the garden are in the shared album.\n\nA.\n"),
    _Note(ALICE, 13, "Note to self: passport", "Passport ends in May. Appointment at the office, bring two photos.\n"),
    _Note(
        BEN,
        35,
        "Freight: first numbers",
        "Ben, North says 410 per pallet, six days. I wait for the other two.\n\nAlice\n",
    ),
)
_TRASH = (
    _Note(Who("Survey", "ask@survey.example"), 4, "How did we do?", "Answer three questions and win a voucher.\n"),
    _Note(
        Who("Kantine", "kantine@example.com"),
        12,
        "Speiseplan der Woche",
        "Mo Linsen, Di Nudeln, Mi Fisch, Do Eintopf.\n",
    ),
    _Note(Who("Old Tool", "news@old-tool.example"), 20, "We miss you", "Your trial ended 400 days ago.\n"),
)


def fill_mail(gmail: GmailService, clock: Clock) -> None:
    """Gives the three sample people their mailboxes. The same clock gives the same mail, byte for byte."""
    for person, letters in (
        (cast.ALICE, _alice(Days(clock, cast.ALICE.time_zone))),
        (cast.BEN, _ben(Days(clock, cast.BEN.time_zone), Days(clock, cast.ALICE.time_zone))),
        (cast.CHIARA, _chiara(Days(clock, cast.CHIARA.time_zone), Days(clock, cast.ALICE.time_zone))),
    ):
        _deliver(gmail, person, letters)


def _deliver(gmail: GmailService, person: Person, letters: list[Letter]) -> None:
    gmail.add_person(person)
    for letter in sorted(letters, key=lambda one: one.date):
        gmail.deliver(person.email, letter.raw, labels=letter.labels, date=letter.date)


def _alice(days: Days) -> list[Letter]:
    return [
        *conversation_letters(days, ALICE),
        *newsletter_letters(days),
        *notice_letters(days),
        *document_letters(days),
        *language_letters(days),
        *hostile_letters(days),
        *_drafts(days),
        *(_sent(days, ALICE, note) for note in _SENT),
        *(_received(days, ALICE, note, "TRASH") for note in _TRASH),
    ]


def _ben(days: Days, shared: Days) -> list[Letter]:
    samples = Who("Corner Store Lighting", "buyer@corner-store.example")
    return [
        *conversation_letters(shared, BEN),
        _received(
            days,
            BEN,
            _Note(samples, 2, "Reorder: 40 Dots", "Hi Ben, 40 more Dots please, all red.\n"),
            "INBOX",
            "UNREAD",
        ),
        _received(
            days, BEN, _Note(samples, 30, "Window display", "The window looks great. Pictures follow.\n"), "INBOX"
        ),
        _sent(days, BEN, _Note(samples, 1, "The red Dots", "They ship on Friday.\n\nBen\n")),
    ]


def _chiara(days: Days, shared: Days) -> list[Letter]:
    printer = Who("Tipografia Bassi", "ordini@tipografia-bassi.example")
    date = days.ago(3, 11, 30)
    offer = pdf(
        "Preventivo", ["Catalogo primavera, 64 pagine", "2.000 copie su carta 115 g", "Totale: 4.180 EUR"], date
    )
    body = multipart(
        "mixed",
        text_part("Gentile Chiara,\n\nin allegato il preventivo. La macchina è libera dal giorno 20.\n"),
        attachment("Preventivo catalogo.pdf", "application/pdf", offer),
    )
    raw = message(
        body,
        sender=printer,
        to=[CHIARA],
        subject="Preventivo catalogo",
        date=date,
        message_id="preventivo@tipografia-bassi.example",
    )
    placed = arrived(raw, at=date, to=CHIARA.address, envelope=printer.address)
    return [
        *conversation_letters(shared, CHIARA),
        Letter(placed, date, ("INBOX", "UNREAD")),
        _received(days, CHIARA, _Note(printer, 15, "Carta", "La carta da 115 g è arrivata. È bellissima.\n"), "INBOX"),
    ]


def _drafts(days: Days) -> list[Letter]:
    return [
        Letter(
            message(
                text_part(text),
                sender=ALICE,
                to=[to] if to else [],
                subject=subject,
                date=days.ago(number, 18, 5),
                message_id=f"draft-{number}@example.com",
            ),
            days.ago(number, 18, 5),
            ("DRAFT",),
        )
        for number, (to, subject, text) in enumerate(_DRAFTS)
    ]


def _sent(days: Days, sender: Who, note: _Note) -> Letter:
    raw, date = _note(days, sender, note.person, note)
    return Letter(raw, date, ("SENT", "INBOX") if sender == note.person else ("SENT",))


def _received(days: Days, to: Who, note: _Note, *labels: str) -> Letter:
    raw, date = _note(days, note.person, to, note)
    return Letter(arrived(raw, at=date, to=to.address, envelope=note.person.address), date, labels)


def _note(days: Days, sender: Who, to: Who, note: _Note) -> tuple[bytes, datetime]:
    date = days.ago(note.ago, 12, note.ago)
    message_id = f"note-{note.ago}@{sender.domain}"
    body = text_part(note.text)
    return message(body, sender=sender, to=[to], subject=note.subject, date=date, message_id=message_id), date
