"""What the index knows of a text."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.search import tokens


@pytest.mark.parametrize(
    "text, expected",
    [
        ("", []),
        ("The hub is down.", ["the", "hub", "is", "down"]),
        ("kube-proxy", ["kube", "proxy"]),
        ("kube_proxy", ["kube", "proxy"]),
        ("C++, C# and g++-12", ["c++", "c#", "and", "g++", "12"]),
        ("a+b", ["a", "b"]),
        ("10.0.0.1", ["10", "0", "0", "1"]),
        ("/var/log/x.log", ["var", "log", "x", "log"]),
        ("Überwache die Straße", ["uberwache", "die", "strasse"]),
        ("サービス障害", ["サー", "ービ", "ビス", "ス障", "障害", "害"]),
        ("数据库宕机", ["数据", "据库", "库宕", "宕机", "机"]),
        ("DBの障害", ["db", "の障", "障害", "害"]),
        ("서버 장애", ["서버", "버", "장애", "애"]),
        ("कि काम", ["कि", "काम"]),
        ("x" * 99, ["x" * 60]),
        ("++ ## %", []),
    ],
)
def test_texts_are_cut_alike(text: str, expected: list[str]) -> None:
    assert tokens.of(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("OOMKilled", ["killed"]),
        ("maxUnavailable", ["unavailable"]),
        ("getHTTPResponse", ["http", "response"]),
        ("ALERT hub Hub IDs", []),
        ("kubeProxy kubeProxy", ["proxy"]),
    ],
)
def test_words_within_words_are_found_too(text: str, expected: list[str]) -> None:
    assert tokens.humps(text) == expected


@pytest.mark.parametrize(
    "name, value, expected",
    [
        ("service", "data8/prod", "=service:data8/prod"),
        ("owner", "Ada Lovelace", "=owner:ada_lovelace"),
        ("tag", 'a "b"\'c\\', "=tag:a__b__c_"),
    ],
)
def test_a_property_is_one_token(name: str, value: str, expected: str) -> None:
    assert tokens.facet(name, value) == expected


def test_no_phrase_goes_on_from_one_part_to_the_next() -> None:
    stream = tokens.stream("A title", ["one", "two"], ["=any:"])

    assert stream == ["=any:", "|", "^a", "^title", "|", "a", "title", "|", "one", "|", "two", "|"]


def test_a_text_of_more_different_words_than_fit_is_cut() -> None:
    stream = tokens.stream("", [" ".join(f"word{number}" for number in range(100_000))], [])

    assert 20_000 < len(stream) < 100_000


@given(st.text())
def test_what_is_cut_twice_is_the_same(text: str) -> None:
    runs = tokens.runs(text)

    assert tokens.runs(" ".join(runs)) == runs
    assert all(set(token).isdisjoint(" \"'\\|^=") for token in tokens.of(text))


# By edition, what tokens a text gives that has something of everything.
CUT = {1: "cc7b8a93"}


def test_other_tokens_are_another_edition() -> None:
    """Entries are known by their texts: these give other tokens in another edition alone."""
    parts = [
        "OOMKilled at 10.0.0.1",
        "C++, C# – Überwache die Straße",
        "サービス障害 数据库",
        "x" * 99,
        "++ ##",
    ]
    stream = tokens.stream("kube-proxy's maxUnavailable", parts, [tokens.facet("owner", "Ada Lovelace")])

    assert {tokens.EDITION: hashlib.sha1(" ".join(stream).encode()).hexdigest()[:8]} == CUT
