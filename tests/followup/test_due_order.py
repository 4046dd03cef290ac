"""The order of lists: for each filter it is that of all rows, and costs what a page shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import ITEM_KINDS
from postmortems.errors import Invalid
from postmortems.followup import due_order, item_order, key_order, queries
from postmortems.followup.filters import Filters
from postmortems.incidents import search_entries
from postmortems.incidents.models import Incident
from tests.followup.many_items import varied
from tests.rows_read import looked_at

TODAY = date(2026, 1, 20)
A_MONTH = {"closed_from": date(2026, 1, 1), "closed_before": date(2027, 1, 1)}
FILTERS: list[dict[str, Any]] = [
    {},
    {"status": "open"},
    {"status": "open,in_progress"},
    {"status": "proposed,open,in_progress"},
    {"status": "done,wont_do"},
    {"status": "proposed,open,in_progress,done,wont_do"},
    {"status": "done", "overdue": True},
    {"status": "finished"},
    {"kind": "process"},
    {"kind": "process,technical", "status": "open"},
    {"kind": "process,technical,documentation,monitoring"},
    {"owner": "@kim"},
    {"owner": "KIM", "status": "open,done"},
    {"priority": "P0"},
    {"priority": "P0,P2", "kind": "process"},
    {"unowned": True},
    {"unowned": True, "owner": "kim"},
    {"overdue": True},
    {"overdue": True, "kind": "process"},
    {"unproven": True},
    {"reopened": True},
    {"undated": True},
    {"undated": True, "overdue": True},
    {"due_before": date(2026, 1, 9)},
    {"due_from": date(2026, 1, 9), "due_before": date(2026, 2, 1)},
    {"service": "service-1"},
    {"service": "service-1/prod", "status": "open"},
    {"service": "-"},
    {"incident": "x-3"},
    {"protection": "proven"},
    {"protection": "unguarded", "status": "open"},
    {"opened_from": date(2025, 1, 1), "opened_before": date(2030, 1, 1)},
    A_MONTH,
    {"q": "item 7"},
    {"q": "item", "status": "open,in_progress"},
    {"q": "-7 ite", "owner": "kim"},
    {"q": "item", "service": "service-1"},
    {"q": "item", "incident": "x-3"},
    {"q": "item -7", "protection": "proven"},
    {"q": '"item 7" kind:process'},
    {"q": "is:overdue item"},
    {"tag": "even"},
]


@pytest.fixture
def filled(any_database: str) -> None:
    with db.transaction() as current:
        varied(300)
        indexed(current)


def indexed(current: Session) -> None:
    current.flush()
    current.execute(update(Incident).where(Incident.id % 2 == 0).values(tags=["even"]))
    for _ in search_entries.put_all(current.connection()):
        pass


def paged(asked: Filters) -> list[int]:
    """The numbers of a list, page after page."""
    seen, after = [], ""
    while True:
        page = queries.listing(asked, after, 37, today=TODAY)
        seen += [row.item.number for row in page.rows]
        after = page.after
        if not after:
            return seen


@pytest.mark.usefixtures("filled")
# What only few have is sorted; what many have is met on the way, or else found in all that have it.
@pytest.mark.parametrize(
    "few, some, looked_through",
    [
        (due_order.FEW, due_order.SOME, ()),
        (0, due_order.SOME, ()),
        (0, 0, due_order.LOOKED_THROUGH),
        (0, 0, (1, 1)),
        (0, 0, ()),
    ],
)
def test_page_by_page_a_list_is_what_it_is_at_once(
    few: int, some: int, looked_through: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_order, "FEW", few)
    monkeypatch.setattr(due_order, "SOME", some)
    monkeypatch.setattr(due_order, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(due_order, "MANY", few // 100)
    wrong = {}

    for filters in FILTERS:
        asked = Filters(**filters)
        with db.reading():
            expected = [row.item.number for row in queries.everything(asked, today=TODAY)]
            if (seen := paged(asked)) != expected:
                wrong[str(filters)] = (seen, expected)

    assert wrong == {}


@pytest.mark.usefixtures("filled")
def test_what_is_counted_up_to_a_thousand_is_what_is_there() -> None:
    with db.reading():
        asked = [Filters(**filters) for filters in FILTERS]
        assert [queries.matching_at_most(one) for one in asked] == [queries.matching(one) for one in asked]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("few", [due_order.FEW, 0])
def test_a_word_that_all_items_have_narrows_no_list(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of search is asked for the other filters too: it knows of the same items."""
    for name in ("FEW", "SOME", "MANY", "LOOKED_THROUGH"):
        monkeypatch.setattr(due_order, name, () if name == "LOOKED_THROUGH" else few)
    wrong = {}
    with db.reading():
        for filters in (each for each in FILTERS if "q" not in each):
            expected = paged(Filters(**filters))
            sought = Filters(**filters, q="item")
            count = queries.matching(Filters(**filters))
            found = paged(sought), queries.matching(sought), queries.matching_at_most(sought)
            if found != (expected, count, count):
                wrong[str(filters)] = (found, expected)

    assert wrong == {}


