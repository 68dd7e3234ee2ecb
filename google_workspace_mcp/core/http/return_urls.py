"""Where a connect link may lead back to: addresses below one that the operator listed, compared strictly."""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST = 1024
# Anything that a browser and this parser might read in two ways: other characters are not needed in a return address.
_PLAIN = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_HIDDEN = re.compile(r"%(?:2e|2f|5c|00|25)", re.IGNORECASE)


def problem_of(url: str) -> str:
    """What is wrong with an address to return to, in words; "" when nothing is. Lists and requests obey it alike."""
    parts = _parsed(url)
    if parts is None:
        return "is not a plain web address"
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return "must be https, or http on this machine's loopback address"
    if "@" in parts.netloc:
        return "must not carry a user name"
    if "#" in url:
        return "must not have a fragment"
    if _HIDDEN.search(parts.path) or any(step in (".", "..") for step in parts.path.split("/")):
        return "must not have steps such as .. in its path"
    return ""


def is_allowed(url: str, listed: Iterable[str]) -> bool:
    """Whether the address has the origin of a listed one and lies at or below its path."""
    return not problem_of(url) and any(_covers(urlsplit(entry), urlsplit(url)) for entry in listed)


def with_answer(url: str, answer: dict[str, str]) -> str:
    """The address with the answer added to its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(answer))))))


def origin_of(url: str) -> str:
    """Scheme and authority."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _parsed(url: str) -> SplitResult | None:
    if len(url) > LONGEST or not _PLAIN.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _covers(entry: SplitResult, url: SplitResult) -> bool:
    if _origin(entry) != _origin(url):
        return False
    base = entry.path.rstrip("/")
    return url.path in (entry.path, base) or url.path.startswith(f"{base}/")


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
