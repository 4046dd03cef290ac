"""Reads one file of a Notion export, whichever it is, and puts pages below a page into its report."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from postmortems import patterns
from postmortems.document.markdown import front_matter, section_roles
from postmortems.document.readers import html
from postmortems.document.readers.notion import database, html_page, markdown_page, names, properties
from postmortems.document.text import is_blank, joined

# A way to a page or a file of the same export: no other tool puts such ids behind blanks.
WAY = patterns.of(
    rf"\]\((?![a-z]+:)[^()\s]*(?:%20|\+){names.HEX}(?:[./][^()\s]*|_all\.csv)\)",
    re.IGNORECASE,
    needs=["%20", "+"],
)
# Behind its boxes Notion writes two blanks.
BOX = patterns.of(r"^[ \t]*- \[[ xX]\] {2}\S", re.MULTILINE, needs=["]  "])
# What others write too, but seldom together: callouts, days behind a mark.
SIGNS = (
    patterns.of(r"^[ \t]*<aside>[ \t]*(?:\S{1,4}[ \t].*)?$", re.MULTILINE, needs=["<aside>"]),
    re.compile(r"(?<![\w@])@[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b"),
)
PAGE_ENDINGS = (".html", ".htm")
HEADING = re.compile(r"(#{1,6})(?=[ \t]+\S)")
PROPERTY = re.compile(r"- [^:\n]{1,60}: \S")
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
TARGET = re.compile(r"(?<=\]\()(?P<to>[^()\s<>]+)(?=\))")
SUBPAGE, BELOW = 2, 3
TABLE = re.compile(r"[^\n,]*,[^\n]*$", re.MULTILINE)
# A page is a report by the sections that it has.
FEWEST_SECTIONS = 2
LONGEST_NAME = 200


def is_it(text: str) -> bool:
    """Whether a text is a page of a Notion export, by what is in it."""
    if html.begins_as_page(text):
        return html_page.is_page(text)
    if WAY.search(text) or BOX.search(text):
        return True
    return all(sign.search(text) for sign in SIGNS)


def is_named(name: str) -> bool:
    """Whether a file's name is one of Notion's: a title, and behind it an id."""
    base = name.rpartition("/")[2]
    return bool(names.identity(base) and names.without_id(base)) and not base.lower().endswith(PAGE_ENDINGS)


def to_markdown(text: str) -> str:
    """A page or a database as Markdown, by what is in it."""
    if html.begins_as_page(text):
        return html_page.to_markdown(text)
    return database.to_markdown(text) if _is_database(text) else markdown_page.to_markdown(text)


def _is_database(text: str) -> bool:
    first = text.removeprefix("\ufeff").lstrip().partition("\n")[0]
    return bool(TABLE.match(first)) and not first.startswith(("#", "-", "<", "|", ">"))


def parts(name: str, text: str) -> Iterator[tuple[str, str, str]]:
    """The reports of a file: their names, texts (a database's as Markdown, without id), and what they are."""
    if not names.is_database(name):
        yield name, text, identity(name, text)
        return
    found = database.read(text, names.without_id(name.rpartition("/")[2]))
    place = names.plain_path(name).removesuffix(".csv")
    if not (found.is_of_reports and found.rows):
        yield f"{place}.md", database.written(found), identity(name, text)
        return
    for row in found.rows:
        yield row_path(place, row), row_as_report(found.header, row), ""


def row_path(place: str, row: Sequence[str]) -> str:
    """Where a row of a database that lies there would be as a page."""
    return f"{place}/{row[0].replace('/', ' ').strip()[:LONGEST_NAME] or 'untitled'}.md"


def identity(name: str, text: str) -> str:
    """What a file is known by: the id in its name, else the one that its page of HTML says."""
    return names.identity(name) or html_page.identity(text)


@dataclass(frozen=True, slots=True)
class Subpage:
    """A page below a report's: its Markdown, and the way from the report's folder to its own."""

    title: str
    markdown: str
    folder: str = ""


def is_report(markdown: str) -> bool:
    """Whether a page in Markdown has the sections of a report."""
    found = {section_roles.named(line.strip("# ")) for line in _headings(markdown)}
    return len(found - {"other"}) >= FEWEST_SECTIONS


def _headings(markdown: str) -> Iterator[str]:
    is_inside = False
    for line in markdown.split("\n"):
        is_inside ^= bool(FENCE.match(line))
        if not is_inside and (
            HEADING.match(line) or (line.startswith("**") and line.rstrip().endswith("**"))
        ):
            yield line.replace("*", "")


def is_empty(markdown: str) -> bool:
    """Whether a page says nothing but its title and properties."""
    lines = [line for line in _body(markdown) if not is_blank(line) and not PROPERTY.match(line)]
    return not lines


def with_subpages(markdown: str, subpages: Sequence[Subpage]) -> str:
    """A report with the pages below it, each a section by its title.

    Where the report has a section of that title with nothing but a link in it, it goes there.
    """
    text, sections = markdown.rstrip("\n"), []
    for page in subpages:
        title = re.escape(page.title)
        link = rf"(?:(?:\[[^\[\]\n]*\]\([^()\n]*\)|{title})[ \t]*)?"
        place = re.compile(rf"^#{{1,6}}[ \t]+{title}[ \t]*\n+{link}(?=\n*(?:#|\Z))", re.MULTILINE)
        match = place.search(text) if f"# {page.title}" in text else None
        if match:
            text = (
                f"{text[: match.end()].rstrip()}\n\n{_lowered(page).rstrip()}\n{text[match.end() :]}".rstrip(
                    "\n"
                )
            )
        else:
            sections.append(f"{'#' * SUBPAGE} {page.title}\n\n{_lowered(page)}")
    return "\n\n".join([text, *map(str.rstrip, sections)]) + "\n"


def title_of(markdown: str) -> str:
    """A page's title."""
    return front_matter.read(markdown.split("\n")).known.get("title", "")


def _body(markdown: str) -> list[str]:
    """The lines of a page behind its front matter."""
    lines = markdown.split("\n")
    return lines[front_matter.read(lines).lines :]


def _lowered(page: Subpage) -> str:
    """A page's text below the heading that it gets, its ways to files told from the report's folder."""
    lines = joined(_body(page.markdown)).split("\n")
    levels = [len(match[1]) for line in _plain(lines) if (match := HEADING.match(line))]
    by = max(0, BELOW - min(levels, default=BELOW))
    out, is_inside = [], False
    for line in lines:
        is_inside ^= bool(FENCE.match(line))
        match = None if is_inside else HEADING.match(line)
        line = f"{'#' * min(6, len(match[1]) + by)}{line[match.end() :]}" if match else line
        out.append(line if is_inside else TARGET.sub(lambda to: _rebased(to["to"], page.folder), line))
    return "\n".join(out)


def _plain(lines: Sequence[str]) -> Iterator[str]:
    is_inside = False
    for line in lines:
        is_inside ^= bool(FENCE.match(line))
        if not is_inside:
            yield line


def _rebased(target: str, folder: str) -> str:
    if not folder or markdown_page.ELSEWHERE.match(target) or target.startswith("/"):
        return target
    return quote(posixpath.normpath(posixpath.join(folder, unquote(target))))


def row_as_report(header: Sequence[str], row: Sequence[str]) -> str:
    """A row of a database, whose page is not there, as a report: columns of sentences are sections."""
    pairs = [
        (name, properties.without_addresses(said)) for name, said in zip(header[1:], row[1:], strict=False)
    ]
    sections = [(name, said) for name, said in pairs if name and _is_section(name, said)]
    keys = [pair for pair in pairs if all(pair) and pair not in sections]
    return properties.page(row[0], keys, "\n\n".join(f"## {name}\n\n{said}" for name, said in sections))


def _is_section(name: str, said: str) -> bool:
    """Whether a column is called as a section is, and holds more than a grade."""
    return section_roles.named(name) != "other" and " " in said.strip()


def page_of(text: str, tables: Mapping[str, str]) -> str:
    """A page as Markdown, with the databases that it has links to."""
    if html.begins_as_page(text):
        return html_page.to_markdown(text)
    return markdown_page.to_markdown(text, tables)


def linked_files(text: str) -> list[str]:
    """The pages and databases that a page has links to, as the page says their paths."""
    return html_page.linked_files(text) if html_page.is_page(text) else markdown_page.linked_files(text)
