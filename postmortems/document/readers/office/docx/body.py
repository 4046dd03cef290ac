"""The text of a `.docx` written anew for the library that reads it: only what it understands, nothing hidden.

Each paragraph begins with a mark that says what it is. What was deleted under tracked changes, hidden words,
prompts of empty forms and tables of contents go; dates of date controls, formulas, text boxes and grouped
pictures become what the library reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement

from postmortems.document.readers.office import marks, signs
from postmortems.document.readers.office.docx import pictures
from postmortems.document.readers.office.docx.list_numbers import Numbering
from postmortems.document.readers.office.docx.names import W14, M, R, W, local, number, switch, val
from postmortems.document.readers.office.docx.styles import (
    Look,
    Style,
    Styles,
    is_large,
    look_of,
    outline_role,
)

# What has no words of the document: properties, changes that are taken back, marks for other programs.
GONE = re.compile(
    "del|moveFrom|sectPr|pPr|rPr|tblPr|tblGrid|tblPrEx|trPr|tcPr|sdtPr|sdtEndPr|rubyPr|rt|proofErr|annotationRef"
    "|bookmarkStart|bookmarkEnd|commentRangeStart|commentRangeEnd|commentReference|delText|delInstrText|softHyphen"
    "|lastRenderedPageBreak|separator|continuationSeparator|footnoteRef|endnoteRef|pgNum|ptab|customXmlPr"
    "|smartTagPr|fldData|permStart|permEnd|move(?:From|To)Range(?:Start|End)"
)
DRAWN = frozenset({"drawing", "pict", "object", "AlternateContent"})
PLAIN, LINK = Look(), f"{R}id"
AS_IT_IS = frozenset({"tab", "br", "instrText", "fldChar", "footnoteReference", "endnoteReference"})


class Body:
    """Writes bodies anew, in the order of the document: lists count on from one to the next."""

    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self._styles, self._numbering = styles, numbering
        # The ids of what a part refers to, and of the notes there are; what is not there is left out.
        self.links: frozenset[str] = frozenset()
        self.notes: frozenset[tuple[str, str]] = frozenset()

    def blocks(self, parent: Element) -> list[Element]:
        """The paragraphs and tables in an element, each text box behind the paragraph that it hangs on."""
        found: list[Element] = []
        for child in parent:
            tag = local(child)
            if tag == "p":
                found += self._paragraph(child)
            elif tag == "tbl":
                found += self._front_matter(child) or [self._table(child)]
            elif tag == "sdt":
                found += self._control(child, is_block=True)
            elif tag in DRAWN or not GONE.fullmatch(tag):
                found += self.blocks(child)
        return found

    def _paragraph(self, paragraph: Element) -> list[Element]:
        properties = paragraph.find(f"{W}pPr")
        style = self._styles.of(val(properties, "pStyle"))
        if style.role == "made":
            return []
        made = Element(f"{W}p")
        if _is_end_deleted(properties):
            SubElement(SubElement(SubElement(made, f"{W}pPr"), f"{W}rPr"), f"{W}del")
        boxes: list[Element] = []
        mark = self._mark(properties, style)
        if not mark and is_large(paragraph, style):
            mark = marks.of_role("large")
        if mark:
            SubElement(made, f"{W}bookmarkStart", {f"{W}name": mark})
        look = Look(is_hidden=style.look.is_hidden) if marks.has_own_look(mark) else style.look
        made.extend(self._inline(paragraph, look, boxes))
        return [made, *(block for each in boxes for block in self.blocks(each))]

    def _mark(self, properties: Element | None, style: Style) -> str:
        role = style.role
        direct = val(properties, "outlineLvl")
        if direct is not None and role not in ("title", "subtitle"):
            role = outline_role(direct) or ("" if role.startswith("h") else role)
        if role in ("title", "subtitle") or role.startswith("h"):
            return marks.of_role(role)
        listed = None if properties is None else properties.find(f"{W}numPr")
        list_id = (val(listed, "numId") if listed is not None else None) or style.list_id
        level = val(listed, "ilvl") if listed is not None else None
        item = self._numbering.next(list_id, number(level, style.list_level)) if list_id else None
        if item is not None:
            return marks.of_item(replace(item, level=max(item.level, style.list_level)))
        return marks.of_role(role) if role else ""

    def _inline(self, parent: Element, look: Look, boxes: list[Element]) -> Iterator[Element]:
        """The runs, links and controls in a paragraph; text boxes go to `boxes`."""
        for child in parent:
            tag = local(child)
            if GONE.fullmatch(tag):
                continue
            if tag == "r":
                yield from self._run(child, look, boxes)
            elif tag == "hyperlink":
                kept = {key: said for key, said in child.items() if key != LINK or said in self.links}
                yield _with(Element(child.tag, kept), self._inline(child, look, boxes))
            elif tag == "sdt":
                yield from self._control(child, look, boxes)
            elif tag in ("oMath", "oMathPara"):
                yield _worded("".join(text.text or "" for text in child.iter(f"{M}t")), look)
            elif tag in DRAWN:
                yield from self._drawn(child, boxes)
            else:
                yield from self._inline(child, look, boxes)

    def _run(self, run: Element, look: Look, boxes: list[Element]) -> Iterator[Element]:
        properties = run.find(f"{W}rPr")
        own = look_of(properties).over(self._styles.of(val(properties, "rStyle") or "").look).over(look)
        if own.is_hidden:
            return
        made = Element(f"{W}r")
        made.append(_properties(own, val(properties, "vertAlign")))
        for child in run:
            tag = local(child)
            if tag in DRAWN:
                yield from self._drawn(child, boxes)
            elif tag == "ruby":
                for base in child.iter(f"{W}rubyBase"):
                    yield from self._inline(base, look, boxes)
            elif tag == "t":
                SubElement(made, f"{W}t").text = signs.plain(child.text or "")
            elif tag in AS_IT_IS and not self._leads_nowhere(child):
                made.append(child)
            elif said := _sign(child):
                SubElement(made, f"{W}t").text = said
        yield made

    def _leads_nowhere(self, element: Element) -> bool:
        kind = local(element).removesuffix("Reference")
        is_note = kind in ("footnote", "endnote")
        return is_note and (kind, element.get(f"{W}id", "")) not in self.notes

    def _drawn(self, drawn: Element, boxes: list[Element]) -> Iterator[Element]:
        """The pictures of a drawing; the text in it goes to `boxes`, once of what is there in two forms."""
        chosen = pictures.chosen(drawn)
        for each in chosen:
            boxes += pictures.text_boxes(each)
            for picture in pictures.pictures(each):
                if pictures.link_of(picture) in self.links:
                    yield _with(Element(f"{W}r"), [picture])

    def _control(
        self,
        control: Element,
        look: Look = Look(),
        boxes: list[Element] | None = None,
        *,
        is_block: bool = False,
    ) -> Iterator[Element]:
        """A content control as what is in it: a date as the day it holds, a box as a box."""
        properties, content = control.find(f"{W}sdtPr"), control.find(f"{W}sdtContent")
        if content is None or _is_made(properties) or switch(properties, "showingPlcHdr"):
            return
        waiting: list[Element] = []
        inside = self.blocks(content) if is_block else list(self._inline(content, look, waiting))
        if day := _day(properties):
            texts = [text for each in inside for text in each.iter(f"{W}t")]
            for at, text in enumerate(texts):
                text.text = "" if at else day
        ticked = None if properties is None else properties.find(f"{W14}checkbox")
        if ticked is None:
            yield from inside
        else:
            yield _box(ticked, inside)
        if boxes is not None:
            boxes += waiting

    def _table(self, table: Element) -> Element:
        made = Element(f"{W}tbl")
        for row in _below(table, "tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            one = SubElement(made, f"{W}tr")
            if switch(properties, "tblHeader"):
                SubElement(SubElement(one, f"{W}trPr"), f"{W}tblHeader")
            for _ in range(min(number(val(properties, "gridBefore")), 60)):
                SubElement(SubElement(one, f"{W}tc"), f"{W}p")
            for cell in _below(row, "tc"):
                if cell.find(f"{W}tcPr/{W}cellDel") is None:
                    one.append(self._cell(cell))
        return made

    def _front_matter(self, table: Element) -> list[Element]:
        """A table of keys and values that says of itself that it is front matter: a line for each."""
        if (val(table, "tblPr/tblCaption") or "") != marks.FRONT_MATTER:
            return []
        found = []
        for row in _below(table, "tr"):
            said = [
                "".join(text.text or "" for text in cell.iter(f"{W}t")).strip() for cell in _below(row, "tc")
            ]
            made = Element(f"{W}p")
            SubElement(made, f"{W}bookmarkStart", {f"{W}name": marks.of_role("front")})
            made.append(_worded(": ".join(said[:2]), PLAIN))
            found.append(made)
        return found

    def _cell(self, cell: Element) -> Element:
        made = Element(f"{W}tc")
        properties = SubElement(made, f"{W}tcPr")
        for name in ("gridSpan", "vMerge"):
            if (found := cell.find(f"{W}tcPr/{W}{name}")) is not None:
                said = found.get(f"{W}val", "")
                kept = {f"{W}val": str(number(said, 1)) if name == "gridSpan" else said} if said else {}
                SubElement(properties, found.tag, kept)
        made.extend(self.blocks(cell))
        return made


def _below(parent: Element, wanted: str) -> Iterator[Element]:
    """Rows of a table or cells of a row, also those in controls and in changes that are kept."""
    for child in parent:
        if local(child) == wanted:
            yield child
        elif not GONE.fullmatch(local(child)) and local(child) not in ("tbl", "tr", "tc"):
            yield from _below(child, wanted)


def _is_end_deleted(properties: Element | None) -> bool:
    ends = None if properties is None else properties.find(f"{W}rPr")
    return ends is not None and any(ends.find(f"{W}{tag}") is not None for tag in ("del", "moveFrom"))


def _is_made(properties: Element | None) -> bool:
    """Whether a control holds what Word makes of the headings."""
    return "table of" in (val(properties, "docPartObj/docPartGallery") or "").lower()


def _day(properties: Element | None) -> str:
    """The day of a date control, whatever way it is shown; "" where it shows less than a day."""
    date = None if properties is None else properties.find(f"{W}date")
    return "" if date is None else signs.day(date.get(f"{W}fullDate", ""), val(date, "dateFormat") or "d")


def _box(said: Element, inside: list[Element]) -> Element:
    """A control that the library reads as a box. It asks for a sign in there, whichever."""
    made = Element(f"{W}sdt")
    box_said = SubElement(SubElement(made, f"{W}sdtPr"), f"{W14}checkbox")
    ticked = said.find(f"{W14}checked")
    is_on = ticked is not None and ticked.get(f"{W14}val", "1") not in ("0", "false", "off")
    SubElement(box_said, f"{W14}checked", {f"{W14}val": "1" if is_on else "0"})
    content = SubElement(made, f"{W}sdtContent")
    if any(text.text for each in inside for text in each.iter(f"{W}t")):
        content.extend(inside)
    else:
        content.append(_worded("☐", Look()))
    return made


def _sign(element: Element) -> str:
    """The letter that an element of a run stands for."""
    tag = local(element)
    if tag == "noBreakHyphen":
        return "-"
    if tag == "cr":
        return "\n"
    if tag != "sym":
        return ""
    font, said = element.get(f"{W}font", ""), element.get(f"{W}char", "")
    try:
        code = int(said, 16)
    except ValueError:
        return ""
    if not 0x20 <= code < 0xFFFE or 0xD800 <= code < 0xE000:
        return ""
    if found := signs.box(chr(code), font):
        return "☒" if found == "on" else "☐"
    return pictures.letter(font, code)


def _properties(look: Look, script: str | None) -> Element:
    made = Element(f"{W}rPr")
    for name, is_so in (("b", look.is_bold), ("i", look.is_italic), ("strike", look.is_struck)):
        if is_so:
            SubElement(made, f"{W}{name}")
    if look.is_code:
        SubElement(made, f"{W}rStyle", {f"{W}val": "Code"})
    if script in ("superscript", "subscript"):
        SubElement(made, f"{W}vertAlign", {f"{W}val": script})
    return made


def _worded(text: str, look: Look) -> Element:
    run = Element(f"{W}r")
    run.append(_properties(look, None))
    SubElement(run, f"{W}t").text = text
    return run


def _with(element: Element, inside: Iterator[Element] | list[Element]) -> Element:
    element.extend(inside)
    return element
