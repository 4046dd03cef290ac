"""CSV lines that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

# What a spreadsheet takes for the beginning of a formula, also behind blanks and as letters of full width.
BEGINS = "=+@|\\-\uff1d\uff0b\uff0d\uff20"
# A cell that begins so; and what would begin one where semicolons or tabs part cells, as in half of Europe:
# there no quotes hold a cell together that commas part.
FIRST, LATER = re.compile(rf" *[{BEGINS}\t\r\n]"), re.compile(rf"(?<=[;\t\r\n])(?= *[{BEGINS}])")


def guarded(text: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe stands before what looks like a formula."""
    return LATER.sub("'", f"'{text}" if FIRST.match(text) else text)


def line(cells: Iterable[object]) -> str:
    """One line of CSV with its line end (RFC 4180), every cell guarded."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guarded(str(cell)) for cell in cells])
    return text.getvalue()
