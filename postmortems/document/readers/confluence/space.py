"""A space of Confluence: which page stands below which, and whether a page reads as a report. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

from postmortems.document.markdown import section_roles
from postmortems.document.readers import html
from postmortems.document.readers.confluence import page, shapes
from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

NOT_A_PAGE = "no page of Confluence"
EMPTY = "a page without text of its own"
TEMPLATE = "a template, as its title says"
NO_REPORT = "a page that does not read as a report: no sections such as Summary, Timeline or Action items"
# One of these, and another section that a report has; notes of meetings have summaries and actions, too.
TELLING = frozenset(("impact", "timeline", "contributing_factors", "lessons"))
FEWEST = 2
HEADINGS = re.compile(r"h[1-6]")
# A report by its title, in the languages that section names are known in: one section is enough then.
NAMED = re.compile(
    r"post-?\s?mortem|\bincident|\boutage|\bRCA\b|\broot cause|\bpost-?incident|\bCOE\b|\bNachbetrachtung"
    r"|\bStörung|\bAusfall|\bVorfall|\bincidente|\bincidencia|\bpanne|\binterrupción|\binterrupção"
    r"|障害|ポストモーテム|事后|复盘|инцидент|장애",
    re.IGNORECASE,
)
BLANK = re.compile(r"\(?\b(?:template|vorlage|modèle|plantilla|modelo)\)?\s*$|^\s*template\b", re.IGNORECASE)
# A list of pages nests no deeper than markup is read.
Pages = dict[str, str]


def pages(index: str) -> Pages:
    """The file of each page in a space's list, in its order, with the title of the page above it."""
    found: Pages = {}
    _listed(html.parsed(index).children, "", found)
    return found


def _listed(nodes: list[Node], above: str, found: Pages) -> None:
    for node in nodes:
        if not isinstance(node, Element):
            continue
        if node.tag == "li" and (link := _link(node)) is not None:
            name = unquote(link.attributes.get("href", ""))
            if name.endswith(".html") and "/" not in name:
                found.setdefault(name, above)
            _listed(node.children, one_line(text_of(link)), found)
        else:
            _listed(node.children, above, found)


def _link(item: Element) -> Element | None:
    return next((each for each in item.children if isinstance(each, Element) and each.tag == "a"), None)


def why_no_report(text: str) -> str:
    """Why an exported page is no report; "" for one that reads as such."""
    if not page.is_page(text):
        return NOT_A_PAGE
    root = html.parsed(text)
    title, body = page.title(root), page.body(root)
    if BLANK.search(title):
        return TEMPLATE
    if not text_of(body).strip():
        return EMPTY
    roles = {section_roles.named(said) for said in _headings(body.children)} - {"other"}
    is_report = len(roles) >= FEWEST and bool(roles & TELLING)
    return "" if is_report or (roles and NAMED.search(title)) else NO_REPORT


def _headings(nodes: list[Node]) -> list[str]:
    """What stands as a heading in a page: also a paragraph that is bold as a whole."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, Element) and not shapes.is_generated(node):
            is_bold = node.tag == "p" and _is_bold(node)
            if HEADINGS.fullmatch(node.tag) or is_bold:
                found.append(one_line(text_of(node)).rstrip(":"))
            else:
                found += _headings(node.children)
    return found


def _is_bold(node: Element) -> bool:
    said = [child for child in node.children if not isinstance(child, str) or child.strip()]
    return len(said) == 1 and isinstance(said[0], Element) and said[0].tag in ("strong", "b")
