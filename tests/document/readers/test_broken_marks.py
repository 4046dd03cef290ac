"""Marks of Markdown that an editor spoilt, and texts in which they are meant."""

from __future__ import annotations

import pytest

from postmortems.document.readers import broken_marks
from postmortems.document.readers import registry as readers_registry

SPOILT = {
    "escaped": ("\\# R\n\n\\## Timeline\n\n\\- 10:00 down\n", "# R\n\n## Timeline\n\n- 10:00 down\n"),
    "numbers": ("\\# R\n\\# S\n1\\. one\n2\\) two", "# R\n# S\n1. one\n2) two"),
    "a table": ("\\# R\n\\# S\n\n| a |\n\n|---|\n\n| b |\n\nx", "# R\n# S\n\n| a |\n|---|\n| b |\n\nx"),
    "no blank": (
        "###R\n\ntext\n\n###Timeline\n\n#1234 and #x",
        "### R\n\ntext\n\n### Timeline\n\n#1234 and #x",
    ),
    "lines of Windows": ("\\# R\r\n\\# S\r\n\\- x", "# R\n# S\n- x"),
}
SOUND = {
    "a heading that is one": "# R\n\n\\## S\n\n\\## T\n",
    "one alone": "\\# R\n\ntext",
    "tags": "#one\n\n#two\n",
    "a mark amid a line": "a \\# R\nb ##S\nc ##T",
    "nothing": "",
}


@pytest.mark.parametrize("text, meant", SPOILT.values(), ids=SPOILT.keys())
def test_spoilt_marks_are_those_that_were_meant(text: str, meant: str) -> None:
    assert readers_registry.to_markdown("report.md", text) == meant


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND.keys())
def test_a_text_that_is_sound_stays_as_it_is(text: str) -> None:
    assert not broken_marks.is_spoilt(text)
