"""An incident as a `.docx`: what our reader of such files reads as the same document again.

What stands in the front matter is a table under the title, which says so of itself; an item has a box.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.readers.office.marks import FRONT_MATTER
from postmortems.exchange.exports.word import runs
from postmortems.exchange.exports.word.blocks import Blocks
from postmortems.exchange.exports.word.runs import in_xml

# The bytes of a picture by its address in the text; None where there is none, or Word shows no such picture.
Picture = Callable[[str], bytes | None]
# Alone on its line, `[^1]: word` would be taken for a link's address and show nowhere.
NOTE = re.compile(r"^(?=\[\^[^\]\n]+\]:)", re.MULTILINE)
# Of the properties of a file, beside which the whole title stands in its text (python-docx, `coreprops`).
LONGEST_PROPERTY = 255
_markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def written(document: Document, picture: Picture) -> bytes:
    """The bytes of the file; the same for the same document."""
    made = docx.Document()
    runs.add_styles(made)
    title, heading = in_xml(document.title), in_xml(document.heading)
    made.core_properties.title, made.core_properties.author = title[:LONGEST_PROPERTY], ""
    made.core_properties.comments = ""
    front, body = _parts(parser.write(replace(document, heading="")))
    if title:
        made.add_paragraph(title, style="Title")
    if heading and heading != title:
        made.add_paragraph(heading, style="Subtitle")
    if front:
        _front_matter(made, front)
    tree = SyntaxTreeNode(_markdown.parse(NOTE.sub(r"\\", body)))
    Blocks(made, picture).add(tree.children, made)
    return _bytes(made)


def _parts(text: str) -> tuple[list[tuple[str, str]], str]:
    """The keys and values of the front matter but the title, and the body."""
    if not text.startswith("---\n"):
        return [], text
    front, _, body = text.removeprefix("---\n").partition("\n---\n")
    said = [line.partition(":") for line in front.split("\n")]
    return [(key, value.strip()) for key, colon, value in said if colon and key != "title"], body


def _front_matter(made: Any, rows: list[tuple[str, str]]) -> None:
    table = made.add_table(rows=0, cols=2, style="Table Grid")
    caption = table._tbl.tblPr.makeelement(f"{{{table._tbl.nsmap['w']}}}tblCaption", {})
    caption.set(f"{{{table._tbl.nsmap['w']}}}val", FRONT_MATTER)
    table._tbl.tblPr.append(caption)
    for key, value in rows:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = in_xml(key), in_xml(value)


def _bytes(made: Any) -> bytes:
    """The file, without the time of its making."""
    buffer, out = io.BytesIO(), io.BytesIO()
    made.save(buffer)
    with ZipFile(buffer) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return out.getvalue()
