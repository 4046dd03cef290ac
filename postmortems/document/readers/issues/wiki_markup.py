"""Reads Jira's wiki markup, in which REST API v2 and Jira Server have their texts, as Markdown.

Notation: Jira's "Text Formatting Notation Help" (h1. to h6., bq., {quote}, {code}, {noformat}, {panel},
||tables||, lists of `*`, `#` and `-`, `----`). A macro that is not known keeps what stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document.readers.issues.wiki_inline import nodes
from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import is_blank, lines_of

HEADING = re.compile(r"^\s*h(?P<level>[1-6])\.\s*(?P<words>.*)$")
QUOTE = re.compile(r"^\s*bq\.\s*(?P<words>.*)$")
RULE = re.compile(r"^\s*-{4,}\s*$")
ITEM = re.compile(r"^\s*(?P<marks>[*#]+|-)\s+(?P<words>\S.*)$")
ROW = re.compile(r"^\s*\|")
VERBATIM = re.compile(r"^(?P<before>.*?)\{(?P<macro>code|noformat)(?::(?P<set>[^{}]*))?\}(?P<rest>.*)$")
BLOCK = re.compile(
    r"^(?P<before>.*?)\{(?P<macro>quote|panel|info|note|warning|tip|expand)(?::(?P<set>[^{}]*))?\}(?P<rest>.*)$"
)
TITLE = re.compile(r"(?:^|\|)title=(?P<title>[^|]*)")
LANGUAGE = re.compile(r"^(?:language=)?(?P<name>[\w+#-]{1,30})(?:\||$)")
# Checklists: `(/) done`, `(x) not yet`, and the boxes that checklist fields of Jira copy as text.
BOX = re.compile(r"^(?:\[(?P<mark>[ xX]?)\](?!\()|(?P<sign>\((?:/|x)\)))\s*")
DEEPEST = 8
# Unknown macros that stand alone on a line say nothing themselves.
ALONE = re.compile(r"^\s*\{(?:toc|anchor|section|column|jql|children)[^{}]*\}\s*$")


def to_markdown(text: str) -> str:
    """A text in wiki markup as Markdown."""
    return compose(list(_blocks(lines_of(text), 0)))


def is_marked(text: str) -> bool:
    """Whether a text has marks of this notation that Markdown has not."""
    marks = (HEADING, VERBATIM, BLOCK)
    return any(each.match(line) for line in lines_of(text) for each in marks) or "||" in text


def _blocks(lines: Sequence[str], depth: int) -> Iterator[Node]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if is_blank(line) or ALONE.match(line):
            at += 1
        elif (match := VERBATIM.match(line)) and not ITEM.match(line) and not _is_in_line(match):
            made, at = _verbatim(lines, at, match)
            yield from made
        elif (match := BLOCK.match(line)) and depth < DEEPEST:
            made, at = _block(lines, at, match, depth)
            yield from made
        elif match := HEADING.match(line):
            yield Element(f"h{match['level']}", {}, nodes(match["words"]))
            at += 1
        elif match := QUOTE.match(line):
            yield Element("blockquote", {}, nodes(match["words"]))
            at += 1
        elif RULE.match(line):
            yield Element("hr")
            at += 1
        else:
            one, at = _run(lines, at)
            yield one


def _run(lines: Sequence[str], start: int) -> tuple[Node, int]:
    """A list, a table or a paragraph, and the line behind it."""
    if ITEM.match(lines[start]):
        return _list(lines, start)
    is_table = bool(ROW.match(lines[start]))
    end = start + 1
    while end < len(lines) and not _begins(lines[end], is_table=is_table):
        end += 1
    if is_table:
        return _table(lines[start:end]), end
    broken: list[Node] = []
    for line in lines[start:end]:
        broken += [*([Element("br")] if broken else []), *nodes(line.strip())]
    return Element("p", {}, broken), end


def _begins(line: str, *, is_table: bool) -> bool:
    """Whether another block begins here. A cell of a table may go on in the next lines."""
    if is_blank(line) or HEADING.match(line) or QUOTE.match(line) or RULE.match(line):
        return True
    if is_table:
        return False
    code = VERBATIM.match(line)
    is_code = code is not None and not _is_in_line(code)
    return is_code or bool(ITEM.match(line) or ROW.match(line) or BLOCK.match(line))


def _is_in_line(match: re.Match[str]) -> bool:
    """Whether code ends on the line that it began on, with other words before or behind it."""
    inside, mark, behind = match["rest"].partition(f"{{{match['macro']}}}")
    return bool(mark and inside and (match["before"].strip() or behind.strip()))


def _verbatim(lines: Sequence[str], at: int, match: re.Match[str]) -> tuple[list[Node], int]:
    """`{code:java|title=x}` to the next `{code}`; without an end it reaches to the last line."""
    inside, end, behind = _inside(lines, at, match)
    settings = match["set"] or ""
    named = LANGUAGE.match(settings)
    title = TITLE.search(settings)
    language = {"class": f"language-{named['name']}"} if named and match["macro"] == "code" else {}
    return [
        Element("p", {}, nodes(match["before"])),
        *_titled(title["title"] if title else ""),
        Element("pre", language, ["\n".join(inside).strip("\n")]),
        Element("p", {}, nodes(behind)),
    ], end


def _block(lines: Sequence[str], at: int, match: re.Match[str], depth: int) -> tuple[list[Node], int]:
    inside, end, behind = _inside(lines, at, match)
    title = TITLE.search(match["set"] or "")
    made: list[Node] = [*_titled(title["title"] if title else ""), *_blocks(inside, depth + 1)]
    if match["macro"] != "expand":
        made = [Element("blockquote", {}, made)]
    return [Element("p", {}, nodes(match["before"])), *made, Element("p", {}, nodes(behind))], end


def _titled(title: str) -> list[Node]:
    return [Element("p", {}, [Element("strong", {}, nodes(title.strip()))])] if title.strip() else []


def _inside(lines: Sequence[str], at: int, match: re.Match[str]) -> tuple[list[str], int, str]:
    """The lines of a macro, the line after it, and what stands behind its end on the same line."""
    ending = f"{{{match['macro']}}}"
    inside, line = [], match["rest"]
    while ending not in line:
        inside.append(line)
        at += 1
        if at == len(lines):
            return inside, at, ""
        line = lines[at]
    before, _, behind = line.partition(ending)
    return [*inside, before] if before or not inside else inside, at + 1, behind


def _list(lines: Sequence[str], start: int) -> tuple[Element, int]:
    """A list with the lists in it; a line without a mark goes on with the item above it."""
    root = Element("ul" if lines[start].strip()[0] != "#" else "ol")
    open_lists = [root]
    at = start
    while at < len(lines) and not is_blank(lines[at]):
        match = ITEM.match(lines[at])
        if match is None:
            if any(each.match(lines[at]) for each in (HEADING, ROW, BLOCK, RULE)):
                break
            made, at = _continued(lines, at)
            _last(open_lists).children += made
            continue
        depth = min(len(match["marks"]), len(open_lists) + 1, DEEPEST)
        if depth > len(open_lists):
            deeper = Element("ol" if match["marks"][-1] == "#" else "ul")
            _last(open_lists).children.append(deeper)
            open_lists.append(deeper)
        del open_lists[depth:]
        open_lists[-1].children.append(Element("li", {}, _item(match["words"])))
        at += 1
    return root, at


def _last(open_lists: Sequence[Element]) -> Element:
    last = open_lists[-1].children[-1] if open_lists[-1].children else open_lists[-1]
    return last if isinstance(last, Element) else open_lists[-1]


def _continued(lines: Sequence[str], at: int) -> tuple[list[Node], int]:
    if (match := VERBATIM.match(lines[at])) and not _is_in_line(match):
        return _verbatim(lines, at, match)
    return [Element("br"), *nodes(lines[at].strip())], at + 1


def _item(words: str) -> list[Node]:
    match = BOX.match(words)
    if match is None:
        return nodes(words)
    is_done = match["sign"] == "(/)" or (match["mark"] or "").lower() == "x"
    box = Element("input", {"type": "checkbox", **({"checked": ""} if is_done else {})})
    return [box, *nodes(words[match.end() :])]


def _table(lines: Sequence[str]) -> Element:
    """`||head||head||` and `|cell|cell|`; a line that begins with no bar goes on in the last cell."""
    rows: list[str] = []
    for line in lines:
        if ROW.match(line) or not rows:
            rows.append(line.strip())
        else:
            rows[-1] += f"\n{line.strip()}"
    return Element("table", {}, [Element("tr", {}, _cells(row)) for row in rows])


# A bar in a link or in code separates nothing.
CELL = re.compile(r"(?P<bar>\|\|?)(?P<inside>(?:\[[^\[\]\n]*\]|\{\{[^{}]*\}\}|!\S[^!\n]*!|\\\||[^|])*)")


def _cells(row: str) -> list[Node]:
    cells: list[Node] = []
    found = list(CELL.finditer(row))
    for at, match in enumerate(found):
        inside = match["inside"].strip()
        if at == len(found) - 1 and not inside:
            break
        broken: list[Node] = []
        for line in inside.split("\n"):
            broken += [*([Element("br")] if broken else []), *nodes(line)]
        cells.append(Element("th" if match["bar"] == "||" else "td", {}, broken))
    return cells
