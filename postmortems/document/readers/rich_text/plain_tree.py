"""Plain trees: rich text with every look told by `b`, `i`, `s`, `code` and `a`, and nothing told twice.

A look belongs to letters: each run of text takes the looks round it, and runs that look alike are one again.
So neither a bold wrapper that is not bold nor a word cut into five spans leaves a trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from postmortems.document.readers.markup_tree import INLINE, Element, Node, is_block, text_of
from postmortems.document.readers.rich_text import list_levels, pictures, styles, widgets
from postmortems.document.readers.rich_text.styles import Look

LEFT_OUT = re.compile(
    "script|style|noscript|template|head|title|svg|canvas|object|embed|audio|video|xml|colgroup|col"
)
BLANKS = re.compile(r"[ \t\r\n\f\u00a0]+")
# Marks that show nowhere; Confluence puts one on either side of what it made itself.
INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
MERGED = {"a", "b", "i", "s", "code", "sup", "sub"}
# What tells a piece of text from the pieces beside it, of those that are merged over a blank.
OVER_BLANKS = MERGED - {"code"}
PUNCTUATION = re.compile(r"[^\w\s]+$")
FRONT_PUNCTUATION = re.compile(r"^[^\w\s]+")
# What a box needs no blank behind, and before.
OPENING, CLOSING = " ([{\"'\u201c\u2018/", " )]}\"'\u201d\u2019/.,;:!?\u2026"
SUPER = {"super": "sup", "sub": "sub"}
# One line in a fixed-width typeface may be a name; from here on it is a listing.
LISTING = 2


@dataclass(slots=True)
class Plain:
    """Makes a tree plain; `missing` are the names of the pictures that were not in it."""

    missing: list[str] = field(default_factory=list)

    def of(self, nodes: Sequence[Node]) -> list[Node]:
        """The nodes, plain."""
        return self._inside(nodes, Look(), is_cell=False)

    def _inside(self, nodes: Sequence[Node], look: Look, *, is_cell: bool) -> list[Node]:
        found: list[Node] = []
        for node in list_levels.gathered(nodes):
            found += self._one(node, look, is_cell)
        return _listings(_flanked(_merged(_spaced(found))), is_cell=is_cell)

    def _one(self, node: Node, look: Look, is_cell: bool) -> list[Node]:
        if isinstance(node, str):
            return _worded(node, look)
        if LEFT_OUT.fullmatch(node.tag) or styles.is_unseen(node):
            return []
        node = widgets.plain(node)
        if node.tag in ("verbatim", "raw", "br", "hr", "input"):
            return [node]
        if node.tag == "img":
            return self._picture(node, look)
        if node.tag == "pre":
            return _lines_of_code(node) if is_cell else [node]
        if node.tag == "iframe":
            return _worded(node.attributes.get("src", ""), look)
        return self._element(node, look, is_cell)

    def _picture(self, node: Element, look: Look) -> list[Node]:
        made = pictures.shown(node, self.missing)
        if not look.href:
            return made
        return [_linked(each, look.href) for each in made]

    def _element(self, node: Element, look: Look, is_cell: bool) -> list[Node]:
        if (
            not node.children
            and node.tag == "a"
            and (href := styles.address(node.attributes.get("href", "")))
        ):
            return [Element("a", {"href": href}, [])]
        look = styles.look_in(node, look)
        held = self._inside(node.children, look, is_cell=is_cell or node.tag in ("td", "th"))
        named = node.attributes.get("data-file-name", "")
        if named and not text_of(Element("span", {}, held)).strip():
            held += pictures.absent(named, self.missing)
        if node.tag == widgets.CHIP:
            return [Element(widgets.CHIP, {}, held)]
        script = SUPER.get(styles.declarations(node).get("vertical-align", ""), node.tag)
        if script in ("sup", "sub"):
            return [Element(script, {}, held)] if any(held) else []
        if INLINE.fullmatch(node.tag):
            return held
        kept: dict[str, str] = {
            name: node.attributes[name] for name in ("start", "class") if name in node.attributes
        }
        if node.tag == "table":
            return [Element("table", {}, _with_heads(held))]
        return [Element(node.tag, kept, held)]


def _worded(text: str, look: Look) -> list[Node]:
    """A piece of text inside the elements that say how it looks."""
    text = INVISIBLE.sub("", text)
    if look.is_preformatted and "\n" in text.strip("\n"):
        lines = text.strip("\n").split("\n")
        return [node for line in lines for node in (*_worded(line, look), Element("br"))][:-1]
    text = BLANKS.sub(" ", text)
    if not text.strip():
        return [text] if text else []
    node: Node = text
    for tag, is_so in (
        ("code", look.is_code),
        ("s", look.is_struck),
        ("i", look.is_italic),
        ("b", look.is_bold and not look.is_heading),
    ):
        node = Element(tag, {}, [node]) if is_so else node
    return [_linked(node, look.href) if look.href else node]


def _linked(node: Node, href: str) -> Node:
    inner = node.children if isinstance(node, Element) and node.tag == "a" else [node]
    return Element("a", {"href": href}, list(inner))


def _spaced(nodes: Sequence[Node]) -> list[Node]:
    """Chips become what is in them, with a blank where the words beside them would grow into theirs."""
    out: list[Node] = []
    is_behind = False
    for node in nodes:
        is_chip = isinstance(node, Element) and node.tag == widgets.CHIP
        held = node.children if isinstance(node, Element) and is_chip else [node]
        before, after = text_of(out[-1])[-1:] if out else "", text_of(held[0])[:1] if held else ""
        if (is_chip or is_behind) and before.strip(OPENING) and after.strip(CLOSING):
            out.append(" ")
        out += held
        is_behind = is_chip or (is_behind and not held)
    return out


def _merged(nodes: Sequence[Node]) -> list[Node]:
    """Neighbours that look alike as one, also over the blank between them."""
    out: list[Node] = []
    run: list[Node] = []
    for node in [*nodes, None]:
        if run and isinstance(node, str) and not node.strip():
            run.append(node)
        elif run and _is_alike(run, node):
            run.append(node or "")
        else:
            out += _as_one(run)
            run = [node] if isinstance(node, Element) and node.tag in MERGED and node.children else []
            out += [node] if node is not None and not run else []
    return out


def _is_alike(run: Sequence[Node], node: Node | None) -> bool:
    """Whether a node goes on with what began with the first of the run."""
    first, is_apart = run[0], isinstance(run[-1], str)
    if not (isinstance(first, Element) and isinstance(node, Element)):
        return False
    tags = OVER_BLANKS if is_apart else MERGED
    return (
        node.tag == first.tag
        and node.tag in tags
        and node.attributes == first.attributes
        and bool(node.children)
    )


def _as_one(run: Sequence[Node]) -> list[Node]:
    """Elements that look alike, with the blanks between them, as one; blanks behind the last stay outside."""
    if not run:
        return []
    end = max(at for at, node in enumerate(run) if isinstance(node, Element)) + 1
    first, held = run[0], run[:end]
    if len(held) == 1 or not isinstance(first, Element):
        return list(run)
    inside = [child for node in held for child in (node.children if isinstance(node, Element) else [node])]
    return [replace(first, children=_merged(inside)), *run[end:]]


def _flanked(nodes: Sequence[Node]) -> list[Node]:
    """Emphasis without the punctuation at its edge where a letter follows: Markdown would not see its mark.

    CommonMark 0.31 §6.2, left- and right-flanking runs.
    """
    out = list(nodes)
    for at, node in enumerate(out):
        if not isinstance(node, Element) or node.tag not in ("b", "i", "s") or not node.children:
            continue
        first, last = node.children[0], node.children[-1]
        after = out[at + 1] if at + 1 < len(out) else ""
        if (
            isinstance(last, str)
            and isinstance(after, str)
            and after[:1].isalnum()
            and (match := PUNCTUATION.search(last))
        ):
            node.children[-1] = last[: match.start()]
            out[at + 1] = match[0] + after
        before = out[at - 1] if at else ""
        first = node.children[0]
        if (
            isinstance(first, str)
            and isinstance(before, str)
            and before[-1:].isalnum()
            and (match := FRONT_PUNCTUATION.search(first))
        ):
            node.children[0] = first[match.end() :]
            out[at - 1] = before + match[0]
    return out


def _listings(nodes: list[Node], *, is_cell: bool) -> list[Node]:
    """Paragraphs of nothing but code, several below each other, as one listing."""
    if is_cell:
        return nodes
    out: list[Node] = []
    run: list[Element] = []
    for node in [*nodes, None]:
        if isinstance(node, str) and not node.strip() and run:
            continue
        if isinstance(node, Element) and _is_line_of_code(node):
            run.append(node)
            continue
        is_listing = len(run) >= LISTING or any(_breaks(line) for line in run)
        out += [Element("pre", {}, ["\n".join(text_of(line) for line in run)])] if is_listing else run
        run = []
        out += [node] if node is not None else []
    return out


def _is_line_of_code(node: Element) -> bool:
    if node.tag not in ("p", "div"):
        return False
    held = [child for child in node.children if not isinstance(child, str) or child.strip()]
    codes = [child for child in held if isinstance(child, Element) and child.tag == "code"]
    return bool(codes) and all(isinstance(child, Element) and child.tag in ("code", "br") for child in held)


def _breaks(node: Element) -> bool:
    return any(isinstance(child, Element) and child.tag == "br" for child in node.children)


def _lines_of_code(node: Element) -> list[Node]:
    """Code in a cell of a table, where Markdown has no fences."""
    lines = [line for line in text_of(node).split("\n") if line.strip()]
    broken: list[Node] = [each for line in lines for each in (Element("code", {}, [line]), Element("br"))]
    return broken[:-1]


def _with_heads(nodes: Sequence[Node]) -> list[Node]:
    """The rows of a table, the first one its head where all that it says is bold."""
    rows = list(_rows(nodes))
    if not rows or any(isinstance(cell, Element) and cell.tag == "th" for cell in rows[0].children):
        return list(nodes)
    cells = [cell for cell in rows[0].children if isinstance(cell, Element)]
    said = [cell for cell in cells if text_of(cell).strip()]
    if said and len(rows) > 1 and all(_is_bold(cell.children) for cell in said):
        rows[0].children = [Element("th", {}, _unbold(cell.children)) for cell in cells]
    return list(nodes)


def _rows(nodes: Sequence[Node]) -> Iterator[Element]:
    for node in nodes:
        if isinstance(node, Element) and node.tag == "tr":
            yield node
        elif isinstance(node, Element) and node.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(node.children)


def _is_bold(nodes: Sequence[Node]) -> bool:
    held = [node for node in nodes if text_of(node).strip()]
    return all(
        isinstance(node, Element) and (node.tag == "b" or (is_block(node) and _is_bold(node.children)))
        for node in held
    )


def _unbold(nodes: Sequence[Node]) -> list[Node]:
    out: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.tag == "b":
            out += node.children
        else:
            out.append(replace(node, children=_unbold(node.children)) if isinstance(node, Element) else node)
    return out
