"""Kinds of entries are proposed from their words, and not where nothing happened yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.document import entry_kinds
from postmortems.document.markdown import parser
from postmortems.document.model import ENTRY_KINDS

LINES = Path(__file__).with_name("cases_of_kinds.txt").read_text(encoding="utf-8").splitlines()
CASES = [tuple(map(str.strip, line.split("|", 1))) for line in LINES if not line.startswith("#")]


@pytest.mark.parametrize("kind, text", CASES, ids=[text for _, text in CASES])
def test_a_kind_is_proposed_from_the_words(kind: str, text: str) -> None:
    assert entry_kinds.proposed(text) == kind.strip("-")


def test_what_is_proposed_is_a_kind() -> None:
    assert set(entry_kinds.PATTERNS) <= set(ENTRY_KINDS)


def test_no_reader_sets_a_kind_by_it() -> None:
    document = parser.parse("## Timeline\n\n- 14:00 deployed\n- 14:10 rolled back\n- 14:20 resolved\n")

    assert [entry.kind for entry in document.entries] == ["", "", ""]
