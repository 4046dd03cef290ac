"""Reads Textile as Markdown, by python-textile.

Raw HTML stays what it shows. Where words would be lost, the text stays as it was written.
"""

from __future__ import annotations

import re

from postmortems.document.readers import html
from postmortems.document.text import words

LARGEST = 256 * 1024
# What says how a text looks, and shows nowhere: marks of blocks, attributes, comments, addresses of pictures.
MARKS = re.compile(
    r"^###\.[^\n]*(?:\n(?!\s*\n)[^\n]*)*"
    r"|^(?:h[1-6]|bq|bc|p|pre|notextile|fn\d+|div|table|dl)(?=[.(\[{<>=])"
    r"|\([\w#; -]*\)|\{[^{}\n]*\}|\[[a-z-]{2,5}\]|!\S+!|\":\S+",
    re.MULTILINE,
)


# A name behind `@` that another one follows: one that begins a word does not end code.
PERSON = re.compile(r"(?<![\w@])@(?=[a-z][^@]{0,200}[\s(\[,/]@[a-z])", re.IGNORECASE)
CODE = re.compile(r"(?:bc|pre|notextile)(?=[.(\[{])(?P<goes_on>[^\n]{0,80}?\.\.)?")
SHOWN_AS_IT_IS = re.compile(r"<(?:pre|code|notextile)\b|==")


def to_markdown(text: str) -> str:
    """The text as Markdown; the text itself where it cannot be taken apart without losing words."""
    if len(text) > LARGEST:
        return text
    # Heavy, and seldom wanted.
    import textile

    try:
        page = textile.textile(_with_people(text), html_type="html5")
    except Exception:
        # It falls over some texts in ways of its own. None is lost for that.
        return text
    written = html.to_markdown(page)
    return text if words(MARKS.sub(" ", text)) - words(written) else written


def _with_people(text: str) -> str:
    """The text with names as words: `@ana, @ben` would be code for the library, and no marks of persons."""
    parts = text.split("\n\n")
    for at, part in enumerate(parts):
        code = CODE.match(part.lstrip("\n"))
        if (code and code["goes_on"]) or "<pre" in part:
            break
        if not code and not SHOWN_AS_IT_IS.search(part):
            parts[at] = PERSON.sub("&#64;", part)
    return "\n\n".join(parts)
