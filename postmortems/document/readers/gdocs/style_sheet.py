"""The style sheet of a document: what its classes `c1`, `c2`, … say of letters, and what marks its lists.

Google Docs tells looks by classes alone, whose numbers differ from download to download.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from postmortems.document.readers.markup_tree import Element, Node, text_of

RULE = re.compile(r"(?P<selectors>[^{}]{1,2000})\{(?P<said>[^{}]*)\}")
CLASS = re.compile(r"\.(?P<name>[\w-]+)")
MARKER = re.compile(r"\.(?P<name>lst-[\w-]+?)\s*>\s*li:before")
CONTENT = re.compile(r"content\s*:\s*[\"'](?P<said>[^\"']*)[\"']")
ESCAPE = re.compile(r"\\([0-9a-f]{1,6})[ \t]?", re.IGNORECASE)
OPEN_BOXES = frozenset("☐□❏❐❑❒⬜▢◻🔲")
TICKED_BOXES = frozenset("☑☒✓✔✅🗹")
# What a look is told by; sizes, colours and margins say nothing that Markdown has.
TOLD = frozenset(
    ("font-weight", "font-style", "text-decoration", "font-family", "vertical-align", "display", "visibility")
)


@dataclass(frozen=True, slots=True)
class StyleSheet:
    """`looks`: a class's declarations, as one would write them in `style`; `boxes`: lists marked by boxes."""

    looks: dict[str, str] = field(default_factory=dict)
    open_boxes: frozenset[str] = frozenset()
    ticked_boxes: frozenset[str] = frozenset()


def read(root: Element) -> StyleSheet:
    """The style sheet of a page."""
    looks: dict[str, str] = {}
    marks: dict[str, str] = {}
    for sheet in _sheets(root):
        for rule in RULE.finditer(text_of(sheet)):
            said = _told(rule["said"])
            for selector in rule["selectors"].split(","):
                if (marker := MARKER.search(selector)) and (content := CONTENT.search(rule["said"])):
                    marks[marker["name"]] = ESCAPE.sub(_character, content["said"]).strip()
                elif (one := CLASS.fullmatch(selector.strip())) and said:
                    looks[one["name"]] = f"{looks.get(one['name'], '')}{said}"
    return StyleSheet(
        looks,
        frozenset(name for name, mark in marks.items() if OPEN_BOXES & set(mark)),
        frozenset(name for name, mark in marks.items() if TICKED_BOXES & set(mark)),
    )


def _sheets(root: Element) -> list[Element]:
    waiting, found = [root], []
    while waiting:
        element = waiting.pop()
        found += [element] if element.tag == "style" else []
        waiting += [child for child in reversed(element.children) if isinstance(child, Element)]
    return found


def _told(declarations: str) -> str:
    parts = [part.partition(":") for part in declarations.split(";")]
    return "".join(f"{name.strip()}:{value.strip()};" for name, _, value in parts if name.strip() in TOLD)


def _character(escape: re.Match[str]) -> str:
    point = int(escape[1], 16)
    return chr(point) if 0 < point < 0x110000 and not 0xD800 <= point < 0xE000 else ""


def styled(node: Node, sheet: StyleSheet) -> Node:
    """The node, and what is in it, with what its classes say as its own style."""
    if not isinstance(node, Element):
        return node
    said = "".join(sheet.looks.get(name, "") for name in node.classes) + node.attributes.get("style", "")
    attributes = node.attributes | {"style": said} if said else node.attributes
    return replace(node, attributes=attributes, children=[styled(child, sheet) for child in node.children])
