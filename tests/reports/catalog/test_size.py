"""What a report costs does not grow with what is stored: statements, and rows that are fetched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.engine.cursor import CursorFetchStrategy

from postmortems import clock as the_clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.tallies import recount
from postmortems.incidents.models import ActionItem, Affected, Incident
from postmortems.incidents.models import Section as SectionRow
from postmortems.reports.catalog import scope as scopes
from postmortems.reports.catalog import shelf
from postmortems.reports.monthly import contents, month
from tests.conftest import Clock
from tests.statements import counted

FEW, MANY = 40, 400
SCOPES = ({}, {"severity": "SEV1"}, {"service": "data8/prod"}, {"team": "platform"})
# Of incidents that are looked at one by one there are at most `incidents.MOST`; here, as few as these.
MOST = 20


@contextmanager
def fetched() -> Iterator[list[int]]:
    """How many rows the block takes from the database."""
    count = [0]
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fetchone", "fetchmany", "fetchall"):
            take = getattr(CursorFetchStrategy, name)

            def taking(*args: Any, take: Any = take, **kwargs: Any) -> Any:
                found = take(*args, **kwargs)
                count[0] += len(found) if isinstance(found, list) else found is not None
                return found

            patch.setattr(CursorFetchStrategy, name, taking)
        yield count


def fill(count: int) -> None:
    """So many incidents in the same days, with two process fixes each, one of them done."""
    now = the_clock.now()
    with db.transaction():
        session().execute(delete(Incident))
    with db.transaction():
        for number in range(count):
            day = now - timedelta(days=number % 10, minutes=number)
            incident = Incident(slug=f"many-{number}", created_at=now, saved_at=now, occurred_on=day.date())
            incident.severity, incident.tags = "SEV1", ["dns"]
            incident.affected = [Affected(service="data8", target="prod")]
            incident.sections = [SectionRow(position=0, heading="", role="action_items")]
            incident.sections[0].items = [
                ActionItem(
                    number=2 * number + place + 1,
                    incident=incident,
                    position=place,
                    kind="process",
                    text="x",
                    team="platform",
                    status=status,
                    due=day.date(),
                    opened_at=day,
                    closed_at=now if status == "done" else None,
                )
                for place, status in enumerate(("open", "done"))
            ]
            session().add(incident)
    recount.mend()


def costs() -> dict[tuple[str, str], tuple[int, int]]:
    """By report and filters, how many statements and how many rows."""
    found = {}
    for said in SCOPES:
        asked = scopes.read(said)
        for name in (*shelf.REPORTS, "monthly"):
            with db.reading(), counted() as statements, fetched() as rows:
                if name == "monthly":
                    contents.compiled(month.of(the_clock.now().date()), asked, the_clock.now())
                else:
                    shelf.report(name, asked, the_clock.now())
            found[name, str(said)] = (len(statements), rows[0])
    return found


def test_statements_and_rows_are_as_many_at_ten_times_as_many_items(
    any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("closure", "incidents"):
        monkeypatch.setattr(f"postmortems.reports.catalog.{module}.MOST", MOST)
    clock.set(clock.now().replace(day=20))
    fill(FEW)
    few = costs()
    fill(MANY)

    assert costs() == few
    assert max(statements for (name, _), (statements, _) in few.items() if name != "monthly") <= 12
