"""How grave an incident was, as people write it: the rows are `severities/stated.txt`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from postmortems.document.markdown import parser
from postmortems.document.model import Prose, Section
from postmortems.document.source_edit import rewrite
from postmortems.document.text import is_all_there

ROWS = (Path(__file__).parents[1] / "severities" / "stated.txt").read_text(encoding="utf-8").splitlines()
PAIRS = [tuple(row.split(" => ")) for row in ROWS if row and not row.startswith("#")]
SAID = "# T\n\n## Summary\n\nSeverity: SEV2\n"


@pytest.mark.parametrize("written, level", PAIRS)
def test_a_severity_is_read_and_its_words_stay(written: str, level: str) -> None:
    text = written.replace("\\n", "\n")
    text = (
        text
        if text.startswith(("---\n", "+++\n", "# "))
        else f"# T\n\n## Summary\n\n{text}\n\n## Impact\n\nx\n"
    )

    document = parser.parse(text)

    assert document.severity == (level if level != "none" else "")
    assert parser.parse(parser.write(document)) == document
    assert is_all_there(text, parser.write(document))


def test_who_takes_the_severity_away_is_not_overruled_by_the_text() -> None:
    document = replace(parser.parse(SAID), severity="")

    assert parser.parse(parser.write(document)) == document
    assert parser.parse(rewrite.returned(SAID, parser.parse(SAID), document)).severity == ""


def test_a_word_for_a_severity_stays_where_another_is_chosen() -> None:
    text = "---\ntitle: T\nseverity: high # at first\nlayout: x\n---\n"
    then = parser.parse(text)

    assert rewrite.returned(text, then, replace(then, severity="SEV1")).splitlines()[2:4] == [
        "severity: SEV1",
        "# severity: high # at first",
    ]


def test_a_severity_is_denied_only_where_the_text_tells_one() -> None:
    plain = replace(parser.parse(SAID), severity="", sections=(Section("Summary", (Prose("It broke."),)),))

    assert "severity" not in parser.write(plain)
