"""Header fields of a raw message: split without losing a byte, and decoded to what a person reads.

The same line rule as the standard parser's decides where the header ends, so that a message rewritten here parses there
with the same body.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

# The standard feed parser's own test for "this line belongs to the header".
_HEADER_LINE = re.compile(rb"^(From |[\041-\071\073-\176]*:|[\t ])")
_ENCODED_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_QUOTED_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
# Codecs that are no charsets of mail: some warn, some answer differently on each machine.
_NO_CHARSETS = frozenset({"unicode_escape", "unicode-escape", "raw_unicode_escape", "raw-unicode-escape", "undefined"})


@dataclass(frozen=True, slots=True)
class Field:
    """One header field as it stood: `raw` is name, colon, value, folds and line end."""

    name: str
    raw: bytes

    @property
    def value(self) -> str:
        """The decoded value."""
        return decode_words(self.written)

    @property
    def written(self) -> str:
        """The unfolded value with its encoded words as they are: addresses are taken apart before names are decoded."""
        return _unfolded(self.raw.partition(b":")[2])


def split(raw: bytes) -> tuple[list[Field], bytes]:
    """The header fields in order, and everything after them including the empty line."""
    fields: list[Field] = []
    pending: list[bytes] = []
    position = 0
    while position < len(raw):
        end = raw.find(b"\n", position) + 1 or len(raw)
        line = raw[position:end]
        if not _HEADER_LINE.match(line):
            break
        if line[:1] not in b"\t " and pending:
            fields.append(_field(pending))
            pending = []
        pending.append(line)
        position = end
    if pending:
        fields.append(_field(pending))
    return fields, raw[position:]


def _field(lines: list[bytes]) -> Field:
    raw = b"".join(lines)
    return Field(raw.partition(b":")[0].decode("ascii", "replace").strip(), raw)


def join(fields: Iterable[Field], rest: bytes) -> bytes:
    """The raw message again."""
    head = b"".join(field.raw if field.raw.endswith(b"\n") else field.raw + b"\r\n" for field in fields)
    return head + (rest if rest[:1] in (b"\n", b"\r") else b"\r\n" + rest)


def new_field(name: str, value: str) -> Field:
    """An ASCII field ready to be joined."""
    return Field(name, f"{name}: {value}\r\n".encode("ascii", "replace"))


def decode_value(raw: bytes) -> str:
    """Unfolded, encoded words (RFC 2047) turned into text; bytes beyond ASCII read as UTF-8, else as windows-1252."""
    return decode_words(_unfolded(raw))


def _unfolded(raw: bytes) -> str:
    return decode_bytes(raw.replace(b"\r", b"").replace(b"\n", b"").strip(), "")


def decode_bytes(data: bytes, charset: str) -> str:
    """Text whatever the bytes are: by the named charset, else UTF-8, else windows-1252 with gaps marked."""
    for candidate in (charset, "utf-8"):
        text = try_decode(data, candidate)
        if text is not None:
            return text
    return data.decode("cp1252", "replace")


def try_decode(data: bytes, charset: str) -> str | None:
    """The text, or None when the charset is unknown or the bytes do not fit it."""
    name = charset.strip().strip("'\"").lower()
    if not name or name in _NO_CHARSETS:
        return None
    try:
        text = data.decode(name)
        text.encode()  # a codec such as UTF-7 can yield lone surrogates, which no JSON carries
    except (LookupError, ValueError):
        return None
    return text


def decode_words(text: str) -> str:
    """Encoded words replaced by what they say.

    White space between two of them is dropped, and neighbours of one charset are joined before decoding, because
    senders cut multi-byte characters in two. What cannot be decoded stays as it is.
    """
    pieces: list[str] = []
    run: list[re.Match[str]] = []
    position = 0
    for word in _ENCODED_WORD.finditer(text):
        gap = text[position : word.start()]
        if run and gap.strip():
            pieces.append(_decode_run(run))
            run = []
        if not run:
            pieces.append(gap)
        run.append(word)
        position = word.end()
    pieces.append(_decode_run(run))
    return "".join(pieces) + text[position:]


def _decode_run(words: list[re.Match[str]]) -> str:
    out: list[str] = []
    group: list[re.Match[str]] = []
    for word in words:
        if group and group[0][1].lower() != word[1].lower():
            out.append(_decode_group(group))
            group = []
        group.append(word)
    if group:
        out.append(_decode_group(group))
    return "".join(out)


def _decode_group(words: list[re.Match[str]]) -> str:
    charset = words[0][1]
    payloads = [_word_bytes(word[2], word[3]) for word in words]
    whole = try_decode(b"".join(payloads), charset)
    if whole is not None:
        return whole
    single = [try_decode(payload, charset) for payload in payloads]
    return "".join(text if text is not None else word[0] for text, word in zip(single, words, strict=True))


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return _QUOTED_BYTE.sub(lambda match: bytes([int(match[1], 16)]), data.replace(b"_", b" "))
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""
