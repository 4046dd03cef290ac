"""Inline Markdown as runs of Word: emphasis, code, links, pictures, boxes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Inches
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

BOX = re.compile(r"\[([ xX])\] ")
LINKED = re.compile(r"(?:https?|mailto|ftp):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
SCRIPTS = {"<sub>": ("subscript", True), "<sup>": ("superscript", True), "</sub>": ("subscript", False)}
SCRIPTS |= {"</sup>": ("superscript", False)}
FONT = "Courier New"
# By these names pandoc and others know code and links again (pandoc 3.9, `docx`).
CODE_LINES, CODE_WORDS, LINK = "Source Code", "Verbatim Char", "Hyperlink"
WIDEST_INCHES = 6
# XML 1.0 §2.2 has no place for them.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
CHECKBOX = (
    '<w:sdt xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:sdtPr><w14:checkbox>'
    '<w14:checked w14:val="{value}"/><w14:checkedState w14:val="2612" w14:font="MS Gothic"/>'
    '<w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr><w:sdtContent>'
    '<w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic"/></w:rPr>'
    "<w:t>{sign}</w:t></w:r></w:sdtContent></w:sdt>"
)


def in_xml(text: str) -> str:
    """The text with a sign in the place of what XML cannot hold."""
    return NOT_IN_XML.sub("\ufffd", text)


def add_styles(made: Any) -> None:
    """Add the styles of code and links to a document."""
    lines = made.styles.add_style(CODE_LINES, WD_STYLE_TYPE.PARAGRAPH)
    lines.base_style = made.styles["macro"]
    made.styles.add_style(CODE_WORDS, WD_STYLE_TYPE.CHARACTER).font.name = FONT
    made.styles.add_style(LINK, WD_STYLE_TYPE.CHARACTER).font.underline = True


@dataclass(frozen=True, slots=True)
class Look:
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    href: str = ""


class Runs:
    """Adds inline content to paragraphs."""

    def __init__(self, made: Any, picture: Callable[[str], bytes | None]) -> None:
        self._made, self._picture = made, picture
        self.markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self._script = ""
        # python-docx looks a style up by its name among all of them, for each run anew.
        self._code, self._linked = (
            made.part.get_style_id(name, WD_STYLE_TYPE.CHARACTER) for name in (CODE_WORDS, LINK)
        )

    def add(
        self, nodes: Sequence[Node], paragraph: Any, *, is_item: bool = False, is_bold: bool = False
    ) -> None:
        """Add the nodes; the box that an item begins with becomes one to press."""
        self._script = ""
        for at, node in enumerate(nodes):
            if is_item and not at and node.type == "text" and (match := BOX.match(node.content)):
                self.box(paragraph, is_ticked=match[1] != " ")
                self._text(node.content[match.end() :], paragraph, Look())
            else:
                self._one(node, paragraph, Look(bold=is_bold))

    def box(self, paragraph: Any, *, is_ticked: bool) -> None:
        """Add a box and a blank."""
        value, sign = (1, "☒") if is_ticked else (0, "☐")
        paragraph._p.append(parse_xml(CHECKBOX.format(value=value, sign=sign)))
        paragraph.add_run(" ")

    def code(self, line: str, paragraph: Any) -> None:
        """Add a line of code, all its blanks kept."""
        self._text(line, paragraph, Look(code=True))

    def plain(self, text: str, paragraph: Any) -> None:
        """Add words that look like nothing else."""
        self._text(text, paragraph, Look())

    def _one(self, node: Node, paragraph: Any, look: Look) -> None:
        match node.type:
            case "text":
                self._text(node.content, paragraph, look)
            case "code_inline":
                self._text(node.content, paragraph, replace(look, code=True))
            case "softbreak":
                self._text(" ", paragraph, look)
            case "hardbreak":
                paragraph.add_run().add_break()
            case "image":
                self._image(node, paragraph, look)
            case "html_inline":
                self._html(node.content, paragraph, look)
            case _:
                self._inside(node, paragraph, look)

    def _inside(self, node: Node, paragraph: Any, look: Look) -> None:
        match node.type:
            case "strong":
                look = replace(look, bold=True)
            case "em":
                look = replace(look, italic=True)
            case "s":
                look = replace(look, strike=True)
            case "link":
                href = str(node.attrs.get("href", ""))
                look = replace(look, href=href if LINKED.match(href) else "")
        for child in node.children:
            self._one(child, paragraph, look)

    def _html(self, tag: str, paragraph: Any, look: Look) -> None:
        if BREAK.fullmatch(tag):
            paragraph.add_run().add_break()
        elif tag.lower() in SCRIPTS:
            script, begins = SCRIPTS[tag.lower()]
            self._script = script if begins else ""

    def _text(self, text: str, paragraph: Any, look: Look) -> None:
        text = in_xml(text)
        if not text:
            return
        run = paragraph.add_run(text)
        run.bold, run.italic = look.bold or None, look.italic or None
        run.font.strike = look.strike or None
        if look.code:
            run._r.style, run.font.name = self._code, FONT
        if self._script:
            setattr(run.font, self._script, True)
        if look.href:
            run._r.style = run._r.style or self._linked
            self._link(run, paragraph, look.href)

    def _link(self, run: Any, paragraph: Any, href: str) -> None:
        number = self._made.part.relate_to(in_xml(href), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), number)
        paragraph._p.append(link)
        link.append(run._r)

    def _image(self, node: Node, paragraph: Any, look: Look) -> None:
        """A picture, or a link to what Word shows no picture of."""
        source, said = str(node.attrs.get("src", "")), node.content
        content = self._picture(source)
        try:
            if content is None:
                raise UnrecognizedImageError
            shown = paragraph.add_run().add_picture(io.BytesIO(content))
        except (UnrecognizedImageError, ValueError, KeyError, ZeroDivisionError):
            href = source if LINKED.match(source) else ""
            self._text(said or source, paragraph, replace(look, href=href))
            return
        if shown.width > Inches(WIDEST_INCHES):
            shown.height = round(shown.height * Inches(WIDEST_INCHES) / shown.width)
            shown.width = Inches(WIDEST_INCHES)
        shown._inline.docPr.set("descr", in_xml(said))
