"""Coverage as CSV, Markdown and JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from postmortems.formats import csv_lines
from postmortems.reports.coverage.queries import CLASSES, Covered, Month

COLUMNS = (
    "incident",
    "title",
    "date",
    "severity",
    "coverage",
    "blocked by",
    "kinds",
    "noticed by",
    "targets",
)


def to_csv(rows: Iterable[Covered]) -> str:
    """A line an incident, with a head."""
    return "".join([csv_lines.line(COLUMNS), *(csv_lines.line(_cells(one)) for one in rows)])


def to_markdown(
    rows: Iterable[Covered], counts: Mapping[str, int], months: Sequence[Month], now: datetime, url: str
) -> str:
    """A page to review: the counts with their definitions, the incidents, the months."""
    by_month = ((month.month, month.incidents, month.stopped) for month in months)
    parts = [
        "# Coverage of incidents",
        f"As of {now:%Y-%m-%d %H:%M} UTC.",
        _table(
            ("Class", "Incidents", "What it means"),
            ((label, counts[name], told) for name, (label, told) in CLASSES.items()),
        ),
        "## Incidents",
        _table(
            ("Incident", "Date", "Coverage", "Blocked by", "Hit"),
            (
                (
                    f"[{_plain(one.title or one.slug)}]({url}/incidents/{one.slug})",
                    one.occurred_on,
                    CLASSES[one.coverage][0],
                    ", ".join(one.blocking) or "nothing",
                    ", ".join(one.targets),
                )
                for one in rows
            ),
        ),
        "## Month by month",
        _table(("Month", "Incidents", "Stopped in drills"), by_month),
    ]
    return "\n\n".join(parts) + "\n"


def to_json(
    rows: Iterable[Covered], counts: Mapping[str, int], months: Sequence[Month], now: datetime, url: str
) -> dict[str, Any]:
    return {
        "as_of": now.isoformat(),
        "classes": [
            {"name": name, "label": label, "definition": told, "incidents": counts[name]}
            for name, (label, told) in CLASSES.items()
        ],
        "incidents": [
            {name: value for name, value in asdict(one).items() if name != "id"}
            | {"occurred_on": one.occurred_on.isoformat(), "url": f"{url}/incidents/{one.slug}"}
            for one in rows
        ],
        "months": [asdict(month) for month in months],
    }


def _cells(one: Covered) -> tuple[object, ...]:
    lists = (one.blocking, one.kinds, one.noticing, one.targets)
    told = (one.slug, one.title, one.occurred_on, one.severity, one.coverage)
    return (*told, *(" ".join(each) for each in lists))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def line(cells: Sequence[object]) -> str:
        return f"| {' | '.join(_cell(cell) for cell in cells)} |"

    return "\n".join(line(cells) for cells in (head, ["---"] * len(head), *rows))


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|")


def _plain(text: str) -> str:
    """A title inside a link of a table."""
    return " ".join(text.replace("[", "(").replace("]", ")").replace("<", "‹").split())
