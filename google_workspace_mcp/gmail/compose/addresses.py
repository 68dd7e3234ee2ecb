"""Addresses that mail is sent to: checked strictly, one to an entry, so that nobody can read them in two ways."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from google_workspace_mcp.core.content.addresses import checked_address
from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.headers import decoded
from google_workspace_mcp.core.content.lines import one_line
from google_workspace_mcp.core.errors import UserInputError

MOST_RECIPIENTS = 500
_LONGEST_NAME = 120
# RFC 5321, 4.5.3.1.3.
_LONGEST_ADDRESS = 254
_ENTRY = re.compile(r"(?P<name>.*)<(?P<address>[^<>]*)>", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's address, its domain in ASCII and lower case, and the name to show with it."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        """The same for every way of writing the address that Gmail delivers to the same mailbox by."""
        return self.address.casefold()


def mailboxes(entries: Iterable[str], field: str) -> tuple[Mailbox, ...]:
    """The mailboxes of a field, each once. An entry is `a@b.example` or `Name <a@b.example>`.

    Raises UserInputError that names the field and the number of the entry, never what it says.
    """
    found: dict[str, Mailbox] = {}
    for number, entry in enumerate(entries, 1):
        mailbox = _mailbox(entry, f"{field} entry {number}")
        found.setdefault(mailbox.key, mailbox)
    return tuple(found.values())


def received(value: str) -> list[Mailbox]:
    """The mailboxes of a field of received mail, as far as mail can be sent to them; what is broken is left out."""
    found: dict[str, Mailbox] = {}
    for entry in _entries(clean_line(value)):
        match = _ENTRY.fullmatch(entry)
        name, address = (match["name"], match["address"].strip()) if match else ("", entry)
        checked = checked_address(address)
        if checked:
            mailbox = Mailbox(checked, _spoken(clean_line(decoded(name), _LONGEST_NAME), checked))
            found.setdefault(mailbox.key, mailbox)
    return list(found.values())


def _entries(value: str) -> Iterator[str]:
    """The field cut at commas outside of quotes, and behind each `<address>`.

    The standard library would take `Bcc: evil@x.example` inside of a decoded name for an address of its own.
    """
    start, quoted, angle = 0, False, False
    for at, sign in enumerate(value):
        if sign == '"' and not angle and (at == 0 or value[at - 1] != "\\"):
            quoted = not quoted
        elif not quoted and sign in "<>":
            angle = sign == "<"
        elif sign in ",;" and not quoted and not angle:
            yield value[start:at].strip()
            start = at + 1
    yield value[start:].strip()


def not_too_many(fields: Sequence[Sequence[Mailbox]]) -> None:
    """Raises UserInputError for more recipients than Gmail sends one message to."""
    if len({mailbox.key for field in fields for mailbox in field}) > MOST_RECIPIENTS:
        raise UserInputError(
            f"Gmail sends a message to at most {MOST_RECIPIENTS} recipients",
            next_step="Send it in several messages, or to a group's address",
            reason="too_many_recipients",
        )


def _mailbox(entry: str, where: str) -> Mailbox:
    written = one_line(entry.strip(" "), where, 2 * _LONGEST_ADDRESS)
    match = _ENTRY.fullmatch(written)
    name, address = (match["name"].strip(), match["address"].strip()) if match else ("", written)
    if _QUOTED.fullmatch(name):
        name = _ESCAPED.sub(r"\1", name[1:-1])
    checked = checked_address(address)
    if not checked:
        raise _bad(where, "is not one address")
    if len(name) > _LONGEST_NAME:
        raise _bad(where, f"has a name of more than {_LONGEST_NAME} characters")
    if any(sign in name for sign in '<>"'):
        raise _bad(where, "has a name with quotes or angle brackets")
    if "@" in name and name.casefold() != checked.casefold():
        # Many programs show the name alone: it would pass for the address that mail goes to.
        raise _bad(where, "has a name that holds an address")
    return Mailbox(checked, "" if name.casefold() == checked.casefold() else " ".join(name.split()))


def _spoken(name: str, address: str) -> str:
    """A name from outside without what could pass for an address, or for the end of one."""
    bare = re.sub(r'[<>"\\]', "", name).strip()
    return "" if "@" in bare or bare.casefold() == address.casefold() else bare


def _bad(where: str, what: str) -> UserInputError:
    return UserInputError(
        f"{where} {what}",
        next_step="Give each recipient as an entry of its own: name@example.com or Name <name@example.com>",
        reason="bad_address",
    )
