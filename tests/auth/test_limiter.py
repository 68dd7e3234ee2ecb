"""How often an address may come."""

import pytest

from google_workspace_mcp.auth.limiter import AddressLimiter
from tests.support.clock import FakeClock


def test_a_burst_goes_through_and_then_the_refill_counts() -> None:
    clock = FakeClock()
    limiter = AddressLimiter(clock, burst=3, per_minute=6)
    assert [limiter.take("192.0.2.1") for _ in range(3)] == [0, 0, 0]
    assert limiter.take("192.0.2.1") == pytest.approx(10)
    clock.advance(4)
    assert limiter.take("192.0.2.1") == pytest.approx(6)
    clock.advance(6.1)
    assert limiter.take("192.0.2.1") == 0


def test_addresses_do_not_pay_for_each_other() -> None:
    limiter = AddressLimiter(FakeClock(), burst=1, per_minute=1)
    assert [limiter.take("192.0.2.1"), limiter.take("192.0.2.2")] == [0, 0]


def test_one_household_of_ipv6_counts_once_and_a_mapped_address_as_what_it_is() -> None:
    limiter = AddressLimiter(FakeClock(), burst=1, per_minute=1)
    assert limiter.take("2001:db8:1:2::1") == 0
    assert limiter.take("2001:db8:1:2:ffff::9") > 0
    assert limiter.take("2001:db8:1:3::1") == 0
    assert limiter.take("192.0.2.1") == 0
    assert limiter.take("::ffff:192.0.2.1") > 0


def test_what_is_no_address_is_counted_all_the_same() -> None:
    limiter = AddressLimiter(FakeClock(), burst=1, per_minute=1)
    assert [limiter.take("") > 0, limiter.take("") > 0] == [False, True]


def test_many_addresses_do_not_fill_the_memory() -> None:
    limiter = AddressLimiter(FakeClock(), burst=1, per_minute=1)
    limiter.take("192.0.2.1")
    for number in range(10_000):
        limiter.take(f"2001:db8:{number:x}::1")
    assert limiter.take("192.0.2.1") == 0, "the oldest was forgotten"
