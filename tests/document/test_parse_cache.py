"""What is held of what was read: short lines, and never a long one."""

from __future__ import annotations

import pytest

from postmortems.document import parse_cache
from postmortems.document.parse_cache import LONGEST_LINE


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
