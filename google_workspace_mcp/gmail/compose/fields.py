"""Header fields as they go over the wire: ASCII only, folded, and never more of them than were meant.

The standard library encodes a long Message-ID in References as if it were words, and decodes words that a caller wrote
himself. Here every value is either plain or encoded as a whole, so what is read back is what was given.
"""

import base64
import re
from collections.abc import Iterable, Sequence

from google_workspace_mcp.gmail.compose.addresses import Mailbox

# A line may have 998 characters and should have no more than 78 (RFC 5322, 2.1.1); an encoded word 75 (RFC 2047, 2).
_LINE = 76
_WORD_BYTES = 45
_LONGEST_ATOM = 60
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_MESSAGE_ID = re.compile(r"<[^\s<>]{1,900}>")
# The first says what a thread grew out of, the last ones what it grew to; in between programs can do without.
_MOST_REFERENCES = 40


def text_field(name: str, value: str) -> str:
    """A field of words, such as Subject."""
    return f"{name}: {_folded_words(value, len(name) + 2)}\r\n"


def address_field(name: str, mailboxes: Sequence[Mailbox]) -> str:
    """A field of addresses, one to a line; "" for none."""
    return f"{name}: {',\r\n '.join(map(_written, mailboxes))}\r\n" if mailboxes else ""


def ids_field(name: str, ids: Iterable[str]) -> str:
    """A field of message ids, one to a line; what has not the form of one is left out. "" when none is left."""
    good = [each for each in ids if _MESSAGE_ID.fullmatch(each) and each.isascii() and each.isprintable()]
    if len(good) > _MOST_REFERENCES:
        good = [good[0], *good[1 - _MOST_REFERENCES :]]
    return f"{name}: {'\r\n '.join(good)}\r\n" if good else ""


def message_ids(value: str) -> list[str]:
    """The message ids of a received field, in their order."""
    return _MESSAGE_ID.findall(value)


def parameter(name: str, value: str) -> str:
    """A parameter of a part's field behind a semicolon, as RFC 2231 writes what is not plain ASCII."""
    if value.isascii() and value.isprintable() and not any(sign in value for sign in '"\\') and len(value) <= _LINE:
        return f';\r\n {name}="{value}"'
    encoded = "".join(
        chr(byte) if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) in "-._~") else f"%{byte:02X}"
        for byte in value.encode()
    )
    pieces = [piece for piece in re.findall(r"(?:%..|.){1,50}", encoded) if piece] or [""]
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    # Pieces are cut between bytes, so a character may lie in two of them: RFC 2231 decodes after joining.
    return "".join(
        f";\r\n {name}*{number}*={'utf-8' + chr(39) * 2 if number == 0 else ''}{piece}"
        for number, piece in enumerate(pieces)
    )


def _written(mailbox: Mailbox) -> str:
    if not mailbox.name:
        return mailbox.address
    if _PLAIN_NAME.fullmatch(mailbox.name) and "=?" not in mailbox.name and len(mailbox.name) <= _LONGEST_ATOM:
        return f"{mailbox.name} <{mailbox.address}>"
    if _needs_encoding(mailbox.name):
        return f"{'\r\n '.join(_encoded_words(mailbox.name))}\r\n <{mailbox.address}>"
    quoted = mailbox.name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"\r\n <{mailbox.address}>'


def _folded_words(value: str, used: int) -> str:
    if _needs_encoding(value):
        return "\r\n ".join(_encoded_words(value))
    lines: list[str] = []
    current = ""
    for word in value.split(" "):
        if current and used + len(current) + 1 + len(word) > _LINE:
            lines.append(current)
            current, used = word, 1
        else:
            current = f"{current} {word}" if current else word
    return "\r\n ".join([*lines, current])


def _needs_encoding(value: str) -> bool:
    """Whether it cannot stand as it is: what looks like an encoded word would be decoded by whoever reads it."""
    long_word = any(len(word) > _LONGEST_ATOM for word in value.split())
    return not value.isascii() or "=?" in value or long_word or value != " ".join(value.split())


def _encoded_words(value: str) -> list[str]:
    words: list[str] = []
    piece = b""
    for character in value:
        encoded = character.encode()
        if len(piece) + len(encoded) > _WORD_BYTES:
            words.append(_word(piece))
            piece = b""
        piece += encoded
    return [*words, _word(piece)]


def _word(piece: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(piece).decode()}?="
