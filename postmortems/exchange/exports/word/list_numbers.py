"""Lists of Word: each with a definition of its own, so that none counts on another's numbers."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from docx.oxml import parse_xml

LEVELS = 9
BULLETS = "•◦▪"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def begun(made: Any, *, is_ordered: bool, start: int, level: int) -> int:
    """The id of a new list in a document, whose items at that level count from `start`."""
    root = made.part.numbering_part.element
    kinds = root.findall(f"{{{W}}}abstractNum")
    number = max((int(each.get(f"{{{W}}}abstractNumId")) for each in kinds), default=0) + 1
    starts = [start if at == level else 1 for at in range(LEVELS)]
    levels = "".join(_level(at, each, is_ordered=is_ordered) for at, each in enumerate(starts))
    abstract = parse_xml(
        f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>'
        f"{levels}</w:abstractNum>"
    )
    # ECMA-376 §17.9: definitions stand before the lists that use them.
    root.insert(len(kinds), abstract)
    num = root.add_num(number)
    return int(num.numId)


def _level(at: int, start: int, *, is_ordered: bool) -> str:
    shown, text = ("decimal", f"%{at + 1}.") if is_ordered else ("bullet", BULLETS[at % len(BULLETS)])
    indent = 360 * (at + 1)
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{shown}"/>'
        f'<w:lvlText w:val={quoteattr(text)}/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{indent}" w:hanging="360"/></w:pPr></w:lvl>'
    )


def put(paragraph: Any, number: int, level: int) -> None:
    """Make a paragraph an item of a list."""
    listed = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    listed.get_or_add_ilvl().val = level
    listed.get_or_add_numId().val = number


def mark_head(row: Any) -> None:
    """Make a row of a table its head, which is shown again on each page."""
    row._tr.get_or_add_trPr().append(parse_xml(f'<w:tblHeader xmlns:w="{W}"/>'))
