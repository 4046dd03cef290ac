"""CSV lines that no spreadsheet runs as formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# A spreadsheet takes a cell that begins so for a formula, also behind blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|")


def guarded(text: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe stands before what looks like a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def line(cells: Iterable[object]) -> str:
    """One line of CSV with its line end (RFC 4180), every cell guarded."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([guarded(str(cell)) for cell in cells])
    return text.getvalue()
