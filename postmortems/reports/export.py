"""The report of open process fixes as Markdown and JSON. Pure: same report and rows, same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

from postmortems.followup import rules
from postmortems.followup.queries import Listed
from postmortems.reports import definitions
from postmortems.reports.figures import Figure, Group, ProcessFixes


def to_json(report: ProcessFixes, url: str) -> dict[str, Any]:
    """The report as plain JSON; `url` is the service's own address, for the links to the rows behind."""
    behind = f"{url}/action-items?"
    return {
        "report": "process-fixes",
        "as_of": report.as_of.isoformat(),
        "service": report.service,
        "figures": [_figure(figure, behind) for figure in report.figures.values()],
        "tables": {
            name: {
                "label": definitions.label(name),
                "definition": definitions.definition(name),
                "rows": rows,
            }
            for name, rows in _tables(report, behind).items()
        },
        "again": [
            asdict(one) | {"occurred_on": one.occurred_on.isoformat(), "url": f"{url}/incidents/{one.slug}"}
            for one in report.again
        ],
    }


def to_markdown(report: ProcessFixes, rows: Sequence[Listed], url: str) -> str:
    """The report as a Markdown page with its definitions; `rows` are the open fixes to list."""
    scope = f" of {report.service}" if report.service else ""
    parts = [
        f"# Open process fixes{_cell(scope)}",
        f"As of {report.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
        _table(("Figure", "Value", "What it counts"), map(_figure_row, report.figures.values())),
    ]
    for name, groups in (
        ("by_service", report.by_service),
        ("by_owner", report.by_owner),
        ("by_age", report.by_age),
    ):
        parts += [*_heading(name), _groups(groups)]
    months = ((month.month, month.opened, month.closed) for month in report.months)
    parts += [*_heading("months"), _table(("Month", "Opened", "Closed"), months)]
    parts += [*_heading("again"), _again(report, url), "## The open fixes", _items(rows, report, url)]
    return "\n\n".join(parts) + "\n"


def _figure(figure: Figure, behind: str) -> dict[str, Any]:
    said: dict[str, Any] = {"name": figure.name, "label": figure.label, "value": figure.value}
    said["definition"] = figure.definition
    return said | ({"rows": behind + figure.query} if figure.query else {})


def _tables(report: ProcessFixes, behind: str) -> dict[str, list[dict[str, Any]]]:
    def groups(several: Iterable[Group]) -> list[dict[str, Any]]:
        return [_without_query(asdict(group)) | {"rows": behind + group.query} for group in several]

    months = [
        _without_query(asdict(month))
        | {"opened_rows": behind + month.opened_query, "closed_rows": behind + month.closed_query}
        for month in report.months
    ]
    return {
        "by_service": groups(report.by_service),
        "by_owner": groups(report.by_owner),
        "by_age": groups(report.by_age),
        "months": months,
    }


def _without_query(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.endswith("query") and value is not None}


def _heading(name: str) -> list[str]:
    return [f"## {definitions.label(name)}", definitions.definition(name)]


def _figure_row(figure: Figure) -> tuple[object, ...]:
    return figure.label, "–" if figure.value is None else f"{figure.value:g}", figure.definition


def _groups(groups: Sequence[Group]) -> str:
    if not groups:
        return "None is open."
    rows = ((group.name or "(none named)", group.open, group.overdue, group.unowned) for group in groups)
    return _table(("", "Open", "Overdue", "Unowned"), rows)


def _again(report: ProcessFixes, url: str) -> str:
    if not report.again:
        return "None: the bad deploy of each is stopped by today's guards."
    rows = (
        (
            one.occurred_on,
            f"[{_cell(one.title)}]({url}/incidents/{one.slug})",
            one.open,
            one.unproven,
            one.why,
        )
        for one in report.again
    )
    return _table(("Date", "Incident", "Open", "Done, not proven", "Why"), rows, escaped={1})


def _items(rows: Sequence[Listed], report: ProcessFixes, url: str) -> str:
    total = int(report.figures["open"].value or 0)
    if not rows:
        return "None is open."
    lines = (
        (
            listed.item.ref,
            listed.item.text,
            f"[{_cell(listed.item.incident.title)}]({url}/incidents/{listed.item.incident.slug})",
            listed.item.owner or "(nobody)",
            listed.item.due or "–",
            rules.age_days(listed.item.opened_at, report.as_of),
            listed.protection,
        )
        for listed in rows
    )
    table = _table(("Id", "Fix", "Incident", "Owner", "Due", "Age in days", "Protection"), lines, escaped={2})
    left = total - len(rows)
    return f"{table}\n\n{left} more are not listed here; the CSV has all." if left > 0 else table


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], *, escaped: Iterable[int] = ()) -> str:
    """A Markdown table; the columns in `escaped` are Markdown already."""
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join(' --- ' for _ in head)}|"]
    for row in rows:
        cells = (str(cell) if at in set(escaped) else _cell(str(cell)) for at, cell in enumerate(row))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Text that stays in its cell and is no markup."""
    line = " ".join(text.split())
    for mark in ("\\", "|", "<", "[", "]", "`", "*", "_"):
        line = line.replace(mark, f"\\{mark}")
    return line
