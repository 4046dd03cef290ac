"""The report of a month as it is told: the figures that stand above all, each with its way on."""

from __future__ import annotations

from postmortems.db.session import session
from postmortems.notify.notice import Line, Notice, Part
from postmortems.notify.people.kinds import KINDS
from postmortems.reports.catalog import writers
from postmortems.reports.monthly import queries
from postmortems.reports.monthly.contents import Monthly
from postmortems.reports.monthly.models import KeptMonth

KIND = "monthly"
# What the subject says, by part and figure.
FIRST = {("flow", "opened"): "opened", ("flow", "closed"): "closed", ("ageing", "overdue"): "overdue"}


def title(row: KeptMonth) -> str:
    """`Report of October 2026: 12 opened, 9 closed, 4 overdue`."""
    report = queries.read(row)
    said = [
        f"{writers.shown(figure.value)} {FIRST[part.name, figure.name]}"
        for part in report.parts
        for figure in part.figures
        if (part.name, figure.name) in FIRST
    ]
    return f"{report.title}: {', '.join(said)}"


def notice(month: str, url: str) -> Notice | None:
    """What is told of a month (`2026-10`); None where it is not kept any more. `url` is our own."""
    row = session().get(KeptMonth, month)
    if row is None:
        return None
    report = queries.read(row)
    return Notice(
        title=title(row),
        said=f"Incidents and process fixes of {report.month.words}, as of {report.as_of:%Y-%m-%d %H:%M} UTC.",
        parts=(Part("In figures", tuple(_lines(report, url))),),
        url=f"{url}/reports/monthly?month={row.month}",
        button="Open the report",
        why=f"You hear of this because {KINDS[KIND].why}.",
    )


def _lines(report: Monthly, url: str) -> list[Line]:
    return [
        Line(f"{figure.label}: {writers.shown(figure.value)}", url=url + figure.rows if figure.rows else "")
        for figure in report.headline
    ]
