"""What was made of rows is kept as long as the database finds the very same ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, update

from postmortems.db import reads
from postmortems.db import session as db
from postmortems.db.reads import KeptRows
from postmortems.db.session import session
from postmortems.guards.models import Evidence, Service, Target


class Names:
    """Asks for a service's targets by their order, and counts how often the rows are gone through."""

    def __init__(self) -> None:
        self.made = 0
        columns = (Target.id, Target.name, Service.title)
        named = Service.name == bindparam("service")
        asked = select(*columns).join(Target.service).where(named).order_by(Target.position)
        self._kept = KeptRows(asked, self._read)

    def _read(self, rows: Sequence[Any]) -> list[str]:
        self.made += 1
        return [f"{row.title}: {row.name}" for row in rows]

    def of(self, service: str) -> list[str]:
        with db.reading():
            return self._kept.found({"service": service})


@pytest.fixture
def names(any_database: str) -> Names:
    with db.transaction():
        for number, name in enumerate(("data8", "biology"), 1):
            session().execute(insert(Service).values(id=number, name=name, title=name.upper()))
            add(number, "staging", "prod")
    return Names()


def add(service: int, *targets: str) -> None:
    rows = [{"service_id": service, "name": name, "position": place} for place, name in enumerate(targets)]
    session().execute(insert(Target), rows)


def change(statement: Any) -> None:
    with db.transaction():
        session().execute(statement)


def test_the_same_rows_are_gone_through_once(names: Names) -> None:
    found = [names.of("data8"), names.of("biology"), names.of("data8"), names.of("biology")]

    assert found == [["DATA8: staging", "DATA8: prod"], ["BIOLOGY: staging", "BIOLOGY: prod"]] * 2
    assert names.made == 2


CHANGES: list[tuple[str, Any, list[str]]] = [
    (
        "a value of a row",
        update(Target).where(Target.service_id == 1, Target.name == "prod").values(name="live"),
        ["DATA8: staging", "DATA8: live"],
    ),
    (
        "a value of a joined row",
        update(Service).where(Service.id == 1).values(title="Hubs"),
        ["Hubs: staging", "Hubs: prod"],
    ),
    (
        "the order of rows",
        update(Target).where(Target.name == "staging").values(position=9),
        ["DATA8: prod", "DATA8: staging"],
    ),
    (
        "another row",
        insert(Target).values(service_id=1, name="lab", position=9),
        ["DATA8: staging", "DATA8: prod", "DATA8: lab"],
    ),
    ("no row any more", update(Service).where(Service.id == 1).values(name="gone"), []),
]


@pytest.mark.parametrize("statement, told", [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES])
def test_what_changed_is_seen_at_once(names: Names, statement: Any, told: list[str]) -> None:
    names.of("data8")
    change(statement)

    assert names.of("data8") == told
    assert names.of("data8") == told


def test_what_is_written_in_the_same_unit_of_work_is_seen(names: Names) -> None:
    names.of("data8")
    with db.transaction():
        session().execute(update(Service).where(Service.id == 1).values(title="Hubs"))
        assert names._kept.found({"service": "data8"}) == ["Hubs: staging", "Hubs: prod"]


def test_many_or_long_rows_are_not_kept(names: Names) -> None:
    with db.transaction():
        add(1, *(f"target-{number}" for number in range(reads.MOST_ROWS)))
        title = "x" * reads.MOST_LETTERS
        session().execute(update(Service).where(Service.id == 2).values(title=title))
    for _ in range(2):
        assert len(names.of("data8")) == reads.MOST_ROWS + 2
        assert len(names.of("biology")) == 2

    assert names.made == 4


def test_so_many_are_kept_and_no_more(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "MOST_MADE", 1)
    for _ in range(2):
        names.of("data8")
        names.of("biology")

    assert len(names._kept._kept) == 1
    assert names.made == 4


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# Values that Python holds for equal, and values that look alike.
SAID: list[Any] = [1, True, "1", 1.0, [1], [True], {"n": 1}, {"n": True}, {"n": "1"}, {"n": None}, {}]


def test_what_json_says_is_told_apart(any_database: str) -> None:
    asked = KeptRows(select(Evidence.id, Evidence.data), lambda rows: [row.data for row in rows])
    with db.transaction():
        row = {"kind": "facts", "observed_at": NOW, "received_at": NOW, "data": {}}
        session().execute(insert(Evidence).values(**row))
    for said in SAID:
        change(update(Evidence).values(data={"said": said}))
        with db.reading():
            assert repr(asked.found({})) == repr([{"said": said}])


def test_an_analysed_database_is_not_asked_for_a_plan_each_time(database: str) -> None:
    named = Target.name.in_([bindparam("name"), bindparam("other")])
    asked = select(Target.id, Target.name).where(Target.service_id == bindparam("service"), named)
    asked = asked.where(Target.position < bindparam("before")).order_by(Target.position).limit(5)
    kept = KeptRows(asked, lambda rows: [row.name for row in rows])
    prepared: list[int] = []
    with db.transaction():
        session().execute(insert(Service).values(id=1, name="data8", title="Data 8"))
        add(1, *(f"target-{number}" for number in range(200)))
    with db.transaction():
        db.connection().exec_driver_sql("ANALYZE")
        driver: Any = db.connection().connection.driver_connection
        # Asked while a statement is prepared, and only then; to set it, SQLite forgets all.
        driver.set_authorizer(lambda action, *_: prepared.append(action) or 0)
        found, counted = [], []
        for number in range(4):
            values = {"service": 1, "name": f"target-{number}", "other": "none", "before": 100 + number}
            found.append(kept.found(values))
            counted.append(len(prepared))
        driver.set_authorizer(None)

    assert found == [["target-0"], ["target-1"], ["target-2"], ["target-3"]]
    assert counted[0] > 0
    assert counted == [counted[0]] * 4
