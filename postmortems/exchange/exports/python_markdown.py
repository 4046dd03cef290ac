"""Markdown for Python-Markdown, which MkDocs uses: what it reads otherwise is written as HTML.

People write as GitHub reads: lists nested by two or three blanks, a list or a table right below a line of
text, a fence inside a list, one list right behind another. Python-Markdown wants four blanks, an empty line,
code in lists indented, and something between two lists. A parser of the GitHub dialect says where the blocks
are; their lines are moved. `reads_otherwise` asks Python-Markdown itself what came of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it.token import Token

from postmortems.exchange.exports import places, raw_html
from postmortems.exchange.exports.outline import outline

STEP = 4
MARKER = re.compile(r"(?P<indent>\s*)(?P<marker>[-*+]|\d{1,9}[.)])(?P<gap>[ \t]*)")
QUOTE = re.compile(r"^ {0,3}> ?")
DEEPEST_QUOTE = 5
# What MkDocs switches on unless it is told otherwise.
EXTENSIONS = ("toc", "tables", "fenced_code")
# Its time grows with the square of the openings in a paragraph: for 20,000 brackets it was 87 s.
OPENINGS = re.compile(r"[\[<]")
LONGEST_ASKED = 20_000
MOST_OPENINGS = 200
DEEPEST_ASKED = 12


@dataclass(slots=True)
class Line:
    """What to do with one line: how many list items hold it, how far they indent it, which begin on it."""

    depth: int = 0
    indent: int = 0
    begins: int = 0
    wants_blank: bool = False
    is_code: bool = False
    is_text: bool = False
    is_left_out: bool = False
    parts_lists: bool = False
    is_whole_item: bool = False


def normalised(text: str, quoted: int = 0) -> str:
    """The same document for Python-Markdown; `quoted` is how many quotes it was taken out of."""
    lines = re.sub("\r\n?", "\n", text).expandtabs(STEP).split("\n")
    tokens = places.BLOCKS.parse("\n".join(lines))
    plan = _plan(tokens, lines)
    quotes = _quotes(tokens, lines) if quoted < DEEPEST_QUOTE else {}
    written: list[str] = []
    number, is_behind_quote = 0, False
    while number < len(lines):
        if plan[number].wants_blank and lines[number].strip() and written and written[-1].strip():
            written.append("")
        if plan[number].parts_lists:
            written += ["<!-- -->", ""]
        if number in quotes:
            written += ["<!-- -->", ""] if is_behind_quote else []
            is_behind_quote = True
            written += _requoted(lines[number : quotes[number]], quoted)
            number = quotes[number]
            plan[min(number, len(plan) - 1)].wants_blank = True
        else:
            is_behind_quote &= not lines[number].strip()
            written += [] if plan[number].is_left_out else [_moved(lines[number], plan[number])]
            number += 1
    return "\n".join(written)


def reads_otherwise(text: str) -> bool:
    """Whether Python-Markdown or GitHub shows it with other words or blocks once it is `normalised`.

    Not asked of a text that would take it long, or that its own limits of depth would cut.
    """
    # Imported where it is needed: most commands write no page for MkDocs.
    import markdown

    if len(text) > LONGEST_ASKED or len(OPENINGS.findall(text)) > MOST_OPENINGS:
        return False
    if max((token.level for token in places.BLOCKS.parse(text)), default=0) > DEEPEST_ASKED:
        return False
    moved, meant = normalised(text), outline(raw_html.shown(text))
    html = markdown.markdown(moved, extensions=list(EXTENSIONS))
    return not outline(html) == meant == outline(raw_html.shown(moved))


def _quotes(tokens: list[Token], lines: list[str]) -> dict[int, int]:
    """First line and end of each quote in no list and no other quote, without blank lines behind."""
    outer = (token.map for token in tokens if token.type == "blockquote_open" and token.level == 0)
    return {
        found[0]: found[0] + len(_bare(lines[found[0] : found[1]])) for found in outer if found is not None
    }


def _requoted(lines: list[str], quoted: int) -> list[str]:
    inner = normalised("\n".join(QUOTE.sub("", line) for line in lines), quoted + 1)
    return [f"> {line}".rstrip() if not line.strip() else f"> {line}" for line in inner.split("\n")]


def _plan(tokens: list[Token], lines: list[str]) -> list[Line]:
    plan = [Line() for _ in lines]
    # How far each of the list items around the present token indents its text.
    indents: list[int] = []
    quotes = 0
    # Where the list before ends.
    list_end = -1
    for token in tokens:
        quotes += {"blockquote_open": 1, "blockquote_close": -1}.get(token.type, 0)
        if quotes:
            continue
        if token.type == "list_item_close":
            indents.pop()
        if token.map is None:
            continue
        first, end = token.map
        if token.type == "list_item_open":
            _enter_item(plan, lines, indents, first, end)
            # Behind a paragraph or code of its own, the next item would be read as more of it.
            plan[first].wants_blank |= first > 0 and not lines[first - 1].strip()
            is_loose = "" in [line.strip() for line in _bare(lines[first:end])]
            if is_loose and end < len(lines):
                plan[end].wants_blank = True
        elif token.type in {"bullet_list_open", "ordered_list_open", "table_open"}:
            if not indents:
                plan[first].wants_blank = True
                plan[first].parts_lists = "list" in token.type and first == list_end
                list_end = end if "list" in token.type else list_end
                if end < len(lines):
                    plan[end].wants_blank = True
        elif token.type == "paragraph_open" and indents:
            for number in range(first, end):
                plan[number].is_text = True
        elif token.type == "fence" and indents:
            _unfence(plan, token, lines)
        elif token.type in {"fence", "code_block"}:
            plan[first].wants_blank = token.type == "fence"
            if end < len(lines):
                plan[end].wants_blank = True
    return plan


def _bare(lines: list[str]) -> list[str]:
    """The lines without the blank ones at the end."""
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _enter_item(plan: list[Line], lines: list[str], indents: list[int], first: int, end: int) -> None:
    outer = indents[-1] if indents else 0
    found = MARKER.match(lines[first], outer)
    width = outer + STEP
    if found is not None:
        gap = len(found["gap"])
        # An item that begins with code or with nothing has its text one blank after the marker.
        width = found.end() if 1 <= gap <= 4 and found.end() < len(lines[first]) else found.end("marker") + 1
    indents.append(width)
    for number in range(first, end):
        plan[number].depth = len(indents)
        plan[number].indent = width
    plan[first].begins += 1
    plan[first].is_whole_item = len(_bare(lines[first:end])) == 1


def _unfence(plan: list[Line], token: Token, lines: list[str]) -> None:
    """A fence in a list, where Python-Markdown knows none: code that is indented."""
    assert token.map is not None
    first, end = token.map
    if plan[first].begins:
        return
    plan[first].is_left_out = True
    plan[first + 1 if first + 1 < end else first].wants_blank = True
    for number in range(first + 1, end):
        plan[number].is_code = True
    is_closed = end - first - 1 > token.content.count("\n")
    plan[end - 1].is_left_out |= is_closed
    if end < len(lines):
        plan[end].wants_blank = True


def _moved(line: str, todo: Line) -> str:
    if todo.depth == 0 or not line.strip():
        return line
    if todo.begins:
        return _first_line(line, todo)
    if todo.is_text:
        return " " * (STEP * todo.depth) + line.lstrip(" ")
    present = len(line) - len(line.lstrip(" "))
    # A line that continues a paragraph may stand further left than the paragraph.
    return " " * (STEP * (todo.depth + todo.is_code)) + line[min(present, todo.indent) :]


def _first_line(line: str, todo: Line) -> str:
    found = MARKER.match(line)
    if todo.begins > 1 or found is None:
        # `- - a`: two items on one line have no other spelling; leave it.
        return line
    marker = found["marker"].replace(")", ".")
    # An empty item below text would be read as the underline of a heading.
    words = line[max(todo.indent, found.end("marker")) :] or "&#160;"
    # Padded, so that what follows is in the same column for both dialects and a second pass moves nothing.
    width = todo.indent - found.start("marker") - 1 if todo.is_whole_item else STEP - 1
    return " " * (STEP * (todo.depth - 1)) + f"{marker:<{width}} {words}"
