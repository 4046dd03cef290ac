"""The block of comments at the end of a Markdown file: what people said about the report, and no part of it.

Whoever exports a report may ask for it; reading the file takes it off again, so that it is the same report.
"""

from __future__ import annotations

from postmortems.document.text import is_blank, joined

BEGIN, END = "<!-- comments -->", "<!-- /comments -->"


def with_block(markdown: str, block: str) -> str:
    """The file with the block behind the report; no line of the block itself is one of its marks."""
    lines = [f" {line}" if line in (BEGIN, END) else line for line in block.strip("\n").split("\n")]
    return "\n".join([markdown.rstrip("\n"), "", BEGIN, "", *lines, "", END, ""])


def without(markdown: str) -> str:
    """The text without such a block at its end; one whose end somebody cut off is text like any other."""
    if END not in markdown:
        return markdown
    lines = markdown.replace("\r\n", "\n").split("\n")
    last = max((at for at, line in enumerate(lines) if not is_blank(line)), default=-1)
    if last < 0 or lines[last].rstrip() != END:
        return markdown
    begun = next((at for at in range(last, -1, -1) if lines[at].rstrip() == BEGIN), None)
    return markdown if begun is None else joined(lines[:begun]) + "\n"
