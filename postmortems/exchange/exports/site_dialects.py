"""Markdown dialects of site generators: what they would run as code is escaped.

Each function takes canonical Markdown without its front matter, and gives what shows there as on GitHub.
Done twice it changes nothing more, so a file that was brought in and goes out again stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace

from postmortems.document.markdown import parser, prose_markers
from postmortems.document.model import Entry, Prose
from postmortems.document.text import SHOWN_AS_TEXT
from postmortems.errors import Invalid
from postmortems.exchange.exports import places, python_markdown, raw_html
from postmortems.exchange.exports.raw_html import Unit

# A shortcode in code; `{{</* x */>}}` is how Hugo's manual writes one that shall be shown.
# Python-Markdown takes some milliseconds for each block that it is asked about.
MOST_ASKED = 1000
INSIDE = r"((?:(?!\{\{).){0,500}?)"
SHORTCODE = re.compile(rf"\{{\{{(?:<(?!/\*){INSIDE}>|%(?!/\*){INSIDE}%)\}}\}}", re.DOTALL)
SHOWN_SHORTCODE = re.compile(rf"\{{\{{(?:</\*{INSIDE}\*/>|%/\*{INSIDE}\*/%)\}}\}}", re.DOTALL)
OPENS = re.compile(r"\{\{(?=[<%])")
AS_ENTITY = {"{{<": "{{&lt;", "{{%": "{{&#37;"}
# goldmark takes it for a task's box wherever it stands in an item, and before an address, too.
BOX = re.compile(
    r"(?P<task>^[ >]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)+\[[ xX]\](?=\s))|\[(?P<mark>[ xX])(?=\])", re.MULTILINE
)
HEADING_ATTRIBUTES = re.compile(r"^( {0,3}#{1,6}[ \t].*)\{(?=[^{}]*\}[ \t#]*$)")
MARKS = (prose_markers.ENTRY, prose_markers.TIMELINE, prose_markers.ACTION_ITEMS)
LIQUID = re.compile(r"\{[{%]")
# Python-Markdown takes a note of one word, or of a word and a quote, for a link's address and its title.
NOTE = re.compile(r"^ {0,3}\[\^[^\]]+\]:[ \t]*\S+(?:[ \t]+(?:\".*\"|'.*'|\(.*\)))?[ \t]*$")
# A character that is none, and a tag that is none: browsers and Python-Markdown read more of them.
AMPERSAND = re.compile(r"&(?=#?[A-Za-z0-9]+;)")
ANGLE = re.compile(r"<(?=[A-Za-z/!?])")
# Both take an address with blanks for a link.
BRACKETED = re.compile(r"\]\((?=[^()\n]*[ \t{])")
PAREN_ITEM = re.compile(r"^([ >]*(?:[-*+] +)*\d{1,9})\)(?=\s)")
EMPTY_ITEM = re.compile(r"^([ >]*(?:[-*+]|\d{1,9}\.))[ \t]*$")
NUMBERED = re.compile(r"^([ >]*\d{1,9})(\.[ \t])")
BAR = re.compile(r"(?<!\\)\|")
# kramdown's attributes and extensions, and the meaning of an abbreviation.
ATTRIBUTES, ABBREVIATION = re.compile(r"(?<!\\)\{(?=:)"), re.compile(r"^( {0,3})(?=\*\[[^\]\n]+\]:)")
FENCE = r"^(?P<fence>[ >]*(?:(?:[-*+]|\d{1,9}[.)]) +)*(?:`{3,}|~{3,}))[ \t]*"
FENCE_WORDS = re.compile(rf"{FENCE}(?:\{{[^`\n]*|(?P<name>[^\s`]+)[ \t]+\S[^`\n]*)$")
SNIPPET = re.compile(r"--8<--")
# MyST: a comment, a target, the end of a block, a role, and a fence that holds a directive.
MYST_LINE = re.compile(r"^( {0,3})(?=%|\([^()\n]+\)=[ \t]*$|\+\+\+)")
MYST_ROLE = re.compile(r"(?<!\\)\{(?=[\w:.+-]+\}`)")
MYST_FENCE = re.compile(rf"{FENCE}\{{(?P<name>[^}}\n]*)\}}")
# The tag of a list or table: as any other one it holds neither entries nor items.
HTML_LIST = re.compile(r"<(/?)(?=(?:ol|ul|table)\b)")


def for_hugo(text: str) -> str:
    """Shortcodes written so that they are shown; Hugo takes them for its own even in code."""
    text = places.outside_code(_tags_as_text(text), _without_heading_attributes)
    text = places.at_fences(text, lambda line: _with_one_word(line) if "{" in line else line)
    return places.changed(text, words=_for_goldmark, code=_shown_shortcodes)


def for_mkdocs(text: str) -> str:
    """For Python-Markdown, which MkDocs reads with; snippets and notes of one word stay as they are.

    What it reads otherwise even so is written as HTML, as long as we read the same document from that.
    """
    text = places.outside_code(text, lambda line: SNIPPET.sub("--8&lt;--", line), html=True)
    text = places.outside_code(_tags_as_text(text), lambda line: NOTE.sub(r"\g<0> <!-- -->", line))
    guarded = places.changed(text, words=_without_tags_that_are_none, html=str)
    units = raw_html.units(guarded)
    is_short = len(units) <= MOST_ASKED
    due = [
        unit for unit, own in units if unit.is_element or (is_short and python_markdown.reads_otherwise(own))
    ]
    return python_markdown.normalised(_as_html(guarded, due))


def for_sphinx(text: str) -> str:
    """Roles, comments, targets and directives of MyST written so that they are shown."""
    guarded = places.outside_code(
        _tags_as_text(text), lambda line: MYST_ROLE.sub(r"\\{", MYST_LINE.sub(r"\1\\", line))
    )
    return places.at_fences(guarded, lambda line: MYST_FENCE.sub(r"\g<fence>\g<name>", line))


def for_jekyll(text: str) -> str:
    """For kramdown, which has a table wherever a bar stands, attributes and abbreviations.

    Of Liquid, see front matter.
    """
    text = _tags_as_text(text)
    text = _as_html(text, [unit for unit, own in raw_html.units(text) if _is_html_for_kramdown(unit, own)])
    text = places.with_lists_apart(text)
    text = places.in_later_lines(text, lambda line: NUMBERED.sub(r"\1\\\2", line))
    text = places.at_items(
        text,
        lambda line: PAREN_ITEM.sub(r"\1.", line),
        alone=lambda line: EMPTY_ITEM.sub(r"\1 &#160;", line),
    )
    text = places.outside_code(text, _for_kramdown)
    text = places.at_fences(text, _with_one_word)
    text = places.changed(text, words=lambda piece: _links(ATTRIBUTES.sub(r"\{", piece)), html=str)
    return places.changed(text, words=lambda piece: BAR.sub(r"\|", piece), html=str, tables=str)


def _tags_as_text(text: str) -> str:
    return places.changed(text, words=lambda piece: SHOWN_AS_TEXT.sub("&lt;", piece))


def _for_goldmark(piece: str) -> str:
    piece = BOX.sub(lambda box: box["task"] or f"[&#{ord(box['mark'])};", piece)
    return re.sub(r"\{\{[<%]", lambda opens: AS_ENTITY[opens[0]], piece)


def _shown_shortcodes(code: str) -> str:
    """The code with its shortcodes as comments; one that never ends, which Hugo refuses, is broken up."""
    out, behind = [], 0
    written = SHORTCODE.sub(_commented, code)
    for shown in SHOWN_SHORTCODE.finditer(written):
        out += [OPENS.sub("{ {", written[behind : shown.start()]), shown[0]]
        behind = shown.end()
    return "".join([*out, OPENS.sub("{ {", written[behind:])])


def _commented(match: re.Match[str]) -> str:
    return f"{{{{</*{match[1]}*/>}}}}" if match[1] is not None else f"{{{{%/*{match[2]}*/%}}}}"


def _without_tags_that_are_none(piece: str) -> str:
    """Words with `<` and `&` as characters where GitHub reads no tag, address or character of that name."""
    piece = ANGLE.sub(lambda found: "<" if places.is_tag(piece, found.start()) else "&lt;", piece)
    piece = AMPERSAND.sub(lambda found: "&" if places.is_character(piece, found.start()) else "&amp;", piece)
    return _links(piece)


def _links(piece: str) -> str:
    """Words with a bracket escaped that GitHub reads as one, and others as the start of an address."""
    return BRACKETED.sub(lambda found: "](" if places.is_address(piece, found.end() - 1) else r"]\(", piece)


def _with_one_word(line: str) -> str:
    """A fence's first line without what stands behind its language, and without braces."""
    return FENCE_WORDS.sub(lambda fence: f"{fence['fence']}{fence['name'] or ''}", line)


