"""Searching: the language, what its operators mean, and what is refused."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from google_workspace_mcp.sandbox.gmail.query import Both, Either, Node, Not, Term, parse
from google_workspace_mcp.sandbox.service import GoogleError

from .support import ANNA, World

WORDS = ("amber", "birch", "cedar", "dahlia")
TEXTS = [" ".join(word for bit, word in enumerate(WORDS) if number >> bit & 1) for number in range(16)]


def written(node: Node) -> str:
    match node:
        case Term(_, value):
            return value
        case Not(inner):
            return f"-{written(inner)}" if isinstance(inner, Term) else f"-({written(inner)})"
        case Both(nodes):
            return "(" + " ".join(written(one) for one in nodes) + ")"
        case Either(nodes):
            return "(" + " OR ".join(written(one) for one in nodes) + ")"


def holds(node: Node, text: str) -> bool:
    match node:
        case Term(_, value):
            return value in text.split()
        case Not(inner):
            return not holds(inner, text)
        case Both(nodes):
            return all(holds(one, text) for one in nodes)
        case Either(nodes):
            return any(holds(one, text) for one in nodes)


def trees() -> st.SearchStrategy[Node]:
    leaves: st.SearchStrategy[Node] = st.sampled_from(WORDS).map(lambda word: Term("", word))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Both(tuple(nodes))),
            st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Either(tuple(nodes))),
        ),
        max_leaves=8,
    )


@pytest.fixture(scope="module")
def sixteen() -> tuple[World, dict[str, str]]:
    world = World()
    return world, {world.add(text): text for text in TEXTS}


@settings(deadline=None, max_examples=60)
@given(tree=trees())
def test_any_nesting_of_words_finds_what_trying_every_message_finds(
    sixteen: tuple[World, dict[str, str]], tree: Node
) -> None:
    world, texts = sixteen
    expected = {message_id for message_id, text in texts.items() if holds(tree, text)}
    assert set(world.found(written(tree))) == expected


@settings(deadline=None, max_examples=200)
@given(text=st.text(alphabet='ab "(){}-+|/\n', max_size=30))
def test_any_text_without_an_operator_is_understood(text: str) -> None:
    assert parse(text) is not None


def test_or_binds_tighter_than_the_space_between_words() -> None:
    assert parse("a b OR c d") == Both((Term("", "a"), Either((Term("", "b"), Term("", "c"))), Term("", "d")))


def test_braces_mean_either() -> None:
    assert parse("{from:a subject:b}") == Either((Term("from", "a"), Term("subject", "b")))


def test_an_operator_before_a_group_applies_to_every_word_of_it() -> None:
    assert parse("from:(amy -bob)") == Both((Term("from", "amy"), Not(Term("from", "bob"))))


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("wibble:3", "wibble:"),
        ("has:yellow-star", "has:"),
        ("is:snoozed", "is:"),
        ("in:nowhere", "in:"),
        ("holiday AROUND 10 vacation", "AROUND"),
        ("newer_than:3w", "newer_than:"),
        ("after:yesterday", "after:"),
        ("after:2026/13/01", "after:"),
        ("larger:much", "larger:"),
        ("category:purchases", "category:"),
        ("from:", "from:"),
        ("(" * 60 + "a", "nested"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(query: str, named: str) -> None:
    with pytest.raises(GoogleError, match=named) as caught:
        World().found(query)
    assert caught.value.status == 400


def test_mere_punctuation_finds_nothing() -> None:
    world = World()
    world.add("anything")
    assert world.found('*** "" ()') == []


def test_words_are_whole_and_without_case_across_subject_people_and_text() -> None:
    world = World()
    text = world.add("The Quarterly figures")
    subject = world.add("nothing", subject="QUARTERLY report")
    sender = world.add("nothing", from_="Quarterly Bot <bot@example.org>")
    world.add("quarterlyish")
    assert set(world.found("quarterly")) == {text, subject, sender}


def test_a_phrase_needs_its_words_side_by_side() -> None:
    world = World()
    near = world.add("please review the red bicycle today")
    world.add("bicycle red")
    assert world.found('"red bicycle"') == [near]


def test_japanese_is_found_without_spaces() -> None:
    world = World()
    found = world.add("明日の会議資料を送ります")
    world.add("明日は休みです")
    assert world.found("会議資料") == [found]


def test_people_are_found_by_name_address_domain_and_me() -> None:
    world = World()
    sent = world.add("x", from_='"Zoë Quist" <zoe@blue.example>', to="anna@example.com", cc="carl@green.example")
    world.add("x", from_="other@example.org", to="list@example.org")
    for query in ("from:zoë", "from:zoe@blue.example", "from:blue.example", "to:me", "to:carl", "cc:green.example"):
        assert world.found(query) == [sent], query


def test_subject_takes_a_group_or_a_phrase() -> None:
    world = World()
    wanted = world.add("x", subject="dinner and a movie")
    world.add("dinner and a movie", subject="lunch")
    assert world.found("subject:(movie dinner)") == [wanted]
    assert world.found('subject:"a movie"') == [wanted]


def test_labels_are_found_by_dashed_name_and_by_id() -> None:
    world = World()
    wanted = world.add("x", labels=["INBOX", "Work/Big Reports"])
    world.add("x")
    for query in ("label:work-big-reports", 'label:"Work/Big Reports"', "label:Label_1", "has:userlabels"):
        assert world.found(query) == [wanted], query
    assert world.found("label:unheard-of") == []


def test_places_and_states() -> None:
    world = World()
    archived = world.add("x", labels=[])
    starred = world.add("x", labels=["INBOX", "STARRED"])
    unread = world.add("x", labels=["INBOX", "UNREAD", "CATEGORY_PROMOTIONS"])
    assert world.found("in:inbox") == [unread, starred]
    assert world.found("in:archive") == [archived]
    assert world.found("is:unread") == [unread]
    assert world.found("is:starred") == [starred]
    assert world.found("category:promotions") == [unread]
    assert world.found("category:primary") == [starred]
    assert world.found("is:read -in:inbox") == [archived]


def test_spam_and_trash_stay_out_unless_asked_for() -> None:
    world = World()
    kept = world.add("x")
    spam = world.add("x", labels=["SPAM"])
    trash = world.add("x", labels=["TRASH"])
    assert world.found("x") == [kept]
    assert world.found("x", includeSpamTrash=True) == [trash, spam, kept]
    assert world.found("in:anywhere") == [trash, spam, kept]
    assert world.found("in:spam") == [spam]
    assert world.found("-in:spam") == [kept]
    assert world.found("", labelIds=["TRASH"]) == [trash]


def test_a_day_begins_at_midnight_pacific_time() -> None:
    world = World()
    before = world.add("x", date=datetime(2026, 3, 10, 6, 59, 59, tzinfo=UTC))
    after = world.add("x", date=datetime(2026, 3, 10, 7, 0, tzinfo=UTC))
    for day in ("2026/03/10", "2026-3-10", "3/10/2026"):
        assert world.found(f"after:{day}") == [after]
        assert world.found(f"before:{day}") == [before]


def test_dates_can_be_epoch_seconds() -> None:
    world = World()
    moment = datetime(2026, 3, 10, 6, 59, 59, tzinfo=UTC)
    wanted = world.add("x", date=moment)
    assert world.found(f"newer:{int(moment.timestamp())}") == [wanted]
    assert world.found(f"older:{int(moment.timestamp())}") == []


def test_ages_count_back_from_now() -> None:
    world = World()
    old = world.add("x", date=datetime(2026, 10, 24, tzinfo=UTC))
    new = world.add("x", date=datetime(2026, 11, 24, tzinfo=UTC))
    assert world.found("newer_than:2d") == [new]
    assert world.found("older_than:1m") == [old]
    assert world.found("newer_than:1y") == [new, old]


def test_sizes_take_units() -> None:
    world = World()
    big = world.add("x" * 3000)
    small = world.add("x")
    assert world.found("larger:2K") == [big]
    assert world.found("smaller:2000") == [small]


def test_attachments_and_their_names() -> None:
    world = World()
    raw = (
        "Subject: papers\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee attached\r\n--b\r\n"
        'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="Annual Report.pdf"\r\n\r\n'
        "%PDF\r\n--b--\r\n"
    )
    wanted = world.gmail.deliver(ANNA.email, raw.encode())
    world.add("see https://docs.google.com/document/d/1/edit")
    assert world.found("has:attachment") == [wanted]
    assert world.found("filename:pdf") == world.found('filename:"annual report.pdf"') == [wanted]
    assert len(world.found("has:document")) == len(world.found("has:drive -has:spreadsheet")) == 1


def test_technical_fields() -> None:
    world = World()
    wanted = world.add(
        "x", message_id="<One.2@Example.org>", list_id="<dev.lists.example.org>", delivered_to="anna+x@example.com"
    )
    world.add("x")
    for query in ("rfc822msgid:one.2@example.org", "rfc822msgid:<One.2@Example.org>", "list:dev.lists.example.org"):
        assert world.found(query) == [wanted], query
    assert world.found("deliveredto:anna+x@example.com") == [wanted]


def test_a_web_address_is_no_operator() -> None:
    world = World()
    wanted = world.add("look at https://example.org/page")
    assert world.found("https://example.org/page") == [wanted]


def test_the_metadata_scope_may_not_search() -> None:
    scopes = frozenset({"https://www.googleapis.com/auth/gmail.metadata"})
    with pytest.raises(GoogleError, match="Metadata scope") as caught:
        World().call("messages.list", q="x", scopes=scopes)
    assert caught.value.status == 403
