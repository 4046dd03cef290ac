"""What a person should know of a `.docx`: tracked changes, comments, and what is not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from postmortems.document.readers.office.docx.names import W, local, switch
from postmortems.document.readers.office.package import Package
from postmortems.document.readers.office.read_text import Remark, comments_of, counted

PUT_IN, TAKEN_OUT, MOVED = ("ins", "cellIns"), ("del", "cellDel"), ("moveTo",)


def of(package: Package, root: Element, parts: Mapping[str, str]) -> tuple[Remark, ...]:
    """The remarks on a document whose text is `root`."""
    comments = package.xml(parts.get("comments", "word/comments.xml"))
    return (*changes(root), *_left_out(root), *(_comments(comments) if comments is not None else ()))


def changes(root: Element) -> Iterator[Remark]:
    """How many tracked changes were accepted; nothing where there are none."""
    told = [_of_kind(root, kinds) for kinds in (PUT_IN, TAKEN_OUT, MOVED)]
    if not sum(told):
        return
    named = ("insertion", "insertions"), ("deletion", "deletions"), ("move", "moves")
    each = ", ".join(counted(count, *names) for count, names in zip(told, named, strict=True) if count)
    yield Remark("changes", each, "tracked changes in the file are read as if they had been accepted")


def _of_kind(root: Element, kinds: tuple[str, ...]) -> int:
    return sum(1 for kind in kinds for _ in root.iter(f"{W}{kind}"))


def _left_out(root: Element) -> Iterator[Remark]:
    """What has a part of its own that is not read."""
    charts = sum(1 for each in root.iter() if local(each) in ("chart", "relIds"))
    if charts:
        yield Remark(
            "left",
            counted(charts, "chart or diagram", "charts and diagrams"),
            "not read; add it as a picture",
        )
    if parts := sum(1 for _ in root.iter(f"{W}altChunk")):
        yield Remark(
            "left", counted(parts, "inserted file", "inserted files"), "not read; open and save the document"
        )
    hidden = sum(1 for each in root.iter(f"{W}r") if switch(each.find(f"{W}rPr"), "vanish"))
    if hidden:
        yield Remark(
            "left", counted(hidden, "hidden passage", "hidden passages"), "hidden words are not read"
        )


def _comments(root: Element) -> Iterator[Remark]:
    found = root.findall(f"{W}comment")
    return comments_of([(each.get(f"{W}author", ""), "".join(_words(each))) for each in found])


def _words(comment: Element) -> Iterator[str]:
    for each in comment.iter():
        if each.tag == f"{W}t":
            yield each.text or ""
        elif each.tag in (f"{W}p", f"{W}br"):
            yield " "
