"""Lines of an item that an editor broke: the words of its first paragraph on one line."""

from __future__ import annotations

import re

from postmortems import patterns

# Code and markup, whose lines mean something.
FENCED = patterns.of(r"```|~~~|^[ ]{4}|<", re.MULTILINE)
# Lines that are no more words of the paragraph above them: lists, tables, quotes, a label and its value.
OWN_LINE = patterns.of(
    r"[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|[#>|])|[*_]{0,2}[^\W\d_][^:：*_\n]{0,30}[ ]?[*_]{0,2}[:：]"
)


def on_one_line(text: str) -> str:
    """The text, the lines of its first paragraph as one; itself where those are more than words."""
    lines = text.split("\n")
    if len(lines) == 1 or FENCED.search(text):
        return text
    count = 1
    while (
        count < len(lines)
        and lines[count].strip()
        and not OWN_LINE.match(lines[count])
        and not lines[count - 1].endswith(("  ", "\\"))
    ):
        count += 1
    return "\n".join([" ".join(line.strip() for line in lines[:count]), *lines[count:]])
