"""Markdown as top-level blocks with their line numbers.

markdown-it-py finds the blocks, and nothing else: without its inline half it is fast, it cannot be led into
quadratic work by brackets, and link definitions stay the lines they are. We keep line numbers, not tokens,
so whatever we do not understand is handed on as the author's own lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from postmortems.document.parse_cache import Kept
from postmortems.document.text import is_blank

KINDS = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "fence",
    "code_block": "code",
    "blockquote_open": "quote",
    "html_block": "html",
    "hr": "rule",
}
LIST_ITEM = re.compile(r"^([ \t]*)([-*+]|\d{1,9}[.)])([ \t]*)")
# What a reader could not take apart without loss is kept between these, and is never taken apart again.
VERBATIM, VERBATIM_END = "<!-- verbatim -->", "<!-- /verbatim -->"
# A title that long, underlined with dashes, is a paragraph over a rule that lacks its blank line.
LONGEST_UNDERLINED = 120
UNDERLINE = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
AT_MARGIN = re.compile(r"#{1,6}(?:[ \t]|$)")
AFTER = "# after"
# `{: .table .table-striped }`
ATTRIBUTES = re.compile(r"\s{0,3}\{:[^{}|]*\}\s*")
# What parts the cells of a row, and code, in which nothing does.
BAR = re.compile(r"(?<!\\)\|")
BAR_OR_CODE = re.compile(r"(?<!\\)\||(?P<mark>(?<!`)`+(?!`))[^|`]*(?:\|[^`]*?)?(?P=mark)(?!`)")
OPENING = re.compile(r"```|~~~|<[!?]|<(?:script|pre|style|textarea)\b", re.IGNORECASE)
# A text is asked for its blocks by whoever looks for labels, for sections and for entries in it.
MOST_REMEMBERED = 500_000
ENDINGS = ("-->", "?>", "]]>", ">", "</script>", "</style>", "</pre>", "</textarea>")


class Block(NamedTuple):
    """A block at the top of a text: lines `start` up to, not including, `end`.

    `parts` are a list's items or a table's rows; `cells` a row's cells; `text` a heading's words.
    A tuple: a text is made of many, and each is made, compared and looked up several times as it is read.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    text: str = ""
    parts: tuple[Block, ...] = ()
    cells: tuple[str, ...] = ()

    def up(self, lines: int) -> Block:
        """The same block in a text that begins so many lines further down."""
        kind, start, end, level, text, parts, cells = self
        if parts:
            parts = tuple([part.up(lines) for part in parts])
        # Without the call of Python that `Block(…)` is.
        return tuple.__new__(Block, (kind, start - lines, end - lines, level, text, parts, cells))


_READ: Kept[tuple[Block, ...]] = Kept(MOST_REMEMBERED, MOST_REMEMBERED // 8)
_PIECES: Kept[tuple[tuple[Block, ...] | None]] = Kept(MOST_REMEMBERED, MOST_REMEMBERED // 8)


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"maxNesting": 40}).enable("table").disable("reference")
    reader.core.ruler.enableOnly(["normalize", "block"])
    return reader


def blocks(lines: Sequence[str]) -> list[Block]:
    """The top-level blocks of these lines, in order."""
    # A carriage return would be taken for a line end, and the line numbers would no longer be ours.
    text = "\n".join(lines)
    found = _READ.get(text)
    if found is None:
        found = tuple(_by_heading(lines))
        if VERBATIM_END in text:
            found = tuple(_kept_whole(lines, found))
        _READ.put(text, found, len(text))
    return list(found)


def inlines(text: str) -> Iterator[str]:
    """What stands in paragraphs, list items, quotes and cells, without the marks of these; no heading."""
    is_heading = False
    for token in _markdown().parse(text.replace("\r", " ")):
        if token.type == "inline" and not is_heading:
            yield token.content
        is_heading = token.type == "heading_open"


def _by_heading(lines: Sequence[str]) -> Iterator[Block]:
    """The blocks of a text from heading to heading, so that one edit leaves most of them as they were read.

    What stands open at a heading (a fence, a comment) swallows it: the rest is read as one.
    """
    headings = [at for at, line in enumerate(lines) if at and not lines[at - 1] and AT_MARGIN.match(line)]
    start = 0
    for end in headings:
        found = _piece("\n".join(lines[start:end]), AFTER)
        if found is None:
            break
        yield from [block.up(-start) for block in found] if start else found
        start = end
    rest = _piece("\n".join(lines[start:]), "") or ()
    yield from (block.up(-start) for block in rest)


