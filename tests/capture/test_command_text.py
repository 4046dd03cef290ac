"""What stands behind a slash command: the incident, the time and the kind before the words."""

from __future__ import annotations

import pytest

from postmortems.capture import command_text
from postmortems.capture.notes import Note

CASES = [
    ("rolled back", "", Note("sam: rolled back")),
    ("#hub-down rolled back", "hub-down", Note("sam: rolled back")),
    ("14:05 rolled back", "", Note("sam: rolled back", at="14:05")),
    ("mitigation: rolled back", "", Note("sam: rolled back", kind="mitigation")),
    ("#hub-down ~14:05 - Mitigation: a\nb", "hub-down", Note("sam: a\nb", kind="mitigation", at="~14:05")),
    ("#1 priority", "1", Note("sam: priority")),
    ("# heading", "", Note("sam: # heading")),
    ("1600 users are gone", "", Note("sam: 1600 users are gone")),
    ("note: that", "", Note("sam: that", kind="note")),
    ("notes: that", "", Note("sam: notes: that")),
    ("", "", None),
    ("  help ", "", None),
    ("#hub-down", "hub-down", None),
    ("recovery:", "", None),
    ("#", "", None),
    ("14:05", "", None),
    ("#hub-down 14:05 UTC", "hub-down", None),
    ("#hub-down 14:05\nrolled back", "hub-down", Note("sam: 14:05\nrolled back")),
    ("✅", "", Note("sam: ✅")),
]


@pytest.mark.parametrize("text, slug, note", CASES, ids=[case[0] for case in CASES])
def test_what_stands_before_the_words_is_read(text: str, slug: str, note: Note | None) -> None:
    assert command_text.read(text, "sam") == command_text.Said(slug, note)
