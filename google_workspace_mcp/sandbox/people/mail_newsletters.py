"""Newsletters as they really come: nested tables, tracking links, a hidden preheader, a page of invisible padding."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from google_workspace_mcp.sandbox.people.mail_cast import ALICE
from google_workspace_mcp.sandbox.people.mail_letter import (
    Days,
    Letter,
    Part,
    Who,
    arrived,
    message,
    multipart,
    text_part,
)

type Story = tuple[str, str]

# What senders put behind the preheader so that the inbox shows nothing of the text below.
_PADDING = "&#847;&zwnj;&nbsp;&#8199;&shy;" * 220


@dataclass(frozen=True, slots=True)
class Newsletter:
    """One sender and what it writes about, one issue every `every` days."""

    sender: Who
    title: str
    color: str
    every: int
    issues: int
    category: str
    stories: tuple[Story, ...]
    stub: str = ""


_GARDEN = (
    ("Sow broad beans before the frost", "Beans sown in late autumn stand earlier and keep the aphids away. Five "
     "centimetres deep, a hand apart, and fleece when it falls below minus five."),
    ("The apple that keeps until May", "Pick it late, lay it cold and never beside potatoes. We asked three growers "
     "which sort they eat themselves in spring."),
    ("A pond in a zinc tub", "Forty litres are enough for a dwarf lily and a pair of newts. What you need, what it "
     "costs, and why fish do not belong in it."),
    ("Reader question: moss", "Moss says that the ground is shady, wet and sour. Change one of the three, or like the "
     "moss."),
)  # fmt: skip
_DESIGN = (
    ("Light for reading, measured", "We took eleven desk lamps to the laboratory. Four of them flicker so that a "
     "camera sees it, and a reader feels it after an hour."),
    ("Glass from Bohemia is back", "Two workshops start their furnaces again. A visit at four in the morning."),
    ("Fairs in spring", "Milan from the 14th, Copenhagen in June, and a small one in Ghent that is worth the trip."),
    ("Type of the month", "A slab serif made for timetables, now free for small studios."),
)  # fmt: skip
_SHOP = (
    ("Everything for the kitchen: 20 % off", "Pans, knives, and the good peeler. Only until Sunday midnight with the "
     "code WINTER20."),
    ("Back in stock: the blue kettle", "Sold out three times. 1.2 litres, whistles in D."),
    ("Free delivery from 40 euros", "This week also for large parcels."),
)  # fmt: skip
_CODE = (
    ("Query plans you can read", "A small tool draws the plan as a river: wide where the rows are. We tried it on "
     "the slowest report we have."),
    ("The cost of a retry", "One retry per layer, four layers: sixteen requests. A short piece of arithmetic."),
    ("Postmortem: a certificate, again", "It was renewed in time, by the wrong machine. What the team changed."),
    ("Jobs", "Two platform teams and an observatory are looking for people."),
)  # fmt: skip

NEWSLETTERS = (
    Newsletter(Who("Garden Weekly", "hello@garden-weekly.example"), "Garden Weekly", "#2f6b3a", 7, 10, "PROMOTIONS",
               _GARDEN, "Please view this email in a browser."),
    Newsletter(Who("Form & Light", "newsletter@form-and-light.example"), "Form & Light", "#222222", 14, 5, "FORUMS",
               _DESIGN),
    Newsletter(Who("Küchenhaus Berger", "angebote@kuechenhaus.example"), "Küchenhaus", "#b3261e", 9, 8, "PROMOTIONS",
               _SHOP, "Ihr E-Mail-Programm kann kein HTML anzeigen."),
    Newsletter(Who("The Slow Query", "issue@slow-query.example"), "The Slow Query", "#1a4fa0", 7, 9, "UPDATES", _CODE),
)  # fmt: skip


def newsletter_letters(days: Days) -> list[Letter]:
    """All issues of all newsletters, the newest of each unread."""
    return [_issue(one, number, days) for one in NEWSLETTERS for number in range(one.issues)]


def _issue(newsletter: Newsletter, number: int, days: Days) -> Letter:
    count = newsletter.issues - number
    date = days.ago(1 + number * newsletter.every + len(newsletter.title) % 4, 6, 30)
    turn = number % len(newsletter.stories)
    stories = (*newsletter.stories[turn:], *newsletter.stories[:turn])
    page = text_part(_page(newsletter, count, stories), "html")
    domain = newsletter.sender.domain
    unsubscribe = f"https://{domain}/u/{_token(newsletter.title, count, 24)}"
    body: Part = multipart("alternative", text_part(newsletter.stub + "\n"), page) if newsletter.stub else page
    raw = message(
        body,
        sender=newsletter.sender,
        to=[ALICE],
        subject=f"{stories[0][0]} · {newsletter.title} {count}",
        date=date,
        message_id=f"issue-{count}@{domain}",
        more=[
            ("List-Id", f"<news.{domain}>"),
            ("List-Unsubscribe", f"<{unsubscribe}>, <mailto:unsubscribe@{domain}?subject={count}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Precedence", "bulk"),
        ],
    )
    seen = ("UNREAD",) if number == 0 else ()
    place = ("INBOX",) if number < 3 else ()
    labels = (*place, f"CATEGORY_{newsletter.category}", *seen)
    return Letter(arrived(raw, at=date, to=ALICE.address, envelope=f"bounce@{domain}"), date, labels)


def _page(newsletter: Newsletter, count: int, stories: Sequence[Story]) -> str:
    domain = newsletter.sender.domain
    # Four times round, the later ones as "from the archive": that makes the 70 to 90 kB which are usual.
    blocks = "".join(
        _story(newsletter, count, number, stories[number % len(stories)]) for number in range(4 * len(stories))
    )
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1.dtd">'
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{newsletter.title} {count}</title>'
        f"{_style(newsletter)}<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch>"
        '</o:OfficeDocumentSettings></xml><![endif]--></head><body style="margin:0;padding:0;background-color:#f4f4f4">'
        '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">'
        f"{stories[1][0]}, and more in issue {count}.</div>"
        f'<div style="display:none;max-height:0;overflow:hidden">{_PADDING}</div>'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center">'
        '<table role="presentation" width="600" class="wrap">'
        f'<tr><td style="background:{newsletter.color};padding:24px">'
        f'<h1 style="color:#ffffff;font-family:Georgia,serif;font-size:28px">{newsletter.title}</h1></td></tr>'
        f'{blocks}<tr><td style="font-size:11px;color:#888888;padding:24px">You get this because you subscribed at '
        f'{domain}. <a href="https://{domain}/u/{_token(newsletter.title, count, 24)}">Unsubscribe</a></td></tr>'
        f'</table></td></tr></table><img src="https://{domain}/open/{_token(newsletter.title, count, 40)}.gif" '
        'width="1" height="1" alt="" style="display:block"></body></html>'
    )


def _story(newsletter: Newsletter, count: int, number: int, story: Story) -> str:
    headline, text = story
    link, color = _tracked(newsletter, count, number), newsletter.color
    picture = f"https://cdn.{newsletter.sender.domain}/{_token(headline, count, 32)}/{number}@2x.jpg"
    style = "font-family:Helvetica,Arial,sans-serif;mso-line-height-rule:exactly;-webkit-text-size-adjust:100%"
    table = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
    shown = text if number < len(newsletter.stories) else f"From the archive: {text}"
    return (
        f'<tr><td class="cell" style="background:#ffffff;padding:0">{table} width="100%" '
        'style="border-collapse:collapse;mso-table-lspace:0pt;mso-table-rspace:0pt"><tr>'
        f'<td width="180" valign="top" style="padding:16px;{style}"><a href="{link}" target="_blank">'
        f'<img src="{picture}" width="180" height="120" alt="" style="display:block;border:0;outline:none"></a></td>'
        f'<td valign="top" style="padding:16px;{style}">'
        f'<h2 style="margin:0 0 8px;font-size:20px;line-height:26px;{style}">'
        f'<a href="{link}" style="color:{color};text-decoration:none">{headline}</a></h2>'
        f'<p style="margin:0;font-size:15px;line-height:22px;color:#333333;{style}">{shown}</p>'
        f'{table}><tr><td style="border-radius:4px;background:{color};padding:10px 18px">'
        f'<a href="{link}" style="color:#ffffff;{style}">Read on</a></td></tr></table>'
        "<!--[if (gte mso 9)|(IE)]></td></tr></table><![endif]--></td></tr></table></td></tr>"
        '<tr><td height="16" style="font-size:0;line-height:0">&nbsp;</td></tr>'
    )


def _style(newsletter: Newsletter) -> str:
    rules = "".join(
        f"@media only screen and "
        f"(max-width:{width}px){{.wrap{{width:100%!important}}.cell-{width}{{padding:{width // 60}px"
        f"!important;background-color:{newsletter.color}!important}}.h-{width}{{font-size:{width // 20}px!important;"
        "line-height:1.3!important;text-align:center!important}}"
        for width in range(320, 960, 8)
    )
    return f'<style type="text/css">body,table,td,a{{-ms-text-size-adjust:100%}}{rules}</style>'


def _tracked(newsletter: Newsletter, count: int, number: int) -> str:
    return (
        f"https://click.{newsletter.sender.domain}/ls/click?upn={_token(newsletter.title, count * 100 + number, 420)}"
        f"&amp;utm_source=newsletter&amp;utm_medium=email&amp;utm_campaign=issue-{count}"
    )


def _token(text: str, number: int, length: int) -> str:
    return hashlib.shake_128(f"{text}/{number}".encode()).hexdigest(length // 2)
