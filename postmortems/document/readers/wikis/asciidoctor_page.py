"""Takes a page that Asciidoctor made of AsciiDoc as what its author wrote: boxes, remarks and the day.

As Asciidoctor 2.0.18 writes pages: the signs ✓ and ❏ for boxes, a table round each remark, a list of contents
and a footer.
"""

from __future__ import annotations

from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

ROUND_THE_TEXT = frozenset(("toc", "footer"))
BOXES = {"✓": True, "❏": False}


def is_it(generator: str) -> bool:
    """Whether the program that a page names as its maker is Asciidoctor."""
    return generator.startswith("Asciidoctor")


def day(element: Element) -> str:
    """What an element says of the day of the revision; "" of any other."""
    return one_line(text_of(element)) if element.attributes.get("id") == "revdate" else ""


def tidied(element: Element) -> Element:
    """The element without contents and footer; boxes as boxes, remarks as quotes."""
    children: list[Node] = []
    for child in element.children:
        if isinstance(child, str):
            children.append(child)
        elif child.attributes.get("id") not in ROUND_THE_TEXT:
            children.append(tidied(child))
    made = Element(element.tag, element.attributes, children)
    if "admonitionblock" in made.classes:
        return _remark(made)
    if "checklist" in made.classes and made.tag == "ul":
        for item in made.children:
            _box(item)
    return made


def _box(item: Node) -> None:
    """Put a box in the place of the sign that an item begins with."""
    if not isinstance(item, Element):
        return
    paragraph = next((each for each in item.children if isinstance(each, Element)), None)
    first = paragraph.children[0] if paragraph and paragraph.children else ""
    if paragraph and isinstance(first, str) and first.lstrip()[:1] in BOXES:
        sign, words = first.lstrip()[0], first.lstrip()[1:].lstrip()
        box = Element("input", {"type": "checkbox", **({"checked": ""} if BOXES[sign] else {})})
        paragraph.children[:1] = [box, words]


def _remark(element: Element) -> Element:
    """`Note: …` as a quote, which was a table of two cells."""
    cells = [each for each in _below(element) if each.tag == "td"]
    if len(cells) != 2:
        return element
    icon, content = cells
    label = one_line(text_of(icon)) or one_line(
        " ".join(each.attributes.get("title", "") for each in _below(icon))
    )
    return Element("blockquote", {}, [Element("p", {}, [Element("strong", {}, [label])]), *content.children])


def _below(element: Element) -> list[Element]:
    inner = [each for each in element.children if isinstance(each, Element)]
    return [each for one in inner for each in (one, *_below(one))]
