"""The reports of a Notion download: a page with all that is below it is one, its databases are its items.

A page that only leads to others is none, and no more are pages beside reports that have no section of one.
What belongs together is told by folders, and where all pages lie in one, by links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from postmortems import limits
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.notion import export, html_page, names
from postmortems.document.readers.notion.database import Database
from postmortems.errors import Refusal
from postmortems.exchange.imports.archives.archive import Archive, ArchiveKind
from postmortems.exchange.imports.archives.notion import composition, hierarchy
from postmortems.exchange.imports.archives.notion.composition import Outline
from postmortems.exchange.imports.archives.notion.contents import PAGE, Contents
from postmortems.exchange.imports.archives.notion.hierarchy import Place
from postmortems.exchange.imports.files import ImportFile

LEADS = "leads to other pages, and is no report itself"
NO_SECTIONS = "a page beside reports that has no section of one; import it alone if it is one"
ROWS_HAVE_PAGES = "its rows have pages of their own, which are the reports"
NO_ITEMS = "a database of neither reports nor action items, below no report"
ITEMS_ALONE = "{:,} of its {:,} action items belong to no report of this download"
LOST = "the page that it belongs to is not in this download; import all its parts as one zip"
LOOKED_AT = 5


def is_it(archive: Archive) -> bool:
    """Whether the files are an export of Notion: by their names, else by the first pages of HTML."""
    if hierarchy.is_download(archive.names):
        return True
    pages = [name for name in archive.names if name.lower().endswith(".html")][:LOOKED_AT]
    return any(html_page.is_page(_text(archive, name)) for name in pages)


def _text(archive: Archive, name: str) -> str:
    """The text of a file; "" for what cannot be read."""
    try:
        return readers_registry.text_of(name, archive.fetch(name) or b"")
    except Refusal:
        return ""


def reports(archive: Archive) -> Iterator[ImportFile]:
    """The reports of the download, in the order of their paths. Raises `Refusal` for more than are taken."""
    found = hierarchy.places(name for name in archive.names if not _is_index(name))
    outline = Outline(
        Contents(archive),
        found,
        frozenset(archive.names),
        frozenset(place.id for place in found if place.id),
        {place.path: place for place in found if place.is_database},
    )
    for count, report in enumerate(_Download(outline).reports(), 1):
        if count > limits.REPORTS:
            raise Refusal(f"{archive.at}: holds more than {limits.REPORTS:,} reports")
        yield report


def _is_index(name: str) -> bool:
    return name.rpartition("/")[2].lower() in ("index.html", "sitemap.html")


@dataclass(slots=True)
class _Download:
    outline: Outline
    # Items of databases that stand below no report, by the id of the page that a row is about.
    related: dict[str, list[tuple[Database, tuple[str, ...]]]] = field(default_factory=dict)
    of_items: list[Place] = field(default_factory=list)

    @property
    def contents(self) -> Contents:
        return self.outline.contents

    def reports(self) -> Iterator[ImportFile]:
        roots = [place for place in self.outline.places if place.parent is None]
        roots = hierarchy.without_linked(
            roots, self._links, lambda place: self.contents.page(place).is_report
        )
        self._relate()
        is_any = False
        for root in roots:
            for report in self._visit(root):
                is_any = True
                yield report
        for place in self.of_items:
            if is_any:
                self._tell(place)
            else:
                yield composition.of_database(self.outline, place)

    def _links(self, place: Place) -> Sequence[str]:
        return export.linked_files(self.contents.page(place).text)

    def _visit(self, place: Place) -> Iterator[ImportFile]:
        """The reports that a place and all below it are."""
        if place.is_database:
            yield from self._of_database(place)
        elif place.is_lost and not self.contents.page(place).is_report:
            self.contents.archive.leaves(place.path, LOST)
        elif self._leads(place):
            self.contents.takes(place)
            self.contents.archive.leaves(place.path, LEADS)
            for child in place.children:
                yield from self._below(child)
        else:
            yield composition.report(self.outline, place, self.related.get(place.id, ()) if place.id else ())

    def _below(self, place: Place) -> Iterator[ImportFile]:
        """The reports of a place below a page that leads to it."""
        page = self.contents.page(place)
        if place.is_database or place.children or page.is_report or page.trouble:
            yield from self._visit(place)
        else:
            self.contents.archive.leaves(place.path, NO_SECTIONS)

    def _leads(self, place: Place) -> bool:
        """Whether a page is no report, and one below it is: by its sections, or as a row of a database."""
        page = self.contents.page(place)
        if page.is_report or page.trouble:
            return False
        return any(self._holds_reports(each) for each in hierarchy.below(place))

    def _holds_reports(self, place: Place) -> bool:
        if not place.is_database:
            return self.contents.page(place).is_report
        try:
            return self.contents.database(place).is_of_reports
        except Refusal:
            return False

    def _of_database(self, place: Place) -> Iterator[ImportFile]:
        """The reports that the rows of a database are; items were put to the reports that they name."""
        try:
            found = self.contents.database(place)
        except Refusal as refusal:
            yield self.contents.broken(place, refusal.detail)
            return
        if found.is_of_items:
            self.contents.takes(place, *hierarchy.below(place))
            self.of_items.append(place)
            return
        for child in place.children:
            yield from self._visit(child)
        if found.is_of_reports:
            known = {child.title.casefold() for child in place.children}
            for row in found.rows:
                if not _has_page(row[0], known):
                    yield self._of_row(place, found, row)
        self.contents.takes(place)
        if place.children or not found.is_of_reports:
            self.contents.archive.leaves(place.path, ROWS_HAVE_PAGES if place.children else NO_ITEMS)

    def _of_row(self, place: Place, found: Database, row: tuple[str, ...]) -> ImportFile:
        """A row whose page is not there as a report."""
        name = export.row_path(names.plain_path(place.path).removesuffix(".csv"), row)
        text = export.row_as_report(found.header, row)
        at = self.contents.at(f"{place.path}: {row[0]}")
        return ImportFile(name, text.encode("utf-8", "surrogatepass"), at=at, format=PAGE)

    def _relate(self) -> None:
        """Put each row of a database of items that stands below no report to the reports that it names."""
        for place in self.outline.places:
            if not place.is_database or any(
                self.contents.page(each).is_report for each in hierarchy.above(place)
            ):
                continue
            try:
                found = self.contents.database(place)
            except Refusal:
                continue
            for row in found.rows if found.is_of_items else ():
                for identity in {names.id_in(cell) for cell in row[1:]} - {""}:
                    self.related.setdefault(identity, []).append((found, row))

    def _tell(self, place: Place) -> None:
        """Tell how many items of a database were put to no report."""
        rows = self.contents.database(place).rows
        lone = [row for row in rows if not {names.id_in(cell) for cell in row[1:]} & self.outline.ids]
        if lone or not rows:
            self.contents.archive.leaves(place.path, ITEMS_ALONE.format(len(lone), len(rows)))


def _has_page(title: str, known: set[str]) -> bool:
    """Whether a row's page is there; names of files are cut, and lack what no file's name has."""
    plain = title.casefold()
    return any(plain == name or (len(name) > 20 and plain.startswith(name)) for name in known)


KIND = ArchiveKind("notion", is_it, reports)
