"""Reads an incident's severity from labels, tables, headings and front matter.

Labels and words for the levels are in `data/words/headings.yaml`. A choice that nobody made
("SEV1 / SEV2 / SEV3") says nothing, nor does a value that is no level; the words stay in any case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown.tokens import blocks
from postmortems.document.model import Prose, Section
from postmortems.document.parse_cache import by_line
from postmortems.document.text import joined, lines_of, one_line

WORDS = vocabulary.table("headings")
LABEL = vocabulary.one_of(WORDS["severity"])
OF_LEVELS = vocabulary.one_of(WORDS["levels"])
NAME = patterns.of(rf"\W*{LABEL}(?:\s*[(（][^()（）]*[)）])?\W*", re.IGNORECASE)
# What may stand before a label or a value: marks, a number of a list, an emoji or its name.
SIGNS = r"(?:[^\w(\n]|_|\d{1,2}[.)]|:[a-z_]{2,30}:)"
# Other labels may stand before it on the same line: "Status: resolved | Severity: SEV2".
SAID = patterns.of(
    rf"(?:^|[|;,·•/>]|\s[–—-]\s){SIGNS}{{0,12}}{LABEL}(?:\s?[(（][^()（）\n]{{0,40}}[)）])?[*_` \t]{{0,6}}"
    r"[:：=|][*_`:| \t]{0,8}(?P<said>[^|<;·•\n]++)(?!\|[ \t]*" + OF_LEVELS + r"[ ._-]?\d)",
    re.IGNORECASE,
    needs=":：=|",
)
LEVEL = patterns.of(
    rf"{SIGNS}{{0,6}}(?:{OF_LEVELS}[ \t._-]?)?(?P<number>[1-4])(?:級|级|등급)?"
    r"(?=[*_`\])]*(?:$|\.?\s*[(（\[–—:：,，;]|\.?\s+-\s|\.\s|\.$))"
    rf"(?!.*\b{OF_LEVELS}[ \t._-]?\d)",
    re.IGNORECASE | re.DOTALL,
)
GRADES: dict[str, str] = {word: name for name, words in WORDS["grades"].items() for word in words}
GRADE = patterns.of(
    rf"{SIGNS}{{0,6}}(?P<word>{vocabulary.one_of(GRADES)})[*_`\])]*"
    rf"(?:\.?(?=$)|\s*[(（\[–—:：,，;]\s*|\s+-\s+|\.\s)(?P<remark>.*)",
    re.IGNORECASE | re.DOTALL,
)
# A title that begins with it, or has it in brackets: `[SEV2] Checkout down`.
TITLED = patterns.of(r"(?:^|[\[(（【])(?P<said>sev(?:erity)?[ _-]?[1-4])(?=[\])）】:：]|\s|$)", re.IGNORECASE)
FIRST_SECTIONS = 4


def stated(title: str, sections: Sequence[Section], extra: Iterable[tuple[str, str]]) -> str:
    """The level that a document states, `SEV1` to `SEV4`, or "".

    It stands in the front matter, the first sections or the title. `front_matter` reads the key `severity`.
    """
    told = [(key, raw) for key, raw in extra if key and "\n" not in raw]
    found = (level(raw) for key, raw in told if key != "severity" and NAME.fullmatch(_words(key)))
    in_text = (level(said) for at, section in enumerate(sections) for said in _said(section, at))
    in_title = (level(match["said"]) for match in TITLED.finditer(title))
    return next(filter(None, chain(found, in_text, in_title)), "")


def level(said: str) -> str:
    """The level that is all of a value, but for a remark behind it; "" for everything else."""
    said = one_line(said.strip().strip("\"'"))
    if found := LEVEL.match(said):
        return f"SEV{found['number']}"
    named = GRADE.match(said)
    if not named or GRADE.match(named["remark"]):
        return ""
    # "Major (SEV2)": the number in brackets says which level the word is here.
    numbered = LEVEL.match(named["remark"])
    return f"SEV{numbered['number']}" if numbered else GRADES[named["word"].lower()]


def _words(key: str) -> str:
    return re.sub(r"[_-]", " ", key.strip("\"'"))


def _said(section: Section, at: int) -> Iterator[str]:
    """What stands behind a label in a section; one that is called so says it in its first line."""
    prose = [block.text for block in section.blocks if isinstance(block, Prose)]
    if NAME.fullmatch(section.heading):
        yield from (text.partition("\n")[0] for text in prose[:1])
    if match := SAID.match(section.heading):
        yield match["said"]
    for text in prose if at < FIRST_SECTIONS else ():
        yield from _told(text)


@by_line
def _told(text: str) -> tuple[str, ...]:
    """What stands behind labels in a text: it is asked each time that its document is read or written."""
    return tuple(_in_lines(lines_of(text)))


def _in_lines(lines: Sequence[str]) -> Iterator[str]:
    found = blocks(lines)
    for at, block in enumerate(found):
        own = lines[block.start : block.end]
        if block.kind == "table":
            yield from _in_rows([row.cells for row in block.parts])
        elif at + 1 < len(found) and NAME.fullmatch(block.text or joined(own)):
            yield lines[found[at + 1].start]
        if block.kind in ("paragraph", "list", "heading", "quote"):
            yield from (match["said"] for line in own for match in SAID.finditer(line))
            yield from (below.lstrip(": ~") for line, below in pairwise(own) if NAME.fullmatch(line))


def _in_rows(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A row whose first cell is the label; the only row below a head that is."""
    yield from (row[1] for row in rows if len([cell for cell in row if cell]) == 2 and NAME.fullmatch(row[0]))
    if len(rows) == 2:
        yield from (cell for name, cell in zip(rows[0], rows[1], strict=False) if NAME.fullmatch(name))
