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
        ("\r=1", "'\r'=1"),
        ("\n=1", "'\n'=1"),
        ("-2", "'-2"),
        ("+49 30", "'+49 30"),
        ("|calc", "'|calc"),
        ("\uff1d1", "'\uff1d1"),
        ("x;=1+1", "x;'=1+1"),
        ("x; \uff20x", "x;' \uff20x"),
        ("x\t-2", "x\t'-2"),
        ("x\n=1", "x\n'=1"),
        ("x\r\n- cmd|'/C calc'!A0", "x\r\n'- cmd|'/C calc'!A0"),
        ("=1;=2", "'=1;'=2"),
        ("a; b\n\nc", "a; b\n\nc"),
        ("a-b; c=d", "a-b; c=d"),
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


@pytest.mark.parametrize("parted_by", [",", ";", "\t"])
def test_no_cell_begins_a_formula_however_a_spreadsheet_parts_them(parted_by: str) -> None:
    """A spreadsheet of a German or French desktop parts cells by semicolons, whatever the file means."""
    text = 'x;=HYPERLINK("http://example.org";"y")\n=2\t+3;@a;|b'
    line = csv_lines.line(["=0", text, text.replace("\n", ";"), "-1"])

    cells = [cell for row in csv.reader(io.StringIO(line, newline=""), delimiter=parted_by) for cell in row]
    lines = [begun for cell in cells for begun in cell.splitlines()]
    assert not [one for one in lines if one.lstrip(' "').startswith(("=", "+", "-", "@", "|"))]
