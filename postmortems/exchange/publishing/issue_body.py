"""An incident as the text of an issue: Markdown that GitHub and GitLab show, and call nobody by. Pure.

Who is named here is an account here. There `@ada` would be somebody else, and `#12` another issue: an empty
comment behind the sign keeps the words and takes the link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from postmortems.document.markdown import prose_markers, writer
from postmortems.document.markdown.items import item_fields
from postmortems.document.markdown.tokens import blocks
from postmortems.document.model import Category, Document, Item, Prose, Section
from postmortems.document.text import lines_of, one_line, paragraphs, tidy
from postmortems.incidents.attachments import links

MARKS = (prose_markers.ENTRY, prose_markers.TIMELINE, prose_markers.ACTION_ITEMS)
COMMENTS = re.compile(r"^<!-- /?prose -->\n?", re.MULTILINE)
CODE = re.compile(r"(`+)[^`].*?\1")
SIGN = re.compile(r"(?<![\w/&@#.-])(@)(?=\w)|(?<![\w/&@#.(-])([#!])(?=\d)")
ATTACHED = re.compile(r"(?<=\]\()/attachments/")
# A picture that is attached here: trackers show none for which one has to sign in.
PICTURE = re.compile(r"!\[(?P<said>[^\]\n]*)\]\((?P<to>[^()\s]+)\)")
# What is said of an item below its words; the box tells whether it is done.
LEFT_OUT = ("Id", "Guards")
CLOSED = ("done", "wont_do")


def mark(source: str) -> str:
    """What a later search finds the issue by, and nobody sees."""
    return f"<!-- postmortems: {source} -->"


def written(document: Document, source: str) -> str:
    """The issue's text: what the front matter says, the report, and where it is edited."""
    parts = urlsplit(source)
    body = paragraphs(_facts(document), *map(_section, document.sections))
    kept = f"{parts.scheme}://{parts.netloc}{links.PATH}"
    body = ATTACHED.sub(kept, _unnamed(body))
    body = PICTURE.sub(lambda found: _as_link(found, kept), body)
    return paragraphs(body, f"Published from {source}; edit it there.", mark(source))


def _as_link(picture: re.Match[str], kept: str) -> str:
    if not picture["to"].startswith(kept):
        return picture.group()
    return f"[Picture: {picture['said'] or picture['to'].rpartition('/')[2]}]({picture['to']})"


def _facts(document: Document) -> str:
    told = (
        ("Date", document.date.isoformat() if document.date else ""),
        ("Severity", document.severity),
        ("Services", ", ".join(document.services)),
        ("Time zone", document.timezone),
    )
    return "\n".join(f"- **{name}:** {said}" for name, said in told if said)


def _section(section: Section) -> str:
    if not section.items:
        text = COMMENTS.sub("", writer.section(section))
        return "\n".join(_bare(line) for line in text.split("\n"))
    heading = one_line(section.heading)
    return paragraphs(f"## {heading}" if heading else "", *_blocks(section))


def _bare(line: str) -> str:
    """A heading without the mark that only we read."""
    if line.startswith("#"):
        for each in MARKS:
            line = line.removesuffix(f" {each}")
    return line


def _blocks(section: Section) -> Iterator[str]:
    listed: list[str] = []
    for block in section.blocks:
        if isinstance(block, Item):
            listed.append(_item(block))
            continue
        yield "\n".join(listed)
        listed = []
        if isinstance(block, Category):
            yield f"### {one_line(block.heading)}"
        elif isinstance(block, Prose):
            yield tidy(block.text)
        else:
            yield writer.entry(block)
    yield "\n".join(listed)


def _item(item: Item) -> str:
    """An item with its box, and what is said of it below."""
    said = [
        line
        for line in item_fields.write(item)
        if not line.startswith(tuple(f"- {key}:" for key in LEFT_OUT))
    ]
    if item.status in CLOSED[:1]:
        said = [line for line in said if not line.startswith("- Status:")]
    box = "x" if item.status in CLOSED else " "
    first, *rest = tidy(item.text).split("\n")
    more = [*rest, *([""] if rest and said else []), *said]
    return "\n".join([f"- [{box}] {first}", *(f"  {line}".rstrip() for line in more)])


def _unnamed(text: str) -> str:
    """Text in which nobody is called and no other issue is linked; code stays as it is."""
    lines = lines_of(text)
    code = {
        at
        for block in blocks(lines)
        if block.kind in ("fence", "code")
        for at in range(block.start, block.end)
    }
    return "\n".join(line if at in code else _line(line) for at, line in enumerate(lines))


def _line(line: str) -> str:
    out, done = [], 0
    for span in CODE.finditer(line):
        out += [SIGN.sub(r"\1\2<!-- -->", line[done : span.start()]), span.group()]
        done = span.end()
    return "".join([*out, SIGN.sub(r"\1\2<!-- -->", line[done:])])
