"""To-dos below to-dos: each comes out as one of its own, with what is in it."""

from __future__ import annotations

import pytest

from postmortems.document.readers.editors import nested_tasks

CASES = {
    "below one": ("- [ ] a\n  - [x] b\n- [ ] c", "- [ ] a\n- [x] b\n- [ ] c"),
    "two deep": ("- [ ] a\n  - [ ] b\n    - [x] c\n      more", "- [ ] a\n- [ ] b\n- [x] c\n  more"),
    "beside words": (
        "- [ ] a\n  - [x] b\n  - plain\n\n  more",
        "- [ ] a\n  - plain\n\n  more\n- [x] b",
    ),
    "deeper by four": ("- [ ] a\n    - [x] b\n      - note", "- [ ] a\n- [x] b\n  - note"),
    "below a bullet": ("- a\n  - [x] b", "- a\n  - [x] b"),
    "below a bullet of one": ("- [ ] a\n  - b\n    - [x] c", "- [ ] a\n  - b\n    - [x] c"),
    "in code": ("```\n- [ ] a\n  - [x] b\n```", "```\n- [ ] a\n  - [x] b\n```"),
    "in code of one": ("- [ ] a\n  ```\n  - [x] b\n  ```", "- [ ] a\n  ```\n  - [x] b\n  ```"),
}


@pytest.mark.parametrize("text, meant", CASES.values(), ids=CASES.keys())
def test_no_to_do_is_part_of_another(text: str, meant: str) -> None:
    assert nested_tasks.lifted(text) == meant
    assert nested_tasks.lifted(meant) == meant
