"""The list of action items: filters, pages by key, and a fixed number of queries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import text

from postmortems import clock
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.errors import Invalid, NotFound, NotSignedIn
from postmortems.followup import due_order, queries
from postmortems.followup.queries import Filters
from postmortems.gate.models import ItemProtection
from postmortems.incidents.models import ActionItem
from tests.followup.many_items import many
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, SYSTEM, save
from tests.kept_rows import kept
from tests.statements import counted

OTHER = Document(
    title="Disk full",
    date=date(2026, 2, 1),
    services=("biology",),
    tags=("DNS", "bad day"),
    sections=(
        Section(
            "Action items",
            (
                Category("Monitoring"),
                Item("Alert on full", owner="sam", due=date(2026, 3, 1), priority="P1", status="open"),
                Item("Alert earlier", due=date(2026, 3, 2), status="proposed"),
                Item("Clean up", owner="kim", status="done", guardability="not_guardable"),
                Category("Process"),
                Item("Order disks", owner="kim", due=date(2026, 4, 1), status="done"),
            ),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def items(any_database: str, clock: Any) -> None:
    """AI-1 to AI-3 of the founding incident, AI-4 to AI-7 of another, AI-8 of one that names no service."""
    kept("items to list", _stored)


def _stored() -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    save(OTHER)
    save(
        Document(title="Odd", sections=(Section("To do", (Item("100% sure_thing", guards=("lab-hours",)),)),))
    )
    with db.transaction():
        for number, protection in ((2, "proven"), (7, "guarded"), (8, "regressed")):
            row = session().query(ActionItem).filter_by(number=number).one()
            session().add(ItemProtection(item_id=row.id, protection=protection, since=clock.now()))


def refs(**filters: Any) -> list[int]:
    with db.reading():
        return [row.item.number for row in queries.listing(Filters(**filters)).rows]


@pytest.mark.parametrize(
    "filters, found",
    [
        ({}, [4, 5, 7, 1, 2, 3, 6, 8]),
        ({"status": "open,in_progress"}, [4, 1, 2, 3, 8]),
        ({"status": "done"}, [7, 6]),
        ({"kind": "process"}, [7, 1, 2, 3]),
        ({"kind": "monitoring, other"}, [4, 5, 6, 8]),
        ({"owner": "kim"}, [7, 6]),
        ({"owner": "%"}, []),
        ({"service": "data8"}, [1, 2, 3]),
        ({"service": "data8/prod"}, [1, 2, 3]),
        ({"service": "data8/staging"}, []),
        ({"service": "biology/prod"}, [4, 5, 7, 6]),
        ({"service": "-"}, [8]),
        ({"incident": "2018-01-25-accidental-merge-to-prod"}, [1, 2, 3]),
        ({"incident": "nothing"}, []),
        ({"due_before": date(2026, 3, 2)}, [4]),
        ({"priority": "P0,P1"}, [4]),
        ({"priority": "P1,-", "service": "biology"}, [4, 5, 7, 6]),
        ({"tag": "dns"}, [4, 5, 7, 6]),
        ({"tag": "#bad day,none", "owner": "sam"}, [4]),
        ({"tag": "dns", "q": "alert earlier"}, [5]),
        ({"tag": "bad"}, []),
        ({"tag": "%"}, []),
        ({"age": 365}, [1, 2, 3]),
        ({"age": 0}, [4, 5, 7, 1, 2, 3, 6, 8]),
        ({"age": 999_999}, []),
        ({"protection": "proven"}, [2]),
        ({"protection": "regressed,guarded"}, [7, 8]),
        ({"protection": "unguarded"}, [4, 5, 1, 3, 6]),
        ({"overdue": True}, [4]),
        ({"unowned": True}, [1, 2, 3, 8]),
        ({"undated": True}, [1, 2, 3, 6, 8]),
        ({"unproven": True}, [7]),
        ({"reopened": True}, []),
        ({"opened_before": date(2018, 1, 26)}, [1, 2, 3]),
        ({"opened_from": date(2018, 1, 26)}, [4, 5, 7, 6, 8]),
        ({"closed_from": date(2026, 3, 2), "closed_before": date(2026, 3, 3)}, [7, 6]),
        ({"q": "ALERT full"}, [4]),
        ({"q": "100% sure_"}, [8]),
        ({"q": "1_0%"}, []),
        ({"kind": "process", "status": "open", "service": "biology"}, []),
    ],
)
@pytest.mark.usefixtures("items")
def test_filters_narrow_the_list_and_its_order_is_by_due_date(
    filters: dict[str, Any], found: list[int]
) -> None:
    assert refs(**filters) == found
    with db.reading():
        assert queries.matching(Filters(**filters)) == len(found)


@pytest.mark.usefixtures("items")
@pytest.mark.parametrize(
    "filters, found",
    [
        ({"q": "alert"}, [4, 5]),
        ({"q": "alert", "status": "proposed"}, [5]),
        ({"tag": "dns"}, [4, 5, 7, 6]),
        ({"tag": "dns", "q": "order"}, [7]),
        ({"tag": "dns", "kind": "process"}, [7]),
        ({"q": "is:overdue"}, [4]),
        ({"q": "nowhere"}, []),
    ],
)
def test_what_many_have_is_found_on_the_way_through_the_order(
    filters: dict[str, Any], found: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_order, "FEW", 0)
    monkeypatch.setattr(due_order, "SOME", 0)
    monkeypatch.setattr(due_order, "MANY", 0)

    assert refs(**filters) == found


@pytest.mark.parametrize(
    "filters, found",
    [
        ({"q": "überwache"}, [1]),
        ({"q": "ÜBERWACHE die PLATTE"}, [1]),
        ({"q": "uberwache"}, [1]),
        ({"q": "u\u0308berwache"}, [1]),
        ({"q": "ошибка"}, [2]),
        ({"q": "@jörg"}, [1, 2]),
        ({"q": "jorg"}, [1, 2]),
        ({"q": "STRASSE"}, [2]),
        ({"q": "istanbul"}, [3]),
        ({"q": "ΟΔΟΣ"}, [3]),
        ({"q": '"die platte"'}, [1]),
        ({"q": '"platte die"'}, []),
        ({"q": "„die Platte“"}, [1]),
        ({"q": "platte die"}, [1]),
        ({"q": '"platte jorg'}, [1]),
        ({"q": '"platte @jörg"'}, []),
        ({"q": '"'}, [1, 2, 3]),
        ({"q": "%"}, []),
        ({"q": "_"}, []),
        ({"q": "owner:@jörg platte"}, [1]),
        ({"q": "kind:other -straße"}, [1, 3]),
        ({"q": "/"}, []),
        ({"q": "*"}, []),
        ({"q": "ops-7"}, [3]),
        ({"q": "ai-2"}, [2]),
        ({"q": "überwachung"}, [3]),
        ({"owner": "@jörg"}, [1, 2]),
        ({"owner": "JÖRG"}, [1, 2]),
        ({"owner": "jör"}, []),
    ],
)
def test_searching_folds_every_script_and_keeps_phrases(
    any_database: str, filters: dict[str, Any], found: list[int]
) -> None:
    rows = (
        Item("Überwache die\n Platte", owner="@Jörg"),
        Item("Ошибка in der Straße", owner="jörg"),
        Category("Überwachung"),
        Item("İstanbul οδός 100% my_disk", tickets=("OPS-7",)),
    )
    save(Document(title="Alle", sections=(Section("Action items", rows),)))

    assert refs(**filters) == found
    with db.reading():
        assert queries.matching(Filters(**filters)) == len(found)


@pytest.mark.usefixtures("items")
def test_pages_by_key_give_every_item_once_across_dated_and_undated() -> None:
    seen, after = [], ""
    with db.reading():
        for _ in range(8):
            page = queries.listing(Filters(), after, 1)
            seen += [row.item.number for row in page.rows]
            after = page.after

    assert seen == [4, 5, 7, 1, 2, 3, 6, 8]
    assert after == ""


@pytest.mark.parametrize("after", ["x", "2026-01-01", "~x", "2026-13-01~1", "a~b~1"])
def test_a_made_up_page_is_refused(database: str, after: str) -> None:
    with db.reading(), pytest.raises(Invalid) as refused:
        queries.listing(Filters(), after)

    assert refused.value.problems[0].pointer == "/after"


@pytest.mark.usefixtures("items")
def test_one_item_is_found_by_its_reference() -> None:
    with db.reading():
        item = queries.by_ref("AI-8", SYSTEM)
        assert (item.incident.title, [guard.slug for guard in item.guards]) == ("Odd", ["lab-hours"])
        assert queries.protection_of(item) == "regressed"
        assert queries.protection_of(queries.by_ref("AI-1", SYSTEM)) == "unguarded"
        for ref in ("AI-99", "AI-0", "ai-8", "8", ""):
            with pytest.raises(NotFound):
                queries.by_ref(ref, SYSTEM)
        with pytest.raises(NotSignedIn):
            queries.by_ref("AI-8", Actor.nobody())


@pytest.mark.usefixtures("items")
def test_owners_are_those_that_are_named() -> None:
    with db.reading():
        assert queries.owners() == ["kim", "sam"]


def test_the_list_takes_as_many_queries_at_ten_rows_as_at_a_thousand(any_database: str) -> None:
    def cost() -> int:
        with db.reading(), counted() as seen:
            page = queries.listing(Filters(status="open", overdue=True), limit=200)
            [(row.item.incident.title, [guard.slug for guard in row.item.guards]) for row in page.rows]
        return len([statement for statement in seen if statement.startswith("SELECT")])

    with db.transaction():
        many(10)
    few = cost()
    with db.transaction():
        session().execute(text("DELETE FROM incidents"))
        many(1000)

    # Which items, what they say, their guards, and whether anything at all is restricted.
    assert cost() == few == 4


def test_the_table_of_protections_is_known_by_its_true_names() -> None:
    columns = ItemProtection.__table__.columns

    assert ItemProtection.__tablename__ == queries.PROTECTIONS_OF_ITEMS.name
    assert {column.name for column in queries.PROTECTIONS_OF_ITEMS.columns} <= {
        column.name for column in columns
    }


def test_an_item_that_came_back_is_listed_as_reopened(any_database: str, clock: Any) -> None:
    slug = save(OTHER).slug
    blocks = OTHER.sections[0].blocks
    again = replace(
        OTHER, sections=(Section("Action items", (*blocks[:-1], replace(blocks[-1], status="open"))),)
    )

    save(again, slug)

    assert refs(reopened=True) == [4]
    with db.reading():
        assert isinstance(queries.by_ref("AI-4", SYSTEM).reopened_at, datetime)
