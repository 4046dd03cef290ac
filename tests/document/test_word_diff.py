"""Words are compared at a bounded cost, and no character of either text is lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from difflib import Match
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document import word_diff
from postmortems.document.word_diff import Budget, Compared, compared, in_order, runs


def shown(found: Compared) -> str:
    """The text with what went in [- -] and what came in {+ +}."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[span.op].format(span.text) for span in found.spans)


@pytest.mark.parametrize(
    "before, after, expected",
    [
        ("", "", ""),
        ("", "x", "{+x+}"),
        ("x", "", "[-x-]"),
        ("down for one hour", "down for two hours", "down for [-one hour-]{+two hours+}"),
        ("the cat sat on it", "a dog sat on it", "[-the cat-]{+a dog+} sat on it"),
        ("at 14:30 it broke.", "at 14:35 it broke.", "at [-14:30-]{+14:35+} it broke."),
        ("on 2026-03-01", "on 2026-03-02", "on [-2026-03-01-]{+2026-03-02+}"),
        ("it broke.", "it broke, hard.", "it broke{+, hard+}."),
        ("It is over.", "It is over. All of it.", "It is over.{+ All of it.+}"),
        ("It is over. All of it.", "It is over.", "It is over.[- All of it.-]"),
        ("a, b", "a, b, c", "a, b{+, c+}"),
        ("one two", "one  two", "one {+ +}two"),
        ("カタカナです", "カタカナだ", "カタカナ[-です-]{+だ+}"),
        ("e\u0301te\u0301 long", "e\u0301te\u0301 court", "e\u0301te\u0301 [-long-]{+court+}"),
        ("שלום עולם", "שלום לכם", "שלום [-עולם-]{+לכם+}"),
        ("a b c d", "a x, y d", "a [-b c-]{+x, y+} d"),
        ("line\nother", "line\nnew\nother", "line\n{+new\n+}other"),
    ],
)
def test_the_words_that_differ_are_marked(before: str, after: str, expected: str) -> None:
    assert shown(compared(before, after)) == expected


WORDS = st.lists(
    st.sampled_from(["a", "b", "the", ",", " ", "\n", "14:30", "字", "é", "\u2028", "-"]), max_size=24
)


@given(WORDS, WORDS)
def test_no_character_of_either_text_is_lost(old: list[str], new: list[str]) -> None:
    before, after = "".join(old), "".join(new)

    spans = compared(before, after).spans

    assert "".join(span.text for span in spans if span.op != "added") == before
    assert "".join(span.text for span in spans if span.op != "removed") == after
    assert all(one.op != other.op for one, other in pairwise(spans))
    assert (before == after) == all(span.op == "same" for span in spans)


@given(WORDS, WORDS, st.integers(0, 40))
def test_runs_are_equal_and_in_order_whatever_may_be_spent(
    old: list[str], new: list[str], pairs: int
) -> None:
    found = runs(old, new, Budget(pairs))

    for start, other, length in found:
        assert old[start : start + length] == new[other : other + length]
    for (start, other, length), (then, its, _) in pairwise(found):
        assert start + length <= then
        assert other + length <= its


@given(st.lists(st.integers(0, 30), unique=True, max_size=12))
def test_a_longest_rising_run_rises(numbers: list[int]) -> None:
    found = [numbers[place] for place in in_order(numbers)]

    assert found == sorted(found)
    lengths: list[int] = []
    for place, number in enumerate(numbers):
        lengths.append(1 + max((lengths[i] for i in range(place) if numbers[i] < number), default=0))
    assert len(found) == max(lengths, default=0)


@cache
def prose(seed: int, lines: int, kinds: int) -> str:
    chance = random.Random(seed)
    return "\n".join(" ".join(f"w{chance.randrange(kinds)}" for _ in range(12)) for _ in range(lines))


def long() -> str:
    return prose(1, 13_000, 5_000)


# Two texts of up to a megabyte, made when asked for, and whether words stand for each other everywhere.
LARGE: dict[str, Callable[[], tuple[str, str, bool]]] = {
    "one change": lambda: (long(), f"{long()[:400_000]} and this {long()[400_000:]}", False),
    "wholly different": lambda: (long(), prose(2, 13_000, 5_000), True),
    "one word, again and again": lambda: ("a " * 80_000, "b " * 80_000, False),
    "two words, in disorder": lambda: (prose(3, 5_000, 2), prose(4, 5_000, 2), True),
    # The same blank lines and closing words between lines that all changed, as in a timeline.
    "every second line": lambda: (
        "\n\n".join(f"was{n}\n\n- Kind: change" for n in range(300)),
        "\n\n".join(f"now{n}\n\n- Kind: change" for n in range(300)),
        False,
    ),
    "one line": lambda: (
        prose(5, 3_000, 9).replace("\n", " "),
        prose(6, 3_000, 9).replace("\n", " "),
        True,
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_texts_cost_no_more_than_is_let(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    class Counted(word_diff._Matcher):
        def find_longest_match(
            self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
        ) -> Match:
            found = super().find_longest_match(alo, ahi, blo, bhi)
            if found.size:
                looked_at.append(word_diff.pairs_of(self.a[alo:ahi], self.b[blo:bhi]))
            return found

    monkeypatch.setattr(word_diff, "_Matcher", Counted)
    before, after, by_line = LARGE[name]()

    found = compared(before, after)

    assert sum(looked_at) <= word_diff.LOOKS * word_diff.MOST_PAIRS
    assert found.by_line == by_line
    assert "".join(span.text for span in found.spans if span.op != "added") == before
    assert "".join(span.text for span in found.spans if span.op != "removed") == after


def test_one_change_in_a_large_text_is_told_by_its_words() -> None:
    before, after, _ = LARGE["one change"]()

    changed = [span for span in compared(before, after).spans if span.op != "same"]

    assert sum(len(span.text) for span in changed) < 100
    assert any("and this" in span.text for span in changed)


def test_texts_of_one_answer_share_what_may_be_spent() -> None:
    budget = Budget(100)
    pair = ("a a b b", "b b a a")

    first, *_, last = [compared(*pair, budget) for _ in range(50)]

    assert (first.by_line, last.by_line) == (False, True)
    assert budget.left >= 0