def _piece(text: str, after: str) -> tuple[Block, ...] | None:
    """The blocks of a text before the heading `after`; None where it would swallow the heading."""
    held = _PIECES.get((text, after))
    if held is None:
        found = tuple(_read([*text.split("\n"), after] if after else text.split("\n")))
        if after:
            held = (found[:-1] if found[-1].kind == "heading" else None,)
        else:
            held = (found,)
        _PIECES.put((text, after), held, len(text))
    return held[0]


def _read(lines: Sequence[str]) -> Iterator[Block]:
    return _top(_markdown().parse("\n".join(lines).replace("\r", " ")), lines)


def _top(tokens: list[Token], lines: Sequence[str]) -> Iterator[Block]:
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _closing(tokens, position)
        kind = KINDS.get(token.type, "")
        if kind and token.map:
            yield from _apart(_block(kind, token, tokens[position + 1 : end], lines), lines)
        position = end + 1


def _apart(block: Block, lines: Sequence[str]) -> Iterator[Block]:
    """The block; a table without the line of attributes right below it, which is no row (kramdown, IAL)."""
    rows = block.parts if block.kind == "table" else ()
    if len(rows) > 1 and ATTRIBUTES.fullmatch(lines[rows[-1].start]):
        yield block._replace(end=rows[-1].start, parts=rows[:-1])
        yield Block("paragraph", rows[-1].start, block.end)
    else:
        yield block


def _closing(tokens: list[Token], position: int) -> int:
    """The index of the token that closes the block opened here."""
    if tokens[position].nesting != 1:
        return position
    level = tokens[position].level
    end = position + 1
    while end < len(tokens) - 1 and not (tokens[end].nesting == -1 and tokens[end].level == level):
        end += 1
    return end


def _block(kind: str, token: Token, inside: list[Token], lines: Sequence[str]) -> Block:
    assert token.map
    start, end = token.map
    while end > start + 1 and is_blank(lines[end - 1]) and kind not in ("fence", "html"):
        end -= 1
    if kind == "heading":
        return _heading(token, inside[0].content if inside else "", start, end)
    parts = tuple(_parts(kind, inside))
    return Block(kind, start, end, parts=_with_all_cells(parts, lines) if kind == "table" else parts)


def _heading(token: Token, content: str, start: int, end: int) -> Block:
    underlined = token.markup in ("=", "-")
    content = _unclosed(content.strip())
    if not content.strip() or (underlined and (end - start > 2 or len(content) > LONGEST_UNDERLINED)):
        return Block("paragraph", start, end)
    return Block("heading", start, end, level=int(token.tag[1:]), text=content.strip())


def _unclosed(text: str) -> str:
    """A heading without its closing marks, all of them: else one would go with each reading."""
    while text.endswith("#"):
        bare = text.rstrip("#")
        if bare and bare[-1] not in " \t":
            break
        text = bare.rstrip(" \t")
    return text


def _parts(kind: str, inside: list[Token]) -> Iterator[Block]:
    for index, token in enumerate(inside):
        if not token.map:
            continue
        if kind == "list" and token.type == "list_item_open" and token.level == 1:
            yield Block("item", token.map[0], token.map[1])
        if kind == "table" and token.type == "tr_open":
            yield Block("row", token.map[0], token.map[1], cells=tuple(_cells(inside, index)))


def _with_all_cells(rows: tuple[Block, ...], lines: Sequence[str]) -> tuple[Block, ...]:
    """The rows of a table, none without the words behind its last cell, which Markdown leaves out.

    Most often a bar in code made a cell too many: `iptables -L | grep KUBE`.
    """
    width = len(rows[0].cells) if rows else 0
    if not any(_has_more(lines[row.start], width) for row in rows):
        return rows
    cells = (
        _refilled(lines[row.start], width) if _has_more(lines[row.start], width) else row.cells
        for row in rows
    )
    return tuple(Block(row.kind, row.start, row.end, cells=own) for row, own in zip(rows, cells, strict=True))


