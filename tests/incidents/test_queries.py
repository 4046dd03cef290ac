"""Finding incidents: filters, pages by key, and the same number of queries however many there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from postmortems import clock
from postmortems.actor import Actor
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.errors import Invalid, NotFound, NotSignedIn
from postmortems.incidents import page_keys, queries, search_entries
from postmortems.incidents.approvals.rules import LISTS, STATES
from postmortems.incidents.models import Incident
from postmortems.incidents.queries import Filters
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, SYSTEM, save
from tests.kept_rows import kept
from tests.rows_read import know_sizes, looked_at
from tests.slugs import all_slugs
from tests.statements import counted


def small(title: str, day: date, **fields: Any) -> Document:
    items = (Item("open one"), Item("done one", status="done"))
    return Document(title=title, date=day, sections=(Section("Action items", items),), **fields)


@pytest.fixture
def three(any_database: str) -> None:
    kept("three incidents", _stored)


def _stored() -> None:
    save(FOUNDING, name=FOUNDING_NAME)
    save(small("Disk full", date(2020, 2, 1), services=("biology", "data8"), severity="SEV1"))
    save(small("100% CPU_load", date(2020, 12, 31), status="published"))


def slugs(**filters: Any) -> list[str]:
    with db.reading():
        return [incident.slug[11:] for incident in queries.listing(Filters(**filters)).rows]


@pytest.mark.parametrize(
    "filters, found",
    [
        ({}, ["100-cpu-load", "disk-full", "accidental-merge-to-prod"]),
        ({"service": "data8"}, ["disk-full", "accidental-merge-to-prod"]),
        ({"service": "data8/prod"}, ["disk-full", "accidental-merge-to-prod"]),
        ({"service": "data8/staging"}, ["disk-full"]),
        ({"service": "data"}, []),
        ({"service": "%"}, []),
        ({"severity": "SEV1"}, ["disk-full"]),
        ({"status": "published"}, ["100-cpu-load", "accidental-merge-to-prod"]),
        ({"status": "draft"}, ["disk-full"]),
        ({"year": 2020}, ["100-cpu-load", "disk-full"]),
        ({"year": 2019}, []),
        ({"q": "LAB users"}, ["accidental-merge-to-prod"]),
        ({"q": "users nowhere"}, []),
        ({"q": '"LAB users"'}, ["accidental-merge-to-prod"]),
        ({"q": '"users lab"'}, []),
        ({"q": "100% c"}, []),
        ({"q": "100% cp"}, ["100-cpu-load"]),
        ({"q": "CPU_LO"}, ["100-cpu-load"]),
        ({"q": "U_L"}, []),
        ({"q": "%"}, []),
        ({"q": "data8 severity:SEV1"}, ["disk-full"]),
        ({"q": "-tag:none", "status": "published"}, ["100-cpu-load", "accidental-merge-to-prod"]),
        ({"q": "data8", "year": 2018}, ["accidental-merge-to-prod"]),
    ],
)
@pytest.mark.usefixtures("three")
def test_filters_narrow_the_list(filters: dict[str, Any], found: list[str]) -> None:
    assert slugs(**filters) == found
    with db.reading():
        assert queries.matching(Filters(**filters)) == len(found)


# Of each part of the document below a word that only that part has.
PARTS = "apfel data8 went prose 14:30 title cat item sam when out SEV2 #db JIRA-7 why ops"


@pytest.mark.parametrize("word", PARTS.split())
def test_every_part_of_a_document_is_found(word: str, database: str) -> None:
    item = Item(
        "item", owner="Sam", team="ops", done_when="when", outcome="out", tickets=("JIRA-7",), reason="why"
    )
    blocks = (Prose("prose"), Entry("14:30", "text", "title"), Category("cat"), item)
    save(
        Document(
            title="\u00c4pfel", services=("data8",), severity="SEV2", tags=("db",),
            sections=(Section("What WENT", blocks),),
        )
    )  # fmt: skip

    assert len(slugs(q=word)) == 1


@pytest.mark.usefixtures("three")
def test_the_lists_edges_are_told_in_one_query_each() -> None:
    with db.reading():
        rows = queries.listing(Filters()).rows
        assert queries.years() == [2020, 2018]
        assert [queries.item_counts(rows).get(row.id) for row in rows] == [(1, 2), (1, 2), (3, 3)]
        assert [slug[:10] for slug in all_slugs()] == ["2018-01-25", "2020-02-01", "2020-12-31"]


def test_pages_by_key_give_every_incident_once_though_days_repeat(any_database: str) -> None:
    for number in range(7):
        save(small(f"Number {number}", date(2020, 1, 1 + number // 3)))

    seen: list[str] = []
    after = ""
    with db.reading():
        while True:
            page = queries.listing(Filters(), after, 2)
            seen += [incident.title for incident in page.rows]
            after = page.after
            if not after:
                break

    assert seen == [f"Number {number}" for number in (6, 5, 4, 3, 2, 1, 0)]


@pytest.mark.parametrize("after", ["x", "2020-01-01", "2020-01-01~x", "2020-13-01~1", "~1", "1~" + "9" * 30])
def test_a_made_up_page_is_refused(database: str, after: str) -> None:
    with db.reading(), pytest.raises(Invalid) as refused:
        queries.listing(Filters(), after)

    assert refused.value.problems[0].pointer == "/after"


@pytest.mark.parametrize("year", [0, -1, 10_000])
def test_a_year_that_is_none_is_refused(database: str, year: int) -> None:
    with db.reading(), pytest.raises(Invalid):
        queries.listing(Filters(year=year))


def test_a_page_is_bounded(database: str) -> None:
    with db.transaction():
        many(page_keys.LARGEST + 50)

    with db.reading():
        assert len(queries.listing(Filters(), limit=10_000).rows) == page_keys.LARGEST
        assert len(queries.listing(Filters(), limit=-1).rows) == 1


def many(count: int) -> None:
    """Rows without documents, quickly."""
    now = clock.now()
    session().add_all(
        Incident(
            slug=f"many-{number}", title=f"Number {number}", created_at=now, saved_at=now,
            occurred_on=date(2000, 1, 1) + timedelta(days=number),
        )
        for number in range(count)
    )  # fmt: skip
    session().flush()
    list(search_entries.put_all(session().connection()))


@pytest.mark.usefixtures("three")
# So many are few: what they are asked one by one else is asked of all.
@pytest.mark.parametrize("few", [1, 2, queries.FEW])
def test_words_and_filters_find_what_the_filters_find_of_what_the_words_find(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    narrowed: list[dict[str, Any]] = [
        *({"year": year} for year in (2018, 2020, 1999, 9999)),
        *({"severity": severity} for severity in ("SEV1", "SEV2", "SEV3", "-")),
        *({"service": service} for service in ("data8", "data8/prod", "data8/staging", "biology", "-", "x")),
        *({"status": status} for status in ("draft", "published", "none")),
        *({"state": state} for state in (*STATES, *LISTS)),
        {"occurred_from": date(2020, 2, 1)},
        {"occurred_before": date(2020, 2, 1)},
        {"year": 2020, "occurred_from": date(2020, 3, 1), "service": "data8"},
        *({"severity": "-", "status": status} for status in ("draft", "published")),
        *({"severity": "SEV1", "state": "draft", **days} for days in ({}, {"year": 2020}, {"year": 2018})),
        *({"repeats": True}, {"repeats": True, "severity": "SEV1"}, {"team": "ops"}),
    ]
    for word in ("the", "after:2018-06-01", "-nothing", "service:data8"):
        found = slugs(q=word)
        assert found
        for filters in narrowed:
            both = [one for one in slugs(**filters) if one in found]
            assert slugs(q=word, **filters) == both, filters
            with db.reading():
                assert queries.matching(Filters(q=word, **filters)) == len(both), filters


@pytest.mark.usefixtures("database")
def test_a_word_that_all_have_is_looked_for_among_those_that_a_filter_lets_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """PostgreSQL reads so few entries one by one, whatever it is asked."""
    monkeypatch.setattr(queries, "FEW", 50)
    with db.transaction():
        many(1_500)
        session().execute(text("UPDATE incidents SET severity = 'SEV1' WHERE id % 500 = 7"))
        session().execute(text("DELETE FROM search_entries"))
        list(search_entries.put_all(session().connection()))
    know_sizes()
    asked: list[dict[str, Any]] = [
        *({"year": 1999}, {"year": 2001}, {"severity": "SEV1"}, {"service": "x"}),
        *({"status": "published"}, {"state": "published"}),
        *({"repeats": True}, {"team": "nobody's"}, {"severity": "-", "repeats": True}),
        {"q": "is:overdue"},
        {"q": "is:overdue -is:open number"},
    ]

    costs = {
        f"{read.__name__} {filters}": looked_at(lambda of=filters, read=read: read(Filters(**of)))  # type: ignore[misc]
        for filters in ({"q": "number", **each} for each in asked)
        for read in (queries.listing, queries.matching)
    }

    assert {name: cost for name, cost in costs.items() if cost > 1_000} == {}


def test_the_list_takes_as_many_queries_at_ten_rows_as_at_a_thousand(any_database: str) -> None:
    def cost() -> int:
        with db.reading(), counted() as seen:
            page = queries.listing(Filters(q="number"), limit=200)
            queries.item_counts(page.rows)
            [(row.title, row.services, row.tags) for row in page.rows]
        return len([statement for statement in seen if statement.startswith("SELECT")])

    with db.transaction():
        many(10)
    few = cost()
    with db.transaction():
        session().execute(text("DELETE FROM incidents"))
        many(1000)

    # The incidents by title and by text, their items' numbers, and whether anything at all is restricted; on
    # PostgreSQL, beside each of the first two, whether there are enough among the newest.
    assert cost() <= few == (4 if db.engine().dialect.name == "sqlite" else 6)


def test_one_incident_takes_as_many_queries_whatever_its_size(any_database: str) -> None:
    def cost(slug: str) -> int:
        with db.reading(), counted() as seen:
            queries.by_slug(slug, SYSTEM)
        return len([statement for statement in seen if statement.startswith("SELECT")])

    short = save(FOUNDING)
    parts = tuple(
        replace(section, heading=f"{section.heading} {n}") for n in range(30) for section in FOUNDING.sections
    )
    long = save(replace(FOUNDING, title="Long", sections=parts))

    assert cost(long.slug) == cost(short.slug)


def test_revisions_come_in_pages_and_one_by_one(any_database: str) -> None:
    slug = save(FOUNDING).slug
    for number in range(4):
        save(replace(FOUNDING, title=f"Edited {number}"), slug)

    with db.reading():
        incident = queries.by_slug(slug, SYSTEM)
        assert [one.version for one in queries.revisions(incident, limit=3)] == [5, 4, 3]
        assert [one.version for one in queries.revisions(incident, before=3)] == [2, 1]
        assert "Edited 0" in queries.revision(incident, 2).text
        with pytest.raises(NotFound):
            queries.revision(incident, 6)


def test_nobody_reads_an_incident(database: str) -> None:
    save(FOUNDING, name=FOUNDING_NAME)

    with db.reading(), pytest.raises(NotSignedIn):
        queries.by_slug("2018-01-25-accidental-merge-to-prod", Actor.nobody())
