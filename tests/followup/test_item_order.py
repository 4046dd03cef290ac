"""Sorts of the list: each gives every row once, page after page, and costs what a page shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts.teams import operations as teams
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Invalid
from postmortems.followup import due_order, item_order, key_order, queries, sorts, sought
from postmortems.followup.filters import Filters
from postmortems.followup.queries import Listed
from tests.followup.many_items import varied
from tests.followup.test_due_order import cost_of, indexed

TODAY = date(2026, 1, 20)
FILTERS: list[dict[str, Any]] = [
    {},
    {"status": "open,in_progress"},
    {"status": "done", "kind": "process", "priority": "P0,-"},
    {"undated": True, "owner": "kim"},
    {"protection": "proven,unguarded", "age": 100},
    {"q": "item 7"},
    {"q": "item", "status": "open,in_progress"},
    {"q": "item -7", "owner": "kim"},
    {"q": "is:overdue item"},
    {"tag": "even"},
]
SOUGHT = [filters for filters in FILTERS if filters.keys() & {"q", "tag"}]
# An index of ours, or the one that goes with what is unique, by its names on both databases.
INDEX = re.compile("ix_|uq_action_items_number|sqlite_autoindex_action_items")
LAST = "9999-12-31"


def by_due(row: Listed) -> Any:
    return (str(row.item.due or LAST), row.item.number)


def by_word(name: str, value: Callable[[Listed], str], *, is_down: bool) -> Callable[[Listed], Any]:
    order = sorts.Sort(name, is_down).words
    return lambda row: (order.index(value(row)), by_due(row))


VALUES: dict[str, Callable[[Listed], Any]] = {
    "age": lambda row: (-row.item.opened_at.timestamp(), -row.item.number),
    "owner": lambda row: (row.item.owner_key, row.item.number),
    "incident": lambda row: (row.item.incident.occurred_on, row.item.incident_id, row.item.number),
    "id": lambda row: row.item.number,
    "text": lambda row: (row.item.text.lower(), row.item.number),
}
# What the team is called that each of these names means; of others, the name itself.
TEAMS = {"team~0": "zebras", "team~1": "aardvarks"}
WORDS: dict[str, Callable[[Listed], str]] = {
    "priority": lambda row: row.item.priority or "-",
    "status": lambda row: row.item.status,
    "protection": lambda row: row.protection,
    "kind": lambda row: row.item.kind,
}


def expected(rows: list[Listed], name: str, *, is_down: bool) -> list[int]:
    """The numbers in the order that a sort stands for, worked out here."""
    if name == "team":
        return by_team(rows, is_down=is_down)
    if name in VALUES:
        ordered = sorted(rows, key=VALUES[name], reverse=is_down)
    elif name in WORDS:
        ordered = sorted(rows, key=by_word(name, WORDS[name], is_down=is_down))
    else:
        ordered = sorted([row for row in rows if row.item.due], key=by_due, reverse=is_down)
        ordered += sorted([row for row in rows if not row.item.due], key=by_due)
    return [row.item.number for row in ordered]


def by_team(rows: list[Listed], *, is_down: bool) -> list[int]:
    """By the name of the team that answers, sam's team where none is named; those without one last."""
    called = {}
    for row in rows:
        written = row.item.team.lower()
        is_sams = row.item.owner_key == "sam"
        called[row.item.number] = TEAMS.get(written) or ("badgers" if is_sams else written)
    has = sorted([(name, number) for number, name in called.items() if name], reverse=is_down)
    lacks = sorted([number for number, name in called.items() if not name], reverse=is_down)
    return [*(number for _, number in has), *lacks]


def paged(asked: Filters) -> list[int]:
    seen, after = [], ""
    while True:
        page = queries.listing(asked, after, 37, today=TODAY)
        seen += [row.item.number for row in page.rows]
        if not (after := page.after):
            return seen


