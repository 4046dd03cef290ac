"""Styles of a `.docx`: what a paragraph is (title, heading, quotation) and how its letters look.

A style takes what it does not say from the one that it is based on (ECMA-376 §17.7).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from postmortems.document.readers.office import style_names
from postmortems.document.readers.office.docx.names import W, number, switch, val
from postmortems.document.readers.rich_text import styles as rich_styles

# Below this there are circles.
DEEPEST = 12
# A title has so many half points.
LARGE = 32
BODY_TEXT = 9


@dataclass(frozen=True, slots=True)
class Look:
    """How letters look; None where nothing is said."""

    is_bold: bool | None = None
    is_italic: bool | None = None
    is_struck: bool | None = None
    is_hidden: bool | None = None
    is_code: bool | None = None
    # In half points.
    size: int = 0

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
            self.size or below.size,
        )


@dataclass(frozen=True, slots=True)
class Style:
    """A style with all that it is based on.

    `role` is what `style_names.role_of` says.
    """

    name: str = ""
    role: str = ""
    look: Look = Look()
    list_id: str = ""
    list_level: int = 0


def look_of(properties: Element | None) -> Look:
    """What the properties of a run say of its letters."""
    if properties is None:
        return Look()
    strikes = [found for name in ("strike", "dstrike") if (found := switch(properties, name)) is not None]
    fonts = properties.find(f"{W}rFonts")
    family = "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
    return Look(
        switch(properties, "b"),
        switch(properties, "i"),
        any(strikes) if strikes else None,
        switch(properties, "vanish"),
        rich_styles.is_fixed_width(family) if family else None,
        number(val(properties, "sz")),
    )


class Styles:
    """The styles of a document by their ids; a document without any has those that everybody knows."""

    def __init__(self, root: Element | None) -> None:
        found = [] if root is None else root.findall(f"{W}style")
        self._elements = {each.get(f"{W}styleId", ""): each for each in reversed(found)}
        self._known: dict[str, Style] = {}
        default = next(
            (
                each
                for each in found
                if each.get(f"{W}type") == "paragraph" and each.get(f"{W}default") in ("1", "true")
            ),
            None,
        )
        self.default = "" if default is None else default.get(f"{W}styleId", "")

    def of(self, style_id: str | None) -> Style:
        """The style with this id; one that says nothing where there is none."""
        wanted = self.default if style_id is None else style_id
        if wanted not in self._known:
            self._known[wanted] = self._read(wanted, 0)
        return self._known[wanted]

    def _read(self, style_id: str, depth: int) -> Style:
        element = self._elements.get(style_id)
        if element is None:
            return Style(style_id, style_names.role_of(style_id))
        base_id = val(element, "basedOn")
        base = self._read(base_id, depth + 1) if base_id and depth < DEEPEST else Style()
        name = (val(element, "name") or style_id).strip()
        look = look_of(element.find(f"{W}rPr"))
        if style_names.CODE.fullmatch(name):
            look = replace(look, is_code=True)
        listed = element.find(f"{W}pPr/{W}numPr")
        return Style(
            name,
            _outlined(element) or style_names.role_of(name) or style_names.role_of(style_id) or base.role,
            look.over(base.look),
            base.list_id if listed is None else val(listed, "numId") or base.list_id,
            _list_level(
                name, base.list_level if listed is None else number(val(listed, "ilvl"), base.list_level)
            ),
        )


def _list_level(name: str, said: int) -> int:
    """`List Bullet 2` is a list of its own at its first level, and stands in the list above."""
    deeper = style_names.LIST_LEVEL.fullmatch(name.strip())
    return max(said, number(deeper[1]) - 1) if deeper else said


def _outlined(element: Element) -> str:
    said = val(element, "pPr/outlineLvl")
    return (
        outline_role(said) if said is not None and not style_names.role_of(val(element, "name") or "") else ""
    )


def outline_role(said: str | None) -> str:
    """`h2` of outline level 1; "" of body text."""
    level = number(said, BODY_TEXT)
    return f"h{min(level + 1, 6)}" if 0 <= level < BODY_TEXT else ""


def is_large(paragraph: Element, style: Style) -> bool:
    """Whether a paragraph in no style of its own looks like a title: large, or bold and in the middle."""
    runs = [
        run for run in paragraph.iter(f"{W}r") if any((text.text or "").strip() for text in run.iter(f"{W}t"))
    ]
    looks = [look_of(run.find(f"{W}rPr")).over(style.look) for run in runs]
    is_middle = val(paragraph, "pPr/jc") == "center" and all(look.is_bold for look in looks)
    return bool(looks) and (is_middle or all(look.size >= LARGE for look in looks))
