"""Pictures, text boxes and signs in the drawings of a `.docx`, old form (VML) and new."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement

from mammoth.docx.dingbats import dingbats

from postmortems.document.readers.office.docx.names import MC, PIC, WP, A, O, R, V, W, local

PRIVATE = 0xF000


def chosen(drawn: Element) -> list[Element]:
    """Of a drawing that is there in several forms, the first that has text or pictures (ECMA-376 part 3)."""
    if drawn.tag != f"{MC}AlternateContent":
        return [drawn]
    forms = [*drawn.findall(f"{MC}Choice"), *drawn.findall(f"{MC}Fallback")]
    telling = (form for form in forms if text_boxes(form) or any(True for _ in pictures(form)))
    first = next(telling, None)
    return [] if first is None else [first]


def text_boxes(drawn: Element) -> list[Element]:
    """The text boxes in a drawing, each once."""
    found: list[Element] = []
    for child in drawn:
        if child.tag == f"{W}txbxContent":
            found.append(child)
        elif child.tag == f"{MC}AlternateContent":
            found += [box for form in chosen(child) for box in text_boxes(form)]
        else:
            found += text_boxes(child)
    return found


def pictures(drawn: Element, said: Element | None = None) -> Iterator[Element]:
    """The pictures in a drawing, outside its text boxes, each as the library reads one."""
    for child in drawn:
        tag = local(child)
        if tag == "docPr":
            said = child
        if child.tag == f"{A}blip":
            yield from _picture(child.get(f"{R}embed"), child.get(f"{R}link"), said)
        elif child.tag == f"{V}imagedata":
            yield from _picture(child.get(f"{R}id"), None, child)
        elif child.tag == f"{MC}AlternateContent":
            for form in chosen(child):
                yield from pictures(form, said)
        elif child.tag != f"{W}txbxContent":
            yield from pictures(child, said)


def _picture(embedded: str | None, linked: str | None, said: Element | None) -> Iterator[Element]:
    if not embedded and not linked:
        return
    words = "" if said is None else said.get("descr") or said.get("title") or said.get(f"{O}title") or ""
    made = Element(f"{W}drawing")
    inline = SubElement(made, f"{WP}inline")
    SubElement(inline, f"{WP}docPr", {"descr": words})
    data = SubElement(SubElement(inline, f"{A}graphic"), f"{A}graphicData")
    fill = SubElement(SubElement(data, f"{PIC}pic"), f"{PIC}blipFill")
    SubElement(fill, f"{A}blip", {f"{R}embed": embedded or linked or ""})
    yield made


def link_of(picture: Element) -> str:
    """The id of what a picture, as the library reads one, refers to."""
    return next((blip.get(f"{R}embed", "") for blip in picture.iter(f"{A}blip")), "")


def letter(font: str, code: int) -> str:
    """What a sign of a typeface of pictures stands for; "" where nobody knows."""
    for known in (code, code - PRIVATE):
        if (font, known) in dingbats:
            return chr(dingbats[font, known])
    if font.lower().startswith(("wingdings", "webdings", "symbol")) or 0xE000 <= code < 0xF900:
        return ""
    return chr(code)
