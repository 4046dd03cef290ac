"""The stored form of a month's report: JSON in which a report is read back as it was. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from postmortems.reports.catalog import scope
from postmortems.reports.catalog.report import Bars, Cell, Column, Figure, Report
from postmortems.reports.monthly.contents import Monthly
from postmortems.reports.monthly.month import Month


def written(monthly: Monthly) -> dict[str, Any]:
    """What is stored, beside its month and moment."""
    return {"parts": [_part(report) for report in monthly.parts]}


def read(month: Month, as_of: datetime, stored: Mapping[str, Any]) -> Monthly:
    """The report that was stored."""
    parts = tuple(_report(part, as_of) for part in stored["parts"])
    return Monthly(month, as_of, scope.Scope(), parts, is_kept=True)


def _part(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "title": report.title,
        "definition": report.definition,
        "filters": report.scope.stated(),
        "columns": [asdict(column) for column in report.columns],
        "rows": [[[cell.value, cell.rows] for cell in row] for row in report.rows],
        "figures": [asdict(figure) for figure in report.figures],
        "chart": asdict(report.chart) if report.chart else None,
        "notes": list(report.notes),
    }


def _report(part: Mapping[str, Any], as_of: datetime) -> Report:
    return Report(
        name=part["name"],
        title=part["title"],
        definition=part["definition"],
        as_of=as_of,
        scope=scope.read(part["filters"]),
        columns=tuple(Column(**column) for column in part["columns"]),
        rows=tuple(tuple(Cell(*cell) for cell in row) for row in part["rows"]),
        figures=tuple(Figure(**figure) for figure in part["figures"]),
        chart=_chart(part["chart"]),
        notes=tuple(part["notes"]),
    )


def _chart(stored: Mapping[str, Any] | None) -> Bars | None:
    if stored is None:
        return None
    groups = tuple((label, tuple(values)) for label, values in stored["groups"])
    return Bars(stored["title"], stored["told"], tuple(stored["series"]), groups)
