"""Download links: what they hold, and that nobody can make, change or move one."""

import random
from urllib.parse import urlsplit

import pytest

from google_workspace_mcp.core.capsules import BrokenCapsuleError, ExpiredCapsuleError
from google_workspace_mcp.core.errors import InternalError
from google_workspace_mcp.core.files.links import LINK_SECONDS, NO_LINKS, DownloadLinks, Holder, Item
from google_workspace_mcp.core.keys import Key, KeyRing, derive
from tests.support.clock import FakeClock

KEY, NEXT = Key("k1", b"k" * 32), Key("k2", b"n" * 32)
HOLDER = Holder("ab" * 16, "cd" * 12, 1_790_000_000)
ITEM = Item("gmail.part", ("18c2f00d", "1.2"))


def links_with(*keys: Key, clock: FakeClock | None = None, purpose: str = "download-link") -> DownloadLinks:
    ring = derive(KeyRing(keys), purpose)
    return DownloadLinks(ring, clock or FakeClock(), random.Random(1).randbytes, lambda: "https://x.example/ws")


def token_of(links: DownloadLinks) -> str:
    return urlsplit(links.make(HOLDER, ITEM).url).path.removeprefix("/ws/files/")


def test_a_link_leads_to_what_it_was_made_for():
    links = links_with(KEY)
    assert links.open(token_of(links)) == (HOLDER, ITEM)
    assert links.of(HOLDER).to(ITEM).url.startswith("https://x.example/ws/files/k1.")


def test_a_link_is_short_enough_for_a_model_to_read():
    assert len(links_with(KEY).make(HOLDER, ITEM).url) < 200
    drive = Item("drive.file", ("1" * 44, "docx"))
    assert len(links_with(KEY).make(HOLDER, drive).url) < 250


def test_a_link_is_good_for_fifteen_minutes():
    clock = FakeClock()
    links = links_with(KEY, clock=clock)
    token = token_of(links)
    clock.advance(LINK_SECONDS - 1)
    assert links.open(token) == (HOLDER, ITEM)
    clock.advance(2)
    with pytest.raises(ExpiredCapsuleError):
        links.open(token)


def test_no_bit_of_a_link_can_be_changed():
    links = links_with(KEY)
    token = token_of(links)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        try:
            assert links.open(changed) == (HOLDER, ITEM)  # the last digit has bits that stand for nothing
        except BrokenCapsuleError:
            continue
        assert place == len(token) - 1


@pytest.mark.parametrize("token", ["", ".", "k1.", "k1.AAAA", "k9.AAAA", "k1." + "A" * 5000, "k1.é", "../../etc"])
def test_what_is_no_link_opens_nothing(token: str):
    with pytest.raises(BrokenCapsuleError):
        links_with(KEY).open(token)


def test_a_link_from_before_a_change_of_keys_is_good():
    assert links_with(NEXT, KEY).open(token_of(links_with(KEY))) == (HOLDER, ITEM)
    with pytest.raises(BrokenCapsuleError):
        links_with(NEXT).open(token_of(links_with(KEY)))


def test_what_was_sealed_for_another_purpose_is_no_link():
    with pytest.raises(BrokenCapsuleError):
        links_with(KEY).open(token_of(links_with(KEY, purpose="cursor")))


def test_where_no_links_are_served_none_are_made():
    with pytest.raises(InternalError):
        NO_LINKS.to(ITEM)
