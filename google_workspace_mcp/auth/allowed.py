"""Who may sign in: everyone, or the domains and addresses that the operator lists."""

from collections.abc import Iterable

from google_workspace_mcp.core.errors import PolicyRefusedError


class Allowed:
    """Asked at sign-in and again at each use, so that taking a domain off the list counts for who is signed in."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = frozenset(entry.casefold() for entry in entries)

    def covers(self, address: str, hosted_domain: str) -> bool:
        """Whether a person with that address, whom Google places in that organisation, may sign in."""
        if not self._entries:
            return True
        address, hosted = address.casefold(), hosted_domain.casefold()
        domain = address.rpartition("@")[2]
        # For a domain, Google's own statement (`hd`) counts: an address alone can be registered by anyone.
        return address in self._entries or (domain in self._entries and hosted == domain)

    def check(self, address: str, hosted_domain: str) -> None:
        """Raises PolicyRefusedError for somebody who may not sign in."""
        if not self.covers(address, hosted_domain):
            raise not_allowed()


def not_allowed() -> PolicyRefusedError:
    """The words for an account that the operator does not allow."""
    return PolicyRefusedError(
        "This Google account may not sign in here",
        next_step="Use an account of an organisation that the operator of this service allows",
        reason="domain_not_allowed",
    )