@pytest.mark.usefixtures("filled")
def test_a_line_says_what_the_item_says() -> None:
    with db.reading():
        rows = queries.listing(Filters(), limit=100).rows
        lines = queries.lines(Filters(), limit=100).rows
        assert [row.line for row in rows] == lines


@pytest.mark.usefixtures("filled")
def test_more_than_a_thousand_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_COUNTED", 20)

    with db.reading():
        assert queries.matching_at_most(Filters()) == 21
        assert queries.matching_at_most(Filters(incident="x-3")) == 4


@pytest.mark.usefixtures("filled")
def test_everybody_who_owns_an_item_is_named_once() -> None:
    with db.reading():
        assert queries.owners() == ["@kim", "sam"]


@pytest.mark.parametrize(
    "after", ["", "1", "2026-01-01", "soon~4", "2026-01-01~-4", "2026-01-01~4~5", "~", "~" + "9" * 19]
)
def test_a_place_is_one_that_a_page_gave(after: str) -> None:
    with pytest.raises(Invalid, match="no place in this list"):
        due_order.place(after)


# What a page has to be found by, whatever else is stored. What few rows have is sorted: those are left out.
IN_ORDER: list[dict[str, Any]] = [
    {},
    {"status": "open"},
    {"status": "proposed,open,in_progress"},
    {"status": "done,wont_do"},
    {"kind": "process"},
    {"kind": "process", "status": "open,in_progress"},
    {"owner": "kim"},
    {"owner": "kim", "status": "open"},
    {"priority": "P1"},
    {"unowned": True},
    {"overdue": True},
    {"reopened": True},
    {"unproven": True},
    {"undated": True},
    {"due_before": date(2026, 1, 9)},
    {"service": "-"},
    {"service": "service-1"},
    {"protection": "proven"},
    {"protection": "unguarded"},
    {"q": "item"},
    {"q": "item", "status": "open,in_progress"},
    # What others let few through of is asked of these few, not of all that have it.
    {"q": "item", "incident": "x-3"},
]


# What some have: more than are looked up by their keys, and so few that going through all takes long.
SOME_HAVE: list[dict[str, Any]] = [
    {"protection": "regressed"},
    {"protection": "regressed", "status": "done,wont_do"},
    {"service": "seldom"},
    {"service": "seldom", "status": "done"},
    {"severity": "SEV1"},
    {"severity": "SEV1", "protection": "proven"},
]
LATER = due_order.Place(date(2026, 1, 20), 0)
# What many have, counted as far as a page says it.
MANY_HAVE: list[dict[str, Any]] = [
    {"kind": ITEM_KINDS[-1]},
    {"protection": "proven"},
    {"service": "service-1"},
    {"service": "service-1", "status": "done"},
    {"service": "service-1", "status": "done,wont_do"},
    {"service": "service-2", "kind": "process"},
    {"service": "service-1", "status": "done", "unproven": True},
    {"team": "kim"},
    {"team": "kim", "undated": True},
    {"team": "nobody's", "status": "done"},
    {"priority": "P3"},
    {"priority": "P3", "status": "done"},
]
# What many have, and none that a word is in which others of as many have.
NONE_HAVE: list[dict[str, Any]] = [
    {"kind": "process"},
    {"status": "done,wont_do"},
    {"owner": "kim"},
    {"service": "service-1"},
    {"team": "nobody's"},
    {"kind": "process", "sort": "-owner"},
    {"kind": "process", "sort": "age"},
]


