"""What is left of HTML: all that a person sees, nothing else."""

import time

import pytest

from google_workspace_mcp.core.content.html import visible_text


def test_hidden_text_is_counted_and_padding_is_not():
    page = '<div style="display:none">secret word &zwnj;&nbsp;&zwnj;&nbsp;</div><p>Hello&zwnj;&nbsp;&#8203;</p>'
    seen = visible_text(page)
    assert (seen.text, seen.hidden_chars, seen.complete) == ("Hello", len("secretword"), True)


def test_structure_that_matters_becomes_markdown():
    page = "<h2>News</h2><p>One<br>two</p><ul><li>a<li>b<ol start=3><li>c</ol></ul><hr>"
    page += "<blockquote>said<p>more</blockquote>end"
    assert visible_text(page).text == "## News\n\nOne\ntwo\n\n- a\n- b\n  3. c\n---\n\n> said\n>\n> more\n\nend"


def test_white_space_between_words_is_kept_and_no_more():
    assert visible_text("<p> a <b>b</b>\n c<i>d</i> <u> e</u></p>").text == "a b cd e"


def test_a_table_of_facts_stays_a_table():
    page = "<table><tr><th>Item<th>Price<tr><td>Pear<td>3 | 4</table>"
    assert visible_text(page).text == "| Item | Price |\n| --- | --- |\n| Pear | 3 / 4 |"


def test_a_table_of_layout_is_no_table():
    page = (
        "<table><tr><td><table><tr><td><h1>Sale</h1><p>Buy</p></td></tr></table></td></tr><tr><td>Left<td>right</table>"
    )
    assert visible_text(page).text == "# Sale\n\nBuy\nLeft | right"


def test_preformatted_lines_stay_lines():
    assert visible_text("<pre>one\n  two</pre>").text == "one\n  two"


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ('<a href="https://example.com/a">Read</a>', "[Read](https://example.com/a)"),
        ('<a href="https://t.example.com/c?id=1234">Read</a>', "Read (t.example.com)"),
        (f'<a href="https://t.example.com/{"x" * 90}">Read</a>', "Read (t.example.com)"),
        ('<a href="https://example.com/">https://example.com</a>', "https://example.com/"),
        ('<a href="https://www.example.com/?a=1">example.com</a>', "example.com"),
        ('<a href="https://evil.example/?a">https://bank.example</a>', "https://bank.example (leads to evil.example)"),
        ('<a href="https://evil.example/x">bank.example</a>', "bank.example (leads to evil.example)"),
        ('<a href="https://b\u0430nk.example/?q">Log in</a>', "Log in (xn--bnk-6cd.example)"),
        ('<a href="https://user@bank.example:pw@evil.example/?q">Log in</a>', "Log in (evil.example)"),
        ('<a href="mailto:ben@example.com">Write</a>', "Write (ben@example.com)"),
        ('<a href="mailto:ben@example.com">ben@example.com</a>', "ben@example.com"),
        ('<a href="javascript:alert(1)">Run</a>', "Run"),
        ('<a href=" jav&#9;ascript:x">Run</a>', "Run"),
        ('<a href="data:text/html,x">Run</a>', "Run"),
        ('<a href="http://[bad">Run</a>', "Run"),
        ('<a href="https://t.example.com/c?1"></a>', ""),
        ('<a href="https://example.com/a?b"><img src=x alt="Buy now"></a>', "Buy now (example.com)"),
        ("a <a href='https://example.com/a'> b </a> c", "a [b](https://example.com/a) c"),
    ],
)
def test_a_link_shows_where_it_leads(link: str, text: str):
    assert visible_text(link).text == text


def test_full_links_show_the_whole_target():
    page = '<a href="https://t.example.com/c?id=(1)">Read</a>'
    assert visible_text(page, full_links=True).text == "[Read](https://t.example.com/c?id=%281%29)"


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "x",
        "<b>" * 2_900 + "x",
        "<table><tr><td>" * 1_000 + "x",
        "<blockquote>" * 2_900 + "x" * 100_000,
        "<p>x" * 120_000,
        "<" * 3_000_000 + "x",
        " " * 5_000_000 + "x",
        "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">x",
        '<p a=">" ' + " ".join(f"a{n}=1" for n in range(100_000)) + ">x",
        "<style>" + "/*" * 200_000 + "</style>x",
        "<style>" + "{" * 400_000 + "</style>x",
        "<style>" + "*{color:red}" * 2_000 + "</style>" + "<p>x" * 20_000,
        "<style>x div div div div b{display:none}</style>" + "<div>" * 200 + "<b>x</b>" * 200,
        "<style>x ~ b ~ b ~ b{color:red}</style>" + "<b>x</b>" * 20_000,
        "<style>" + "".join(f"p:nth-child({n}){{color:red}}" for n in range(900)) + "</style>" + "<p>x" * 19_000,
        '<a x="' * 100_000 + "x",
        "<select><option>" * 20_000 + "x",
        "<p style='" + "color:red;" * 100_000 + "'>x",
        "<p style='" + "(" * 300_000 + '"' * 300_000 + "'>x",
        "<style>" + ".a{" * 100_000 + "display:none</style><p class=a>x",
        "<style>" + ".a,.b,.c{" * 12 + "color:red</style><p class=a>x",
        "<style>" + '.a::after{content:"' * 20_000 + "</style><p class=a>x",
        "<style>p{color:" + "calc(" * 50_000 + "</style><p>x",
        "<style>:root{"
        + "".join(f"--v{n}:var(--v{n + 1})var(--v{n + 1});" for n in range(300))
        + "}</style>"
        + "<p>x" * 9_000,
        "<style>p{color:var(" * 2_000 + "</style><p>x",
        "<style>" + ":is(p b, p i):not(p u) " * 9 + "{color:red}</style>" + "<p><b>x</b>" * 9_000,
        "<style>" + "b:has(i){color:red}" * 500 + "</style>" + "<b>x</b>" * 3_000,
        "<style>" + "@media (min-width:1px) and " * 20_000 + "{p{color:red}}</style><p>x",
        "<details><summary>x</summary>" * 2_000 + "<p>x" * 20_000,
        "<div style='--a:1;color:#111'>" * 2_900 + "x",
        "".join(f"<body a{n}=1>" for n in range(40_000)) + "x",
        "<p style='transform:" + "scale(" * 50_000 + "'>x",
        "<p style='background:" + "linear-gradient(" * 20_000 + "'>x",
    ],
    ids=range(33),
)
def test_hostile_pages_take_bounded_time_and_keep_their_text(page: str):
    started = time.process_time()
    visible_text(page)
    # The work is bounded to about a second; the rest is for a busy machine.
    assert time.process_time() - started < 15


def test_a_page_too_deep_to_parse_gives_its_text_and_says_so():
    seen = visible_text("<style>.x{}</style>" + "<div>" * 50_000 + "Hello &amp; goodbye")
    assert (seen.text.strip(), seen.complete) == ("Hello & goodbye", False)


def test_a_page_of_too_many_elements_gives_all_its_text_and_says_so():
    seen = visible_text("<p>x" * 60_000 + "<p>the end")
    assert seen.text.endswith("the end")
    assert not seen.complete


def test_nesting_beyond_the_bound_keeps_its_text():
    seen = visible_text("<blockquote>" * 500 + "deep" + "</blockquote>" * 500 + "<p>after</p>")
    assert "deep" in seen.text
    assert "after" in seen.text


def test_text_that_is_no_html_stays_text():
    assert visible_text("just text & more").text == "just text & more"
    assert visible_text("").text == ""
