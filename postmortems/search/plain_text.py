"""Plain text: Markdown as one reads it aloud, for a line of a list. Pure; it makes nothing safe."""

from __future__ import annotations

import re

from postmortems import patterns
from postmortems.document.parse_cache import by_line

# Each piece is bounded, so that no text takes long.
LINE_MARKS = patterns.of(
    r"^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*(?:#{1,6}[ \t]+|\[[ xX]\][ \t]+)?", re.MULTILINE
)
RULES = patterns.of(r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$|^[ \t]*(?:```|~~~).*$", re.MULTILINE)
PICTURE_OR_LINK = patterns.of(
    r"!?\[([^\[\]\n]{0,500})\](?:\([^()\s]{0,2000}(?:[ \t]+\"[^\"\n]{0,500}\")?\)|\[[^\[\]\n]{0,200}\])"
)
COMMENT_OR_TAG = patterns.of(
    r"<!--.{0,2000}?-->|</?[A-Za-z][A-Za-z0-9-]{0,30}(?:\s[^<>]{0,500})?/?>", re.DOTALL
)
ADDRESS = patterns.of(r"<((?:https?|mailto):[^<>\s]{1,2000})>")
STRONG = patterns.of(r"(\*\*|__|~~)(?=\S)|(?<=\S)(\*\*|__|~~)")
EMPHASIS = patterns.of(r"(?<![\w*])[*_](?=[^\s*_])|(?<=[^\s*_])[*_](?![\w*])")
CODE = patterns.of(r"`+")
ESCAPED = patterns.of(r"\\([!-/:-@\[-`{-~])")
ASIDE = 0xE000
BACK = {ASIDE + code: code for code in range(0x21, 0x7F)}
CELLS = patterns.of(r"[ \t]*\|[ \t]*")
# Without any of these a text is plain already; the last are what stands aside.
MARKED = patterns.of(r"[\\`*_~<>\[\]|#\ue021-\ue07e]|^[ \t]*(?:[-+=:]|\d{1,9}[.)])", re.MULTILINE)


@by_line
def plain(text: str) -> str:
    """The text without Markdown's marks: words, and the words of links and pictures, one line per line."""
    if MARKED.search(text):
        text = _unmarked(text)
    return "\n".join(line for part in text.split("\n") if (line := " ".join(part.split())))


def _unmarked(text: str) -> str:
    # What is escaped stands aside, as characters of no script, while the marks are taken away.
    text = ESCAPED.sub(lambda sign: chr(ASIDE + ord(sign[1])), text)
    text = RULES.sub("", text)
    text = PICTURE_OR_LINK.sub(r"\1", text)
    text = COMMENT_OR_TAG.sub(" ", ADDRESS.sub(r"\1", text))
    text = LINE_MARKS.sub("", text)
    text = CODE.sub("", EMPHASIS.sub("", STRONG.sub("", text)))
    return CELLS.sub(" ", text).translate(BACK)
