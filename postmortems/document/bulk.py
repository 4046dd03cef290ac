"""How much a text holds, counted before it is read: what a report never has is refused at once.

Reading takes as long as there are blocks, not letters: a table of one-word rows has many times as many.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems import limits
from postmortems.errors import Invalid

# A row, an item, a heading, a quotation, HTML, a label or a time: whatever is looked at by itself.
OPENS = re.compile(r"[ \t]{0,40}(?:[|#>*<+=_-]|\d|\[)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def check(lines: Sequence[str], name: str = "") -> None:
    """Raise `Invalid`, with file and line, where there are more blocks than a report can have."""
    halves, was_blank, fence = 0, True, ""
    for number, line in enumerate(lines, 1):
        if fence:
            if line.lstrip(" ").startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        is_blank = not line or line.isspace()
        if not is_blank:
            # A paragraph is half the work of a row.
            halves += 2 if OPENS.match(line) else was_blank
            if halves > 2 * limits.BLOCKS:
                place = f"{name}:{number}" if name else f"line {number}"
                raise Invalid(
                    f"{place}: more than {limits.BLOCKS:,} rows, items and paragraphs, which no report has; "
                    "leave raw data out, put it in a code block, or link to it"
                )
            if opening := FENCE.match(line):
                fence = opening[1]
        was_blank = is_blank
