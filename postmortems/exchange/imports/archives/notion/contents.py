"""The files of a Notion download, each read once: pages as Markdown, databases as rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from postmortems import limits
from postmortems.document.lint.warnings import Warned
from postmortems.document.readers import registry as readers_registry
from postmortems.document.readers.notion import database, export, html_page, names
from postmortems.document.readers.notion.database import Database
from postmortems.errors import Refusal
from postmortems.exchange.imports import beside
from postmortems.exchange.imports.archives.archive import Archive
from postmortems.exchange.imports.archives.notion.hierarchy import Place
from postmortems.exchange.imports.files import ImportFile, Stored

PAGE, COMPOSED = "notion", "markdown"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read: its bytes, its text, and that as Markdown; `trouble` says why there is none."""

    content: bytes = b""
    text: str = ""
    markdown: str = ""
    trouble: str = ""

    @property
    def is_report(self) -> bool:
        """Whether it has the sections of a report."""
        return export.is_report(self.markdown)


@dataclass(slots=True)
class Contents:
    archive: Archive
    _pages: dict[str, Page] = field(default_factory=dict)
    _databases: dict[str, Database] = field(default_factory=dict)

    def page(self, place: Place) -> Page:
        """The page at a place; of a database, nothing."""
        if place.path not in self._pages:
            self._pages[place.path] = Page() if place.is_database else self._read(place)
        return self._pages[place.path]

    def _read(self, place: Place) -> Page:
        try:
            content = self.archive.read(place.path) or b""
            text = readers_registry.text_of(place.path, content)
            return Page(content, text, export.page_of(text, {}))
        except Refusal as refusal:
            return Page(trouble=refusal.detail)

    def database(self, place: Place, *, is_view: bool = False) -> Database:
        """All rows of a database; of one elsewhere those that its link shows. Raises `Refusal`."""
        path = place.path if is_view or not place.all_rows else place.all_rows
        if path not in self._databases:
            text = readers_registry.text_of(path, self.archive.read(path) or b"", most=limits.SEVERAL)
            self._databases[path] = database.read(text, place.title)
        return self._databases[path]

    def takes(self, *places: Place) -> None:
        """Count the files of places as told."""
        for place in places:
            self.archive.seen.update((place.path, place.all_rows, *place.twins))

    def at(self, path: str) -> str:
        return f"{self.archive.at}: {path}"

    def report(
        self, place: Place, content: bytes, as_format: str, told: tuple[Warned, ...] = ()
    ) -> ImportFile:
        """The report of a place, with the pictures that it has links to."""
        self.takes(place)
        path = place.path if as_format == PAGE else f"{names.ENDINGS.sub('', place.path)}.md"
        identity = f"notion:{place.id}" if place.id else html_page.identity(self.page(place).text)
        file = ImportFile(path, content, at=self.at(place.path), format=as_format, identity=identity)
        file = beside.gathered(file, partial(_fetched, self.archive))
        return replace(file, name=names.plain_path(path), stored=Stored({}, told))

    def broken(self, place: Place, trouble: str) -> ImportFile:
        """A place that is a report and cannot be read."""
        self.takes(place)
        return ImportFile(names.plain_path(place.path), trouble=trouble, at=self.at(place.path))


def _fetched(archive: Archive, path: str) -> bytes | None:
    content = archive.fetch(path)
    if content is not None:
        archive.seen.add(path)
    return content
