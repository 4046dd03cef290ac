"""Two pieces of HTML become one that is as well formed as the newer, with the words of both."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markupsafe import Markup

from postmortems.document.word_diff import Budget
from postmortems.web.markdown.html_diff import marked


def diffed(old: str, new: str, pairs: int = 10_000) -> str | None:
    return marked(Markup(old), Markup(new), Budget(pairs))


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("<p>same</p>", "<p>same</p>", "<p>same</p>"),
        ("<p>on staging now</p>", "<p>on prod now</p>", "<p>on <del>staging</del> <ins>prod</ins> now</p>"),
        ("<p>a b</p>", "<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
        ("<p>a</p><p>b</p>", "<p>a</p>", "<p>a <del>b</del></p>"),
        ("<p>a</p><p>b <a>c</a>.</p><p>d</p>", "<p>a</p>", "<p>a <del>b c. d</del></p>"),
        ("<p>a</p>", "<p>a</p><ul><li>b c</li></ul>", "<p>a</p><ul><li><ins>b c</ins></li></ul>"),
        ("<p>a</p>", "<p>b</p>", "<p><del>a</del> <ins>b</ins></p>"),
        ("<p>a</p>", "", "<p><del>a</del></p>"),
        ("", "<p>a b</p>", "<p><ins>a b</ins></p>"),
        ("<p>a &amp; b</p>", "<p>a &lt; b</p>", "<p>a <del>&amp;</del> <ins>&lt;</ins> b</p>"),
        (
            "<p>a</p>",
            '<p>a <img src="/x.png" alt="a > b"></p>',
            '<p>a <ins><img src="/x.png" alt="a > b"></ins></p>',
        ),
        ('<p><img src="/old.png"> a</p>', "<p>a</p>", '<p><del><img src="/old.png"></del> a</p>'),
    ],
)
def test_what_came_is_marked_and_what_went_is_struck(old: str, new: str, expected: str) -> None:
    assert diffed(old, new) == expected


def test_what_costs_too_much_is_not_compared() -> None:
    assert diffed("<p>a a a a</p>", "<p>a a a b</p>", pairs=5) is None


PIECES = st.lists(
    st.sampled_from(["<p>", "</p>", "<b>", "</b>", "a", "b", " ", "&amp;", "c", ".", '<img alt="<">', "\n"]),
    max_size=14,
).map("".join)


@given(PIECES, PIECES)
def test_without_marks_it_is_the_newer(old: str, new: str) -> None:
    assume(re.search(r"[abc.&]|<img", new))
    found = diffed(old, new)

    assert found is not None
    without = re.sub(r"<del>.*?</del>|</?ins>", "", found, flags=re.DOTALL)
    assert without.replace(" ", "").replace("<p></p>", "") == new.replace(" ", "").replace("<p></p>", "")


@given(PIECES, PIECES)
def test_no_word_of_the_older_is_lost(old: str, new: str) -> None:
    words = re.compile(r"&amp;|[abc.]")

    def told(html: str) -> list[str]:
        return words.findall(re.sub(r"<[^>\"]*(?:\"[^\"]*\"[^>\"]*)*>", "", html))

    found = diffed(old, new)

    assert found is not None
    assert told(re.sub(r"<ins>.*?</ins>", "", found, flags=re.DOTALL)) == told(old)
