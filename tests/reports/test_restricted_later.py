"""A kept month has no word of an incident: one that is restricted later shows in its figures alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from postmortems import visibility
from postmortems.db import session as db
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.notify.monthly import letters
from postmortems.reports.monthly import operations as monthly
from postmortems.reports.monthly.month import Month
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World

OCTOBER = Month(date(2026, 10, 1))
# Words that stand in this incident alone; a severity, a team's name or a guard's is not its own.
WORDS = ("Mangrove", "heron", "kestrel", "osprey", "plover", "sandpiper", "turnstone")
REPORT = Document(
    title="Mangrove",
    date=date(2026, 10, 5),
    severity="SEV1",
    tags=("heron",),
    sections=(
        Section("Summary", (Prose("A kestrel sat on it."),)),
        Section("Timeline", (Entry("2026-10-05 10:00", "osprey", kind="trigger"),)),
        Section(
            "Action items",
            (
                Item("Net the plover.", owner="sandpiper", kind="process", due=date(2026, 10, 20)),
                Item("Count.", team="turnstone", kind="process", status="done"),
            ),
        ),
    ),
)


@pytest.fixture
def kept(clock: Clock, world: World) -> World:
    """October is kept, and its only incident is restricted to ada afterwards."""
    clock.set(datetime(2026, 10, 12, 9, tzinfo=UTC))
    slug = save(REPORT, actor=world.ada).slug
    clock.set(datetime(2026, 11, 2, 9, tzinfo=UTC))
    with db.transaction():
        monthly.keep(OCTOBER, clock.now())
    save(replace(REPORT, restricted=("ada",)), slug, actor=world.ada)
    return world


@pytest.mark.parametrize("name", ["cy", "ada"])
@pytest.mark.parametrize("form", ["json", "csv", "markdown"])
def test_no_form_of_it_has_a_word_of_the_incident(kept: World, form: str, name: str) -> None:
    browser = kept.browser(name)

    text = browser.get(f"/api/v1/reports/monthly?month=2026-10&format={form}").text
    page = browser.get("/reports/monthly?month=2026-10").text

    assert [word for word in WORDS if word.lower() in (text + page).lower()] == []


def test_its_figures_stay_as_they_were(kept: World) -> None:
    told = kept.browser("cy").get("/api/v1/reports/monthly?month=2026-10").json
    figures = {one["name"]: one["value"] for part in told["parts"] for one in part["figures"]}

    assert (figures["opened"], figures["incidents"]) == (2, 1)
    assert "an incident that is restricted since is still counted" in " ".join(told["notes"])


def test_nor_has_what_people_and_chats_are_told_of_it(kept: World) -> None:
    with db.reading(), visibility.seen_by(visibility.NOBODY):
        told = letters.notice("2026-10", "https://example.org")

    assert [word for word in WORDS if word.lower() in str(told).lower()] == []


def test_the_lists_behind_its_figures_are_what_the_reader_may_see(kept: World) -> None:
    for name, is_there in (("cy", False), ("ada", True)):
        page = kept.browser(name).get("/incidents?occurred_from=2026-10-01&occurred_before=2026-11-01").text
        assert ("Mangrove" in page) is is_there
