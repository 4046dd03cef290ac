"""Reads reStructuredText as Markdown, by docutils.

Nothing is inserted from files and nothing is run: `include` and what docutils does not know stay as they were
written, in the fence that MyST has for that, and raw HTML stays HTML.
"""

from __future__ import annotations

import re

from docutils import frontend, nodes, utils
from docutils.parsers.rst import Parser

from postmortems.document.readers.rst_tree import Reading
from postmortems.document.readers.to_markdown import compose
from postmortems.document.text import lines_of, words

LINES_THAT_SAY_HOW = re.compile(r"^\s*(?:\.\. .*|__ .*|:[\w -]+:.*)$|:[\w:+-]+:(?=`)", re.MULTILINE)
# docutils looks for the end of a mark to the end of the paragraph: many without an end would take minutes.
MARK, MOST_MARKS = re.compile(r"[*`|_]"), 400
TABLE = re.compile(r"^[ \t]*[|+].*$", re.MULTILINE)
LARGEST = 512 * 1024


def to_markdown(text: str) -> str:
    """The text as Markdown; the text itself where docutils cannot take it apart without losing words."""
    if len(text) > LARGEST or any(len(MARK.findall(each)) > MOST_MARKS for each in _stretches(text)):
        return text
    try:
        reading = Reading(_parsed("\n".join(lines_of(text))))
        written = compose(reading.elements)
    except Exception:
        # docutils falls over some texts in ways of its own, 300 nested lists for one. None is lost for that.
        return text
    said = words(LINES_THAT_SAY_HOW.sub("", text)) - words(" ".join(reading.replaced))
    return f"{written}\n" if not said - words(written) else text


def _stretches(text: str) -> list[str]:
    """What docutils reads at a time: paragraphs, and in tables lines."""
    return [*re.split(r"\n[ \t]*\n", TABLE.sub("", text)), *TABLE.findall(text)]


def _parsed(text: str) -> nodes.document:
    settings = frontend.get_default_settings(Parser)
    settings.file_insertion_enabled = False
    settings.raw_enabled = False
    settings._disable_config = True
    settings.report_level = settings.halt_level = 5
    settings.warning_stream = False
    settings.line_length_limit = LARGEST
    settings.syntax_highlight = "none"
    document = utils.new_document("", settings)
    Parser().parse(text, document)
    return document