@pytest.fixture
def filled(any_database: str) -> None:
    with db.transaction():
        varied(130)
        indexed(session())
        session().execute(text("UPDATE action_items SET team = 'Team~' || (number % 3) WHERE number % 2 = 0"))
        actor = Actor.system("test")
        accounts.add_user("sam", "author", actor=actor)
        for slug, name, members in (
            ("zebras", "Zebras", {}),
            ("a-team", "Aardvarks", {}),
            ("badgers", "Badgers", {"sam": False}),
        ):
            teams.create(slug, name, members, actor=actor)
        teams.name_owner("Team~0", team="zebras", actor=actor)
        teams.name_owner("Team~1", team="a-team", actor=actor)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "most, looked_through, filtered",
    [
        (5, due_order.LOOKED_THROUGH, FILTERS),
        # How many rows are looked through matters where something is sought.
        (5, (1, 1), SOUGHT),
        (5, (), SOUGHT),
        (key_order.MOST_SORTED, (), FILTERS),
    ],
)
def test_page_by_page_a_sort_gives_every_row_once(
    most: int,
    looked_through: tuple[int, ...],
    filtered: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(due_order, "LOOKED_THROUGH", looked_through)
    monkeypatch.setattr(due_order, "FEW", most // 10)
    monkeypatch.setattr(due_order, "SOME", most // 10)
    monkeypatch.setattr(sought, "READ_AT_ONCE", 10)
    wrong = {}
    for filters in filtered:
        with db.reading():
            rows = list(queries.everything(Filters(**filters), today=TODAY))
            for name in sorts.NAMES:
                monkeypatch.setattr(key_order, "MOST_SORTED", 5_000 if name in sorts.UNINDEXED else most)
                for said, is_down in ((name, False), (f"-{name}", True)):
                    seen = paged(Filters(**filters, sort=said))
                    if seen != expected(rows, name, is_down=is_down):
                        wrong[f"{filters} {said}"] = seen

    assert wrong == {}


@pytest.mark.parametrize(
    "sort, after",
    [
        ("priority", "P9~2026-01-01~4"),
        ("priority", "2026-01-01~4"),
        ("-status", "open~4"),
        ("age", "soon~4"),
        ("age", "2026-01-01T00:00:00~4"),
        ("age", "2026-01-01T00:00:00+00:00"),
        ("owner", "kim"),
        ("owner", "kim~x"),
        ("owner", "k%00im~4"),
        ("owner", "kim~" + "9" * 19),
        ("incident", "2026-01-01~4"),
        ("incident", "2026-01-01~x~4"),
        ("incident", f"2026-01-01~{2**70}~4"),
        ("id", "4~4"),
    ],
)
def test_a_place_of_another_sort_is_refused(database: str, sort: str, after: str) -> None:
    with db.reading(), pytest.raises(Invalid) as refused:
        item_order.page(Filters(sort=sort), after, 10, TODAY)

    assert refused.value.problems[0].pointer == "/after"


@pytest.mark.parametrize("said", ["dues", "--due", "-", "due,age", "Due", "number"])
def test_an_unknown_sort_is_refused_and_names_those_that_there_are(said: str) -> None:
    with pytest.raises(Invalid, match="must be one of due, priority"):
        sorts.read(said)


@pytest.mark.usefixtures("filled")
def test_what_no_index_has_in_order_is_sorted_while_there_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_order, "MOST_SORTED", 100)

    with db.reading():
        for sort in sorts.UNINDEXED:
            with pytest.raises(Invalid, match="100 items in order at most") as refused:
                queries.listing(Filters(sort=sort))
            assert refused.value.problems[0].pointer == "/sort"
            assert len(queries.listing(Filters(sort=sort, owner="kim")).rows) == 43


@pytest.fixture
def many_and_more(any_database: str) -> None:
    with db.transaction():
        varied(6_000)
        indexed(session())
    with db.transaction():
        session().execute(text("ANALYZE"))


@pytest.mark.usefixtures("many_and_more")
# With words, the entries of the rows that are met are read as well.
@pytest.mark.parametrize("sought, most", [("", 600), ("item", 1_000)])
def test_no_sort_reads_more_than_its_page_from_an_index(
    monkeypatch: pytest.MonkeyPatch, sought: str, most: int
) -> None:
    for bound, value in (("FEW", 10), ("SOME", 10), ("MANY", 50)):
        monkeypatch.setattr(due_order, bound, value)
    monkeypatch.setattr(key_order, "MOST_SORTED", 50)
    now = clock.now().date() + timedelta(days=1)
    names = [name for name in sorts.NAMES if name not in sorts.UNINDEXED]
    # PostgreSQL takes a protection for so rare that it reads a table as small as this one whole.
    asked = [
        Filters(sort=f"{sign}{name}", status="" if name == "protection" else "open,done", q=sought)
        for name in names
        for sign in ("", "-")
    ]
    costs = {one.sort: cost_of(lambda one=one: item_order.page(one, "", 20, now)) for one in asked}  # type: ignore[misc]

    assert {sort: told for sort, (told, _) in costs.items() if not INDEX.search(told)} == {}
    # Of 6,000, with two statuses out of five.
    assert {sort: read for sort, (_, read) in costs.items() if read > most} == {}
