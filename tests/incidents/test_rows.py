"""A Document to rows and back, without loss, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, assume, given, settings

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Item, Section
from postmortems.incidents import queries, rows, validation
from postmortems.incidents.models import Incident
from tests.document import strategies
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, SYSTEM, save, stored

slow_fixture = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def numbered(document: Document, start: int = 1) -> Document:
    """Every item with an id of its own."""
    numbers = count(start)
    return replace(
        document,
        sections=tuple(
            replace(
                section,
                blocks=tuple(
                    replace(block, id=f"AI-{next(numbers)}") if isinstance(block, Item) else block
                    for block in section.blocks
                ),
            )
            for section in document.sections
        ),
    )


def written_as_rows(incident: Incident, document: Document) -> Document:
    """What the rows say after the document was written over them and they were read again."""
    rows.apply(incident, document, now=clock.now())
    session().flush()
    session().expunge_all()
    return rows.to_document(queries.by_slug("x", SYSTEM))


def new_incident() -> Incident:
    incident = Incident(slug="x", created_at=clock.now(), saved_at=clock.now())
    session().add(incident)
    return incident


@slow_fixture
@given(strategies.documents, strategies.documents)
def test_a_document_comes_back_from_its_rows_also_over_the_rows_of_another(
    any_database: str, first: Document, second: Document
) -> None:
    first, second = numbered(first), numbered(second)
    assume(not list(validation.problems(first)) and not list(validation.problems(second)))
    db.begin()
    try:
        assert written_as_rows(new_incident(), first) == first
        assert written_as_rows(queries.by_slug("x", SYSTEM), second) == second
    finally:
        db.finish(keep=False)


@slow_fixture
@given(strategies.documents_as_text)
def test_a_text_comes_back_from_its_rows_as_its_canonical_text(any_database: str, text: str) -> None:
    document = numbered(parser.parse(text))
    assume(not list(validation.problems(document)))
    db.begin()
    try:
        assert parser.write(written_as_rows(new_incident(), document)) == parser.write(document)
    finally:
        db.finish(keep=False)


def test_a_plain_document_comes_back_plain_but_for_its_ids(any_database: str) -> None:
    plain = Document(title="Plain", sections=(Section("Action items", (Item("do it"),)),))

    incident = save(plain)

    assert stored(incident.slug) == Document(
        title="Plain", sections=(Section("Action items", (Item("do it", id="AI-1"),)),)
    )


def test_times_are_read_beside_what_was_written(any_database: str) -> None:
    incident = save(FOUNDING, name=FOUNDING_NAME)

    with db.reading():
        section = queries.by_slug(incident.slug, SYSTEM).sections[1]
        assert [entry.written for entry in section.entries] == ["2018-01-25 14:30", "15:30", "16:11", "16:35"]
        assert section.role == "timeline"
        assert section.entries[1].at == datetime(2018, 1, 25, 15, 30)  # noqa: DTZ001
        assert section.entries[1].instant == datetime(2018, 1, 25, 23, 30, tzinfo=UTC)
        assert section.entries[1].precision == "minute"


def test_an_item_keeps_its_row_when_it_moves_to_another_section(any_database: str) -> None:
    incident = save(FOUNDING)
    before = {item.number: item.id for item in incident.items}
    document = stored(incident.slug)
    last = document.sections[2]
    moved = replace(
        document,
        sections=(
            Section("Later", (Category("Upstream"), last.blocks[3])),
            replace(last, blocks=(last.blocks[0], last.blocks[2], last.blocks[1])),
        ),
    )

    after = save(moved, incident.slug)

    assert {item.number: item.id for item in after.items} == before
    assert stored(incident.slug) == moved


@pytest.mark.parametrize(
    "title, stated, name, day",
    [
        ("Outage", date(2020, 5, 4), "", date(2020, 5, 4)),
        ("Outage", None, "2019-02-28-outage.md", date(2019, 2, 28)),
        ("Outage", None, "", date(2026, 3, 2)),
    ],
)
def test_an_incident_is_dated_by_what_states_a_date_and_else_by_its_first_save(
    database: str, clock: object, title: str, stated: date | None, name: str, day: date
) -> None:
    incident = save(Document(title=title, date=stated), name=name)

    assert (incident.date, incident.occurred_on) == (stated, day)
