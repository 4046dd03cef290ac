"""What a process keeps: what was used last, up to a size; of lines the short ones."""

from __future__ import annotations

import pytest

from postmortems.document import parse_cache
from postmortems.document.parse_cache import LONGEST_LINE, Kept, by_object


@pytest.mark.parametrize("length, times", [(1, 1), (LONGEST_LINE, 1), (LONGEST_LINE + 1, 2)])
def test_a_line_is_read_once_and_a_long_one_each_time(length: int, times: int) -> None:
    read: list[str] = []

    @parse_cache.by_line
    def reading(text: str, *, loudly: bool = False) -> str:
        read.append(text)
        return text.upper() if loudly else text

    line = "x" * length
    assert reading(line, loudly=True) == reading(line, loudly=True) == "X" * length
    assert len(read) == times
    assert reading(line) == line


def test_only_so_much_is_kept() -> None:
    kept: Kept[str] = Kept(most=10)
    kept.put("a", "xxxx", 4)
    kept.put("b", "xxxx", 4)
    kept.get("a")
    kept.put("c", "xxxx", 4)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("xxxx", None, "xxxx")


def test_what_is_kept_again_counts_once() -> None:
    kept: Kept[str] = Kept(most=10)
    for _ in range(5):
        kept.put("a", "xxxx", 4)
    kept.put("b", "xxxx", 4)

    assert (kept.get("a"), kept.get("b")) == ("xxxx", "xxxx")


def test_what_is_larger_than_all_room_is_not_kept() -> None:
    kept: Kept[str] = Kept(most=10)
    kept.put("a", "xxxx" * 3, 12)

    assert kept.get("a") is None


def test_what_takes_too_large_a_share_is_not_kept_and_drives_out_nothing() -> None:
    kept: Kept[str] = Kept(most=10, largest=5)
    kept.put("a", "xxxx", 4)
    kept.put("b", "xxxxxx", 6)

    assert (kept.get("a"), kept.get("b")) == ("xxxx", None)


def test_what_is_made_of_an_object_is_held_by_the_object_itself() -> None:
    made = []

    @by_object(most=2)
    def length(of: list[int], *, more: int = 0) -> int:
        made.append(of)
        return len(of) + more

    first, other = [1], [1, 2]

    assert [length(first), length(other), length(first), length(first, more=1)] == [1, 2, 1, 2]
    assert [one is first for one in made] == [True, False, True]


def test_what_was_made_of_the_last_object_serves_one_that_equals_it() -> None:
    made = []

    @by_object(most=2)
    def length(of: tuple[int, ...], *, more: int = 0) -> int:
        made.append((of, more))
        return len(of) + more

    first, alike, other = (1,), tuple(range(1, 2)), (2, 3)

    assert first is not alike
    assert [length(first), length(alike), length(alike, more=1), length(other)] == [1, 1, 2, 2]
    assert made == [((1,), 0), ((1,), 1), ((2, 3), 0)]


def test_what_was_made_of_the_last_object_serves_one_that_says_the_same_where_it_is_asked() -> None:
    made = []

    @by_object(most=2, is_same=lambda one, other: one[0] == other[0])
    def first(of: tuple[int, ...]) -> int:
        made.append(of)
        return of[0]

    assert [first((1, 2)), first((1, 3)), first((2, 3))] == [1, 1, 2]
    assert made == [(1, 2), (2, 3)]
