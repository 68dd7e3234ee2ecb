"""Inputs and failures that must be handled, by row. `due` is the round of work that makes a row true, 0 for done.

A test says which row it proves by `@pytest.mark.security("M-1")`; `test_manifest.py` checks both ways.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement: what comes in or fails, and the round in which it is due."""

    what: str
    due: int = 0


ROWS: dict[str, Row] = {
    # Sign-in and discovery
    "O-1": Row("a redirect URI that is not registered: an error page, never a redirect"),
    "O-2": Row("a loopback redirect on another port is allowed, on another path not"),
    "O-3": Row("registration with javascript:, data:, plain http to elsewhere"),
    "O-4": Row("registration with a foreign host, custom scheme, fragment, user name, our own callback"),
    "O-5": Row("registration with a huge body, many URIs, a long name, many times a minute"),
    "O-7": Row("no PKCE, plain, unknown method, wrong verifier, verifier without challenge"),
    "O-8": Row("a code replayed, redeemed by another client, too late, with another redirect URI"),
    "O-9": Row("a refresh token used again after rotation; a lost answer asked for again"),
    "O-10": Row("two refreshes of one token at once on two tasks"),
    "O-11": Row("a Google address captured by somebody else"),
    "O-12": Row("the consent form without cookie, with a bad token, replayed, framed"),
    "O-15": Row("tokens for another resource, a sibling, another algorithm, key id traversal"),
    "O-16": Row("a Google token presented as ours"),
    "O-17": Row("scopes that are not offered, at authorize and at refresh"),
    "O-18": Row("Google grants fewer scopes than were asked for"),
    "O-19": Row("an account outside the allowed domains, unverified, or switched midway"),
    "O-23": Row("discovery in all four forms, HEAD, foreign host headers"),
    "O-24": Row("a grant deleted at Google before a call"),
    # The MCP endpoint
    "M-1": Row("no token, garbage, expired, Basic, token in the query"),
    "M-2": Row("a foreign or null origin, a foreign host with a good token"),
    "M-6": Row("an unknown protocol version; a modern request without its metadata; legacy versions"),
    "M-8": Row("another caller's cursor or handle, or with other arguments"),
    "M-9": Row("the client disconnects in the middle of a call"),
    "M-10": Row("200 calls at once by one user, 5,000 by many"),
    "M-11": Row("metrics and readiness from outside through the prefix"),
    # Tool arguments and content
    "T-1": Row("line breaks of every kind in header fields"),
    "T-2": Row("an encoded word that decodes to a header"),
    "T-3": Row("a reply to mail whose own headers decode to line breaks"),
    "T-7": Row("too many, repeated and own recipients"),
    "T-8": Row("attachments too large, malformed, empty, with a forged type"),
    "T-10": Row("ids that could leave their place in a path"),
    "T-11": Row("long queries, control characters in queries"),
    "T-13": Row("mail that gives orders to the reader", 9),
    "T-14": Row("markup in outgoing bodies"),
    "T-15": Row("Drive names that could change a query"),
    "T-16": Row("a raw Drive query"),
    "T-17": Row("documents that are bombs"),
    "T-19": Row("sharing with owners, anyone, strangers; injected messages"),
    "T-20": Row("an address to fetch given as an argument"),
    "T-23": Row("recurrence rules that are wrong or endless"),
    "T-25": Row("markup and addresses in events"),
    "T-26": Row("a request id used again with other arguments"),
    # Storage
    "S-1": Row("stored objects that are damaged in every way"),
    "S-2": Row("the key service refuses, throttles, is off"),
    "S-3": Row("an object copied to another's key, or rolled back"),
    "S-4": Row("refreshes, disconnects and wider grants at once on two tasks"),
    "S-5": Row("the store fails in every way, then is back"),
    # Google failing
    "G-1": Row("a 401 once, twice"),
    "G-2": Row("rate limits with and without Retry-After in every form"),
    "G-3": Row("403 for each of its reasons"),
    "G-4": Row("5xx, resets, TLS, DNS, timeouts, drips, HTML, truncated JSON, errors with 200, empty answers"),
    "G-5": Row("invalid_grant with each cause; a failing token endpoint"),
    # Life of a task
    "L-1": Row("SIGTERM during reads and sends while calls arrive"),
    "L-2": Row("a task replaced between the steps of a sign-in"),
    "L-5": Row("secrets missing or rotated at start, the wrong region"),
    "L-6": Row("a blocked event loop during health checks"),
    "L-7": Row("no memory, descriptors or disk left"),
    "L-8": Row("addresses that linger after a stop"),
}
