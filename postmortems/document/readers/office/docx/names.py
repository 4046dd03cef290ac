"""Names in the XML of `.docx` (ECMA-376, and Word's additions in [MS-DOCX]) and how their values are read."""

from __future__ import annotations

from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
V = "{urn:schemas-microsoft-com:vml}"
O = "{urn:schemas-microsoft-com:office:office}"  # noqa: E741
OFF = frozenset({"0", "false", "off", "none"})


def val(parent: Element | None, path: str) -> str | None:
    """The value of an element below, whose names are `w:`; None where there is none, or none is said."""
    if parent is None:
        return None
    found = parent.find("/".join(f"{W}{name}" for name in path.split("/")))
    return None if found is None else found.get(f"{W}val")


def switch(parent: Element | None, name: str) -> bool | None:
    """Whether a property is on; None where nothing is said of it (ECMA-376 §17.17.4)."""
    found = None if parent is None else parent.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val", "1") not in OFF


def number(said: str | None, otherwise: int = 0) -> int:
    """A number as the XML has it; what is none, or beyond all use, is `otherwise`."""
    bare = (said or "").removeprefix("-")
    return int(said or "") if bare.isascii() and bare.isdecimal() and len(bare) < 7 else otherwise


def local(element: Element) -> str:
    """`p` of `{…}p`."""
    return str(element.tag).rpartition("}")[2]
