"""How often one address may do what costs us something, in bounded memory and for this task alone."""

import ipaddress
from collections import OrderedDict

from google_workspace_mcp.core.clock import Clock, epoch

_KEPT = 10_000


class AddressLimiter:
    """A bucket for each address: `burst` at once, refilled by `per_minute`. The address unseen for longest goes first.

    A network of IPv6 addresses (/64, what one household has) counts as one.
    """

    def __init__(self, clock: Clock, *, burst: int, per_minute: float) -> None:
        self._clock = clock
        self._burst = burst
        self._per_second = per_minute / 60
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> float:
        """0 when the address may go on, else the seconds to wait."""
        name, now = _group(address), epoch(self._clock)
        left, at = self._buckets.get(name, (float(self._burst), now))
        left = min(self._burst, left + max(0.0, now - at) * self._per_second)
        allowed = left >= 1
        self._buckets[name] = (left - 1 if allowed else left, now)
        self._buckets.move_to_end(name)
        while len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return 0 if allowed else (1 - left) / self._per_second


def _group(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
