"""The report of open process fixes as Markdown and JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

from postmortems.followup import rules
from postmortems.followup.filters import NO_SERVICE
from postmortems.followup.queries import Listed
from postmortems.reports import definitions
from postmortems.reports.figures import Figure, Group, ProcessFixes
from postmortems.reports.fixes import Grouped


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


def to_markdown(report: ProcessFixes, listing: Sequence[Grouped], listed: int, url: str) -> str:
    """The report as a Markdown page: first the open fixes in their groups, `listed` of them, as the page has
    them; then what could happen again and the tables; what every figure counts stands at the end.
    """
    parts = [
        f"# Open process fixes{_scope(report.service)}",
        f"As of {report.as_of.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
        " · ".join(f"{figure.label}: {_value(figure)}" for figure in report.figures.values()),
        "## The open fixes",
        *_fixes(listing, listed, report, url),
        f"## {definitions.label('again')}",
        _again(report, url),
    ]
    for name, groups in (
        ("by_service", report.by_service),
        ("by_owner", report.by_owner),
        ("by_age", report.by_age),
    ):
        parts += [*_heading(name), _groups(groups)]
    months = ((month.month, month.opened, month.closed) for month in report.months)
    parts += [*_heading("months"), _table(("Month", "Opened", "Closed"), months)]
    counted = ((figure.label, figure.definition) for figure in report.figures.values())
    parts += ["## What each figure counts", _table(("Figure", "What it counts"), counted)]
    return "\n\n".join(parts) + "\n"


def _scope(service: str) -> str:
    if not service:
        return ""
    return f" of {'no named service' if service == NO_SERVICE else _cell(service)}"


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


def _value(figure: Figure) -> str:
    return "none" if figure.value is None else f"{figure.value:.10g}"


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
            f"[{_cell(one.title or one.slug)}]({url}/incidents/{one.slug})",
            one.open,
            one.unproven,
            one.why,
        )
        for one in report.again
    )
    return _table(("Date", "Incident", "Open", "Done, not proven", "Why"), rows, escaped={1})


FIX = ("Id", "Fix", "Incident", "Owner", "Due", "Age in days", "Status", "Protection", "Guards")


def _fixes(listing: Sequence[Grouped], listed: int, report: ProcessFixes, url: str) -> Iterator[str]:
    if not listing:
        yield "None is open."
    for part in listing:
        if part.name or len(listing) > 1:
            yield f"### {_cell(part.name) or '(none named)'}"
        yield _table(FIX, (_fix(one, report, url) for one in part.rows), escaped={2})
    left = int(report.figures["open"].value or 0) - listed
    if left > 0:
        yield f"{left} more are not listed here; the CSV has all."


def _fix(listed: Listed, report: ProcessFixes, url: str) -> tuple[object, ...]:
    item, incident = listed.item, listed.item.incident
    is_overdue = rules.is_overdue(item.status, item.due, report.as_of.astimezone(UTC).date())
    return (
        item.ref,
        item.text,
        f"[{_cell(incident.title or incident.slug)}]({url}/incidents/{incident.slug})",
        item.owner or "(nobody)",
        f"{item.due}{' overdue' if is_overdue else ''}" if item.due else "–",
        rules.age_days(item.opened_at, report.as_of),
        item.status.replace("_", " "),
        listed.protection,
        ", ".join(guard.slug for guard in item.guards) or "–",
    )


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
