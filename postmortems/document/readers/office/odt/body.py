"""The text of an OpenDocument file as a tree of markup, each paragraph with a mark that says what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element as Xml

from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.office import marks, signs
from postmortems.document.readers.office.odt.controls import Controls
from postmortems.document.readers.office.odt.names import (
    DRAW,
    FIELD,
    LOEXT,
    MATH,
    OFFICE,
    SVG,
    TABLE,
    TEXT,
    XLINK,
    is_on,
    number,
)
from postmortems.document.readers.office.odt.styles import Look, Style, Styles
from postmortems.document.readers.office.package import Package, path_of

# What has no words of the document's own: contents made of its headings, what was deleted, declarations.
GONE = re.compile(
    rf"{re.escape(TEXT)}(?:tracked-changes|table-of-content|(?:illustration|table|object|user|alphabetical)-index"
    "|(?:sequence|variable|user-field|meta-field|dde-connection)-decls|ruby-text|placeholder|note-citation|script)"
    rf"|{re.escape(OFFICE)}(?:annotation|annotation-end|forms|event-listeners)"
    rf"|{re.escape(TABLE)}(?:table-columns?|title|desc|shapes)|{re.escape(SVG)}(?:title|desc)"
)
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
ROW_GROUPS = [f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group")]
WIDEST, MOST_BLANKS = 60, 200
# A title has so many points.
LARGE = 16
BLOCKS = frozenset(
    {f"{TEXT}p", f"{TEXT}h", f"{TEXT}list", f"{TEXT}section", f"{TABLE}table", f"{TEXT}numbered-paragraph"}
)


@dataclass(slots=True)
class _Place:
    """Where a list is read: its style, its level from 0, and the number of the item that comes next."""

    style: str = ""
    level: int = -1


@dataclass(slots=True)
class Body:
    """Reads the blocks of a document in their order; `notes` are those it came by."""

    package: Package
    styles: Styles
    controls: Controls
    notes: list[Element] = field(default_factory=list)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def blocks(self, parent: Xml, place: _Place = _Place(), mark: str = "") -> list[Node]:
        """The paragraphs, lists and tables in an element; the first paragraph has this mark."""
        found: list[Node] = []
        for child in parent:
            if child.tag in (f"{TEXT}p", f"{TEXT}h"):
                found += self._paragraph(child, mark)
                mark = marks.of_role("more") if mark else ""
            elif child.tag == f"{TEXT}list":
                self._list(child, place, found)
            elif child.tag == f"{TABLE}table":
                found.append(self._table(child))
            elif child.tag == f"{TEXT}section" and child.get(f"{TEXT}display") == "none":
                continue
            elif not GONE.fullmatch(child.tag):
                boxes: list[Xml] = []
                inside = list(self._drawn(child, boxes)) if child.tag.startswith(DRAW) else []
                found += [Element("p", {}, inside)] if inside else []
                for each in boxes if child.tag.startswith(DRAW) else [child]:
                    found += self.blocks(each, place, mark)
        return found

    def _paragraph(self, paragraph: Xml, mark: str) -> list[Node]:
        style = self.styles.of("paragraph", paragraph.get(f"{TEXT}style-name"))
        role = style.role
        if paragraph.tag == f"{TEXT}h" and role != "title":
            role = f"h{min(max(number(paragraph.get(f'{TEXT}outline-level'), 1), 1), 6)}"
        if role == "made":
            return []
        if role and (not mark or role[0] in "ht"):
            mark = marks.of_role(role)
        boxes: list[Xml] = []
        if not mark and self._is_large(paragraph, style):
            mark = marks.of_role("large")
        look = Look(is_hidden=style.look.is_hidden) if marks.has_own_look(mark) else style.look
        inside = list(self._inline(paragraph, look, boxes))
        if any(
            each.tag == f"{TEXT}hidden-paragraph" and is_on(each, f"{TEXT}is-hidden") for each in paragraph
        ):
            return []
        made = Element("p", {}, [*([Element("a", {"id": mark})] if mark else []), *inside])
        return [made, *(node for each in boxes for node in self.blocks(each))]

    def _is_large(self, paragraph: Xml, style: Style) -> bool:
        """Whether a paragraph in no style of its own looks like a title: large, or bold and in the middle."""
        spans = paragraph.findall(f"{TEXT}span")
        looks = [
            self.styles.of("text", each.get(f"{TEXT}style-name")).look.over(style.look) for each in spans
        ]
        if not spans or any(
            said.strip() for said in [paragraph.text or "", *(each.tail or "" for each in spans)]
        ):
            looks.append(style.look)
        is_middle = style.is_centred and all(look.is_bold for look in looks)
        return is_middle or all(look.size >= LARGE for look in looks)

    def _list(self, element: Xml, place: _Place, found: list[Node]) -> None:
        here = _Place(element.get(f"{TEXT}style-name") or place.style, min(place.level + 1, 8))
        shape = self.styles.level(here.style, here.level)
        key = (here.style, here.level)
        goes_on = is_on(element, f"{TEXT}continue-numbering") or f"{TEXT}continue-list" in element.attrib
        if not goes_on or key not in self._counts:
            self._counts[key] = shape.start
        for item in element:
            if item.tag == f"{TEXT}list-header":
                found += self.blocks(item, here, marks.of_role("more"))
            elif item.tag == f"{TEXT}list-item":
                self._counts[key] = number(item.get(f"{TEXT}start-value"), self._counts[key])
                said = marks.Item(here.level, shape.is_ordered, self._counts[key], shape.box)
                inside = self.blocks(item, here, marks.of_item(said))
                self._counts[key] += any(not _is_list(child) for child in item)
                found += inside

    def _table(self, table: Xml) -> Element:
        rows: list[Node] = []
        for row, is_head in _rows(table):
            cells: list[Node] = []
            for cell in (each for each in row if each.tag in CELLS):
                again = min(number(cell.get(f"{TABLE}number-columns-repeated"), 1), WIDEST)
                if cell.tag == f"{TABLE}covered-table-cell":
                    continue
                spans = {
                    name: cell.get(f"{TABLE}number-{what}-spanned", "")
                    for name, what in (("colspan", "columns"), ("rowspan", "rows"))
                    if cell.get(f"{TABLE}number-{what}-spanned")
                }
                cells += [Element("th" if is_head else "td", spans, self.blocks(cell)) for _ in range(again)]
            rows += [Element("tr", {}, cells)] if cells else []
        return Element("table", {}, rows)

    def _inline(self, parent: Xml, look: Look, boxes: list[Xml]) -> Iterator[Node]:
        """What is in a paragraph, and the text behind each element of it."""
        yield from _worded(parent.text or "", look)
        for child in parent:
            yield from self._piece(child, look, boxes)
            yield from _worded(child.tail or "", look)

    def _piece(self, piece: Xml, look: Look, boxes: list[Xml]) -> Iterator[Node]:
        tag = piece.tag
        if GONE.fullmatch(tag) or (tag == f"{TEXT}hidden-text" and is_on(piece, f"{TEXT}is-hidden")):
            return
        if tag == f"{TEXT}span":
            own = self.styles.of("text", piece.get(f"{TEXT}style-name")).look
            yield from self._inline(piece, own.over(look), boxes)
        elif tag == f"{TEXT}s":
            yield " " * min(number(piece.get(f"{TEXT}c"), 1), MOST_BLANKS)
        elif tag == f"{TEXT}tab":
            yield " "
        elif tag == f"{TEXT}line-break":
            yield Element("br")
        elif tag == f"{TEXT}a":
            yield Element(
                "a", {"href": piece.get(f"{XLINK}href", "")}, list(self._inline(piece, look, boxes))
            )
        elif tag == f"{TEXT}note":
            yield self._note(piece)
        elif tag == f"{FIELD}fieldmark":
            yield from self._field(piece, look, boxes)
        elif tag == f"{LOEXT}content-control":
            yield from self._control(piece, look, boxes)
        elif tag.startswith(DRAW):
            yield from self._drawn(piece, boxes)
        else:
            yield from self._inline(piece, look, boxes)

    def _note(self, note: Xml) -> Element:
        body = note.find(f"{TEXT}note-body")
        name = f"footnote-{len(self.notes) + 1}"
        made = Element("li", {"id": name})
        self.notes.append(made)
        made.children = [] if body is None else self.blocks(body)
        return Element("sup", {}, [Element("a", {"href": f"#{name}"})])

    def _field(self, field: Xml, look: Look, boxes: list[Xml]) -> Iterator[Node]:
        """A field of an old form: a box, or what was filled in."""
        if field.get(f"{FIELD}type", "").endswith("FORMCHECKBOX"):
            said = {
                each.get(f"{FIELD}name"): each.get(f"{FIELD}value") for each in field.iter(f"{FIELD}param")
            }
            yield _box(said.get("Checkbox_Checked") == "true")
        yield from self._inline(field, look, boxes)

    def _control(self, control: Xml, look: Look, boxes: list[Xml]) -> Iterator[Node]:
        """A content control as what is in it: a date as the day it holds, a box as a box, no prompt."""
        if is_on(control, f"{LOEXT}showing-place-holder"):
            return
        shown = control.get(f"{LOEXT}date-format", "d")
        day = signs.day(control.get(f"{LOEXT}current-date", ""), shown)
        if is_on(control, f"{LOEXT}checkbox"):
            yield _box(is_on(control, f"{LOEXT}checked"))
        elif is_on(control, f"{LOEXT}date") and day:
            yield from _worded(day, look)
        else:
            yield from self._inline(control, look, boxes)

    def _drawn(self, drawn: Xml, boxes: list[Xml]) -> Iterator[Node]:
        """The picture, box or formula of a drawing; the text in it goes to `boxes`."""
        if drawn.tag == f"{DRAW}control":
            yield from self._form(drawn)
            return
        formula = next((said for each in drawn.iter(f"{DRAW}object") if (said := self._formula(each))), "")
        if formula:
            yield formula
            return
        picture = next((path for each in drawn if (path := self._picture(each))), "")
        if picture:
            said = "".join(
                each.text or "" for name in ("desc", "title") for each in drawn.findall(f"{SVG}{name}")[:1]
            )
            yield Element("img", {"src": picture, "alt": " ".join(said.split())})
        for child in drawn:
            if child.tag in BLOCKS:
                boxes.append(_alone(child))
            elif child.tag == f"{DRAW}text-box":
                boxes.append(child)
            elif child.tag.startswith(DRAW) and child.tag != f"{DRAW}image":
                yield from self._drawn(child, boxes)

    def _form(self, drawn: Xml) -> Iterator[Node]:
        """A box of a form with the words beside it; what somebody filled into a field of one."""
        found = self.controls.of(drawn.get(f"{DRAW}control", ""))
        if found.is_box:
            yield _box(found.is_ticked)
        yield found.words

    def _picture(self, image: Xml) -> str:
        """Where a picture is: a path in the package that is there, or an address on the web."""
        target = image.get(f"{XLINK}href", "") if image.tag == f"{DRAW}image" else ""
        if target.startswith(("http://", "https://")):
            return target
        path = path_of("", target) if target else ""
        return path if path.startswith("Pictures/") and path in self.package.names else ""

    def _formula(self, holder: Xml) -> str:
        """The words of a formula, as its author wrote it where that is kept."""
        path = path_of("", holder.get(f"{XLINK}href", ""))
        root = self.package.xml(f"{path}/content.xml") if path else None
        if root is None or not root.tag.startswith(MATH):
            return ""
        written = next((each.text for each in root.iter(f"{MATH}annotation") if each.text), None)
        return " ".join((written or " ".join(root.itertext())).split())


def _box(is_ticked: bool) -> Element:
    return Element("input", {"type": "checkbox"} | ({"checked": ""} if is_ticked else {}))


def _worded(text: str, look: Look) -> Iterator[Node]:
    """A piece of text in elements that say how it looks."""
    text = signs.plain(text)
    if not text or look.is_hidden:
        return
    node: Node = text
    for tag, is_so in (
        ("code", look.is_code),
        (look.script, bool(look.script)),
        ("s", look.is_struck),
        ("em", look.is_italic),
        ("strong", look.is_bold),
    ):
        node = Element(tag, {}, [node]) if is_so else node
    yield node


def _alone(child: Xml) -> Xml:
    """An element that holds a block of a drawing, to be read as one text box is."""
    holder = Xml(f"{DRAW}text-box")
    holder.append(child)
    return holder


def _is_list(child: Xml) -> bool:
    return child.tag == f"{TEXT}list"


def _rows(table: Xml, *, is_head: bool = False) -> Iterator[tuple[Xml, bool]]:
    """The rows of a table, and whether each stands in its head."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child, is_head
        elif child.tag in (
            f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group")
        ):
            yield from _rows(child, is_head=is_head or child.tag == f"{TABLE}table-header-rows")
