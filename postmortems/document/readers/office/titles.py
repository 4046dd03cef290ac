"""Titles of documents that have none in their text: as their properties state them."""

from __future__ import annotations

import re

from postmortems.document.readers.office.package import Package

LONGEST = 200
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
