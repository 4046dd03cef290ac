"""What is shown around the words that were searched for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems import search_words
from postmortems.search import snippets
from postmortems.search.query import read


def shown(text: str, words: str) -> str:
    """The parts as one text, hits in brackets."""
    parts = snippets.around(text, snippets.pattern(read(words)))
    return "".join(f"[{part}]" if is_hit else part for is_hit, part in parts)


@pytest.mark.parametrize(
    "text, words, expected",
    [
        ("The hub is down.", "hub", "The [hub] is down."),
        ("The HUB is down, the hub!", "hub", "The [HUB] is down, the [hub]!"),
        ("One line\nand another", "line another", "One [line] and [another]"),
        ("Die Straße ist", "STRASSE", "Die [Straße] ist"),
        ("in İstanbul, ISTANBUL", "istanbul", "in [İstanbul], [ISTANBUL]"),
        ("Ошибка!", "ошибка", "[Ошибка]!"),
        ("u\u0308ber ÜBER", "über", "[über] [ÜBER]"),
        ("İİİİ ß uber", "UBER", "İİİİ ß [uber]"),
        ("lab hub users and\nlab\nusers", '"lab users"', "lab hub users and [lab users]"),
        ("the kube-proxy of kube, proxy", "kube-proxy", "the [kube-proxy] of [kube, proxy]"),
        ("nothing here", "hub", "nothing here"),
        ("pods OOMKilled", "oom", "pods [OOM]Killed"),
        ("pods OOMKilled", "killed", "pods OOM[Killed]"),
        ("a hub, the github", '"hub"', "a [hub], the git[hub]"),
        ("サービス障害が発生", "障害", "サービス[障害]が発生"),
        ("not the hub", "-hub not", "[not] the hub"),
        ("not the hub", "is:open", "not the hub"),
        ("C++ and C", "c++", "[C++] and C"),
    ],
)
def test_hits_are_marked_in_the_text_around_the_first(text: str, words: str, expected: str) -> None:
    assert shown(text, words) == expected


def test_long_texts_are_cut_around_the_hit() -> None:
    text = "word " * 100 + "hub" + " word" * 100

    cut = shown(text, "hub")

    assert cut.startswith("… ")
    assert cut.endswith(" …")
    assert len(cut) < 2 * snippets.AROUND + 20


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["hub", "ÜBER", "ß", '"a b"']))
def test_marking_loses_no_character(before: str, words: str) -> None:
    text = f"{before} hub über ß a b {before}"

    parts = snippets.around(text, snippets.pattern(read(words)))

    assert any(is_hit for is_hit, _ in parts)
    shown = "".join(part for _, part in parts).removeprefix("… ").removesuffix(" …")
    assert shown.strip() in " ".join(search_words.composed(text).split())
