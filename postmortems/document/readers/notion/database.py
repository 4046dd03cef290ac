"""Reads a database of a Notion export: a CSV whose rows are action items, or pages.

The first column is the row's title. A person is a name, a day is written in words, a box is `Yes` or `No`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from postmortems import limits
from postmortems.document.markdown import section_roles
from postmortems.document.markdown.front_matter import scalar
from postmortems.document.markdown.items import item_tables
from postmortems.document.readers.editors import mentions
from postmortems.document.readers.inline_markdown import cell, escaped
from postmortems.document.readers.notion import properties
from postmortems.document.text import lines_of, one_line
from postmortems.errors import Invalid

BOXES = {"yes": True, "no": False}
TITLED = "Action item"
ABOUT_ITEMS = {"owner", "due", "status", "priority"}
# Columns that reports have and items have not.
ABOUT_REPORTS = {"severity", "sev", "impact", "root cause", "services", "affected services", "duration"}

NAMED_REPORTS = re.compile(r"post[ -]?mortem|incident|outage|retrospective|\bRCAs?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Database:
    """`rows` have as many cells as the header."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def is_of_items(self) -> bool:
        """Whether its rows are things to do: by its name, else by what its columns hold."""
        if section_roles.named(self.title) == "action_items":
            return True
        columns = [name.strip().lower() for name in self.header]
        if ABOUT_REPORTS & set(columns) or section_roles.named(self.title) != "other":
            return False
        return len(ABOUT_ITEMS & {item_tables.column(name) for name in columns}) >= 2

    @property
    def is_of_reports(self) -> bool:
        """Whether its rows are incidents, by its columns or its name."""
        columns = {name.strip().lower() for name in self.header}
        return not self.is_of_items and bool(ABOUT_REPORTS & columns or NAMED_REPORTS.search(self.title))


def read(text: str, title: str = "") -> Database:
    """The database in a CSV (RFC 4180, as Notion writes it). Raises `Invalid` with the line."""
    reader = csv.reader(io.StringIO("\n".join(lines_of(text)), newline=""), strict=True)
    rows = []
    try:
        for row in reader:
            rows.append(tuple(value.strip() for value in row))
            if len(rows) > limits.BLOCKS:
                raise Invalid(f"{reader.line_num}: a database with more than {limits.BLOCKS:,} rows")
    except csv.Error as error:
        raise Invalid(f"{reader.line_num}: this is no database of Notion's: {error}") from error
    rows = [row for row in rows if any(row)]
    if not rows:
        raise Invalid("1: an empty database: it has no line that names its columns")
    header, width = rows[0], len(rows[0])
    fitted = [(*row, *("",) * (width - len(row))) for row in rows[1:]]
    extra = max((len(row) for row in fitted), default=width) - width
    header = (*header, *("",) * extra)
    return Database(title, header, tuple((*row, *("",) * (len(header) - len(row))) for row in fitted))


def to_markdown(text: str, title: str = "") -> str:
    """A database alone as a report: its name, and its rows as items or as a table."""
    return written(read(text, title))


def written(found: Database) -> str:
    """The same of one that was read."""
    name = found.title or "Database"
    is_named = section_roles.named(name) != "other"
    heading = name if is_named else "Action items" if found.is_of_items else ""
    section = f"## {heading}" if heading else ""
    front = f"---\ntitle: {scalar(name)}\n---"
    return "\n\n".join(filter(None, [front, section, table(found)])) + "\n"


def table(found: Database) -> str:
    """The rows as a table; a database of items says in its header which column says what to do."""
    database = _of_items(found) if found.is_of_items else found
    if not database.rows:
        return ""
    lines = [database.header, *database.rows]
    shown = [f"| {' | '.join(cell(escaped(value)) for value in line)} |" for line in lines]
    return "\n".join([shown[0], f"|{'---|' * len(database.header)}", *shown[1:]])


def _of_items(found: Database) -> Database:
    fields = [item_tables.column(name) for name in found.header]
    header = list(found.header)
    if "text" in fields[1:]:
        # "Description" beside the title: the title says what to do.
        header = [
            f"{name} of it" if at and field == "text" else name
            for at, (name, field) in enumerate(zip(header, fields, strict=True))
        ]
    if fields[0] != "text":
        header[0] = TITLED
    boxes = [at for at, field in enumerate(fields) if field == "status" and _is_box(found.rows, at)]
    states = [at for at, field in enumerate(fields) if field == "status" and at not in boxes]
    rows = [_row(row, fields, boxes, states) for row in found.rows]
    gone = set(boxes if states else boxes[1:])
    return Database(found.title, _without(header, gone), tuple(_without(row, gone) for row in rows))


def _without(values: Sequence[str], gone: set[int]) -> tuple[str, ...]:
    return tuple(value for at, value in enumerate(values) if at not in gone)


def _is_box(rows: Sequence[Sequence[str]], at: int) -> bool:
    return bool(rows) and all(row[at].lower() in ("", *BOXES) for row in rows)


def _row(row: Sequence[str], fields: Sequence[str], boxes: Sequence[int], states: Sequence[int]) -> list[str]:
    """A row whose days are ISO's, whose links are words, and that is done where its box is ticked."""
    is_done = any(BOXES.get(row[at].lower()) for at in boxes)
    out = [
        _due(value) if field == "due" else one_line(properties.without_addresses(value))
        for value, field in zip(row, fields, strict=True)
    ]
    if is_done and states:
        out[states[0]] = "Done"
    return out


def _due(value: str) -> str:
    found = mentions.last_day(value)
    if found is None:
        return one_line(properties.without_addresses(value))
    return found[0].isoformat()
