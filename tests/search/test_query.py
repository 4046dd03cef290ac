"""How a query is read: words, phrases, what must not be there, and operators."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.search import query as queries
from postmortems.search.query import Facet, Term, read


def word(*tokens: str, begins: bool = True, wanted: bool = True) -> tuple[tuple[str, ...], bool, bool]:
    return (tokens, begins, wanted)


def terms(text: str) -> list[tuple[tuple[str, ...], bool, bool]]:
    return [(term.tokens, term.is_prefix, term.is_wanted) for term in read(text).terms]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", []),
        (" \t\n", []),
        ("hub", [word("hub")]),
        ("HUB hub", [word("hub")]),
        ("lab users", [word("lab"), word("users")]),
        ('"lab users"', [word("lab", "users", begins=False)]),
        ("“Lab Users”", [word("lab", "users", begins=False)]),
        ("„Größter Ärger“ jetzt", [word("grosster", "arger", begins=False), word("jetzt")]),
        ("「障害 対応」", [word("障害", "対応", begins=False)]),
        ("kube-proxy", [word("kube", "proxy")]),
        ("C++", [word("c++")]),
        ("c#", [word("c#")]),
        ("c", [word("c", begins=False)]),
        ("10.0.0.1", [word("10", "0", "0", "1", begins=False)]),
        ("10.0.0.12", [word("10", "0", "0", "12")]),
        ("/var/log/nginx", [word("var", "log", "nginx")]),
        ("überwache", [word("uberwache")]),
        ("障害", [word("障害", begins=False)]),
        ("障", [word("障")]),
        ("障害対応", [word("障害", "害対", "対応", begins=False)]),
        ("DB障害", [word("db", "障害", begins=False)]),
        ("-hub", [word("hub", wanted=False)]),
        ('-"lab users"', [word("lab", "users", begins=False, wanted=False)]),
        ("- hub", [word("hub")]),
        ("--force", [word("force", wanted=False)]),
        ('"hub', [word("hub")]),
        ('say "', [word("say")]),
        ('5" disk', [word("5", begins=False), word("disk")]),
        ("the of and", [word("the"), word("of"), word("and")]),
        ("a\0b", [word("a", "b", begins=False)]),
        ("title:hub", [word("title", "hub")]),
        ("http://hub.example/x1", [word("http", "hub", "example", "x1")]),
        ("std::vector", [word("std", "vector")]),
        ("OR AND NOT NEAR", [word("or"), word("and"), word("not"), word("near")]),
        ("hub* (lab) ^x1 {a1} <-> !b1", [word("hub"), word("lab"), word("x1"), word("a1"), word("b1")]),
    ],
)
def test_words_and_phrases(text: str, expected: list[tuple[tuple[str, ...], bool, bool]]) -> None:
    assert terms(text) == expected
    assert read(text).problems == ()


@pytest.mark.parametrize(
    "text, tokens",
    [
        ("service:data8", ("=service:data8",)),
        ("service:data8/prod", ("=service:data8/prod", "=service:data8/")),
        ('service:"two words"', ("=service:two_words",)),
        ("severity:SEV1", ("=severity:sev1",)),
        ("severity:sev-2", ("=severity:sev2",)),
        ("Severity:3", ("=severity:sev3",)),
        ("owner:@Jörg", ("=owner:jorg",)),
        ('owner:"Ada Lovelace"', ("=owner:ada_lovelace",)),
        ("status:in_progress", ("=status:in_progress",)),
        ("tag:#DNS", ("=tag:dns",)),
        ("tag:dns", ("=tag:dns",)),
        ("kind:item", ("=kind:item",)),
        ("is:open", ("=is:open",)),
        ("is:draft", ("=is:draft",)),
        ("is:RESTRICTED", ("=is:restricted",)),
        ("has:guard", ("=has:guard",)),
    ],
)
@pytest.mark.parametrize("minus", ["", "-"])
def test_operators_ask_for_properties(text: str, tokens: tuple[str, ...], minus: str) -> None:
    query = read(minus + text)

    assert query.facets == (Facet(tokens, not minus),)
    assert (query.terms, query.problems, query.notes) == ((), (), ())


@pytest.mark.parametrize(
    "text, since, until",
    [
        ("before:2018-01-25", None, date(2018, 1, 25)),
        ("before:2018", None, date(2018, 1, 1)),
        ("after:2018-05", date(2018, 5, 1), None),
        ("after:2018 before:2019", date(2018, 1, 1), date(2019, 1, 1)),
        ("before:2019 before:2018", None, date(2018, 1, 1)),
        ("-before:2018", date(2018, 1, 1), None),
        ("-after:2018", None, date(2018, 1, 1)),
    ],
)
def test_days_bound_what_is_found(text: str, since: date | None, until: date | None) -> None:
    assert (read(text).since, read(text).until) == (since, until)


@pytest.mark.parametrize("text, overdue", [("is:overdue", True), ("-is:overdue", False), ("hub", None)])
def test_overdue_is_asked_of_the_day_it_is(text: str, overdue: bool | None) -> None:
    assert read(text).overdue is overdue


@pytest.mark.parametrize(
    "text, problem",
    [
        ("service:", "service: needs a value, as in service:data8/prod"),
        ("is: hub", "is: needs a value, as in is:open"),
        ('owner:""', "owner: needs a value, as in owner:ada"),
        ('tag:" "', "tag: needs a value, as in tag:dns"),
        ("severity:SEV9", "severity:SEV9 is none of SEV1, SEV2, SEV3, SEV4"),
        ("is:lost", "is:lost is none of open, overdue, draft, restricted"),
        ("has:item", "has:item is none of guard"),
        (
            "status:gone",
            "status:gone is none of draft, published, proposed, open, in_progress, done, wont_do",
        ),
        ("before:tuesday", "before:tuesday is no day; write 2018-01-25, 2018-01 or 2018"),
        ("after:2018-02-30", "after:2018-02-30 is no day; write 2018-01-25, 2018-01 or 2018"),
        ("before:0000", "before:0000 is no day; write 2018-01-25, 2018-01 or 2018"),
        ("before:２０１８", "before:２０１８ is no day; write 2018-01-25, 2018-01 or 2018"),
        ("x" * 10_000, "has 10,000 characters; 500 are the most"),
        ("x " * 200, "has 200 words, phrases and operators; 32 are the most"),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str) -> None:
    assert read(text).problems == (problem,)


@pytest.mark.parametrize(
    "text, note",
    [
        ("team:core", "team: is no operator"),
        ('title:"a b"', "title: is no operator"),
        ("%", "'%' has no letter or digit to look for"),
        ("-- * hub", "'*' has no letter or digit to look for"),
    ],
)
def test_what_was_taken_otherwise_is_noted(text: str, note: str) -> None:
    assert any(told.startswith(note) for told in read(text).notes)
    assert read(text).problems == ()


def test_an_unknown_operator_names_those_that_there_are() -> None:
    assert all(f"{name}:" in read("team:core").notes[0] for name in queries.OPERATORS)


PIECES = st.sampled_from(
    [
        *"\"-:. \0\t%^*()<>&|!\\'",
        "service:",
        "is:",
        "before:",
        "-is:",
        "SEV1",
        "障害",
        "ü",
        "“",
        "「",
        "C++",
        "x" * 70,
    ]
)


@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=300).map("".join)))
def test_a_query_is_always_read_and_bounded(text: str) -> None:
    query = read(text)

    assert len(query.terms) + len(query.facets) <= 2 * queries.MOST_PARTS
    assert sum(len(term.tokens) for term in query.terms) <= 6 * queries.LONGEST
    assert all(isinstance(term, Term) and term.tokens and all(term.tokens) for term in query.terms)
    assert all(len(said) < 200 for said in (*query.problems, *query.notes))


@given(st.text(max_size=60))
def test_no_token_has_a_sign_that_a_database_would_take_for_its_own(text: str) -> None:
    query = read(text)

    found = [token for term in query.terms for token in term.tokens]
    found += [token for facet in query.facets for token in facet.tokens]
    assert not any(set("\"'\\ &!<>()*\0\t\n") & set(token) for token in found)
