"""Styles of an OpenDocument text: what a paragraph is, how its letters look, and what stands before items.

A style takes what it does not say from its parent (ODF 1.3 part 3 §16.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from postmortems.document.readers.office import signs, style_names
from postmortems.document.readers.office.odt.names import FO, STYLE, TEXT, number
from postmortems.document.readers.rich_text import styles as rich_styles

DEEPEST = 12
POINTS = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)pt")
BOLD = frozenset({"bold", "600", "700", "800", "900"})


@dataclass(frozen=True, slots=True)
class Look:
    is_bold: bool | None = None
    is_italic: bool | None = None
    is_struck: bool | None = None
    is_hidden: bool | None = None
    is_code: bool | None = None
    # `sup`, `sub` or "".
    script: str = ""
    # In points.
    size: float = 0

    def over(self, below: Look) -> Look:
        """This look, and what it does not say from the one below."""

        def first(one: bool | None, other: bool | None) -> bool | None:
            return other if one is None else one

        return Look(
            first(self.is_bold, below.is_bold),
            first(self.is_italic, below.is_italic),
            first(self.is_struck, below.is_struck),
            first(self.is_hidden, below.is_hidden),
            first(self.is_code, below.is_code),
            self.script or below.script,
            self.size or below.size,
        )


@dataclass(frozen=True, slots=True)
class Style:
    """A style with its parents; `role` is what `style_names.role_of` says."""

    role: str = ""
    look: Look = Look()
    is_centred: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """What stands before items of a level of a list."""

    is_ordered: bool = False
    start: int = 1
    box: str = ""


class Styles:
    """The styles of a document by their family and name, those of `styles.xml` and the automatic ones."""

    def __init__(self, *roots: Element | None) -> None:
        self._elements: dict[tuple[str, str], Element] = {}
        self._lists: dict[str, Element] = {}
        self._fixed: set[str] = set()
        for each in (element for root in roots if root is not None for element in root.iter()):
            name = each.get(f"{STYLE}name", "")
            if each.tag == f"{STYLE}style":
                self._elements[each.get(f"{STYLE}family", ""), name] = each
            elif each.tag == f"{TEXT}list-style":
                self._lists[name] = each
            elif each.tag == f"{STYLE}font-face" and each.get(f"{STYLE}font-pitch") == "fixed":
                self._fixed.add(name)
        self._known: dict[tuple[str, str], Style] = {}

    def of(self, family: str, name: str | None) -> Style:
        """The style of a family (`paragraph`, `text`); one that says nothing where there is none."""
        key = (family, name or "")
        if key not in self._known:
            self._known[key] = self._read(family, name or "", 0)
        return self._known[key]

    def level(self, list_style: str, level: int) -> Level:
        """What stands before the items of a level, counted from 0."""
        for each in self._lists.get(list_style, ()):
            if number(each.get(f"{TEXT}level"), 0) != level + 1:
                continue
            if each.tag == f"{TEXT}list-level-style-number":
                is_shown = bool(each.get(f"{STYLE}num-format"))
                return Level(is_shown, number(each.get(f"{TEXT}start-value"), 1))
            return Level(box=signs.box(each.get(f"{TEXT}bullet-char", ""), self._face(each)))
        return Level()

    def _face(self, level: Element) -> str:
        said = level.find(f"{STYLE}text-properties")
        if said is None:
            return ""
        return (said.get(f"{STYLE}font-name") or said.get(f"{FO}font-family") or "").strip("'\"")

    def _read(self, family: str, name: str, depth: int) -> Style:
        element = self._elements.get((family, name))
        if element is None:
            return Style(style_names.role_of(_shown(name)))
        parent_name = element.get(f"{STYLE}parent-style-name")
        parent = self._read(family, parent_name, depth + 1) if parent_name and depth < DEEPEST else Style()
        look = self._look(element.find(f"{STYLE}text-properties"))
        shown = element.get(f"{STYLE}display-name") or _shown(name)
        if style_names.CODE.fullmatch(shown):
            look = replace(look, is_code=True)
        role = style_names.role_of(shown) or style_names.role_of(_shown(name)) or parent.role
        laid = element.find(f"{STYLE}paragraph-properties")
        align = None if laid is None else laid.get(f"{FO}text-align")
        return Style(role, look.over(parent.look), parent.is_centred if align is None else align == "center")

    def _look(self, said: Element | None) -> Look:
        if said is None:
            return Look()
        weight, slant = said.get(f"{FO}font-weight"), said.get(f"{FO}font-style")
        struck, place = said.get(f"{STYLE}text-line-through-style"), said.get(f"{STYLE}text-position", "")
        face = said.get(f"{STYLE}font-name") or said.get(f"{FO}font-family")
        display = said.get(f"{TEXT}display")
        return Look(
            None if weight is None else weight in BOLD,
            None if slant is None else slant != "normal",
            None if struck is None else struck != "none",
            None if display is None else display == "none",
            None if face is None else face in self._fixed or rich_styles.is_fixed_width(face.strip("'\"")),
            "sup" if place.startswith("super") else "sub" if place.startswith("sub") else "",
            float(points[1]) if (points := POINTS.fullmatch(said.get(f"{FO}font-size", ""))) else 0,
        )


def _shown(name: str) -> str:
    """`Heading 1` of `Heading_20_1`, as names are written that have other signs than letters."""
    return name.replace("_20_", " ")


def hidden(elements: Iterator[Element], styles: Styles) -> int:
    """How many spans are hidden by their style."""
    return sum(1 for each in elements if styles.of("text", each.get(f"{TEXT}style-name")).look.is_hidden)