@pytest.mark.usefixtures("database")
def test_what_many_have_and_what_many_say_is_met_where_it_is_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 2,000 items some 150 have the word: to read these, or those of a filter, takes thousands of steps.

    PostgreSQL reads so few entries one by one, whatever it is asked.
    """
    for module, name, value in (
        *((due_order, name, 10) for name in ("FEW", "SOME", "MANY")),
        (key_order, "MOST_SORTED", 40),
        *((queries, name, 20) for name in ("MOST_COUNTED", "COUNTED_FIRST")),
    ):
        monkeypatch.setattr(module, name, value)
    with db.transaction() as current:
        varied(2_000)
        its = "kind <> 'process' AND owner_key <> 'kim' AND incident_id % 3 <> 1"
        current.execute(text(f"UPDATE action_items SET text = 'quokka' WHERE status = 'open' AND {its}"))
        indexed(current)
    reads: dict[str, Callable[[], object]] = {}
    for filters in NONE_HAVE:
        asked = Filters(**filters, q="quokka")
        reads[f"count {filters}"] = lambda of=asked: queries.matching_at_most(of)  # type: ignore[misc]
        reads[f"list {filters}"] = lambda of=asked: item_order.page(of, "", 20, TODAY)  # type: ignore[misc]
    for filters in MANY_HAVE:
        asked = Filters(**filters)
        reads[f"count {filters}"] = lambda of=asked: queries.matching_at_most(of)  # type: ignore[misc]

    costs = {name: looked_at(read) for name, read in reads.items()}

    assert {name: cost for name, cost in costs.items() if cost > 500} == {}


@pytest.fixture
def many_and_more(any_database: str) -> None:
    with db.transaction() as current:
        varied(6_000)
        indexed(current)
    with db.transaction():
        session().execute(text("ANALYZE"))


@pytest.mark.usefixtures("many_and_more")
def test_no_list_reads_more_than_its_page_from_each_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_order, "FEW", 10)
    monkeypatch.setattr(due_order, "SOME", 10)
    monkeypatch.setattr(due_order, "MANY", 50)
    now = clock.now().date() + timedelta(days=1)
    costs = {
        str(filters): cost_of(lambda asked=Filters(**filters): due_order.first(asked, None, 20, now))  # type: ignore[misc]
        for filters in IN_ORDER
    }

    assert {asked: told for asked, (told, _) in costs.items() if "ix_action_items" not in told} == {}
    # Of 6,000: twenty of each of five statuses, and what a third of the items have among three times as many.
    assert {asked: read for asked, (_, read) in costs.items() if read > 600} == {}


@pytest.mark.usefixtures("many_and_more")
def test_what_some_have_is_read_without_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 6,000 items these are 40: to go through the others takes thousands of rows or tens of steps."""
    for module, name, value in (
        (due_order, "FEW", 10),
        (due_order, "SOME", 60),
        (queries, "MOST_COUNTED", 20),
        (queries, "COUNTED_FIRST", 40),
    ):
        monkeypatch.setattr(module, name, value)
    with db.transaction() as current:
        current.execute(text("UPDATE standings SET protection = 'regressed' WHERE item_id % 150 = 0"))
        for set_to in ("severity = 'SEV1'", "services = '[\"seldom\"]'"):
            current.execute(text(f"UPDATE incidents SET {set_to} WHERE id % 150 = 0"))
        current.execute(text("UPDATE affected SET service = 'seldom' WHERE incident_id % 150 = 0"))
        current.execute(
            text("INSERT INTO affected (incident_id, service, target) VALUES (150, 'seldom', 'prod')")
        )
    reads: dict[str, Callable[[], object]] = {}
    for filters in (*SOME_HAVE, *MANY_HAVE):
        asked = Filters(**filters)
        reads[f"count {filters}"] = lambda of=asked: queries.matching_at_most(of)  # type: ignore[misc]
        if filters in MANY_HAVE:
            continue
        reads[f"list {filters}"] = lambda of=asked: due_order.first(of, None, 20, TODAY)  # type: ignore[misc]
        reads[f"later {filters}"] = lambda of=asked: due_order.first(of, LATER, 20, TODAY)  # type: ignore[misc]

    costs = {name: looked_at(read) for name, read in reads.items()}

    assert {name: cost for name, cost in costs.items() if cost > 2_500} == {}


def cost_of(listed: Callable[[], object]) -> tuple[str, int]:
    """How the statements that put rows in order find them, and how many they look at."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "ORDER BY" in statement or "FROM search_entries" in statement:
            seen.append((statement, parameters))

    event.listen(db.engine(), "before_cursor_execute", note)
    with db.reading():
        listed()
    event.remove(db.engine(), "before_cursor_execute", note)
    told = [_explained(*one) for one in seen]
    return "\n".join(plan for plan, _ in told), sum(read for _, read in told)


def _explained(statement: str, parameters: Any) -> tuple[str, int]:
    with db.reading() as current:
        connection = current.connection()
        if db.engine().dialect.name == "postgresql":
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            plan = connection.exec_driver_sql(explain, parameters).scalar_one()
            return json.dumps(plan), _rows(plan[0]["Plan"])
        lines = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        return "\n".join(str(line[3]) for line in lines), _steps(connection, statement, parameters)


def _rows(plan: dict[str, Any]) -> int:
    """Rows that the scans of a plan looked at, also those that a filter took away."""
    below = sum(_rows(inner) for inner in plan.get("Plans", ()))
    if "Scan" not in plan["Node Type"]:
        return below
    looked_at = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    return below + int(looked_at * plan["Actual Loops"])


STEPS_OF_A_ROW = 40


def _steps(connection: Any, statement: str, parameters: Any) -> int:
    """Rows by the steps of SQLite's machine: a row takes some twenty of them, or forty."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver = connection.connection.driver_connection
    driver.set_progress_handler(count, 1)
    connection.exec_driver_sql(statement, parameters).all()
    driver.set_progress_handler(None, 1)
    return steps // STEPS_OF_A_ROW
