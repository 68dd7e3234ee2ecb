"""What is left of HTML: all that a person sees, nothing else."""

import time

import pytest

from google_workspace_mcp.core.content.html import visible_text

HIDDEN = [
    '<p style="display:none">SECRET</p>',
    '<p style="DISPLAY : NONE ;">SECRET</p>',
    '<p style="display:/**/none">SECRET</p>',
    '<p style="di\\73play:none">SECRET</p>',
    '<p style="color:red;display:none!important">SECRET</p>',
    '<p style="visibility:hidden">SECRET</p>',
    '<p style="opacity:0">SECRET</p>',
    '<p style="opacity:0.01">SECRET</p>',
    '<p style="font-size:0">SECRET</p>',
    '<p style="font-size:1px">SECRET</p>',
    '<p style="font:0/0 a">SECRET</p>',
    '<div style="font-size:10px"><p style="font-size:0.1em">SECRET</p></div>',
    '<p style="color:#ffffff">SECRET</p>',
    '<p style="color:#fff;background:#FEFEFE">SECRET</p>',
    '<p style="color:rgb(255,255,255)">SECRET</p>',
    '<p style="color:transparent">SECRET</p>',
    '<p style="color:rgba(0,0,0,0)">SECRET</p>',
    '<font color="white">SECRET</font>',
    '<table bgcolor="#000000"><tr><td><font color="black">SECRET</font></td></tr></table>',
    '<div style="background:#123456"><p style="color:#123456">SECRET</p></div>',
    '<p style="position:absolute;left:-9999px">SECRET</p>',
    '<p style="position:fixed;top:-1000px">SECRET</p>',
    '<p style="text-indent:-9999px">SECRET</p>',
    '<p style="margin-left:-999em">SECRET</p>',
    '<p style="transform:translateX(-5000px)">SECRET</p>',
    '<p style="transform:scale(0)">SECRET</p>',
    '<p style="max-height:0;overflow:hidden">SECRET</p>',
    '<p style="width:1px;height:1px;overflow:hidden">SECRET</p>',
    '<p style="position:absolute;clip:rect(0,0,0,0)">SECRET</p>',
    '<p style="clip-path:inset(100%)">SECRET</p>',
    "<p hidden>SECRET</p>",
    '<p aria-hidden="true">SECRET</p>',
    "<script>SECRET</script>",
    "<template><p>SECRET</p></template>",
    "<!-- SECRET -->",
    "<head><title>SECRET</title></head>",
    "<svg><text>SECRET</text></svg>",
    "<noembed>SECRET</noembed>",
    '<img src="x" width="1" height="1" alt="SECRET">',
    '<img src="x" style="width:0" alt="SECRET">',
    '<input type="hidden" value="SECRET">',
    "<style>.x{display:none}</style><p class='x y'>SECRET</p>",
    "<style>#x{visibility:hidden}</style><p id=x>SECRET</p>",
    "<style>p.x, td{font-size:0}</style><p class=x>SECRET</p>",
    "<style>@media screen{.x{display:none}}</style><p class=x>SECRET</p>",
    "<style>@media print{.y{color:red}} .x{display:none}</style><p class=x>SECRET</p>",
    "<style>div.a > p{display:none}</style><div class=a><p>SECRET</p></div>",
    "<style>.a .b .c{display:none}</style><div class=a><i class=b><u><b class=c>SECRET</b></u></i></div>",
    "<style>h1 + p{display:none}</style><h1></h1><p>SECRET</p>",
    "<style>.x{display:none!important}</style><p class=x style='display:block'>SECRET</p>",
    "<style>[data-x]{display:none}</style><p data-x=1>SECRET</p>",
    "<style><!-- .x{display:none} --></style><p class=x>SECRET</p>",
    "<style>i:first-child{display:none}</style><div><i>SECRET</i></div>",
]
VISIBLE = [
    "<p>SHOWN</p>",
    '<div style="font-size:0"><span style="font-size:14px">SHOWN</span></div>',
    '<div style="visibility:hidden"><span style="visibility:visible">SHOWN</span></div>',
    '<div style="background:#000"><span style="color:#fff">SHOWN</span></div>',
    '<table bgcolor="#003366"><tr><td><font color="#ffffff">SHOWN</font></td></tr></table>',
    '<div style="background:url(night.png)"><span style="color:#fff">SHOWN</span></div>',
    '<div style="background-image:linear-gradient(red,blue)"><span style="color:#fff">SHOWN</span></div>',
    "<style>.dark{background-color:#222}</style><div class=dark><span style='color:#fff'>SHOWN</span></div>",
    '<p style="max-height:0">SHOWN</p>',
    '<p style="overflow:hidden;max-height:400px">SHOWN</p>',
    '<p style="opacity:0.6">SHOWN</p>',
    '<p style="position:absolute;left:-5px">SHOWN</p>',
    '<p style="margin-top:-20px">SHOWN</p>',
    '<p aria-hidden="false">SHOWN</p>',
    '<p style="color:#cccccc">SHOWN</p>',
    '<p style="color:var(--x)">SHOWN</p>',
    '<p style="mso-hide:all">SHOWN</p>',
    "<noscript>SHOWN</noscript>",
    "<details><summary>SHOWN</summary></details>",
    "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>SHOWN</p>",
    "<style>@media print{.x{display:none}}</style><p class=x>SHOWN</p>",
    "<style>.x:hover{display:none}</style><p class=x>SHOWN</p>",
    "<style>.x{display:none} p.x{display:block}</style><p class=x>SHOWN</p>",
    "<style>.x{display:none}</style><p class=x style='display:block'>SHOWN</p>",
    "<style>div > p{display:none}</style><div><i><p>SHOWN</p></i></div>",
    "<style>/* .x{display:none} */</style><p class=x>SHOWN</p>",
    "<style>.x{display:none</style><p class=y>SHOWN</p>",
    '<a href="https://example.com/?q" style="color:#fff;background:#06c">SHOWN</a>',
    '<img src="x" width="600" height="200" alt="SHOWN">',
    '<p style="display:none;display:block">SHOWN</p>',
]


@pytest.mark.parametrize("page", HIDDEN)
def test_what_a_person_does_not_see_is_left_out(page: str):
    seen = visible_text(f"<body><p>before</p>{page}<p>after</p></body>")
    assert "SECRET" not in seen.text
    assert "before" in seen.text
    assert "after" in seen.text


@pytest.mark.parametrize("page", VISIBLE)
def test_what_only_looks_hidden_stays(page: str):
    assert "SHOWN" in visible_text(f"<body><p>before</p>{page}</body>").text


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
    ],
    ids=range(18),
)
def test_hostile_pages_take_bounded_time_and_keep_their_text(page: str):
    started = time.perf_counter()
    visible_text(page)
    # The work is bounded to about a second; the rest is for a busy machine.
    assert time.perf_counter() - started < 15


def test_a_page_too_deep_to_parse_gives_its_text_and_says_so():
    seen = visible_text("<style>.x{}</style>" + "<div>" * 50_000 + "Hello &amp; goodbye")
    assert (seen.text.strip(), seen.complete) == ("Hello & goodbye", False)


def test_nesting_beyond_the_bound_keeps_its_text():
    seen = visible_text("<blockquote>" * 500 + "deep" + "</blockquote>" * 500 + "<p>after</p>")
    assert "deep" in seen.text
    assert "after" in seen.text


def test_text_that_is_no_html_stays_text():
    assert visible_text("just text & more").text == "just text & more"
    assert visible_text("").text == ""
