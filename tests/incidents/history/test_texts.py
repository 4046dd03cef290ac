"""A thousand versions of one incident are small, quick to list, and all of them can be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from postmortems import clock
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Prose, Section
from postmortems.incidents import queries
from postmortems.incidents.history import queries as history
from postmortems.incidents.history import revisions, texts
from postmortems.incidents.models import Incident, Revision
from tests.incidents.documents import FOUNDING, SYSTEM, save
from tests.statements import counted

VERSIONS = 1_000
WORDS = "Nobody could log in, because the disk that keeps the sessions had no room left. "


def document(version: int) -> Document:
    """A report of thirty sections, one of which each save goes on writing."""
    sections = [
        Section(
            f"Part {n}", (Prose(f"{WORDS * 6}{n}. {' '.join(f'edit{v}' for v in range(n, version, 30))}"),)
        )
        for n in range(30)
    ]
    return Document(title="It broke", sections=tuple(sections))


def add_versions(slug: str, count: int) -> None:
    """Save again and again, as far as history is concerned: the rows between would only cost time."""
    with db.transaction():
        incident = session().scalars(select(Incident).where(Incident.slug == slug)).one()
        before = document(incident.version)
        for _ in range(count):
            after = document(incident.version + 1)
            incident.saved_at = clock.now() + timedelta(seconds=incident.version)
            revisions.add(incident, before, after, at=incident.saved_at, author="ada", message="")
            before = after


def stored(slug: str) -> tuple[int, int]:
    """What the texts of all versions take, and what they would whole."""
    with db.reading():
        incident = session().scalars(select(Incident).where(Incident.slug == slug)).one()
        room = func.length(Revision.text) + func.coalesce(func.length(Revision.packed), 0)
        taken = session().scalar(select(func.sum(room)).where(Revision.incident_id == incident.id))
        told = texts.of(incident.id, range(1, incident.version + 1))
    for version, text in told.items():
        assert text == parser.write(document(version)), version
    return int(taken or 0), sum(map(len, told.values()))


@pytest.mark.usefixtures("database")
def test_a_thousand_versions_take_a_fiftieth_of_their_texts() -> None:
    slug = save(document(1)).slug
    add_versions(slug, VERSIONS - 1)

    taken, whole = stored(slug)

    assert taken * 50 < whole
    with db.reading(), counted() as statements:
        incident = queries.by_slug(slug, SYSTEM)
        before = len(statements)
        listed = history.versions(incident, 500, 50)
        assert len(statements) - before == 1
        before = len(statements)
        old = queries.revision(incident, 400)
        assert len(statements) - before <= 3
    assert [each.version for each in listed] == list(range(499, 449, -1))
    assert old.text == parser.write(document(400))


@pytest.mark.usefixtures("any_database")
def test_every_version_comes_back_on_both_databases() -> None:
    slug = save(document(1)).slug
    add_versions(slug, 40)

    taken, whole = stored(slug)

    assert taken * 10 < whole


@pytest.mark.usefixtures("database")
def test_a_save_asks_the_database_no_more_often_the_more_versions_there_are() -> None:
    slug = save(FOUNDING).slug
    asked = []
    for number in range(12):
        with counted() as statements:
            save(Document(title=f"It broke {number}", sections=FOUNDING.sections[:1]), slug)
        asked.append(len(statements))

    assert asked[2] == asked[-1]
