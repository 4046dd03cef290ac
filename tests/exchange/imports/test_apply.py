"""Old reports that come in are told to nobody as news; young ones are, and so is what old ones change."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.exchange.imports import import_file
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.imports.normalise import ImportDefaults
from postmortems.exchange.models import Source
from tests.conftest import Clock
from tests.statements import counted

ADA = Actor("person", "ada", role="author", user_id=1)
ITEMS = "## Action items\n\n- Order disks in time\n"


def bring(name: str, text: str) -> str:
    return import_file.bring(ImportFile(name, text.encode()), ImportDefaults(), actor=ADA).result


def news() -> set[str]:
    """What those who want to know of it would be told."""
    with db.reading() as session:
        return set(session.scalars(select(Event.verb).where(Event.is_told.is_(False))))


def on_record() -> set[str]:
    with db.reading() as session:
        return set(session.scalars(select(Event.verb)))


@pytest.mark.parametrize(
    "name, text, is_news",
    [
        ("report.md", f"---\ndate: 2018-01-25\n---\n# Old\n\n{ITEMS}", False),
        ("2018-01-25-old.md", f"# Old\n\n{ITEMS}", False),
        ("report.md", f"# Undated\n\n{ITEMS}", False),
        ("2026-01-30-old.md", f"# A month ago\n\n{ITEMS}", False),
        ("2026-01-31-new.md", f"# Not a month ago\n\n{ITEMS}", True),
        ("2026-03-02-new.md", f"# Today\n\n{ITEMS}", True),
        ("2026-03-03-new.md", f"# Tomorrow, where they are\n\n{ITEMS}", True),
    ],
)
def test_a_report_is_news_for_a_month(
    any_database: str, clock: Clock, name: str, text: str, is_news: bool
) -> None:
    assert bring(name, text) == "new"

    assert {"incident.created", "incident.published", "import.done"} <= on_record()
    assert ("incident.published" in news()) == is_news
    assert bool(news()) == is_news


def test_an_old_report_that_was_edited_is_news(database: str, clock: Clock) -> None:
    bring("2018-01-25-old.md", f"# Old\n\n{ITEMS}")

    assert bring("2018-01-25-old.md", f"# Old\n\n{ITEMS}- Buy bigger ones\n") == "changed"

    assert "incident.saved" in news()


def test_what_is_told_of_other_incidents_stays_news(database: str, clock: Clock) -> None:
    bring("2026-03-01-young.md", f"# Young\n\n{ITEMS}")
    before = news()

    bring("2018-01-25-old.md", f"# Old\n\n{ITEMS}")

    assert news() == before


def test_only_what_is_named_is_told_to_nobody_and_only_from_then_on(any_database: str, clock: Clock) -> None:
    seen = [("item", "AI-1"), ("incident", "AI-1"), ("item", "AI-11"), ("import", "a b"), ("incident", "a b")]
    with db.transaction():
        audit.record(ADA, "item.before", "item", "AI-1")
        since = audit.newest()
        for kind, name in seen:
            audit.record(ADA, f"{kind}.seen", kind, name)
        audit.tell_nobody([("item", "AI-1"), ("import", "a b")], since=since)

    with db.reading() as session:
        told = session.execute(
            select(Event.verb, Event.subject).where(Event.is_told.is_(False)).order_by(Event.id)
        ).all()
    assert [tuple(row) for row in told] == [
        ("item.before", "AI-1"),
        ("incident.seen", "AI-1"),
        ("item.seen", "AI-11"),
        ("incident.seen", "a b"),
    ]


# Where a file may be known from, and what is kept of it.
KNOWN_FROM = (
    "events", "sources", "attachment_uses", "incident_warnings", "item_blockers", "awaited_blockers"
)  # fmt: skip


def test_a_new_file_is_known_to_be_new_by_the_keys_alone(any_database: str, clock: Clock) -> None:
    """No row is read as an object that is not there, and what is stored need not be looked up again."""
    bring("2018-01-25-first.md", f"# First\n\n{ITEMS}")

    with counted() as statements:
        assert bring("2018-01-26-second.md", f"# Second\n\n{ITEMS}") == "new"

    asked = [" ".join(one.split()) for one in statements if one.startswith("SELECT")]
    found = sorted(
        one.partition(" FROM ")[::2] for one in asked if one.partition(" FROM ")[2].startswith(KNOWN_FROM)
    )
    assert len([one for one in statements if one.startswith("UPDATE events")]) == 1
    assert [(columns, rest.split()[0]) for columns, rest in found] == [
        ("SELECT attachment_uses.link", "attachment_uses"),
        ("SELECT events.id", "events"),
        ("SELECT max(events.id) AS id", "events"),
    ]


def test_the_file_that_comes_again_keeps_its_row_and_says_what_it_says_now(any_database: str) -> None:
    bring("report.md", f"# One\n\n{ITEMS}")
    before = kept()

    assert bring("report.md", f"# One\n\n{ITEMS}") == "same"
    assert kept() == before

    assert bring("report.md", f"# One\n\n{ITEMS}- Another\n") == "changed"
    assert [(name, content.endswith(b"- Another\n"), version) for name, content, version in kept()] == [
        ("report.md", True, 2)
    ]


def kept() -> list[tuple[str, bytes, int]]:
    """The files of all incidents, and the version that each of them is."""
    with db.reading() as session:
        rows = session.execute(select(Source.name, Source.content, Source.version))
        return [(row.name, row.content, row.version) for row in rows]
