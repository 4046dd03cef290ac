"""Prompts: `<!-- prompt: … -->` on lines of their own: for the author, and never for readers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postmortems.document import text as texts
from postmortems.document.model import Block, Document, Entry, Item, Prose

BEGINS = re.compile(r"[ \t]*<!--[ \t]*prompt:[ \t]*", re.IGNORECASE)
ENDS = "-->"
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its prompts, and the prompts. In code, and without an end, one is text."""
    kept: list[str] = []
    found: list[str] = []
    lines, at, fence = text.split("\n"), 0, ""
    # Without an end nothing that begins later ends either.
    last_end = max((n for n, line in enumerate(lines) if ENDS in line), default=-1)
    while at < len(lines):
        line = lines[at]
        begins = None if fence or at > last_end else BEGINS.match(line)
        if begins and (end := _end(lines, at, begins.end())) is not None:
            said, rest = _cut(lines, at, begins.end(), end)
            found.append(said)
            kept += [rest] if rest.strip() else []
            at = end + 1
            continue
        fence = _fence(line, fence)
        kept.append(line)
        at += 1
    return (texts.joined(kept), tuple(found)) if found else (text, ())


def _end(lines: Sequence[str], at: int, column: int) -> int | None:
    """The line on which the prompt ends that begins there."""
    if ENDS in lines[at][column:]:
        return at
    return next((n for n in range(at + 1, len(lines)) if ENDS in lines[n]), None)


def _cut(lines: Sequence[str], at: int, column: int, end: int) -> tuple[str, str]:
    whole = "\n".join([lines[at][column:], *lines[at + 1 : end + 1]])
    said, _, rest = whole.partition(ENDS)
    return texts.one_line(said), rest


def _fence(line: str, fence: str) -> str:
    """The mark of the code in which the next line stands; "" outside of code."""
    mark = FENCE.match(line)
    if not mark:
        return fence
    if not fence:
        return mark[1]
    is_end = mark[1].startswith(fence) and not line[mark.end() :].strip()
    return "" if is_end else fence


def is_open(text: str) -> bool:
    """Whether a prompt begins in the text that does not end."""
    fence = ""
    for line in split(text)[0].split("\n"):
        if not fence and BEGINS.match(line):
            return True
        fence = _fence(line, fence)
    return False


def without(document: Document) -> Document:
    """The document without the prompts in its texts; what held nothing else is left out."""
    if not any(_holds(block) for section in document.sections for block in section.blocks):
        return document
    sections = [
        replace(section, blocks=tuple(bare for block in section.blocks if (bare := _bare(block)) is not None))
        for section in document.sections
    ]
    return replace(document, sections=tuple(sections))


def _holds(block: Block) -> bool:
    return isinstance(block, Prose | Entry | Item) and "prompt:" in block.text.lower()


def _bare(block: Block) -> Block | None:
    if not isinstance(block, Prose | Entry | Item) or not _holds(block):
        return block
    bare, found = split(block.text)
    is_empty = not bare and found and isinstance(block, Prose)
    return None if is_empty else replace(block, text=bare)
