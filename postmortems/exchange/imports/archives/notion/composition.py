"""A report of a Notion download: its page, and what is below it as its sections and tables."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from postmortems.document.lint.warnings import Warned
from postmortems.document.readers.notion import database, export, html_page, names
from postmortems.document.readers.notion.database import Database
from postmortems.document.readers.notion.export import Subpage
from postmortems.errors import Refusal
from postmortems.exchange.imports.archives.notion import hierarchy
from postmortems.exchange.imports.archives.notion.contents import COMPOSED, PAGE, Contents, Page
from postmortems.exchange.imports.archives.notion.hierarchy import Place
from postmortems.exchange.imports.files import ImportFile

MANY = "below a report with more pages than are put into one ({:,}); import them on their own"
ABSENT = "a link to {} not in this download; where it came in several parts, import them as one zip"
# Pages that become part of one report, and how much they say together.
MOST_BELOW, MOST_TEXT = 200, 1024 * 1024
MOST_NAMED = 3

# Rows about a report of databases that stand elsewhere.
Related = Sequence[tuple[Database, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Outline:
    """All places of a download, and its files."""

    contents: Contents
    places: Sequence[Place]
    paths: frozenset[str]
    ids: frozenset[str]
    databases: Mapping[str, Place]


def report(outline: Outline, place: Place, related: Related = ()) -> ImportFile:
    """The report that a page and all below it are; the page as it came where nothing is below it."""
    page = outline.contents.page(place)
    if page.trouble:
        return outline.contents.broken(place, page.trouble)
    inside = hierarchy.below(place)
    tables, sections, told = _databases(outline, place, inside, page)
    sections += [*_related(related, page), *_pages(outline.contents, place, inside)]
    told += _absent(outline, place, page)
    if not (tables or sections):
        return outline.contents.report(place, page.content, PAGE, tuple(told))
    text = export.with_subpages(export.page_of(page.text, tables), sections)
    return outline.contents.report(place, text.encode("utf-8", "surrogatepass"), COMPOSED, tuple(told))


def of_database(outline: Outline, place: Place) -> ImportFile:
    """A database alone as a report, with what the pages of its rows say."""
    text = database.written(outline.contents.database(place))
    sections = _pages(outline.contents, place, hierarchy.below(place))
    return outline.contents.report(place, export.with_subpages(text, sections).encode(), COMPOSED)


def _databases(
    outline: Outline, place: Place, inside: Sequence[Place], page: Page
) -> tuple[dict[str, str], list[Subpage], list[Warned]]:
    """The databases of a page: those that it has links to by these, the others below it as sections."""
    linked = _linked(place, page)
    tables: dict[str, str] = {}
    sections: list[Subpage] = []
    told: list[Warned] = []
    near = [each for each in inside if each.is_database]
    known = [outline.databases[path] for path in linked if path in outline.databases]
    far = [each for each in known if each not in near]
    for each in (*near, *far):
        try:
            found = outline.contents.database(each, is_view=each in far)
        except Refusal as refusal:
            told.append(Warned("database", each.title, refusal.detail))
            continue
        to = next((linked[path] for path in (each.path, each.all_rows, *each.twins) if path in linked), "")
        if to and not html_page.is_page(page.text):
            tables[to] = database.table(found)
        elif each in near and found.rows and not _is_shown(found, page.markdown):
            sections.append(Subpage(each.title, database.table(found)))
    outline.contents.takes(*near)
    return tables, sections, told


def _linked(place: Place, page: Page) -> Mapping[str, str]:
    """The files that a page has links to: what the link says, by the path in the download."""
    found = export.linked_files(page.text)
    return {posixpath.normpath(posixpath.join(place.folder, to)): to for to in found}


def _pages(contents: Contents, place: Place, inside: Sequence[Place]) -> list[Subpage]:
    """The pages below a page that say anything, as far as one report takes them."""
    found: list[Subpage] = []
    size = 0
    for each in inside:
        if each.is_database:
            continue
        if len(found) >= MOST_BELOW or size > MOST_TEXT:
            contents.archive.leaves(each.path, MANY.format(MOST_BELOW))
            continue
        page = contents.page(each)
        is_row = each.parent is not None and each.parent.is_database
        contents.takes(each)
        if page.trouble:
            contents.archive.leaves(each.path, page.trouble)
        elif not (export.is_empty(page.markdown) and is_row):
            found.append(_subpage(each, page, place))
            size += len(found[-1].markdown)
    return found


def _subpage(each: Place, page: Page, place: Place) -> Subpage:
    folder = posixpath.relpath(each.folder or ".", place.folder or ".")
    title = export.title_of(page.markdown) or each.title or "Untitled"
    return Subpage(title, page.markdown, "" if folder == "." else folder)


def _related(related: Related, page: Page) -> list[Subpage]:
    """Items of other databases that name the page, a table below each database's name."""
    by_name: dict[str, Database] = {}
    for found, row in related:
        before = by_name.get(found.title, replace(found, rows=()))
        by_name[found.title] = replace(before, rows=(*before.rows, row))
    return [
        Subpage(title, database.table(found))
        for title, found in by_name.items()
        if not _is_shown(found, page.markdown)
    ]


def _absent(outline: Outline, place: Place, page: Page) -> list[Warned]:
    """What a page has links to, and is not in the download."""
    gone = [
        names.without_id(to.rpartition("/")[2])
        for path, to in _linked(place, page).items()
        if path not in outline.paths and names.id_in(to) not in outline.ids
    ]
    if not gone:
        return []
    said = ", ".join(gone[:MOST_NAMED]) + ("…" if len(gone) > MOST_NAMED else "")
    return [Warned("subpage", said, ABSENT.format("a page" if len(gone) == 1 else f"{len(gone):,} pages"))]


def _is_shown(found: Database, markdown: str) -> bool:
    """Whether a page shows a database's rows itself, as pages of HTML do."""
    titles = [row[0] for row in found.rows if row[0]]
    return bool(titles) and all(f"| {title}" in markdown for title in titles)
