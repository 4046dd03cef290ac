"""Forms of an OpenDocument text: boxes with the words beside them, and what was filled into fields."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from postmortems.document.readers.office.odt.names import FORM, OFFICE, is_on

XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
# What fields of a form hold; a button is no text.
FILLED = ("current-value", "value")
FIELDS = re.compile(rf"{re.escape(FORM)}(?:text|textarea|date|time|combobox|formatted-text|number)")


@dataclass(frozen=True, slots=True)
class Control:
    words: str = ""
    is_box: bool = False
    is_ticked: bool = False


class Controls:
    """The controls of a document by their ids."""

    def __init__(self, body: Element) -> None:
        self._elements: dict[str, Element] = {}
        for forms in body.iter(f"{OFFICE}forms"):
            for each in forms.iter():
                if number := each.get(XML_ID) or each.get(f"{FORM}id"):
                    self._elements.setdefault(number, each)

    def of(self, number: str) -> Control:
        """The control with this id; an empty one where there is none, or one that holds no text."""
        element = self._elements.get(number)
        if element is None:
            return Control()
        if element.tag in (f"{FORM}checkbox", f"{FORM}radio"):
            state = element.get(f"{FORM}current-state") or element.get(f"{FORM}state", "")
            is_ticked = state == "checked" or is_on(element, f"{FORM}current-selected")
            return Control(element.get(f"{FORM}label", ""), True, is_ticked)
        if element.tag == f"{FORM}fixed-text":
            return Control(element.get(f"{FORM}label", ""))
        if not FIELDS.fullmatch(element.tag):
            return Control()
        return Control(next((said for name in FILLED if (said := element.get(f"{FORM}{name}"))), ""))
