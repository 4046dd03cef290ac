"""What reading verdicts out of answers looks at: what is shown, and not what is stored."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.gate.decisions import ask
from postmortems.gate.decisions import queries as decisions_queries
from postmortems.gate.models import Decision
from postmortems.guards import answers, queries, red_guards
from postmortems.guards.models import Evaluation
from tests import rows_read
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, request
from tests.runtimes import RUNTIME

# So many that PostgreSQL, too, asks an index.
FEW, MANY = 600, 3_000
SLUG = "target-confirmed"


@pytest.fixture
def guarded(any_database: str, clock: Clock) -> None:
    founding.tell_services()
    with db.transaction():
        founding.add_guard(SLUG, clock.now(), level="soft", targets=("prod", "staging"))


def copy_decisions(count: int, clock: Clock) -> None:
    """Copy the newest decision so many times, twenty in an hour, with a stored verdict in each hour."""
    drawn = random.Random(count)
    with db.transaction():
        decision = _newest(Decision)
        verdict = _newest(Evaluation)
        del verdict["id"]
        decisions, verdicts = list[dict[str, Any]](), list[dict[str, Any]]()
        for number in range(count):
            clock.advance(minutes=3)
            now = clock.now()
            made = {"id": f"{answers.first_id(now)}{drawn.getrandbits(64):016x}"}
            decisions.append(decision | made | {"evaluated_at": now, "asked_at": now})
            verdicts += [verdict | {"at": now, "guard_id": None, "guard_slug": f"gone-{n}"} for n in range(3)]
            if number % 20 == 0:
                verdicts.append(verdict | {"at": now, "decision_id": made["id"]})
        session().execute(insert(Decision), decisions)
        session().execute(insert(Evaluation), verdicts)


def _newest(kind: type[Base]) -> dict[str, Any]:
    rows = session().execute(select(*kind.__table__.c).order_by(kind.__table__.c.id.desc()).limit(1))
    return dict(rows.one()._asdict())


@pytest.mark.parametrize(
    "read, hours",
    [
        pytest.param(
            lambda _: queries.evaluations(queries.by_slug(SLUG), limit=10), 0, id="a page of verdicts"
        ),
        pytest.param(lambda _: queries.newest_evaluations([queries.by_slug(SLUG).id]), 0, id="the newest"),
        pytest.param(lambda _: red_guards.all_red(10), 0, id="red guards"),
        pytest.param(
            lambda _: decisions_queries.decisions(decisions_queries.Filters(guard=SLUG), limit=10),
            # Its targets are those of all its stored verdicts.
            MANY // 20,
            id="decisions that asked a guard",
        ),
    ],
)
def test_ten_times_the_decisions_are_looked_at_no_more(
    guarded: None, clock: Clock, read: Callable[[Any], object], hours: int
) -> None:
    ask.ask(request(), actor=CI, runtime=RUNTIME)
    clock.advance(minutes=1)
    looked_at = []
    for count in (FEW, MANY - FEW):
        copy_decisions(count, clock)
        rows_read.know_sizes("decisions", "evaluations", "guards")
        looked_at.append(rows_read.looked_at(lambda: read(clock.now())))
    assert looked_at[1] <= 1.5 * looked_at[0] + 2 * hours + 20, looked_at


def test_for_what_a_red_guard_said_since_one_hour_is_looked_at(guarded: None, clock: Clock) -> None:
    staging = {"target": "staging", "declared_target": "data8/staging"}
    looked_at = []
    for count in (FEW, MANY - FEW):
        for changes in (staging, {"declared_target": "biology/prod"}, staging):
            clock.advance(seconds=1)
            ask.ask(request(**changes), actor=CI, runtime=RUNTIME)
        with db.reading():
            assert red_guards.all_red(10) == []
        rows_read.know_sizes("decisions", "evaluations", "guards")
        looked_at.append(rows_read.looked_at(lambda: red_guards.all_red(10)))
        copy_decisions(count, clock)
    assert looked_at[1] <= 1.5 * looked_at[0] + 20, looked_at


def test_hours_that_follow_on_each_other_are_asked_about_at_once(clock: Clock) -> None:
    hour = answers.hour_of(clock.now())
    hours = [hour + timedelta(hours=number) for number in (5, 0, 1, 2, 4)]
    joined = list(answers._joined([("a/b", False, one) for one in hours] + [("a/c", True, hour)]))
    assert [(one.target, one.is_dry_run, (one.begins - hour), (one.ends - hour)) for one in joined] == [
        ("a/b", False, timedelta(0), timedelta(hours=3)),
        ("a/b", False, timedelta(hours=4), timedelta(hours=6)),
        ("a/c", True, timedelta(0), timedelta(hours=1)),
    ]
