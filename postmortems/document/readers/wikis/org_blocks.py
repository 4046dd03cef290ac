"""Blocks of Org, as elements: paragraphs, lists, tables, quotes and code.

As the Org manual (9.7) has them: "Plain Lists", "Built-in Table Editor", "Blocks", "Literal Examples".
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence

from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.wikis import org_inline
from postmortems.document.text import is_blank

BEGIN = re.compile(r"\s*#\+begin_(?P<kind>[\w-]+)(?:[ \t]+(?P<language>[\w+#-]+))?", re.IGNORECASE)
END_OF_BLOCK = re.compile(r"\s*#\+end_", re.IGNORECASE)
DRAWER = re.compile(r"\s*:(?!END:)[\w-]+:\s*$", re.IGNORECASE)
END = re.compile(r"\s*:END:\s*$", re.IGNORECASE)
KEYWORD = re.compile(r"\s*#\+(?P<key>[\w-]+)(?:\[[^\]]*\])?:[ \t]*(?P<value>.*)$")
COMMENT = re.compile(r"\s*#(?:\s|$)")
FIXED = re.compile(r"\s*:(?: (?P<text>.*)|\s*)$")
TABLE = re.compile(r"\s*\|")
RULE = re.compile(r"\s*\|[-+|\s]*$")
LINE = re.compile(r"\s*-{5,}\s*$")
NOTE = re.compile(r"\s*\[fn:(?P<name>[\w-]+)\][ \t]+(?P<text>.*)$")
BULLET = re.compile(
    r"(?P<indent>\s*)(?P<mark>[-+]|(?<=\s)\*|(?P<number>\d{1,9})[.)])(?:\s+\[@(?P<start>\d{1,9})\])?"
    r"(?:\s+\[(?P<box>[ xX-])\](?=\s|$))?(?:\s+(?P<text>.*))?$"
)
TERM = re.compile(r"(?P<term>\S.*?)\s+::(?:\s+(?P<text>.*))?$")
# A term that is a time needs no mark: the time is read, and what is behind it said of it.
TIME = re.compile(r"[~<\[]?\d.{0,60}")
# What tells Emacs how to export or calculate, and shows nowhere.
SETTING = re.compile(
    r"attr_\w+|name|results?|header|headers?|options|startup|property|tblfm|(?:seq_|typ_)?todo|priorities|language"
    r"|(?:select|exclude)_tags|latex\w*|html\w*|odt\w*|export_\w+|setupfile|columns|archive|category|link|macro"
    r"|bibliography|cite_export|index|toc|constants|description|creator|infojs_opt|plot",
    re.IGNORECASE,
)


def elements(lines: Sequence[str]) -> list[Node]:
    """The lines below a heading as elements."""
    found: list[Node] = []
    at = 0
    while at < len(lines):
        if is_blank(lines[at]):
            at += 1
            continue
        take = _taker(lines[at])
        taken = take(lines, at) if take else None
        nodes, at = taken or _words(lines, at)
        found += nodes
    return found


# The elements of a block, and the number of the line behind it; None where it begins and never ends.
Taken = tuple[list[Node], int] | None


def _taker(line: str) -> Callable[[Sequence[str], int], Taken] | None:
    """What takes the block that a line begins; None where it is words."""
    return next((take for begin, take in BLOCKS if begin.match(line)), None)


def _is_words(line: str) -> bool:
    return not is_blank(line) and _taker(line) is None


def _block(lines: Sequence[str], at: int) -> Taken:
    begin = _known(BEGIN, lines[at])
    kind = begin["kind"].lower()
    end = _line(lines, at, re.compile(rf"\s*#\+end_{re.escape(kind)}\s*$", re.IGNORECASE))
    if end is None:
        return None
    inner = lines[at + 1 : end]
    return _of_block(kind, begin["language"] or "", inner), end + 1


def _of_block(kind: str, language: str, inner: Sequence[str]) -> list[Node]:
    if kind in ("src", "example", "export"):
        return [_code([re.sub(r"^(\s*),(?=\*|,*\*|#\+|,*#\+)", r"\1", line) for line in inner], language)]
    if kind == "comment":
        return []
    if kind == "verse":
        return [_paragraph([f"{line} \\\\" if not is_blank(line) else "" for line in inner])]
    if kind == "quote":
        return [Element("blockquote", {}, elements(inner))]
    return elements(inner)


def _code(lines: Sequence[str], language: str = "") -> Element:
    named = {"class": f"language-{language}"} if language else {}
    return Element("pre", {}, [Element("code", named, [textwrap.dedent("\n".join(lines))])])


def _drawer(lines: Sequence[str], at: int) -> Taken:
    end = _line(lines, at, END)
    return (elements(lines[at + 1 : end]), end + 1) if end is not None else None


def _fixed(lines: Sequence[str], at: int) -> Taken:
    run = _run(lines, at, FIXED)
    return [_code([_known(FIXED, line)["text"] or "" for line in run])], at + len(run)


def _keyword(lines: Sequence[str], at: int) -> Taken:
    keyword = _known(KEYWORD, lines[at])
    key, value = keyword["key"], keyword["value"].strip()
    if SETTING.fullmatch(key) or not value:
        return [], at + 1
    return [_paragraph([value if key.lower() == "caption" else f"{key}: {value}"])], at + 1


def _comment(lines: Sequence[str], at: int) -> Taken:
    return [], at + len(_run(lines, at, COMMENT))


def _table(lines: Sequence[str], at: int) -> Taken:
    run = _run(lines, at, TABLE)
    return [Element("table", {}, _rows(run))], at + len(run)


def _rows(lines: Sequence[str]) -> list[Node]:
    """Rows; the first is a header if a rule stands below it."""
    while lines and RULE.match(lines[0]):
        lines = lines[1:]
    has_header = len(lines) > 1 and bool(RULE.match(lines[1]))
    rows: list[Node] = []
    for line in lines:
        if RULE.match(line):
            continue
        tag = "th" if has_header and not rows else "td"
        cells = line.strip().removeprefix("|").removesuffix("|").split("|")
        rows.append(Element("tr", {}, [Element(tag, {}, org_inline.nodes(cell.strip())) for cell in cells]))
    return rows


def _rule(lines: Sequence[str], at: int) -> Taken:
    return [Element("hr")], at + 1


def _note(lines: Sequence[str], at: int) -> Taken:
    note = _known(NOTE, lines[at])
    start = Element("verbatim", {}, [f"[^{note['name']}]: "])
    return [Element("p", {}, [start, *org_inline.nodes(note["text"])])], at + 1


def _list(lines: Sequence[str], at: int) -> Taken:
    first = _known(BULLET, lines[at])
    items: list[Node] = []
    bullet: re.Match[str] | None = first
    while bullet and bullet["indent"] == first["indent"] and bool(bullet["number"]) == bool(first["number"]):
        end = _end_of_item(lines, at + 1, len(first["indent"].expandtabs()))
        items.append(_item(bullet, lines[at + 1 : end]))
        at = end
        bullet = BULLET.match(lines[at]) if at < len(lines) else None
    start = first["start"] or first["number"] or ""
    return [Element("ol" if first["number"] else "ul", {"start": start} if start else {}, items)], at


def _end_of_item(lines: Sequence[str], at: int, indent: int) -> int:
    """Where what is indented less than an item's words begins; two blank lines end it, too."""
    end = at
    while at < len(lines):
        line = lines[at].expandtabs()
        if is_blank(line):
            if at + 1 < len(lines) and is_blank(lines[at + 1]):
                break
        elif len(line) - len(line.lstrip()) <= indent:
            # A blank line before the next item of the list is none's.
            return at if BULLET.match(line) else end
        else:
            end = at + 1
        at += 1
    return end


