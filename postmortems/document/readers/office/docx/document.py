"""Reads a `.docx` as Markdown: mammoth makes a web page of its text, which is read like any other.

What mammoth does not give (dates of date controls, hidden words, styles by their outline, boxes of lists,
text boxes of today's form) is made plain in the XML before.
"""

from __future__ import annotations

import io
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement
from zipfile import ZipFile

import mammoth
from mammoth.documents import Image

from postmortems.document.readers import html
from postmortems.document.readers.office import shape, titles
from postmortems.document.readers.office.docx import remarks
from postmortems.document.readers.office.docx.body import Body
from postmortems.document.readers.office.docx.list_numbers import Numbering
from postmortems.document.readers.office.docx.names import R, W
from postmortems.document.readers.office.docx.styles import Styles
from postmortems.document.readers.office.package import Package, path_of
from postmortems.document.readers.office.read_text import ReadText
from postmortems.errors import Invalid

MAIN = "officeDocument"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
NOTES = ("footnotes", "endnotes")
STYLE_MAP = "r.Code => code"


def read(package: Package) -> ReadText:
    """The document as Markdown, with what is told about it. Raises `Invalid`."""
    main = main_part(package)
    root = package.xml(main)
    body = None if root is None else root.find(f"{W}body")
    if root is None or body is None:
        raise Invalid("the document has no text part; save or download it again")
    parts = _parts(package, main)
    styles = Styles(package.xml(parts.get("styles", "word/styles.xml")))
    numbering = Numbering(package.xml(parts.get("numbering", "word/numbering.xml")), styles)
    writer = Body(styles, numbering)
    made = ElementTree.Element(f"{W}document")
    found = {kind: package.xml(parts.get(kind, f"word/{kind}.xml")) for kind in NOTES}
    writer.notes = frozenset(
        (kind[:-1], note.get(f"{W}id", ""))
        for kind, root in found.items()
        if root is not None
        for note in root
    )
    links = {"word/_rels/document.xml.rels": _links(package, main)}
    writer.links = frozenset(links["word/_rels/document.xml.rels"])
    SubElement(made, f"{W}body").extend(writer.blocks(body))
    zipped = {"word/document.xml": made}
    for kind, notes in found.items():
        if notes is not None:
            own = _links(package, parts.get(kind, f"word/{kind}.xml"))
            links[f"word/_rels/{kind}.xml.rels"], writer.links = own, frozenset(own)
            zipped[f"word/{kind}.xml"] = _notes(notes, writer)
    page = _page(zipped, links)
    text = shape.markdown(html.parsed(page).children, title=titles.stated(package, "docProps/core.xml"))
    return ReadText(text, remarks.of(package, root, parts))


def main_part(package: Package) -> str:
    """The path of the part with the text."""
    for kind, target, _ in _relations(package, "_rels/.rels"):
        path = path_of("", target)
        if kind == MAIN and path in package.names:
            return path
    return "word/document.xml"


def _relations(package: Package, path: str) -> list[tuple[str, str, str]]:
    """What a part refers to: the kind, the target, and its id; of outside targets the kind ends in `!`."""
    root = package.xml(path)
    found = []
    for each in [] if root is None else root.findall(f"{RELATIONS}Relationship"):
        kind = each.get("Type", "").rpartition("/")[2]
        outside = "!" if each.get("TargetMode") == "External" else ""
        found.append((f"{kind}{outside}", each.get("Target", ""), each.get("Id", "")))
    return found


def _beside(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}_rels/{name}.rels"


def _parts(package: Package, main: str) -> dict[str, str]:
    """The paths of the parts of the text (styles, notes, comments) by their kinds."""
    folder = main.rpartition("/")[0]
    found = ((kind, path_of(folder, target)) for kind, target, _ in _relations(package, _beside(main)))
    return {kind: path for kind, path in found if path in package.names}


def _links(package: Package, path: str) -> dict[str, tuple[str, str]]:
    """By id, what links and pictures of a part lead to: the kind, and an address or a path in the package."""
    folder = path.rpartition("/")[0]
    found = {}
    for kind, target, number in _relations(package, _beside(path)):
        if kind == "image":
            target = path_of(folder, target)
        if kind.startswith(("image", "hyperlink")):
            found[number] = (kind, target)
    return found


def _notes(root: Element, writer: Body) -> Element:
    made = Element(root.tag)
    for note in root:
        kept = {key: note.get(key, "") for key in (f"{W}id", f"{W}type") if note.get(key)}
        SubElement(made, note.tag, kept).extend(writer.blocks(note))
    return made


def _page(parts: dict[str, Element], links: dict[str, dict[str, tuple[str, str]]]) -> str:
    """The parts as a web page. Each picture holds its own address, so that none is opened here."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as made:
        for path, root in parts.items():
            made.writestr(path, ElementTree.tostring(root))
        for path, targets in links.items():
            relations = Element(f"{RELATIONS}Relationships")
            for at, (number, (kind, target)) in enumerate(targets.items()):
                is_picture = kind.startswith("image")
                name = f"{path.rpartition('/')[2]}-{at}"
                said = {"Id": number, "Type": f"{R[1:-1]}/{kind.removesuffix('!')}"}
                SubElement(
                    relations, f"{RELATIONS}Relationship", said | {"Target": name if is_picture else target}
                )
                if is_picture:
                    made.writestr(f"word/{name}", target.encode())
            made.writestr(path, ElementTree.tostring(relations))
    buffer.seek(0)
    result = mammoth.convert_to_html(
        buffer,
        style_map=STYLE_MAP,
        include_default_style_map=False,
        convert_image=mammoth.images.img_element(_address),
    )
    return str(result.value)


def _address(picture: Image) -> dict[str, str]:
    with picture.open() as file:
        return {"src": file.read().decode()}
