"""Lists of Word: none counts on another's numbers."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from docx.oxml import parse_xml

LEVELS = 9
BULLETS = "•◦▪"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


class ListNumbers:
    """The lists of a document. Bullets share a definition; each list that counts has one of its own."""

    def __init__(self, made: Any) -> None:
        self._root = made.part.numbering_part.element
        kinds = self._root.findall(f"{{{W}}}abstractNum")
        # ECMA-376 §17.9: definitions stand before the lists that use them.
        self._place = len(kinds)
        self._kind = max((int(each.get(f"{{{W}}}abstractNumId")) for each in kinds), default=0)
        lists = self._root.findall(f"{{{W}}}num")
        self._list = max((int(each.get(f"{{{W}}}numId")) for each in lists), default=0)
        self._bullets = 0

    def begun(self, *, is_ordered: bool, start: int, level: int) -> int:
        """The id of a new list, whose items at that level count from `start`."""
        if is_ordered:
            kind = self._defined(start, level, is_ordered=True)
        else:
            kind = self._bullets = self._bullets or self._defined(1, 0, is_ordered=False)
        self._list += 1
        # python-docx looks through all lists for the next number, which takes long where there are many.
        self._root.append(
            parse_xml(
                f'<w:num xmlns:w="{W}" w:numId="{self._list}"><w:abstractNumId w:val="{kind}"/></w:num>'
            )
        )
        return self._list

    def _defined(self, start: int, level: int, *, is_ordered: bool) -> int:
        self._kind += 1
        starts = [start if at == level else 1 for at in range(LEVELS)]
        levels = "".join(_level(at, each, is_ordered=is_ordered) for at, each in enumerate(starts))
        abstract = parse_xml(
            f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="{self._kind}">'
            f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
        )
        self._root.insert(self._place, abstract)
        self._place += 1
        return self._kind


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
