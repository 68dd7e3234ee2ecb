"""Links as text: what is written, and where it really leads."""

import re
from urllib.parse import urlsplit

from google_workspace_mcp.core.content.hosts import ascii_host

_WHITE_AND_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")
_HOST_LIKE = re.compile(r"(?:https?://)?((?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24})\b")
_SHORT_URL = 70
_LONGEST_URL = 2000


def link_text(text: str, target: str, *, full: bool = False) -> str:
    """`[text](target)` for a short target, `text (host)` for a long one, bare text for what is no web or mail link.

    The host is always the true one; it is left out only where the text itself names it, and said loudly where the
    text is the address of another. Empty text gives "":
    a link that nobody sees is none.
    """
    text = text.strip()
    kind, url, host = _target(target)
    if not text or not kind:
        return text
    written = text.replace("](", "] (")
    if kind == "mailto":
        return text if host.lower() in text.lower() or not host else f"{written} ({host})"
    if _bare(text) == _bare(url):
        return url
    if _pretends(text, host):
        return f"{written} (leads to {url if full else host})"
    if full or (len(url) <= _SHORT_URL and "?" not in url and not _names(text, host)):
        return f"[{written}]({url})" if "\n" not in text else f"{written} ({url})"
    return text if _names(text, host) else f"{written} ({host})"


def web_address(target: str) -> str:
    """The address itself where it leads into the web, by http or https; empty for every other scheme."""
    kind, url, _ = _target(target)
    return url if kind == "web" else ""


def _target(target: str) -> tuple[str, str, str]:
    """Kind, address and host (for mail: the mail address) of a target; kind is "" for what is not shown."""
    url = _WHITE_AND_CONTROLS.sub("", target)[:_LONGEST_URL]
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", "", ""
    if parts.scheme == "mailto":
        return "mailto", url, parts.path
    if parts.scheme not in {"http", "https"} or not host:
        return "", "", ""
    return "web", url.replace("(", "%28").replace(")", "%29"), ascii_host(host) or "unreadable host"


def _names(text: str, host: str) -> bool:
    """Whether the text is itself a name of that host, and of no other."""
    named = [match.lower().removeprefix("www.") for match in _HOST_LIKE.findall(text)]
    bare = host.lower().removeprefix("www.")
    return bool(named) and all(name == bare for name in named)


def _pretends(text: str, host: str) -> bool:
    """Whether the text is the address of another host."""
    named = _HOST_LIKE.match(text)
    if not named or _names(text, host):
        return False
    return text.startswith(("http://", "https://", "www.")) or named[0] == text


def _bare(url: str) -> str:
    return url.strip().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/").lower()
