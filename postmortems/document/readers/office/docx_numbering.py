"""Lists of a `.docx`: whether a level has numbers or bullets, which number comes next, and which bullets are boxes."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from postmortems.document.readers.office.docx_names import W, number, val
from postmortems.document.readers.office.docx_styles import Styles
from postmortems.document.readers.office.marks import Item

DEEPEST_LEVEL = 8
EMPTY_BOXES = frozenset("☐□◻❏❑❒⬜▢")
TICKED_BOXES = frozenset("☑☒✓✔✅☒🗹🗷⮽")
# Of these typefaces the letters are pictures; the boxes among them, empty and ticked.
WINGDINGS = frozenset({"wingdings", "wingdings 2"})
EMPTY_WINGDINGS = {"wingdings": {0x6F, 0x70, 0x71, 0x72, 0xA8}, "wingdings 2": {0x2A, 0xA3}}
TICKED_WINGDINGS = {
    "wingdings": {0x78, 0xFC, 0xFD, 0xFE},
    "wingdings 2": {0x4F, 0x50, 0x51, 0x52, 0x53, 0x54},
}
PRIVATE = 0xF000


def box(sign: str, font: str = "") -> str:
    """`on` or `off` of a sign that is a box; "" of another."""
    if len(sign) != 1:
        return ""
    if sign in EMPTY_BOXES:
        return "off"
    if sign in TICKED_BOXES:
        return "on"
    face, code = font.strip().lower(), ord(sign)
    if face not in WINGDINGS or not (code < 0x100 or PRIVATE <= code < PRIVATE + 0x100):
        return ""
    code &= 0xFF
    return (
        "off" if code in EMPTY_WINGDINGS[face] else "on" if code in TICKED_WINGDINGS[face] else ""
    )


class Numbering:
    """The lists of a document, which count as its paragraphs are read in their order."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstract = {} if root is None else _by_id(root, "abstractNum", "abstractNumId")
        self._nums = {} if root is None else _by_id(root, "num", "numId")
        self._counts: dict[tuple[str, int], int] = {}
        self._begun: set[tuple[str, int]] = set()

    def next(self, list_id: str, level: int) -> Item | None:
        """What stands before the next item of a list; None where there is no such list, or none is shown."""
        num = self._nums.get(list_id)
        if num is None:
            return None
        level = min(max(level, 0), DEEPEST_LEVEL)
        key, definition, starts = self._definition(num)
        shape = definition.get(level)
        if shape is None:
            return Item(level, is_ordered=False)
        shown = val(shape, "numFmt") or "decimal"
        text = val(shape, "lvlText") or ""
        if shown == "none" and not text.strip():
            return None
        if shown in ("bullet", "none"):
            fonts = shape.find(f"{W}rPr/{W}rFonts")
            font = "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
            return Item(level, is_ordered=False, box=box(text.strip(), font))
        return Item(level, is_ordered=True, number=self._count(list_id, key, level, shape, starts))

    def _count(self, list_id: str, key: str, level: int, shape: Element, starts: dict[int, int]) -> int:
        for deeper in range(level + 1, DEEPEST_LEVEL + 1):
            self._counts.pop((key, deeper), None)
        start = starts.get(level, number(val(shape, "start"), 1))
        is_again = level in starts and (list_id, level) not in self._begun
        self._begun.add((list_id, level))
        count = start if is_again else self._counts.get((key, level), start - 1) + 1
        self._counts[key, level] = count
        return max(count, 0)

    def _definition(self, num: Element) -> tuple[str, dict[int, Element], dict[int, int]]:
        """Which list this counts with, its levels, and the numbers that it begins anew with."""
        key = val(num, "abstractNumId") or ""
        abstract = self._abstract.get(key)
        link = val(abstract, "numStyleLink")
        if link and (styled := self._nums.get(self._styles.of(link).list_id)) is not None:
            key = val(styled, "abstractNumId") or ""
            abstract = self._abstract.get(key)
        levels = {} if abstract is None else _levels(abstract)
        starts: dict[int, int] = {}
        for override in num.findall(f"{W}lvlOverride"):
            at = number(override.get(f"{W}ilvl"))
            levels |= {at: level for level in override.findall(f"{W}lvl")}
            if said := val(override, "startOverride"):
                starts[at] = number(said, 1)
        return key, levels, starts


def _levels(abstract: Element) -> dict[int, Element]:
    """By number; a level without one is the first (some programs write so)."""
    return {number(level.get(f"{W}ilvl")): level for level in reversed(abstract.findall(f"{W}lvl"))}


def _by_id(root: Element, tag: str, key: str) -> dict[str, Element]:
    return {each.get(f"{W}{key}", ""): each for each in root.findall(f"{W}{tag}")}
