"""Titles of documents that have none in their text: as their properties state them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.readers.office.package import Package
from postmortems.document.text import one_line

LONGEST, LINES_BELOW = 200, 4
# What stands before the title in a table of what is known of an incident.
KEYS = frozenset(
    {"title", "incident", "incident title", "incident name", "name", "subject", "summary title", "postmortem"}
    | {"titel", "vorfall", "betreff", "titre", "título", "titolo", "incidente", "タイトル", "标题", "名称"}
)
STATED = "{http://purl.org/dc/elements/1.1/}title"
# What programs state where nobody did.
NOT_SAID = re.compile(
    r"microsoft word(?: - .*)?|(?:untitled|document|dokument|unbenannt)[ \d]*|.*\.(?:docx?|odt)",
    re.IGNORECASE,
)


def stated(package: Package, part: str) -> str:
    """The title in the part with the properties; "" where there is none that a person gave."""
    root = package.xml(part)
    found = None if root is None else next(root.iter(STATED), None)
    said = " ".join((found.text or "").split()) if found is not None else ""
    return "" if NOT_SAID.fullmatch(said) or len(said) > LONGEST else said


def in_table(nodes: Sequence[Node]) -> str:
    """The title in a table of keys and values above all headings; "" where there is none."""
    for node in nodes[:LINES_BELOW]:
        if not isinstance(node, Element) or node.tag[:1] == "h":
            break
        for row in node.children if node.tag == "table" else ():
            cells = row.children if isinstance(row, Element) else []
            said = [one_line(text_of(cell)).strip() for cell in cells]
            if len(said) == 2 and said[0].rstrip(":").strip().lower() in KEYS and 0 < len(said[1]) <= LONGEST:
                return said[1]
    return ""
