"""The title of a `.docx` that has no paragraph in the style of one: by its size, or as its properties state it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from postmortems.document.readers.office.docx_names import W, val
from postmortems.document.readers.office.docx_styles import Styles, look_of
from postmortems.document.readers.office.package import Package

# A title has this many half points, or is bold and in the middle.
LARGE = 32
LONGEST = 200
STATED = "{http://purl.org/dc/elements/1.1/}title"
# What programs state where nobody did.
NOT_SAID = re.compile(r"microsoft word(?: - .*)?|(?:untitled|document|dokument|unbenannt)[ \d]*|.*\.docx?", re.IGNORECASE)


def by_looks(body: Element, styles: Styles) -> Element | None:
    """The paragraph above all headings that looks like a title; None where one is styled so, or a heading is."""
    roles = Counter(styles.of(val(each, "pPr/pStyle")).role for each in body.iter(f"{W}p") if _words(each))
    levels = sorted(role for role in roles if role[:1] == "h")
    if roles["title"] or (levels and roles[levels[0]] == 1 and len(levels) > 1):
        return None
    first = next((each for each in _paragraphs(body) if _words(each)), None)
    if first is None or len(_words(first)) > LONGEST or first.find(f"{W}pPr/{W}numPr") is not None:
        return None
    style = styles.of(val(first, "pPr/pStyle"))
    runs = [run for run in first.iter(f"{W}r") if any((text.text or "").strip() for text in run.iter(f"{W}t"))]
    looks = [look_of(run.find(f"{W}rPr")).over(style.look) for run in runs]
    is_large = all(look.size >= LARGE for look in looks)
    is_middle = val(first, "pPr/jc") == "center" and all(look.is_bold for look in looks)
    return first if not style.role and looks and (is_large or is_middle) else None


def _paragraphs(body: Element) -> Iterator[Element]:
    """Those that stand before the first table, in the text itself or in controls."""
    for child in body:
        if child.tag == f"{W}p":
            yield child
        elif child.tag == f"{W}sdt" and (content := child.find(f"{W}sdtContent")) is not None:
            yield from _paragraphs(content)
        elif child.tag == f"{W}tbl":
            return


def _words(paragraph: Element) -> str:
    return "".join(text.text or "" for text in paragraph.iter(f"{W}t")).strip()


def stated(package: Package) -> str:
    """The title in the document's properties; "" where there is none that a person gave."""
    root = package.xml("docProps/core.xml")
    found = None if root is None else root.find(STATED)
    said = " ".join((found.text or "").split()) if found is not None else ""
    return "" if NOT_SAID.fullmatch(said) or len(said) > LONGEST else said
