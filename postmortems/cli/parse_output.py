"""What `parse` prints of a postmortem file: its document, as text or plain JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from postmortems.document.markdown import parser
from postmortems.document.markdown.references import References
from postmortems.document.model import Document, Item
from postmortems.document.readers import registry as readers_registry
from postmortems.document.text import links, paragraphs
from postmortems.document.times import timeline_times
from postmortems.document.times.timeline_times import Reading
from postmortems.errors import Invalid, Refusal
from postmortems.exchange.imports import files, parts
from postmortems.exchange.imports.files import ImportFile, Left


class Unreadable(Exception):
    """A file that is no document, in one sentence with its name; `is_left`: it need not be one."""

    def __init__(self, told: str, *, is_left: bool = False) -> None:
        super().__init__(told)
        self.is_left = is_left


def document(name: str) -> Document:
    data = _bytes_of(Path(name), name)
    if name.lower().endswith(".zip"):
        raise Unreadable(
            f"{name}: fmt takes one report; parse tells what is in a zip, or name a page out of it"
        )
    try:
        return readers_registry.read(name, data)
    except Invalid as refusal:
        raise Unreadable(refusal.detail) from refusal


def all_told(names: Sequence[str], as_format: str) -> Iterator[dict[str, Any] | Unreadable]:
    """What is in the reports of files, zips and folders, and what cannot be read, in their order."""
    left = Left()
    for name in names:
        try:
            is_any = False
            for file in parts.divided(_found(name, left), left, parts.named(as_format)):
                is_any = True
                yield _told_of(file, name)
            if not is_any:
                yield Unreadable(f"{name}: there is no report in this")
        except Unreadable as refusal:
            yield refusal
        except OSError as error:
            yield Unreadable(f"{name}: {error.strerror or error}")
        except Refusal as refusal:
            yield Unreadable(refusal.detail)
    for name, reason in left.reasons.items():
        yield Unreadable(f"left     {name}: {reason}", is_left=True)
    if more := left.unnamed():
        yield Unreadable(f"left     {more:,} more, which are counted and not named; {left}", is_left=True)


def _found(given: str, left: Left) -> Iterator[ImportFile]:
    """The reports of what was given. Only folders and zips need what they bring along, which loads slowly."""
    path = Path(given)
    if path.is_dir():
        from postmortems.exchange.imports import folders

        yield from folders.in_folder(path, left)
    elif path.suffix.lower() == ".zip":
        from postmortems.exchange.imports import zip_files

        with path.open("rb") as zipped:
            yield from zip_files.in_zip(zipped, given, left)
    else:
        yield ImportFile(given, _bytes_of(path, given))


def _told_of(file: ImportFile, given: str) -> dict[str, Any] | Unreadable:
    try:
        if file.trouble:
            raise Refusal(file.trouble)
        document = readers_registry.read(file.name, file.content, as_format=file.format)
    except Refusal as refusal:
        line = refusal.detail
        return Unreadable(line if line.startswith((file.shown, given)) else f"{file.shown}: {line}")
    return told(document, file.name)


def _bytes_of(path: Path, name: str) -> bytes:
    """The bytes of a file, one more than a reader takes where there are too many."""
    try:
        with path.open("rb") as file:
            return file.read(files.most_of(name) + 1)
    except OSError as error:
        raise Unreadable(f"{name}: {error.strerror or error}") from error


def told(document: Document, name: str) -> dict[str, Any]:
    date = timeline_times.incident_date(document, name)
    readings = timeline_times.read_entries(document, name=name)
    targets = References([parser.write(document)]).targets()
    return {
        "title": document.title,
        "incident_date": date.isoformat() if date else None,
        "timezone": timeline_times.stated_zone(document, readings) or None,
        "sections": [section.heading for section in document.sections if section.heading],
        "timeline": [
            {
                "at": _shown(reading, "at"),
                "end": _shown(reading, "until"),
                "approx": reading.approximate,
                "text": paragraphs(entry.title, entry.text),
            }
            for entry, reading in zip(document.entries, readings, strict=True)
        ],
        "action_items": [
            {
                "category": category or None,
                "text": item.text,
                "done": {"done": True, "": None}.get(item.status, False),
                "owner": item.owner or None,
                "due": item.due.isoformat() if item.due else None,
                "links": [*links(item.text, targets), *item.tickets],
            }
            for category, item in _categorised(document)
        ],
    }


def _categorised(document: Document) -> Iterator[tuple[str, Item]]:
    """Each item with its category; in a second list of items, the name of the list says where it stands."""
    lists = [section for section in document.sections if section.items]
    for section in lists:
        name = section.heading if section is not lists[0] else ""
        yield from (
            (category or name, item) for category, item in Document(sections=(section,)).categorised()
        )


def _shown(reading: Reading, end: str) -> str | None:
    value = reading.at if end == "at" else reading.until
    if value is None:
        return None
    if reading.precision == "day":
        return value.date().isoformat()
    return value.isoformat(timespec="seconds" if value.second else "minutes")
