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


def to_markdown(text: str) -> str:
    """The text as Markdown; the text itself where it cannot be taken apart without losing words."""
    if len(text) > LARGEST:
        return text
    # Heavy, and seldom wanted.
    import textile

    try:
        page = textile.textile(text, html_type="html5")
    except Exception:
        # It falls over some texts in ways of its own. None is lost for that.
        return text
    written = html.to_markdown(page)
    return text if words(MARKS.sub(" ", text)) - words(written) else written
