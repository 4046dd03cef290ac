"""Link and footnote definitions of a document, for its parts that are shown one by one.

A text may use what another part of its document defines: `[the issue][163]` here, `[163]: https://…` at the
document's end (CommonMark §4.7; footnotes as GitHub reads them). Each part is handed what it uses, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from postmortems.document.markdown.tokens import Block, blocks, dedented
from postmortems.document.text import is_blank, joined, lines_of, one_line

LABEL = r"\[((?:[^\[\]\\\n]|\\.){1,300})\]"
USED = re.compile(LABEL)
TITLE = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\((?:[^()\\]|\\.)*\))"""
LINK = re.compile(
    rf" {{0,3}}{LABEL}:[ \t]*\n?[ \t]*(?:<([^<>\n]*)>|([^\s<>]+))"
    rf"(?:(?:[ \t]+|[ \t]*\n[ \t]*)({TITLE}))?[ \t]*(?:\n|\Z)"
)
NOTE = re.compile(r" {0,3}\[\^([^\]\s]+)\]:")
QUOTED = re.compile(r" {0,3}> ?")
# A quote in a list in a quote holds no definition that anybody looks for deeper than this.
DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Attached:
    """What a link of a document leads to where it is shown: an address, and a picture's size in pixels.

    `source` is where a picture is loaded from, if that is another address.
    """

    address: str
    width: int | None = None
    height: int | None = None
    source: str = ""


class References:
    """What a document's texts define, by label; of two definitions the first counts.

    `attached` are the pictures and files that came with the document, by their links.
    """

    def __init__(self, texts: Iterable[str], attached: Mapping[str, Attached] | None = None) -> None:
        self.attached: Mapping[str, Attached] = attached or {}
        self.defined: dict[str, str] = {}
        used: set[str] = set()
        for text in texts:
            if "[" in text:
                used |= _used(text)
                for label, source in _defined(text):
                    self.defined.setdefault(label, source)
        self.unused = {label for label in self.defined if label.startswith("^")} - used

    def for_text(self, text: str) -> str:
        """The definitions that this text uses and does not have, those that they use in turn among them."""
        if not self.defined or "[" not in text:
            return ""
        own = {label for label, _ in _defined(text)}
        found: dict[str, str] = {}
        waiting = _used(text)
        while waiting:
            new = {label: self.defined[label] for label in sorted(waiting) if label in self.defined}
            found |= new
            waiting = {label for source in new.values() for label in _used(source)} - found.keys()
        return "\n\n".join(source for label, source in found.items() if label not in own)

    def targets(self) -> dict[str, str]:
        """Where each link leads, by its label in small letters."""
        found = {label: LINK.match(source) for label, source in self.defined.items() if label[:1] != "^"}
        return {label: match[2] or match[3] or "" for label, match in found.items() if match}

    def shown(self, text: str) -> str:
        """The text, with the notes that nothing refers to as text: a page shows no note without its mark."""
        if not self.unused or "[^" not in text:
            return text
        lines = [_as_text(line, self.unused) for line in text.split("\n")]
        return "\n".join(lines)


def _as_text(line: str, unused: set[str]) -> str:
    note = NOTE.match(line)
    is_unused = note is not None and _label(f"^{note[1]}") in unused
    return line.replace("[", "\\[", 1) if is_unused else line


def _label(written: str) -> str:
    return one_line(written).casefold()


def _used(text: str) -> set[str]:
    """The labels that the text may refer to; of `[^1]: text` the beginning is no use of it."""
    return {
        _label(match[1])
        for match in USED.finditer(text)
        if not (match[1].startswith("^") and text.startswith(":", match.end()))
    }


def _defined(text: str) -> Iterator[tuple[str, str]]:
    """Each definition of a text with its label; nearly every text is passed over without being parsed."""
    return _definitions(lines_of(text)) if "]:" in text else iter(())


def _definitions(lines: Sequence[str], depth: int = 0) -> Iterator[tuple[str, str]]:
    """Each definition with its label, as lines that mean the same anywhere."""
    found = blocks(lines)
    for index, block in enumerate(found):
        inside = lines[block.start : block.end]
        if block.kind == "paragraph":
            yield from _in_paragraph(inside, _behind(lines, found, index))
        elif depth < DEEPEST and block.kind == "list":
            for item in block.parts:
                yield from _definitions(dedented(lines[item.start : item.end]), depth + 1)
        elif depth < DEEPEST and block.kind == "quote":
            yield from _definitions([QUOTED.sub("", line, count=1) for line in inside], depth + 1)


def _behind(lines: Sequence[str], found: Sequence[Block], index: int) -> Sequence[str]:
    """The indented block behind a paragraph: where that ends with a note, it belongs to the note."""
    following = found[index + 1] if index + 1 < len(found) else None
    return lines[found[index].end : following.end] if following and following.kind == "code" else ()


def _in_paragraph(lines: Sequence[str], behind: Sequence[str]) -> Iterator[tuple[str, str]]:
    starts = [at for at, line in enumerate(lines) if NOTE.match(line)]
    yield from _links("\n".join(lines[: starts[0] if starts else len(lines)]))
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        note = NOTE.match(lines[start])
        assert note is not None
        first, *rest = lines[start:end]
        rest = [line if is_blank(line) else f"    {line.strip()}" for line in rest]
        rest += behind if end == len(lines) else ()
        yield _label(f"^{note[1]}"), joined([first.lstrip(" "), *rest])


def _links(text: str) -> Iterator[tuple[str, str]]:
    """The link definitions with which a paragraph begins."""
    at = 0
    while (match := LINK.match(text, at)) and match[1].strip():
        label, angled, bare, title = match.groups()
        target = bare if angled is None else angled
        yield _label(label), f"[{label}]: <{target}>{f' {title}' if title else ''}"
        at = match.end()
