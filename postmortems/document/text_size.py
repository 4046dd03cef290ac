"""Size limits of a text, counted before it is parsed: what no report holds is refused at once.

Reading takes as long as there are blocks, not letters: a table of one-word rows has many times as many.
Weights are as the time that each takes, a row's being 20.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems import limits
from postmortems.errors import Invalid

ROW, PARAGRAPH, LINE, CODE_LINE, CELL = 20, 10, 2, 1, 2
# A row, an item, a heading, a quotation, HTML, a label or a time: whatever is looked at by itself.
OPENS = re.compile(r"[ \t]*(?:[|#>*<+=_:-]|\d|\[)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# How deep a line is quoted.
QUOTED = re.compile(r"[> \t]*")
# What begins another entry within a line.
BREAK = re.compile(r"<br\b", re.IGNORECASE)
TAG = re.compile(r"<[a-z]", re.IGNORECASE)
TOO_MUCH = "which no report has; leave raw data out, put it in a code block, or link to it"


def check(lines: Sequence[str], name: str = "", *, further: int = LINE) -> None:
    """Raise `Invalid`, with file and line, where there are more blocks than a report can have.

    `further` is what each line of a paragraph weighs after its first.
    """
    if _is_light(lines):
        return
    weight, follows_blank, fence = 0, True, ""
    for number, line in enumerate(lines, 1):
        if fence:
            weight += CODE_LINE
            is_end = line.lstrip(" ").startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if is_end else fence
        elif opening := FENCE.match(line):
            weight, fence = weight + ROW, opening[1]
        elif line:
            weight += _weight(line, PARAGRAPH if follows_blank else further)
        follows_blank = not fence and (not line or line.isspace())
        if weight > ROW * limits.BLOCKS:
            place = f"{name}:{number}" if name else f"line {number}"
            raise Invalid(f"{place}: more than {limits.BLOCKS:,} rows, items and paragraphs, {TOO_MUCH}")


def _is_light(lines: Sequence[str]) -> bool:
    """Whether all would be allowed even if each line were a row, and all its signs those that weigh."""
    if len(lines) > limits.BLOCKS:
        return False
    text = "\n".join(lines)
    signs = CELL * (text.count("|") + text.count(">")) + ROW * text.count("<")
    return ROW * len(lines) + signs <= ROW * limits.BLOCKS


def _weight(line: str, of_prose: int) -> int:
    if line.isspace():
        return LINE
    quoted = QUOTED.match(line)
    inner = line.count("|") + (quoted[0].count(">") if quoted else 0)
    begun = max(ROW if OPENS.match(line) else of_prose, CELL * inner)
    return begun + ROW * len(BREAK.findall(line)) if "<" in line else begun


def check_tags(page: str, name: str) -> None:
    """Raise `Invalid`, with file and line, where a page has more tags than a report can have."""
    for count, tag in enumerate(TAG.finditer(page)):
        if count == limits.TAGS:
            line = page.count("\n", 0, tag.start()) + 1
            raise Invalid(f"{name}:{line}: more than {limits.TAGS:,} tags, {TOO_MUCH}")
