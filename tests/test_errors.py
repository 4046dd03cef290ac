"""Refusals: however much is wrong, what is said about it stays short."""

from __future__ import annotations

import pytest

from postmortems.errors import MOST_PROBLEMS, Invalid, Problem


@pytest.mark.parametrize(
    "wrong, told, last",
    [
        (1, 1, "no field 0"),
        (MOST_PROBLEMS, MOST_PROBLEMS, f"no field {MOST_PROBLEMS - 1}"),
        (MOST_PROBLEMS + 1, MOST_PROBLEMS + 1, "and more than these 100, which come first"),
        (60_000, MOST_PROBLEMS + 1, "and more than these 100, which come first"),
    ],
)
def test_of_many_wrong_places_the_first_are_told(wrong: int, told: int, last: str) -> None:
    refusal = Invalid(Problem(f"/{number}", f"no field {number}") for number in range(wrong))

    assert len(refusal.problems) == told
    assert refusal.problems[-1].detail == last
    assert refusal.detail.count("; ") == told - 1
