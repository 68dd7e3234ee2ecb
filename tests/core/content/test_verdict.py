"""Google's own check of the sender, and nobody else's."""

import time

from google_workspace_mcp.core.content.verdict import Verdict, sender_verdict

BOUNDARY = (
    "Received",
    "from mail.shop.example (mail.shop.example. [203.0.113.7]) by mx.google.com with ESMTPS id x; now",
)
ON_TOP = [
    ("Delivered-To", "alice@example.com"),
    ("Received", "by 2002:a05:7300:5b06 with SMTP id y; now"),
    ("X-Received", "by 2002:a05:6000:1a8f with SMTP id z; now"),
    ("ARC-Seal", "i=1; a=rsa-sha256; d=google.com"),
    ("ARC-Authentication-Results", "i=1; mx.google.com; dkim=pass"),
    ("Return-Path", "<bounce@shop.example>"),
    BOUNDARY,
    ("Received-SPF", "pass (google.com: domain of bounce@shop.example)"),
]
PASS = (
    "Authentication-Results",
    "mx.google.com;\r\n dkim=pass header.i=@shop.example header.s=s1;\r\n spf=pass (google.com: domain of "
    "bounce@shop.example designates 203.0.113.7 as permitted sender) smtp.mailfrom=bounce@shop.example;\r\n"
    " dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=shop.example",
)
FAIL = (
    "Authentication-Results",
    "mx.google.com; dkim=none; spf=softfail smtp.mailfrom=x@y.example; dmarc=fail header.from=bank.example",
)
MESSAGE = [("DKIM-Signature", "v=1"), ("From", "Shop <news@shop.example>"), ("Subject", "Hello")]


def test_googles_verdict_is_read():
    verdict = sender_verdict([*ON_TOP, PASS, *MESSAGE])
    assert verdict == Verdict("pass", "pass", "pass", "shop.example")
    assert verdict.line == "authenticated as shop.example (spf pass, dkim pass, dmarc pass)"


def test_a_failed_check_says_so():
    assert sender_verdict([*ON_TOP, FAIL, *MESSAGE]).line == "NOT authenticated (spf softfail, dkim none, dmarc fail)"


def test_a_domain_without_dmarc_is_not_fully_authenticated():
    results = ("Authentication-Results", "mx.google.com; spf=pass smtp.mailfrom=a@b.example")
    assert sender_verdict([*ON_TOP, results, *MESSAGE]).line.startswith("not fully authenticated (spf pass")


def test_a_verdict_that_the_sender_wrote_below_googles_counts_nothing():
    assert sender_verdict([*ON_TOP, FAIL, PASS, *MESSAGE]).dmarc == "fail"


def test_a_forged_verdict_counts_nothing_where_google_wrote_none():
    assert sender_verdict([*ON_TOP, *MESSAGE, PASS]).line == ""
    assert sender_verdict([*ON_TOP, ("Received", "from a by b; then"), PASS, *MESSAGE]).line == ""
    assert sender_verdict([*ON_TOP, ("ARC-Seal", "i=1"), PASS, *MESSAGE]).line == ""
    assert sender_verdict([("From", "x@y.example"), PASS]).line == ""


def test_a_server_of_another_name_is_not_google():
    results = ("Authentication-Results", "mx.google.com.evil.example; dmarc=pass header.from=bank.example")
    assert sender_verdict([*ON_TOP, results, *MESSAGE]).line == ""


def test_a_received_line_that_only_mentions_google_in_a_comment_is_no_boundary():
    forged = ("Received", "from a (by mx.google.com) by mail.evil.example; now")
    assert sender_verdict([forged, ("X-Spam", "no"), PASS, *MESSAGE]).line == ""


def test_words_in_a_comment_are_no_results():
    results = (
        "Authentication-Results",
        "mx.google.com; spf=fail (dmarc=pass; (nested) dkim=pass) smtp.mailfrom=a@b.example",
    )
    assert sender_verdict([*ON_TOP, results, *MESSAGE]) == Verdict("fail", "", "", "")


def test_one_good_signature_among_several_counts():
    results = ("Authentication-Results", "mx.google.com; dkim=pass header.i=@a.example; dkim=fail header.i=@b.example")
    assert sender_verdict([*ON_TOP, results]).dkim == "pass"


def test_a_message_without_any_verdict_has_none():
    assert sender_verdict([]).line == ""


def test_a_megabyte_of_header_takes_a_moment_only():
    started = time.process_time()
    sender_verdict([BOUNDARY, ("Authentication-Results", "mx.google.com;" + "(" * 1_000_000)])
    sender_verdict([BOUNDARY, ("Authentication-Results", "mx.google.com;" + "dmarc=pass header.from=a@" * 40_000)])
    assert time.process_time() - started < 2
