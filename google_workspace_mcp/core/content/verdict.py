"""Whether a message comes from whom it says: Google's own check of SPF, DKIM and DMARC, never one of the sender's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_GOOGLE = "mx.google.com"
_HEADER_LIMIT = 8_000
# What Google itself puts above the Received line of its own mail server.
_ABOVE_BOUNDARY = re.compile(
    r"^(?:delivered-to|received|x-received|arc-.{1,40}|return-path|x-google-.{1,40}|x-gm-.{1,40})$"
)
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc)\s*=\s*([a-z]{1,20})\b", re.IGNORECASE)
_DOMAIN = re.compile(r"\b(?:header\.from|header\.[id]|smtp\.mailfrom)\s*=\s*\"?(?:[^\s@;\"]{0,200}@)?([\w.-]{1,253})")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Results as RFC 8601 names them (`pass`, `fail`, `none` …); all empty when Google wrote none."""

    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    domain: str = ""

    @property
    def line(self) -> str:
        """One line for the model; empty when there is no verdict."""
        if not (self.spf or self.dkim or self.dmarc):
            return ""
        results = f"spf {self.spf or 'none'}, dkim {self.dkim or 'none'}, dmarc {self.dmarc or 'none'}"
        if self.dmarc == "pass":
            return f"authenticated as {self.domain} ({results})" if self.domain else f"authenticated ({results})"
        return f"NOT authenticated ({results})" if self.dmarc else f"not fully authenticated ({results})"


def sender_verdict(headers: Iterable[tuple[str, str]]) -> Verdict:
    """The verdict from a message's headers, in their order, topmost first.

    Google's Authentication-Results stand among the lines that its mail server puts on top: at most Received-SPF between
    them and the first `Received: … by mx.google.com`. Everything below came with the message and proves nothing.
    """
    results = _googles_own(headers)
    return _read(results) if results else Verdict()


def signing_domains(headers: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Domains whose DKIM signature on the message Google found good, in lower case."""
    found: set[str] = set()
    for part in _without_comments(_googles_own(headers)).split(";")[1:]:
        match = _RESULT.match(part)
        if match and (match[1].lower(), match[2].lower()) == ("dkim", "pass"):
            found |= {domain.lower() for domain in _DOMAIN.findall(part)}
    return frozenset(found)


def _googles_own(headers: Iterable[tuple[str, str]]) -> str:
    """The Authentication-Results that Google wrote; "" when it wrote none."""
    crossed = False
    for name, value in headers:
        key = name.lower()
        if key == "authentication-results" and _authority(value) == _GOOGLE:
            return value[:_HEADER_LIMIT]
        if crossed and key != "received-spf":
            break
        if not crossed and not _ABOVE_BOUNDARY.match(key):
            break
        crossed = crossed or (key == "received" and _by_google(value))
    return ""


def _authority(results: str) -> str:
    return results[:100].partition(";")[0].strip().lower()


def _by_google(received: str) -> bool:
    return re.search(r"\bby\s+mx\.google\.com\b", _without_comments(received[:_HEADER_LIMIT])) is not None


def _read(value: str) -> Verdict:
    results: dict[str, str] = {}
    domain = ""
    for part in _without_comments(value).split(";")[1:]:
        match = _RESULT.match(part)
        if not match:
            continue
        method, result = match[1].lower(), match[2].lower()
        # A message may bear several DKIM signatures: one that passes counts.
        if results.get(method) != "pass":
            results[method] = result
        if method == "dmarc" and (named := _DOMAIN.search(part)):
            domain = named[1].lower()
    return Verdict(results.get("spf", ""), results.get("dkim", ""), results.get("dmarc", ""), domain)


def _without_comments(text: str) -> str:
    """The text without what stands in parentheses, which may be nested (RFC 5322, section 3.2.2)."""
    kept: list[str] = []
    depth = 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    return "".join(kept)
