"""Guard a document's words against what a site generator would take for its own. Pure.

Each function takes canonical Markdown without its front matter, and gives what shows there as on GitHub.
Done twice it changes nothing more, so a file that was brought in and goes out again stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from markdown_it import MarkdownIt

from postmortems.document import markdown
from postmortems.document.model import Entry, Prose
from postmortems.exchange import python_markdown, raw_html
from postmortems.exchange.raw_html import Unit

# A shortcode; `{{</* x */>}}` is how Hugo's manual writes one that shall be shown.
OPENS, CLOSES = re.compile(r"\{\{([<%])(?!/\*)"), re.compile(r"(?<!\*/)([%>])\}\}")
LIQUID = re.compile(r"\{[{%]")
# Python-Markdown takes a note of one word, or of a word and a quote, for a link's address and its title.
NOTE = re.compile(r"^ {0,3}\[\^[^\]]+\]:[ \t]*\S+(?:[ \t]+(?:\".*\"|'.*'|\(.*\)))?[ \t]*$")
PAREN_ITEM = re.compile(r"^([ >]*(?:[-*+] +)*\d{1,9})\)(?=\s)")
CODE_SPAN = re.compile(r"(`+)(?:(?!`).|`)*?(?<!`)\1(?!`)")
BAR = re.compile(r"(?<!\\)\|")
SNIPPET = re.compile(r"--8<--")
# MyST: a comment, a target, the end of a block, a role, and a fence that holds a directive.
MYST_LINE = re.compile(r"^( {0,3})(?=%|\([^()\n]+\)=[ \t]*$|\+\+\+)")
MYST_ROLE = re.compile(r"(?<!\\)\{(?=[\w:.+-]+\}`)")
MYST_FENCE = re.compile(r"^(?P<fence>[ >]*(?:`{3,}|~{3,}))\{(?P<name>[^}\n]*)\}")

_blocks = MarkdownIt("commonmark", {"html": True}).enable("table").disable("inline")


def for_hugo(text: str) -> str:
    """Shortcodes written so that they are shown; Hugo takes them for its own even in code."""
    return CLOSES.sub(r"*/\1}}", OPENS.sub(r"{{\1/*", text)) if OPENS.search(text) else text


def for_mkdocs(text: str) -> str:
    """For Python-Markdown, which MkDocs reads with; snippets and notes of one word stay as they are.

    What it reads otherwise even so is written as HTML, as long as we read the same document from that.
    """
    guarded = _outside_code(text, lambda line: SNIPPET.sub("--8&lt;--", NOTE.sub(r"\g<0> <!-- -->", line)))
    due = [unit for unit, own in raw_html.units(guarded) if python_markdown.reads_otherwise(own)]
    return python_markdown.normalised(_as_html(guarded, due))


def for_sphinx(text: str) -> str:
    """Roles, comments, targets and directives of MyST written so that they are shown."""
    guarded = _outside_code(text, lambda line: MYST_ROLE.sub(r"\\{", MYST_LINE.sub(r"\1\\", line)))
    return "\n".join(MYST_FENCE.sub(r"\g<fence>\g<name>", line) for line in guarded.split("\n"))


def for_jekyll(text: str) -> str:
    """For kramdown, where a bar makes a table of any line and `1)` no list. Of Liquid, see front matter."""
    text = _as_html(text, [unit for unit, _ in raw_html.units(text) if unit.is_element])
    tables = {
        line
        for token in _blocks.parse(text)
        if token.type == "table_open"
        for line in range(*token.map or (0, 0))
    }
    lines = _outside_code(text, lambda line: PAREN_ITEM.sub(r"\1.", line)).split("\n")
    bare = _outside_code("\n".join(lines), _without_bars).split("\n")
    return "\n".join(line if at in tables else bare[at] for at, line in enumerate(lines))


def has_liquid(text: str) -> bool:
    """Whether Jekyll would run parts of the text."""
    return bool(LIQUID.search(text))


def _as_html(text: str, due: list[Unit]) -> str:
    """The text with these units as HTML; without the lists among them where those are timeline or items."""
    lists = {"bullet_list_open", "ordered_list_open"}
    told = _told(text)
    for chosen in (due, [unit for unit in due if unit.kind not in lists]):
        as_html = raw_html.written(text, chosen)
        if chosen and _told(as_html) == told:
            return as_html
    return text


def _told(text: str) -> list[object]:
    """What is read from a text beside its prose."""
    return [
        section.heading if block is None else replace(block, text="") if isinstance(block, Entry) else block
        for section in markdown.parse(text).sections
        for block in (None, *section.blocks)
        if not isinstance(block, Prose)
    ]


def _without_bars(line: str) -> str:
    """The line with its bars escaped, where they stand in no code."""
    parts, behind = [], 0
    for span in CODE_SPAN.finditer(line):
        parts += [BAR.sub(r"\|", line[behind : span.start()]), span[0]]
        behind = span.end()
    return "".join([*parts, BAR.sub(r"\|", line[behind:])])


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with each line changed that stands in no block of code."""
    lines = text.split("\n")
    code: set[int] = set()
    for token in _blocks.parse(text):
        if token.type in {"fence", "code_block"} and token.map:
            code.update(range(*token.map))
    return "\n".join(line if at in code else change(line) for at, line in enumerate(lines))
