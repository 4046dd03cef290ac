"""A month's report as JSON, CSV and Markdown. Pure; `url` is the service's own address, for links to rows."""

from __future__ import annotations

from typing import Any

from postmortems.formats import csv_lines
from postmortems.reports.catalog import writers
from postmortems.reports.catalog.report import Report, Value
from postmortems.reports.monthly import contents
from postmortems.reports.monthly.contents import Monthly

HEAD = ("Report", "Of", "What", "Value")


def to_json(monthly: Monthly, url: str) -> dict[str, Any]:
    """The whole report; `figures` are those that stand above all, `parts` as each report's own JSON."""
    return {
        "report": "monthly",
        "title": monthly.title,
        "month": monthly.month.name,
        "as_of": monthly.as_of.isoformat(),
        "is_kept": monthly.is_kept,
        "filters": monthly.scope.stated(),
        "figures": [writers.figure_to_json(figure, url) for figure in monthly.headline],
        "parts": [writers.to_json(part, url) for part in monthly.parts],
        "notes": list(contents.notes(monthly)),
    }


def to_csv(monthly: Monthly) -> str:
    """A line for each figure and for each cell of each table: all parts fit under one head."""
    lines = [csv_lines.line(HEAD)]
    for part in monthly.parts:
        lines += [_line(part, "", figure.label, figure.value) for figure in part.figures]
        labels = [column.label for column in part.columns]
        # Words before the first number say of what it is: "SEV1", or "SEV1, detect".
        words = sum(not column.is_number for column in part.columns)
        for row in part.rows:
            of = ", ".join(str(cell.value) for cell in row[:words])
            lines += [
                _line(part, of, label, cell.value)
                for label, cell in zip(labels[words:], row[words:], strict=True)
            ]
    return "".join(lines)


def to_markdown(monthly: Monthly, url: str) -> str:
    """The report as a page to send around."""
    told = [f"{name}: {value}" for name, value in monthly.scope.stated().items()]
    head = [f"# {monthly.title}", " ".join([*contents.notes(monthly), *map(writers.plain, told)])]
    figures = writers.figures_to_markdown(monthly.headline, url)
    parts = (writers.to_markdown(part, url, level=2).rstrip("\n") for part in monthly.parts)
    return "\n\n".join([*head, figures, *parts]) + "\n"


def _line(part: Report, of: str, what: str, value: Value) -> str:
    return csv_lines.line((part.title, of, what, "" if value is None else value))
