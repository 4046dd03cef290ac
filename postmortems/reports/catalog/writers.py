"""Reports as JSON, CSV and Markdown. Pure; `url` is the service's own address, for the links to rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

from postmortems.formats import csv_lines
from postmortems.reports.catalog.report import Cell, Figure, Report, Value


def to_json(report: Report, url: str) -> dict[str, Any]:
    """The report as plain JSON: each row by the names of its columns, with addresses of what is behind."""
    names = [column.name for column in report.columns]
    return {
        "report": report.name,
        "title": report.title,
        "definition": report.definition,
        "as_of": report.as_of.isoformat(),
        "filters": report.scope.stated(),
        "figures": [figure_to_json(figure, url) for figure in report.figures],
        "columns": [{"name": column.name, "label": column.label} for column in report.columns],
        "rows": [_row(names, row, url) for row in report.rows],
        "notes": list(report.notes),
    }


def to_csv(report: Report) -> str:
    """The table, a line a row, with a head."""
    lines = [csv_lines.line(column.label for column in report.columns)]
    for row in report.rows:
        lines.append(csv_lines.line("" if cell.value is None else cell.value for cell in row))
    return "".join(lines)


def to_markdown(report: Report, url: str, level: int = 1) -> str:
    """The report as a page to send around: what it counts, its figures, its table, its notes.

    `level` is that of its heading.
    """
    told = [f"{name}: {value}" for name, value in report.scope.stated().items()]
    parts = [
        f"{'#' * level} {report.title}",
        " · ".join([f"As of {report.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC", *map(plain, told)]),
        report.definition,
    ]
    if report.figures:
        parts.append(figures_to_markdown(report.figures, url))
    if report.rows:
        parts.append(_table([column.label for column in report.columns], report.rows, url))
    return "\n\n".join([*parts, *report.notes]) + "\n"


def figures_to_markdown(figures: Sequence[Figure], url: str) -> str:
    """A table of figures with their definitions."""
    rows = ((Cell(each.label), Cell(each.value, each.rows), Cell(each.definition)) for each in figures)
    return _table(("Figure", "Value", "What it counts"), rows, url)


def shown(value: Value) -> str:
    """A value for people: thousands apart, at most one digit behind the point, a dash for what is unknown."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


def figure_to_json(figure: Figure, url: str) -> dict[str, Any]:
    """A figure as plain JSON."""
    said: dict[str, Any] = {"name": figure.name, "label": figure.label, "value": figure.value}
    said["definition"] = figure.definition
    return said | ({"rows": url + figure.rows} if figure.rows else {})


def _row(names: Sequence[str], row: Sequence[Cell], url: str) -> dict[str, Any]:
    links = {name: url + cell.rows for name, cell in zip(names, row, strict=True) if cell.rows}
    return {name: cell.value for name, cell in zip(names, row, strict=True)} | {"links": links}


def _table(head: Sequence[str], rows: Iterable[Sequence[Cell]], url: str) -> str:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    lines = [line(map(plain, head)), line("---" for _ in head)]
    for row in rows:
        lines.append(line(_cell(cell, url) for cell in row))
    return "\n".join(lines)


def _cell(cell: Cell, url: str) -> str:
    text = plain(shown(cell.value))
    return f"[{text}]({url}{cell.rows})" if cell.rows else text


def plain(text: str) -> str:
    """Words in a cell of a table that stay words."""
    for mark in ("\\", "|", "[", "]", "<", "*", "_", "`"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
