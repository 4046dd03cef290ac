"""Guards, why they exist and what they judge: found on both databases, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid, NotFound
from postmortems.guards import operations, queries
from postmortems.guards.judgement import Judgement
from postmortems.guards.models import Evaluation, Evidence, Guard, GuardTarget
from postmortems.guards.queries import Filters
from tests.conftest import Clock
from tests.guards.conftest import LAB_HOURS, add_guard, add_incident

pytestmark = pytest.mark.usefixtures("data8")


# Names.


@pytest.mark.parametrize(
    "name", ["data8", "data8/", "/prod", "DATA8/prod", "data8/Prod", "data8/prod ", "qa/prod", ""]
)
def test_only_the_exact_full_name_finds_a_target(name: str) -> None:
    with db.reading():
        found = queries.target_named("data8/prod")
        assert found is not None
        assert found.full_name == "data8/prod"
        assert queries.target_named(name) is None


def test_services_come_by_name_with_targets_in_promotion_order() -> None:
    with db.reading():
        assert [service.name for service in queries.services()] == ["biology", "data8"]
        assert [service.name for service in queries.services(after="biology")] == ["data8"]
        assert [target.name for target in queries.service("data8").targets] == ["staging", "prod"]
        with pytest.raises(NotFound, match="no service nowhere"):
            queries.service("nowhere")


# Guards.


def test_only_enabled_guards_cover_a_target() -> None:
    with db.transaction():
        add_guard()
        add_guard(slug="off", is_enabled=False)
        add_guard(slug="elsewhere", targets=["biology/prod"])
        add_guard(slug="both", targets=["biology/prod", "data8/prod"])

    with db.reading():
        target = queries.target_named("data8/prod")
        assert target is not None
        assert [guard.slug for guard in queries.covering(target.id)] == ["both", "lab-hours"]
        assert [guard.slug for guard in queries.over_service(target.service_id)] == [
            "both",
            "lab-hours",
            "off",
        ]


@pytest.mark.parametrize(
    "filters, slugs",
    [
        (Filters(), ["a-window", "b-target", "c-off"]),
        (Filters(service="data8"), ["a-window", "c-off"]),
        (Filters(target="biology/prod"), ["b-target", "c-off"]),
        (Filters(service="data8", target="biology/prod"), []),
        (Filters(target="data8"), []),
        (Filters(kind="target"), ["b-target"]),
        (Filters(level="advisory"), ["c-off"]),
        (Filters(is_enabled=True), ["a-window", "b-target"]),
        (Filters(is_enabled=False), ["c-off"]),
        (Filters(q="WINDOW"), ["a-window"]),
        (Filters(q="ГЛАВНЫЙ b-"), ["b-target"]),
        (Filters(q='"off 100%"'), []),
        (Filters(q='"100% OFF"'), ["c-off"]),
        (Filters(q="window a"), ["a-window"]),
        (Filters(q="100%"), ["c-off"]),
        (Filters(q="_"), []),
    ],
)
def test_guards_are_filtered(filters: Filters, slugs: list[str]) -> None:
    with db.transaction():
        add_guard(slug="a-window", title="")
        add_guard(slug="b-target", kind="target", config={}, title="Главный", targets=["biology/prod"])
        both = ["biology/prod", "data8/prod"]
        add_guard(slug="c-off", title="100% off", level="advisory", is_enabled=False, targets=both)

    with db.reading():
        found = queries.listing(filters).rows
        assert [guard.slug for guard in found] == slugs


def test_guards_are_paged_by_slug() -> None:
    with db.transaction():
        for number in range(5):
            add_guard(slug=f"guard-{number}")

    with db.reading():
        first = queries.listing(limit=2)
        second = queries.listing(after=first.after, limit=2)
        third = queries.listing(after=second.after, limit=2)
        assert [guard.slug for page in (first, second, third) for guard in page.rows] == [
            f"guard-{number}" for number in range(5)
        ]
        assert third.after == ""


# Why.


def test_a_guard_exists_because_of_each_item_that_names_it() -> None:
    with db.transaction():
        guard = add_guard()
        add_guard(slug="lonely")
        add_incident("Merge", "lab-hours", "not-there-yet")
        add_incident("Second", "lab-hours")

    with db.reading():
        because = queries.because(queries.listing().rows)
        told = because[guard.id]
        assert {link["incident"]["title"] for link in told} == {"Merge", "Second"}
        assert told[0]["action_item"]["id"].startswith("AI-")
        assert told[0]["action_item"]["url"].endswith(f"#{told[0]['action_item']['id']}")
        assert because[queries.by_slug("lonely").id] == []
        assert len(queries.items_of(guard)) == 2
        assert queries.links(queries.listing().rows) == {"lab-hours": 2, "lonely": 0}


# Verdicts.


def test_verdicts_are_paged_newest_first(clock: Clock) -> None:
    with db.transaction():
        guard = add_guard()
        for number in range(5):
            verdict = Judgement("pass", "open", str(number))
            operations.record_evaluation(guard, verdict, purpose="test", at=clock.now())

    with db.reading():
        first = queries.evaluations(guard, limit=3)
        second = queries.evaluations(guard, first.after, 3)
        assert [row.summary for row in (*first.rows, *second.rows)] == ["4", "3", "2", "1", "0"]
        assert second.after == ""
        assert queries.newest_evaluations([guard.id])[guard.id].summary == "4"
        with pytest.raises(Invalid):
            queries.evaluations(guard, "nonsense")


def _add_many(count: int, now: datetime, first: int = 0) -> None:
    """Guards over data8's production, each with a verdict and an observation, straight into the tables."""
    with db.transaction():
        target = queries.target_named("data8/prod")
        assert target is not None
        row = {"kind": "window", "config": LAB_HOURS["config"], "created_at": now, "edited_at": now}
        guards = session().scalars(
            insert(Guard).returning(Guard.id), [{**row, "slug": f"g-{first + n:05}"} for n in range(count)]
        )
        ids = list(guards)
        session().execute(insert(GuardTarget), [{"guard_id": i, "target_id": target.id} for i in ids])
        verdict = {"guard_slug": "g", "guard_revision": 1, "purpose": "test", "at": now, "level": "shadow"}
        session().execute(insert(Evaluation), [{**verdict, "guard_id": i, "verdict": "pass"} for i in ids])
        seen = {"kind": "observation", "observed_at": now, "received_at": now, "data": {}}
        session().execute(insert(Evidence), [{**seen, "guard_id": i} for i in ids])
        add_incident(f"Incident {count}", *(f"g-{n:05}" for n in range(10)))


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda t: queries.listing(limit=50), id="listing"),
        pytest.param(lambda t: queries.services(), id="services"),
        pytest.param(lambda t: [g.targets[0].full_name for g in queries.covering(t.id)], id="covering"),
        pytest.param(lambda t: queries.because(queries.listing(limit=50).rows), id="because"),
        pytest.param(lambda t: queries.newest_evaluations(range(1, 51)), id="newest evaluations"),
        pytest.param(lambda t: queries.evaluations(queries.by_slug("g-00001")), id="evaluations"),
        pytest.param(lambda t: queries.deploys([t.id]), id="deploys"),
    ],
)
def test_a_list_sends_as_many_queries_at_1000_rows_as_at_10(
    ask: Callable[[Any], Any], clock: Clock, count_queries: Any
) -> None:
    def cost() -> int:
        with db.reading():
            target = queries.target_named("data8/prod")
            with count_queries() as statements:
                ask(target)
        return len(statements)

    _add_many(10, clock.now())
    at_10 = cost()
    _add_many(990, clock.now(), first=10)
    assert cost() == at_10
