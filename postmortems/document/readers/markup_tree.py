"""A tree of markup elements, shared by the readers of HTML and reStructuredText.

The tags are those of HTML. `verbatim` is ours: its text is Markdown already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

INLINE = re.compile(
    "a|abbr|acronym|b|bdi|bdo|big|br|cite|code|data|del|dfn|em|font|i|img|input|ins|kbd|label|mark|picture|q|s|samp"
    "|small|span|strike|strong|sub|sup|time|tt|u|var|verbatim|wbr|chip|button"
    # Custom elements (`ts-mention`) and those of other vocabularies (`o:p`), whatever is in them.
    r"|[a-z][a-z0-9]*[:-][\w.:-]*"
)


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


Node = Element | str

# Where a block begins or ends amid a text: there a line ends, if it does not already.
EDGE = Element("edge")


def text_of(node: Node) -> str:
    """The text in a node and below, as it stands; a picture is what is said in its place.

    Blocks below start lines of their own, or the last word of one would grow into the next.
    """
    parts: list[str] = []
    waiting = [node]
    is_edge = False
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if is_edge and parts and each and not (parts[-1].endswith("\n") or each.startswith("\n")):
                parts.append("\n")
            parts.append(each)
            is_edge = is_edge and not each
        elif each is EDGE:
            is_edge = True
        elif each.tag == "br":
            parts.append("\n")
        elif each.tag == "img":
            waiting.append(each.attributes.get("alt", ""))
        elif each is not node and not INLINE.fullmatch(each.tag):
            waiting += [EDGE, *reversed(each.children), EDGE]
        else:
            waiting += reversed(each.children)
    return "".join(parts)


def is_block(node: Node) -> bool:
    """Whether a node stands on its own and not in a line of text."""
    return isinstance(node, Element) and (not INLINE.fullmatch(node.tag) or any(map(is_block, node.children)))
