"""Names in the XML of OpenDocument texts (ODF 1.3) and of LibreOffice's additions to it."""

from __future__ import annotations

from xml.etree.ElementTree import Element

OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE = f"{{{OASIS}office:1.0}}", f"{{{OASIS}text:1.0}}", f"{{{OASIS}table:1.0}}"
STYLE, DRAW, FORM = f"{{{OASIS}style:1.0}}", f"{{{OASIS}drawing:1.0}}", f"{{{OASIS}form:1.0}}"
FO = f"{{{OASIS}xsl-fo-compatible:1.0}}"
SVG = f"{{{OASIS}svg-compatible:1.0}}"
LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
FIELD = "{urn:openoffice:names:experimental:ooo-ms-interop:xmlns:field:1.0}"
XLINK, DC = "{http://www.w3.org/1999/xlink}", "{http://purl.org/dc/elements/1.1/}"
MATH = "{http://www.w3.org/1998/Math/MathML}"


def number(said: str | None, otherwise: int) -> int:
    """A number as the XML has it; what is none, or beyond all use, is `otherwise`."""
    return int(said) if said and said.isascii() and said.isdecimal() and len(said) < 7 else otherwise


def is_on(element: Element, name: str) -> bool:
    """Whether an attribute says `true`."""
    return element.get(name) == "true"
