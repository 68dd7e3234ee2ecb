"""Names of hosts as DNS knows them, and letters of several alphabets in one word, which imitate another word."""

import re
import unicodedata
from functools import lru_cache

# Only such as have a letter beyond ASCII.
_URL_HOST = re.compile(
    r"\b(https?://|www\.)([!-.0-;=@-Z_-~]{0,200}+[^\x00-\x7f\s][^\s/?#<>\"'()\[\]|]{0,200}+)", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?<=[\w.+-]@)([a-zA-Z0-9.-]{0,200}+[^\W\x00-\x7f][\w.-]{0,200}+)")
# Turning one takes 20 microseconds and more; no honest text has so many.
_MOST_TURNED = 2_000
_PUNYCODE = re.compile(r"\bxn--[a-z0-9-]{1,59}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
# Alphabets with letters that are drawn like those of another.
_ALIKE = frozenset(("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"))
_DISGUISED = ("MATHEMATICAL", "FULLWIDTH", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER")


def ascii_host(host: str) -> str:
    """The host as DNS knows it: a name in look-alike letters shows as `xn--…`. "" for what is no name."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def with_true_hosts(text: str) -> str:
    """The text with the hosts of its addresses (web and mail) as DNS knows them."""
    if text.isascii():
        return text
    text = _URL_HOST.sub(lambda match: match[1] + (ascii_host(match[2]) or match[2]), text, _MOST_TURNED)
    if "@" not in text:
        return text
    return _ADDRESS.sub(lambda match: ascii_host(match[1]) or match[1], text, _MOST_TURNED)


def is_mixed(text: str) -> bool:
    """Whether one of its words has letters of two alphabets that look alike, as no language writes."""
    return not text.isascii() and any(len(_alphabets(word)) > 1 for word in _WORD.findall(text[:2000]))


def mixed_hosts(text: str) -> int:
    """How many of the text's host names, as `with_true_hosts` wrote them, have letters of several alphabets."""
    return sum(1 for label in _PUNYCODE.findall(text) if is_mixed(_unicode(label)))


def has_mixed_host(host: str) -> bool:
    """Whether a host, as DNS knows it, imitates another with letters of several alphabets."""
    return mixed_hosts(host) > 0


def _unicode(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return ""


def _alphabets(word: str) -> set[str]:
    return {alphabet for character in word if (alphabet := _alphabet(character))}


@lru_cache(maxsize=4096)
def _alphabet(character: str) -> str:
    name = unicodedata.name(character, "").split(" ")
    if name[0] in _DISGUISED:
        return name[0]
    return name[0] if name[0] in _ALIKE else ""