def _without_heading_attributes(line: str) -> str:
    """The line, where a heading ends in braces of its author's, with those as text; ours are attributes."""
    return line if line.endswith(MARKS) else HEADING_ATTRIBUTES.sub(r"\1&#123;", line)


def _for_kramdown(line: str) -> str:
    return ABBREVIATION.sub(r"\1\\", _without_heading_attributes(line))


def _is_html_for_kramdown(unit: Unit, own: str) -> bool:
    """An element that holds Markdown, or a table of nothing but a head."""
    return unit.is_element or (unit.kind == "table_open" and own.count("\n") == 1)


def _as_html(text: str, due: list[Unit]) -> str:
    """The text with these units as HTML; without the lists among them where those are timeline or items."""
    for chosen in (due, [unit for unit in due if unit.kind not in places.LISTS]):
        as_html = raw_html.written(text, chosen)
        if chosen and _are_told_alike(text, as_html):
            return as_html
    return text


def _are_told_alike(text: str, other: str) -> bool:
    try:
        return _told(text) == _told(other)
    except Invalid:
        # One of them has more blocks than we read.
        return False


def _told(text: str) -> list[object]:
    """What is read from a text beside its prose; lists of HTML do not count, for people edit the Markdown."""
    return [
        section.heading if block is None else replace(block, text="") if isinstance(block, Entry) else block
        for section in parser.parse(HTML_LIST.sub(r"<\1x-", text)).sections
        for block in (None, *section.blocks)
        if not isinstance(block, Prose)
    ]
