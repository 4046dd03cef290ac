"""Packed texts come back to the letter, and take little room."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.incidents.history.packed_texts import packed, unpacked

TEXTS = st.lists(
    st.sampled_from(["a", "b", "\n", "\n\n", "é", "字", "\r", "\u2028", "## T"]), max_size=20
).map("".join)


@given(TEXTS, TEXTS)
def test_what_was_packed_comes_back(text: str, whole: str) -> None:
    assert unpacked(packed(text)) == text
    assert unpacked(packed(text, whole), whole) == text


PARAGRAPH = (
    "Nobody could log in, because the disk that keeps the sessions had no room left since the morning. "
)
REPORT = "\n\n".join(f"## Part {n}\n\n{PARAGRAPH * 3}{n}" for n in range(40))


@pytest.mark.parametrize(
    "text",
    [
        REPORT.replace("Part 7", "Section 7"),
        f"{REPORT}\n\n## More\n\nA line.",
        REPORT.replace("morning. 12", "evening. 12"),
        REPORT[: len(REPORT) // 2],
        "\n\n".join(sorted(REPORT.split("\n\n"))),
    ],
)
def test_an_edit_takes_a_small_part_of_the_room(text: str) -> None:
    assert len(packed(text, REPORT)) < len(text.encode()) / 20


def test_a_broken_one_is_refused_and_not_made_up() -> None:
    with pytest.raises(zlib.error):
        unpacked(packed(REPORT)[:-9])
