"""Whom a call may reach, by the operator's lists."""

from typing import Any

import pytest

from google_workspace_mcp.core.errors import InternalError, PolicyRefusedError
from google_workspace_mcp.core.policy.gate import Gate
from google_workspace_mcp.core.policy.reach import Reach, Share, nobody
from google_workspace_mcp.core.settings import SettingsError, load
from tests.core.tools.test_runner import CALLER, tool

OWN = "anna@firm.example"
ANYONE = Share("anyone")


def rule_of(reach: Reach, *, address: str = OWN, **settings: Any) -> str:
    """The rule that refuses, "" when it is allowed."""
    decision = Gate(load(None, **settings)).decide(CALLER, tool(), reach, address)
    assert (decision.verdict == "refuse") == bool(decision.rule)
    if decision.error is not None:
        assert isinstance(decision.error, PolicyRefusedError)
        assert decision.rule in decision.error.next_step
    return decision.rule


def to(*recipients: str) -> Reach:
    return Reach(recipients=recipients)


def shared_with(kind: Any, value: str) -> Reach:
    return Reach(shares=(Share(kind, value),))


def test_by_default_mail_may_go_to_everyone():
    assert rule_of(to("a@anywhere.example", "b@gmail.com")) == ""


@pytest.mark.parametrize(
    ("recipient", "rule"),
    [
        ("ben@firm.example", ""),
        ("BEN@FIRM.EXAMPLE", ""),
        ("x@sub.partner.example", ""),
        ("one@other.example", ""),
        ("two@other.example", "send_domains"),
        ("x@partner.example", "send_domains"),
        ("x@sub.firm.example", "send_domains"),
        ("x@evilfirm.example", "send_domains"),
        ("x@firm.example.evil.example", "send_domains"),
        ("firm.example@evil.example", "send_domains"),
    ],
)
def test_with_a_list_mail_goes_to_what_it_names(recipient: str, rule: str):
    allowed = "firm.example, *.partner.example, one@other.example"

    assert rule_of(to(recipient), send_domains=allowed) == rule


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "nobody",
        "@firm.example",
        "a@",
        "a@evil.example@firm.example",
        '"a@evil.example"@firm.example',
        "a@firm.example, b@evil.example",
        "Ben <b@firm.example>",
        "a b@firm.example",
        "a@firm.example\nBcc: b@evil.example",
        "a@firm.example\x00",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_refused(recipient: str):
    assert rule_of(to(recipient), send_domains="firm.example") == "bad_address"
    assert rule_of(to(recipient)) == "bad_address"


def test_one_recipient_too_many_refuses_the_whole():
    assert rule_of(to("a@firm.example", "b@evil.example"), send_domains="firm.example") == "send_domains"


@pytest.mark.parametrize(
    ("kind", "value", "rule"),
    [
        ("user", "ben@firm.example", ""),
        ("group", "all@firm.example", ""),
        ("domain", "firm.example", ""),
        ("user", "x@evil.example", "share_domains"),
        ("domain", "evil.example", "share_domains"),
        ("domain", "x@firm.example", "bad_address"),
        ("domain", "", "bad_address"),
    ],
)
def test_by_default_things_are_shared_within_the_accounts_own_domain(kind: str, value: str, rule: str):
    assert rule_of(shared_with(kind, value)) == rule


def test_an_account_of_gmail_has_no_domain_of_its_own():
    assert rule_of(shared_with("user", "stranger@gmail.com"), address="anna@gmail.com") == "share_domains"


def test_the_operator_may_allow_other_domains_or_everyone():
    assert rule_of(shared_with("user", "x@partner.example"), share_domains="partner.example") == ""
    assert rule_of(shared_with("user", "ben@firm.example"), share_domains="partner.example") == "share_domains"
    assert rule_of(shared_with("user", "x@anywhere.example"), share_domains="*") == ""


def test_a_public_link_is_refused_unless_the_operator_allows_it():
    assert rule_of(Reach(shares=(ANYONE,))) == "public_links"
    assert rule_of(Reach(shares=(ANYONE,)), share_domains="*") == "public_links"
    assert rule_of(Reach(shares=(ANYONE,)), allow_public_links=True) == ""


def test_ownership_is_never_handed_over():
    assert rule_of(Reach(shares=(Share("user", "ben@firm.example", owner=True),)), share_domains="*") == "ownership"


def test_a_refusal_never_names_whom_it_was_about():
    decision = Gate(load(None, send_domains="firm.example")).decide(CALLER, tool(), to("secret@evil.example"), OWN)

    assert decision.error is not None
    assert "secret" not in decision.error.sentence()
    assert "evil" not in decision.error.sentence()


def test_without_a_gate_nobody_can_be_reached():
    with pytest.raises(InternalError):
        nobody(Reach())


@pytest.mark.parametrize("value", ["firm", "http://firm.example", "a b.example", "*.", "**"])
def test_a_list_with_something_else_in_it_stops_the_start(value: str):
    with pytest.raises(SettingsError) as stopped:
        load(None, send_domains=value)
    assert "SEND_DOMAINS" in stopped.value.problems[0]