def _item(bullet: re.Match[str], rest: Sequence[str]) -> Element:
    box = [_box(bullet["box"])] if bullet["box"] else []
    text = bullet["text"] or ""
    term = TERM.match(text)
    below = textwrap.dedent("\n".join(line.expandtabs() for line in rest)).split("\n")
    begin: list[Node] = []
    if term and TIME.fullmatch(term["term"]):
        text = f"{term['term']} {term['text'] or ''}"
    elif term:
        begin = [Element("strong", {}, org_inline.nodes(term["term"])), ": "]
        text = term["text"] or ""
    # Words go on below; a list or a block there is another element.
    more = 0
    while more < len(below) and _is_words(below[more]):
        more += 1
    said = org_inline.nodes("\n".join([text, *(line.strip() for line in below[:more])]))
    return Element("li", {}, [*box, *begin, *said, *elements(below[more:])])


def _box(mark: str) -> Element:
    return Element("input", {"type": "checkbox", **({"checked": ""} if mark in "xX" else {})})


def _words(lines: Sequence[str], at: int) -> tuple[list[Node], int]:
    end = at + 1
    while end < len(lines) and _is_words(lines[end]):
        end += 1
    return [_paragraph(lines[at:end])], end


def _paragraph(lines: Sequence[str]) -> Element:
    return Element("p", {}, org_inline.nodes("\n".join(line.strip() for line in lines)))


def _line(lines: Sequence[str], at: int, pattern: re.Pattern[str]) -> int | None:
    return next((number for number in range(at + 1, len(lines)) if pattern.match(lines[number])), None)


def _run(lines: Sequence[str], at: int, pattern: re.Pattern[str]) -> Sequence[str]:
    """The lines from one on that a pattern matches."""
    end = at
    while end < len(lines) and pattern.match(lines[end]):
        end += 1
    return lines[at:end]


def _known(pattern: re.Pattern[str], line: str) -> re.Match[str]:
    """The match of a pattern by which a line was told."""
    match = pattern.match(line)
    assert match
    return match


BLOCKS: tuple[tuple[re.Pattern[str], Callable[[Sequence[str], int], Taken]], ...] = (
    (BEGIN, _block),
    (DRAWER, _drawer),
    (FIXED, _fixed),
    (KEYWORD, _keyword),
    (COMMENT, _comment),
    (TABLE, _table),
    (LINE, _rule),
    (NOTE, _note),
    (BULLET, _list),
)
