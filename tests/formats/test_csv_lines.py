"""Cells that a spreadsheet shows and never runs."""

from __future__ import annotations

import csv
import io

import pytest

from postmortems.formats import csv_lines


@pytest.mark.parametrize(
    "cell, guarded",
    [
        ("=1", "'=1"),
        ("  =1", "'  =1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("-2", "'-2"),
        ("+49 30", "'+49 30"),
        ("|calc", "'|calc"),
        ("2", "2"),
        ("a=1", "a=1"),
        ("'=1", "'=1"),
        ("", ""),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str, guarded: str) -> None:
    assert csv_lines.guarded(cell) == guarded


@pytest.mark.parametrize("cell", ["a,b", 'say "no"', "two\nlines", "über", " blank ", "a\r\nb"])
def test_a_line_gives_back_what_it_was_made_of(cell: str) -> None:
    line = csv_lines.line([1, cell, None])

    assert line.endswith("\r\n")
    assert next(csv.reader(io.StringIO(line, newline=""))) == ["1", cell, "None"]
