"""The parts of a Markdown text: words, code, HTML, tables, each changed by itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.entities import html5

from markdown_it import MarkdownIt
from markdown_it.common.html_re import HTML_TAG_RE
from markdown_it.token import Token

Change = Callable[[str], str]
CODE_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)[^`]?.*?(?<!`)\1(?!`)", re.DOTALL)
AUTOLINK = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\x00-\x20]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+)>")
CHARACTER = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|([A-Za-z0-9]+));")
# Inline content behind `](`: nothing, or an address and perhaps a title.
ADDRESS = re.compile(
    r"\(\s*(?:(?:<[^<>\n]*>|(?![<\s])(?:[^\s()\\]|\\.|\([^\s()]*\))+)"
    r"(?:\s+(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\)))?)?\s*\)"
)
LONGEST_TAG = 2000
LISTS = frozenset({"bullet_list_open", "ordered_list_open"})
CODE, HTML, TABLE, WORDS, BLANK = "code", "html", "table", "words", "blank"
# Finds the blocks of a text, and looks at no words in them.
BLOCKS = MarkdownIt("commonmark").enable("table").disable("inline")


def changed(
    text: str,
    *,
    words: Change = str,
    code: Change = str,
    html: Change | None = None,
    tables: Change | None = None,
) -> str:
    """The text with each run of words and of code changed.

    What stands in HTML blocks and in tables is changed as words are, unless it is told otherwise.
    """
    changes: dict[str, Change] = {CODE: code, HTML: html or words, BLANK: str}
    changes[WORDS] = lambda run: _around_code(run, words, code)
    changes[TABLE] = tables or changes[WORDS]
    lines = text.split("\n")
    kinds = _kinds(text, lines)
    out: list[str] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and kinds[end] == kinds[at]:
            end += 1
        out.append(changes[kinds[at]]("\n".join(lines[at:end])))
        at = end
    return "\n".join(out)


def outside_code(text: str, change: Change, *, html: bool = False) -> str:
    """The text with each line changed that stands in no block of code, nor of HTML unless `html`."""
    lines = text.split("\n")
    kept = {CODE} if html else {CODE, HTML}
    return "\n".join(
        line if kind in kept else change(line) for line, kind in zip(lines, _kinds(text, lines), strict=True)
    )


def in_later_lines(text: str, change: Change) -> str:
    """The text with each line changed that goes on with a paragraph."""
    lines = text.split("\n")
    for token in BLOCKS.parse(text):
        if token.type == "paragraph_open" and token.map:
            for number in range(token.map[0] + 1, token.map[1]):
                lines[number] = change(lines[number])
    return "\n".join(lines)


def at_fences(text: str, change: Change) -> str:
    """The text with the first line of each fence changed."""
    lines = text.split("\n")
    for token in BLOCKS.parse(text):
        if token.type == "fence" and token.map:
            lines[token.map[0]] = change(lines[token.map[0]])
    return "\n".join(lines)


def at_items(text: str, change: Change, *, alone: Change = str) -> str:
    """The text with each list item's first line changed, by `alone`, too, where it is all of the item."""
    lines = text.split("\n")
    for token in BLOCKS.parse(text):
        if token.type == "list_item_open" and token.map:
            first, end = token.map
            is_alone = not "".join(lines[first + 1 : end]).strip()
            lines[first] = change(lines[first])
            lines[first] = alone(lines[first]) if is_alone else lines[first]
    return "\n".join(lines)


def with_lists_apart(text: str) -> str:
    """The text with a comment between two lists where nothing else stands."""
    lines = text.split("\n")
    end = -1
    starts = []
    for token in BLOCKS.parse(text):
        if token.level == 0 and token.type in LISTS and token.map:
            if end >= 0 and not "".join(lines[end : token.map[0]]).strip():
                starts.append(token.map[0])
            end = token.map[1]
        elif token.level == 0 and token.map:
            end = -1
    for start in reversed(starts):
        lines[start:start] = ["<!-- -->", ""] if not lines[start - 1].strip() else ["", "<!-- -->", ""]
    return "\n".join(lines)


def is_tag(text: str, start: int) -> bool:
    """Whether a tag, a comment or an address in angle brackets begins there."""
    return bool(HTML_TAG_RE.match(text[start : start + LONGEST_TAG]) or AUTOLINK.match(text, start))


def is_character(text: str, start: int) -> bool:
    """Whether the name or number of a character begins there, such as `&nbsp;`."""
    found = CHARACTER.match(text, start)
    return found is not None and (found[1] is None or f"{found[1]};" in html5)


def is_address(text: str, start: int) -> bool:
    """Whether a link's address in brackets, and perhaps its title, begins there."""
    return bool(ADDRESS.match(text, start))


def _kinds(text: str, lines: list[str]) -> list[str]:
    kinds = [WORDS if line.strip() else BLANK for line in lines]
    for token in BLOCKS.parse(text):
        kind = _kind(token)
        for number in range(*token.map) if kind and token.map else ():
            kinds[number] = kind
    return kinds


def _kind(token: Token) -> str:
    return {"fence": CODE, "code_block": CODE, "html_block": HTML, "table_open": TABLE}.get(token.type, "")


def _around_code(text: str, words: Change, code: Change) -> str:
    """A paragraph with its words and its spans of code changed."""
    parts, behind = [], 0
    for span in CODE_SPAN.finditer(text):
        parts += [words(text[behind : span.start()]), code(span[0])]
        behind = span.end()
    return "".join([*parts, words(text[behind:])])
