"""Lists of a `.docx`: whether a level has numbers, bullets or boxes, and which number comes next."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from postmortems.document.readers.office import signs
from postmortems.document.readers.office.docx.names import W, number, val
from postmortems.document.readers.office.docx.styles import Styles
from postmortems.document.readers.office.marks import Item

DEEPEST_LEVEL = 8


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
            return Item(level, is_ordered=False, box=signs.box(text.strip(), font))
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
            if (level := override.find(f"{W}lvl")) is not None:
                levels[at] = level
            if said := val(override, "startOverride"):
                starts[at] = number(said, 1)
        return key, levels, starts


def _levels(abstract: Element) -> dict[int, Element]:
    """By number; a level without one is the first (some programs write so)."""
    return {number(level.get(f"{W}ilvl")): level for level in reversed(abstract.findall(f"{W}lvl"))}


def _by_id(root: Element, tag: str, key: str) -> dict[str, Element]:
    return {each.get(f"{W}{key}", ""): each for each in root.findall(f"{W}{tag}")}
