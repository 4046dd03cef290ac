"""HTML lists and tables amid Markdown, as the Markdown that says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from postmortems import limits
from postmortems.document import text_size
from postmortems.document.markdown import prose_markers
from postmortems.document.markdown.tokens import Block
from postmortems.document.readers import html
from postmortems.document.text import is_all_there

ROW = re.compile(r"<(?:li|tr)[\s>]", re.IGNORECASE)
# One alone is a remark that somebody set apart.
FEWEST = 2


def as_markdown(lines: Sequence[str], blocks: Sequence[Block]) -> list[str] | None:
    """The lines with each list and table of HTML as one of Markdown; None where there is none.

    What stands between our marks for prose stays, and so does HTML with comments in it: they show nowhere.
    """
    out: list[str] = []
    done = 0
    for start, end in _runs(lines, blocks):
        turned = _turned("\n".join(lines[start:end]))
        if turned:
            out += [*lines[done:start], "", *turned.split("\n"), ""]
            done = end
    return [*out, *lines[done:]] if done else None


def _turned(text: str) -> str:
    """Lists and tables as Markdown; "" where there are none, too many, or words that would be lost."""
    if len(ROW.findall(text)) < FEWEST or len(text_size.TAG.findall(text)) > limits.BLOCKS:
        return ""
    turned = html.fragment(text)
    return turned if is_all_there(text, turned) else ""


def _runs(lines: Sequence[str], found: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """The lines of neighbouring blocks of HTML: to Markdown, a blank line ends one amid a list."""
    for is_html, blocks in groupby(_readable(lines, found), key=lambda block: block.kind == "html"):
        if is_html:
            run = list(blocks)
            yield run[0].start, run[-1].end


def _readable(lines: Sequence[str], blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks, those of HTML that stay as they are as something else."""
    is_prose = False
    for block in blocks:
        own = lines[block.start : block.end]
        if block.kind == "html" and own[0] in (prose_markers.PROSE, prose_markers.PROSE_END):
            is_prose = own[0] == prose_markers.PROSE
        is_kept = is_prose or any("<!--" in line for line in own)
        yield Block("kept", block.start, block.end) if is_kept else block
