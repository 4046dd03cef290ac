"""Public reports: written, approved by a second person, published, and taken away when they must be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from postmortems import visibility
from postmortems.accounts import operations as accounts
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from postmortems.incidents import operations as incident_operations
from postmortems.incidents.public_reports import operations, queries
from postmortems.incidents.public_reports.rules import PublicSection, PublicText
from postmortems.visibility import Viewer
from tests import world as worlds
from tests.incidents.public_reports.written import EVE, PLACE, PUBLIC, Reported
from tests.world import World


@pytest.fixture
def world(any_database: str) -> World:
    return worlds.build()


@pytest.fixture
def reported(world: World) -> Reported:
    return Reported(world)


def public() -> list[str]:
    with db.reading():
        return [row.slug for row in queries.public_reports()]


def verbs() -> list[str]:
    with db.reading(), visibility.seen_by(visibility.EVERYTHING):
        found = [event.verb for event in session().query(Event).order_by(Event.id)]
    return [verb.removeprefix("public_report.") for verb in found if verb.startswith("public_report.")]


def test_it_is_written_asked_for_approved_and_published(reported: Reported) -> None:
    states = []
    for act in (reported.save, reported.ask, reported.approve, reported.publish):
        act()
        states.append(reported.standing().state)
    with db.reading():
        row = queries.public_report("2026-03-04-mail-was-late")

    assert states == ["draft", "waiting", "approved", "published"]
    assert verbs() == ["saved", "approval_requested", "approved", "published"]
    assert row.edition["title"] == "Mail was late"
    assert row.edition["sections"][0]["text"] == "‹name› saw that the disk was full, at ‹host›."


def test_who_wrote_or_asked_does_not_approve(reported: Reported, world: World) -> None:
    reported.save(actor=world.ada)
    reported.save(replace(PUBLIC, summary="Mail was an hour late."), actor=world.ben)
    reported.ask(EVE)

    for actor in (world.ada, world.ben, EVE, replace(world.ada, name="ADA"), world.system):
        with pytest.raises(NotAllowed):
            reported.approve(actor)
    with pytest.raises(NotAllowed):
        reported.approve(world.cy)
    reported.approve(replace(EVE, name="fay"))
    assert reported.standing().report.approved_by == "fay"


def test_an_approval_is_of_exactly_what_was_looked_at(reported: Reported) -> None:
    reported.save()
    reported.ask()
    with pytest.raises(Conflict):
        reported.approve(digest="0" * 64)
    reported.approve()
    reported.save(replace(PUBLIC, summary="An hour without mail."))

    assert reported.standing().state == "draft"
    with pytest.raises(Conflict, match="nobody has approved"):
        reported.publish()


def test_a_new_name_is_found_before_it_is_published(reported: Reported, world: World) -> None:
    reported.save(replace(PUBLIC, title="Mail was late for Sirius"))
    reported.ask()
    reported.approve()
    with db.transaction():
        accounts.add_user("sirius", "viewer", actor=world.ben)

    with pytest.raises(Conflict, match="something else"):
        reported.publish()
    assert reported.standing().shown.text.title == "Mail was late for ‹name›"


def test_later_edits_show_in_house_and_not_outside(reported: Reported) -> None:
    slug = reported.published()
    reported.change(title="The disk was full")
    reported.save(replace(PUBLIC, summary="Two hours without mail."))

    standing = reported.standing()
    assert (standing.state, standing.has_text_changed, standing.has_incident_changed) == ("draft", True, True)
    with db.reading():
        assert queries.public_report(slug).edition["summary"] == "No mail for an hour."
    reported.ask()
    reported.approve()
    reported.publish()
    with db.reading():
        assert queries.public_report(slug).edition["summary"] == "Two hours without mail."
    standing = reported.standing()
    assert (standing.state, standing.has_text_changed, standing.has_incident_changed) == (
        "published",
        False,
        False,
    )


@pytest.mark.parametrize(
    "fields, because",
    [({"restricted": ("ada", "ben")}, "restricted"), ({"status": "draft"}, "re-opened")],
)
def test_what_is_restricted_or_reopened_is_public_no_longer(
    reported: Reported, world: World, fields: dict[str, object], because: str
) -> None:
    reported.published()

    with visibility.seen_by(visibility.EVERYTHING):
        reported.change(**fields)

        assert (public(), verbs()[-1]) == ([], "withdrawn")
        assert because in reported.standing().report.withdrawn_because
    with visibility.seen_by(Viewer("ben")), pytest.raises((Conflict, NotAllowed)):
        reported.publish(world.ben)


def test_who_restricts_it_and_sees_it_no_longer_takes_it_away_as_well(
    reported: Reported, world: World
) -> None:
    reported.published()
    with visibility.seen_by(visibility.NOBODY):
        reported.change(world.system, restricted=("ada", "ben"))
    with visibility.seen_by(Viewer("ben")):
        reported.change(world.ben, restricted=())

    # Opened again, it is not public again by itself.
    assert (public(), verbs()[-1]) == ([], "withdrawn")


def test_what_is_deleted_is_public_no_longer(reported: Reported, world: World) -> None:
    reported.published()
    with db.transaction():
        incident_operations.delete(reported.slug, actor=world.ben)

    assert (public(), verbs()[-1]) == ([], "withdrawn")


def test_a_restricted_incident_takes_an_admin_for_every_step(reported: Reported, world: World) -> None:
    with db.transaction():
        accounts.add_user("eve", "admin", actor=world.ben)
    reported.change(restricted=("ada", "ben", "eve"))
    with visibility.seen_by(Viewer("ada")):
        for act in (reported.save, reported.ask, reported.publish):
            with pytest.raises(NotAllowed, match="only an admin"):
                act()
    with visibility.seen_by(Viewer("cy")), pytest.raises(NotFound):
        reported.save(actor=EVE)

    second = Actor("person", "eve", role="admin")
    with visibility.seen_by(Viewer("ben")):
        reported.save(actor=world.ben)
        reported.ask(world.ben)
        with pytest.raises(NotAllowed):
            reported.approve(world.ada)
        reported.approve(second)
        reported.publish(world.ben)
    assert public() == ["2026-03-04-mail-was-late"]
    with visibility.seen_by(Viewer("ada")), db.reading():
        assert len(queries.public_reports()) == 1


def test_without_a_name_nothing_is_published(reported: Reported) -> None:
    reported.save()
    reported.ask()
    reported.approve()

    with pytest.raises(Unavailable, match="POSTMORTEMS_PUBLIC_NAME"):
        reported.publish(place=replace(PLACE, name=""))


@pytest.mark.parametrize(
    "text, pointer",
    [
        (PublicText(), "/title"),
        (replace(PUBLIC, title="x" * 201), "/title"),
        (replace(PUBLIC, title="a\nb"), "/title"),
        (replace(PUBLIC, summary="x" * 501), "/summary"),
        (replace(PUBLIC, sections=PUBLIC.sections * 51), "/sections"),
        (replace(PUBLIC, sections=(PublicSection("", "x" * 60_001),)), "/sections"),
        (replace(PUBLIC, sections=(PublicSection("a\nb", ""),)), "/sections/0/heading"),
        (replace(PUBLIC, pictures=("/attachments/AAAAAAAAAAAAAAAAAAAAAA",)), "/pictures/0"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_place(
    reported: Reported, text: PublicText, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        reported.save(text)

    assert [problem.pointer for problem in refused.value.problems] == [pointer]


@pytest.mark.parametrize("text", ["a**d**a did it", ""])
def test_what_spells_a_name_by_marks_or_says_nothing_is_not_asked_for(reported: Reported, text: str) -> None:
    reported.save(replace(PUBLIC, sections=(PublicSection("What", text),)))

    with pytest.raises(Conflict):
        reported.ask()


def test_a_name_in_the_title_is_not_in_the_address_and_a_kept_one_is(reported: Reported) -> None:
    reported.save(replace(PUBLIC, title="Ada filled the disk"))
    assert reported.standing().report.slug == "2026-03-04-filled-the-disk"
    reported.save(replace(PUBLIC, title="Ada filled the disk"), kept=["Ada"])

    standing = reported.standing()
    assert standing.report.slug == "2026-03-04-ada-filled-the-disk"
    assert [(each["text"], each["by"]) for each in standing.report.kept] == [("Ada", "ada")]
    assert standing.shown.text.sections[0].text.startswith("ada saw")


def test_saving_the_same_again_keeps_the_approval(reported: Reported) -> None:
    reported.save()
    reported.ask()
    reported.approve()
    reported.save()

    assert reported.standing().state == "approved"


def test_who_saved_in_between_is_not_overwritten(reported: Reported, world: World) -> None:
    reported.save()
    with db.transaction(), pytest.raises(Conflict, match="version 1"):
        operations.save(reported.slug, PublicText("X"), (), version=0, actor=world.ben, place=PLACE)


def test_it_is_withdrawn_or_deleted_by_hand(reported: Reported, world: World) -> None:
    slug = reported.published()
    with db.transaction():
        operations.withdraw(reported.slug, actor=world.ada)
    assert (public(), reported.standing().state) == ([], "withdrawn")
    with db.transaction(), pytest.raises(Conflict):
        operations.withdraw(reported.slug, actor=world.ada)
    reported.ask()
    reported.approve()
    reported.publish()
    assert public() == [slug]
    with db.transaction():
        operations.discard(reported.slug, actor=world.ada)
    assert (public(), verbs()[-2:]) == ([], ["withdrawn", "deleted"])


def test_two_of_one_title_have_two_addresses(reported: Reported, world: World) -> None:
    other = Reported(world)

    assert reported.published() != other.published()
    with db.reading():
        first, second = queries.public_reports()
        assert [row.slug for row in queries.public_reports(after=first.slug)] == [second.slug]
        assert queries.public_reports(after="no-such-report") == []