def _has_more(line: str, width: int) -> bool:
    behind = BAR.split(line.strip().strip("|"))[width:] if line.count("|") > width else []
    return any(map(str.strip, behind))


def _refilled(line: str, width: int) -> tuple[str, ...]:
    """A row's cells where bars in code part none, those behind the last one with it."""
    bare = line.strip().removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    cells: list[str] = []
    start = 0
    for bar in BAR_OR_CODE.finditer(bare):
        if bar.group() == "|" and len(cells) < width - 1:
            cells.append(bare[start : bar.start()])
            start = bar.end()
    cells.append(bare[start:])
    cells += [""] * (width - len(cells))
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)


def _cells(tokens: list[Token], row: int) -> Iterator[str]:
    """The cells of the row that opens there."""
    for at in range(row, len(tokens)):
        if tokens[at].type == "tr_close":
            return
        if tokens[at].type == "inline":
            yield tokens[at].content.strip()


def _kept_whole(lines: Sequence[str], found: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with everything from one verbatim mark to the other as a single one."""
    ends = [at + 1 for at, line in enumerate(lines) if line == VERBATIM_END]
    kept = 0
    for block in found:
        if block.start < kept:
            continue
        if block.kind == "html" and lines[block.start] == VERBATIM:
            end = bisect_right(ends, block.end)
            if end < len(ends):
                block, kept = Block("html", block.start, ends[end]), ends[end]
        yield block


def dedented(lines: Sequence[str]) -> list[str]:
    """The content of a list item, without its marker and its indentation."""
    match = LIST_ITEM.match(lines[0])
    if not match:
        return list(lines)
    rest = lines[0][match.end() :]
    width = len(lines[0][: match.end()].expandtabs(4))
    gap = width - len(lines[0][: match.end(2)].expandtabs(4))
    if not rest or gap > 4:
        # Nothing behind the marker, or code behind it: the content begins one column after the marker.
        rest = " " * (gap - 1) + rest if rest else ""
        width = width - gap + 1
    return [rest, *(_outdented(line, width) for line in lines[1:])]


def _outdented(line: str, width: int) -> str:
    """A line without its first columns, as far as they are blank."""
    blank = len(line) - len(line.lstrip(" \t"))
    if "\t" not in line[:blank]:
        return line[min(width, blank) :]
    columns = line[:blank].expandtabs(4)
    return columns[min(width, len(columns)) :] + line[blank:]


def with_heading_levels(lines: Sequence[str], found: Sequence[Block], levels: dict[int, int]) -> list[str]:
    """The lines, with the headings that start at these lines set to these levels."""
    out: list[str] = []
    done = 0
    for block in found:
        if block.kind == "heading" and levels.get(block.start, block.level) != block.level:
            out += [*lines[done : block.start], heading(levels[block.start], block.text)]
            done = block.end
    return [*out, *lines[done:]]


def with_headings_below(level: int, lines: Sequence[str]) -> list[str]:
    """Text that stood inside a list item: its headings may not reach out of the entry."""
    if not any("#" in line or UNDERLINE.match(line) for line in lines):
        return list(lines)
    found = blocks(lines)
    levels = {block.start: max(level + 1, block.level) for block in found if block.kind == "heading"}
    return with_heading_levels(lines, found, levels)


def heading(level: int, text: str) -> str:
    return f"{'#' * min(level, 6)} {text}"


def sealed(text: str) -> str:
    """Text that ends what it began: an open fence or comment would swallow whatever is written after it."""
    if not OPENING.search(text):
        return text
    lines = text.split("\n")
    last = next(reversed(blocks(lines)), None)
    if last is None or last.kind not in ("fence", "html") or not _swallows(text):
        return text
    if last.kind == "fence":
        mark = re.match(r"\s*(`+|~+)", lines[last.start])
        return f"{text}\n{mark.group(1)}" if mark else text
    return next((f"{text}\n{end}" for end in ENDINGS if not _swallows(f"{text}\n{end}")), text)


def _swallows(text: str) -> bool:
    lines = [*text.split("\n"), "", "# after"]
    return blocks(lines)[-1].kind != "heading"
