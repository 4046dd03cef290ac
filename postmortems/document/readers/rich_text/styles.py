"""Looks: what an element's tag and style say of the text in it: bold, italic, struck, code, link, unseen.

Styles count before tags, as in browsers: Google Docs wraps all that is copied in a `<b>` that is not bold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlsplit

from postmortems.document.readers.markup_tree import Element

HEADINGS = re.compile(r"h[1-6]|th")
BOLD, ITALIC, STRUCK = {"b", "strong"}, {"i", "em"}, {"s", "strike", "del"}
CODE = {"code", "kbd", "samp", "tt"}
HEAVY = re.compile(r"bold(?:er)?|[6-9]\d\d|1000")
LIGHT = re.compile(r"normal|lighter|[1-5]\d\d")
FIXED_WIDTH = re.compile(
    r"\b(?:mono|monospaced?|sfmono|consolas|menlo|monaco|courier|source code pro|fira code|cascadia code)\b",
    re.IGNORECASE,
)
WEB = re.compile(r"(?:https?|ftp)://|mailto:", re.IGNORECASE)
# Addresses that only lead through somebody's counter: the host, the path, and what holds the real one.
COUNTERS = (
    (re.compile(r"(?:www\.)?google\.[a-z.]{2,6}"), "/url", ("q", "url")),
    (re.compile(r"[\w.-]+\.safelinks\.protection\.outlook\.com"), "/", ("url",)),
    (re.compile(r"slack-redir\.net"), "/link", ("url",)),
)


@dataclass(frozen=True, slots=True)
class Look:
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    is_code: bool = False
    # Lines and blanks stay as they are written.
    is_preformatted: bool = False
    # Bold by itself: a heading, or a cell that heads a column.
    is_heading: bool = False
    # What the text links to.
    href: str = ""


def declarations(node: Element) -> dict[str, str]:
    """The element's own style; a property that is said twice counts as said last."""
    found: dict[str, str] = {}
    for part in node.attributes.get("style", "").split(";"):
        name, colon, value = part.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip().lower().removesuffix("!important").strip()
    if face := node.attributes.get("face"):
        found.setdefault("font-family", face)
    return found


def is_unseen(node: Element) -> bool:
    """Whether a reader sees nothing of the element and what is in it."""
    style = declarations(node)
    return (
        "hidden" in node.attributes
        or style.get("display") == "none"
        or style.get("visibility") in ("hidden", "collapse")
        or style.get("mso-hide") == "all"
    )


def look_in(node: Element, look: Look) -> Look:
    """The look of the text in an element whose surroundings have that look."""
    style = declarations(node)
    look = _by_tag(node, look)
    weight, slant = style.get("font-weight", ""), style.get("font-style", "")
    if HEAVY.fullmatch(weight) or LIGHT.fullmatch(weight):
        look = replace(look, is_bold=bool(HEAVY.fullmatch(weight)))
    if slant:
        look = replace(look, is_italic=slant.startswith(("italic", "oblique")))
    if "line-through" in style.get("text-decoration", "") + style.get("text-decoration-line", ""):
        look = replace(look, is_struck=True)
    if family := style.get("font-family"):
        look = replace(look, is_code=look.is_code or is_fixed_width(family))
    if space := style.get("white-space"):
        look = replace(look, is_preformatted=space.startswith("pre"))
    return look


def _by_tag(node: Element, look: Look) -> Look:
    tag = node.tag
    if HEADINGS.fullmatch(tag):
        return replace(look, is_heading=True)
    if tag == "a":
        return replace(look, href=address(node.attributes.get("href", "")))
    return replace(
        look,
        is_bold=look.is_bold or tag in BOLD,
        is_italic=look.is_italic or tag in ITALIC,
        is_struck=look.is_struck or tag in STRUCK,
        is_code=look.is_code or tag in CODE,
    )


def is_fixed_width(family: str) -> bool:
    """Whether the first of these typefaces gives all letters the same width."""
    return bool(FIXED_WIDTH.search(family.split(",")[0]))


def address(href: str) -> str:
    """Where a link leads from anywhere; "" where it leads into the page that it was copied from."""
    href = href.strip()
    if not WEB.match(href):
        return ""
    try:
        parts = urlsplit(href)
        host, asked = (parts.hostname or "").lower(), parse_qs(parts.query)
    except ValueError:
        return href
    for hosts, path, names in COUNTERS:
        if hosts.fullmatch(host) and parts.path == path:
            real = next((asked[name][0] for name in names if name in asked), "")
            return real if WEB.match(real) else href
    return href
