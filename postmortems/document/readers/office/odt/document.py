"""Reads an OpenDocument text (`.odt`) as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element as Xml

from postmortems.document.readers.markup_tree import Element
from postmortems.document.readers.office import shape, titles
from postmortems.document.readers.office.odt.body import Body
from postmortems.document.readers.office.odt.controls import Controls
from postmortems.document.readers.office.odt.names import DC, OFFICE, TEXT
from postmortems.document.readers.office.odt.styles import Styles, hidden
from postmortems.document.readers.office.package import Package
from postmortems.document.readers.office.read_text import ReadText, Remark, comments_of, counted
from postmortems.errors import Invalid


def read(package: Package) -> ReadText:
    """The document as Markdown, with what is told about it. Raises `Invalid`."""
    root = package.xml("content.xml")
    text = None if root is None else root.find(f"{OFFICE}body/{OFFICE}text")
    if root is None or text is None:
        raise Invalid("the document has no text part; save or download it again")
    styles = Styles(package.xml("styles.xml"), root)
    body = Body(package, styles, Controls(text))
    nodes = body.blocks(text)
    if body.notes:
        nodes.append(Element("ol", {}, list(body.notes)))
    found = (*_changes(text), *_hidden(text, styles), *_comments(text))
    return ReadText(shape.markdown(nodes, title=titles.stated(package, "meta.xml")), found)


def _changes(text: Xml) -> Iterator[Remark]:
    counts = [sum(1 for _ in text.iter(f"{TEXT}{kind}")) for kind in ("insertion", "deletion")]
    if not sum(counts):
        return
    named = ("insertion", "insertions"), ("deletion", "deletions")
    each = ", ".join(counted(count, *names) for count, names in zip(counts, named, strict=True) if count)
    yield Remark("changes", each, "tracked changes in the file are read as if they had been accepted")


def _hidden(text: Xml, styles: Styles) -> Iterator[Remark]:
    if count := hidden(text.iter(f"{TEXT}span"), styles):
        yield Remark("left", counted(count, "hidden passage", "hidden passages"), "hidden words are not read")


def _comments(text: Xml) -> Iterator[Remark]:
    said = []
    for comment in text.iter(f"{OFFICE}annotation"):
        who = comment.findtext(f"{DC}creator") or ""
        words = " ".join("".join(each.itertext()) for each in comment.iter(f"{TEXT}p"))
        said.append((who, words))
    return comments_of(said)
