"""Header fields of a message as Gmail's API gives them, readable and harmless."""

import binascii
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from typing import Any

from google_workspace_mcp.core.content.characters import clean_line
from google_workspace_mcp.core.content.hosts import has_mixed_host, is_mixed

MIXED = "(letters of several alphabets)"
_LONGEST = 8_000
# Five hundred recipients with names, or the ids of a thread of a thousand messages.
_WHOLE = 100_000
_MANY = 12
_ENCODED_WORD = re.compile(r"=\?[\w-]{1,40}\*?[\w-]{0,20}\?[bBqQ]\?[^?\s]{0,2000}\?=(?:\s+(?==\?))?")


@dataclass(frozen=True, slots=True)
class Headers:
    """Fields in their order, topmost first, values as they came."""

    fields: tuple[tuple[str, str], ...]

    @staticmethod
    def of(payload: dict[str, Any]) -> "Headers":
        """From a `payload` or part of Gmail's API."""
        found = payload.get("headers") or []
        return Headers(tuple((str(field.get("name", "")), str(field.get("value", ""))) for field in found))

    def raw(self, name: str) -> str:
        """The first field of that name as it came; "" when there is none."""
        wanted = name.lower()
        return next((value[:_LONGEST] for key, value in self.fields if key.lower() == wanted), "")

    def whole(self, name: str) -> str:
        """The same for fields of many addresses or ids, which lose none of them."""
        wanted = name.lower()
        return next((value[:_WHOLE] for key, value in self.fields if key.lower() == wanted), "")

    def line(self, name: str, limit: int = 1000) -> str:
        """The first field of that name as one clean line."""
        return clean_line(decoded(self.raw(name)), limit)

    def people(self, name: str) -> str:
        """Names and addresses of that field; of a long list the first, and how many more there are."""
        value = clean_line(decoded(self.raw(name)))
        everyone = [person(*pair) for pair in getaddresses([value], strict=False) if pair[0] or pair[1]]
        if not everyone:
            return clean_line(value, 200)
        more = f" and {len(everyone) - _MANY} more" if len(everyone) > _MANY else ""
        return ", ".join(everyone[:_MANY]) + more

    def parameter(self, name: str, key: str) -> str:
        """A parameter of the field, as `charset` is of Content-Type."""
        match = re.search(rf";\s*{re.escape(key)}\s*=\s*\"?([^\";\s]{{1,100}})", self.raw(name), re.IGNORECASE)
        return match[1] if match else ""

    def file_name(self) -> str:
        """The name that a part gives itself, pieces of it (RFC 2231) put together; "" when it has none."""
        fields = Message()
        for name in ("Content-Disposition", "Content-Type"):
            fields[name] = " ".join(self.raw(name).split())
        try:
            return fields.get_filename("")
        except (LookupError, ValueError):
            return ""


def person(name: str, address: str) -> str:
    """`Name <address>`, or the one of them that there is; with a word when it is written in several alphabets."""
    name, address = clean_line(name, 80), clean_line(address, 254)
    # Where Google gave letters beyond ASCII: a name or an address that imitates another says so.
    disguised = is_mixed(name) or is_mixed(address) or has_mixed_host(address)
    shown = f"{name} <{address}>" if name and address and name.lower() != address.lower() else address or name
    return f"{shown} {MIXED}" if disguised else shown


def decoded(value: str) -> str:
    """The value with RFC 2047 words decoded that were left in it. What cannot be decoded stays as it is."""
    return _ENCODED_WORD.sub(_decoded_word, value[:_LONGEST]) if "=?" in value else value[:_LONGEST]


def _decoded_word(match: re.Match[str]) -> str:
    try:
        ((data, charset),) = decode_header(match[0].strip())
        text = data.decode(charset or "ascii", "replace") if isinstance(data, bytes) else data
        # Damaged base64 gives nothing: then what stands there says more.
        return text or match[0]
    except (HeaderParseError, LookupError, ValueError, binascii.Error):
        return match[0]
