"""A changed policy dates items anew: what it shows before, does, and takes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from postmortems import visibility
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict
from postmortems.followup.policies import exceptions, operations, queries, redate_plan, redates
from postmortems.followup.policies.models import RedateLine
from postmortems.followup.policies.operations import PolicyValues
from postmortems.followup.policies.redate_plan import Preview
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import rows
from postmortems.incidents.items import edit_sizes
from postmortems.incidents.models import ActionItem, Incident
from postmortems.jobs import batches
from postmortems.worker import PERIODIC_JOBS
from tests.conftest import Clock
from tests.world import World

TWO_WEEKS = PolicyValues(severity="SEV2", complete_days=14, assign_days=1)
A_WEEK = replace(TWO_WEEKS, complete_days=7)
GIVEN, NEW = date(2026, 3, 16), date(2026, 3, 9)


@pytest.fixture
def policy(any_database: str, world: World, clock: Clock) -> int:
    with db.transaction():
        return operations.create(TWO_WEEKS, actor=world.ben).id


def save(world: World, *items: Item, **front: Any) -> Incident:
    sections = (Section("Action items", items),)
    document = Document(**{"title": "It broke", "severity": "SEV2", "sections": sections, **front})
    with db.transaction():
        return save_incident.save(None, document, version=None, actor=world.ada)


def edit(world: World, ref: str, **changes: Any) -> None:
    with db.transaction():
        save_incident.edit_item(ref, changes, actor=world.ada)


def dues(incident: Incident) -> list[date | None]:
    with db.reading():
        return [item.due for item in rows.to_document(incident).items]


def look(world: World, number: int | None, values: PolicyValues, **options: Any) -> Preview:
    with db.reading():
        return redates.preview(number, values, actor=world.ben, **{"with_undated": False, **options})


def redate(world: World, number: int | None, values: PolicyValues, **options: Any) -> int:
    with db.transaction():
        given = {"version": None, "with_undated": False, "actor": world.ben} | options
        return redates.save(number, values, **given).id


def undo(world: World, number: int) -> None:
    with db.transaction():
        redates.undo(number, actor=world.ben)


def counts(number: int) -> tuple[str, dict[str, int]]:
    with db.reading():
        run = redates.named(number)
        return run.state, redates.counts(run)


def test_dates_that_the_policy_gave_move_and_come_back(world: World, policy: int) -> None:
    saved = save(world, Item("One"), Item("Two"))

    run = redate(world, policy, A_WEEK)
    assert (dues(saved), counts(run)) == ([NEW, NEW], ("done", {"done": 2}))
    with db.reading():
        kept = queries.deadline_of(1)
        assert kept is not None
        assert (kept.due, kept.assign_by) == (NEW, date(2026, 3, 3))

    undo(world, run)
    assert (dues(saved), counts(run)) == ([GIVEN, GIVEN], ("undone", {"undone": 2}))
    with db.reading():
        assert queries.named(policy).complete_days == 14
        assert getattr(queries.deadline_of(1), "due", None) == GIVEN


def test_a_preview_says_what_then_happens_and_changes_nothing(world: World, policy: int) -> None:
    saved = save(world, Item("One"), Item("Two", due=date(2026, 4, 1)), Item("Three", status="proposed"))

    found = look(world, policy, A_WEEK)

    assert dict(found.counts) == {"moved": 1, "by_hand": 1}
    assert [(row.number, row.old_due, row.new_due) for row in found.rows] == [(1, GIVEN, NEW)]
    assert dues(saved) == [GIVEN, date(2026, 4, 1), None]
    redate(world, policy, A_WEEK)
    assert dues(saved) == [NEW, date(2026, 4, 1), None]


def test_a_preview_counts_new_dates_that_are_past(world: World, policy: int, clock: Clock) -> None:
    save(world, Item("One"))
    clock.advance(days=12)

    assert look(world, policy, A_WEEK).late == 1


def test_items_without_a_date_get_one_from_now_where_it_is_asked(
    world: World, policy: int, clock: Clock
) -> None:
    saved = save(world, Item("One"))
    edit(world, "AI-1", due=None)
    clock.advance(days=30)

    assert dict(look(world, policy, A_WEEK).counts) == {"undated": 1}
    run = redate(world, policy, A_WEEK, with_undated=True)
    assert dues(saved) == [date(2026, 4, 8)]
    undo(world, run)
    assert dues(saved) == [None]


def test_another_policy_that_is_more_specific_keeps_its_items(world: World, policy: int) -> None:
    with db.transaction():
        operations.create(PolicyValues(severity="SEV2", priority="P1", complete_days=2), actor=world.ben)
    saved = save(world, Item("One"), Item("Two", priority="P1"))

    redate(world, policy, A_WEEK)

    assert dues(saved) == [NEW, date(2026, 3, 4)]


def test_what_a_policy_no_longer_fits_goes_to_the_one_that_does(world: World, policy: int) -> None:
    with db.transaction():
        operations.create(PolicyValues(complete_days=30), actor=world.ben)
    saved = save(world, Item("One"))

    redate(world, policy, replace(TWO_WEEKS, severity="SEV1"))

    assert dues(saved) == [date(2026, 4, 1)]


def test_a_new_policy_takes_over_the_items_that_it_fits_best(world: World, policy: int) -> None:
    saved = save(world, Item("One", priority="P0"), Item("Two"))

    run = redate(world, None, PolicyValues(priority="P0", severity="SEV2", complete_days=3))

    assert dues(saved) == [date(2026, 3, 5), GIVEN]
    undo(world, run)
    assert dues(saved) == [GIVEN, GIVEN]


def test_only_the_day_to_assign_may_move(world: World, policy: int) -> None:
    saved = save(world, Item("One"))

    redate(world, policy, replace(TWO_WEEKS, assign_days=3))

    assert dues(saved) == [GIVEN]
    with db.reading():
        assert getattr(queries.deadline_of(1), "assign_by", None) == date(2026, 3, 5)
        assert session_version(saved) == 1


def session_version(incident: Incident) -> int:
    return db.session().get_one(Incident, incident.id).version


def test_a_date_that_was_changed_since_stays_when_it_is_undone(world: World, policy: int) -> None:
    saved = save(world, Item("One"), Item("Two"))
    run = redate(world, policy, A_WEEK)
    edit(world, "AI-2", due=date(2026, 5, 5))

    undo(world, run)

    assert (dues(saved), counts(run)) == ([GIVEN, date(2026, 5, 5)], ("undone", {"undone": 1, "kept": 1}))


def test_it_is_undone_once(world: World, policy: int) -> None:
    save(world, Item("One"))
    run = redate(world, policy, A_WEEK)
    undo(world, run)

    with pytest.raises(Conflict, match="was undone before"):
        undo(world, run)


def test_items_of_restricted_incidents_are_left_to_those_they_name(world: World, policy: int) -> None:
    saved = save(world, Item("One"), restricted=("ada",))

    with visibility.seen_by(visibility.Viewer("ben")):
        assert look(world, policy, A_WEEK).looked_at == 0
        redate(world, policy, A_WEEK)

    assert dues(saved) == [GIVEN]


@pytest.fixture
def of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two items are as many as one unit of work holds."""
    for module in (redates, redate_plan):
        monkeypatch.setattr(module, "AT_ONCE", 2)


def decided(number: int) -> int:
    """How many items it was decided about so far."""
    with db.reading():
        lines = select(func.count()).select_from(RedateLine).where(RedateLine.redate_id == number)
        return session().scalar(lines) or 0


@pytest.mark.usefixtures("of_two")
def test_more_than_are_dated_at_once_are_dated_by_the_job(world: World, policy: int) -> None:
    """The worker goes on slice by slice, and so does undoing; meanwhile the policy is not changed again."""
    saved = save(world, *(Item(f"Do {number}") for number in range(5)))

    run = redate(world, policy, A_WEEK)
    assert counts(run) == ("running", {"done": 2})
    with pytest.raises(Conflict, match="still dating"):
        redate(world, policy, TWO_WEEKS)
    assert redates.work()
    assert counts(run) == ("running", {"done": 2, "": 2})
    assert redates.work()
    assert counts(run) == ("running", {"done": 4})
    redates.work_all()
    assert (dues(saved), counts(run)) == ([NEW] * 5, ("done", {"done": 5}))

    undo(world, run)
    redates.work_all()
    assert (dues(saved), counts(run)) == ([GIVEN] * 5, ("undone", {"undone": 5}))


@pytest.mark.usefixtures("of_two")
def test_the_job_gives_back_its_turn_long_before_its_lease_ends(
    world: World, policy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PERIODIC_JOBS["redates"].lease > 2 * redates.TURN
    monkeypatch.setattr(redates, "TURN", timedelta())
    save(world, *(Item(f"Do {number}") for number in range(5)))
    run = redate(world, policy, A_WEEK)

    redates.work_all()

    assert counts(run) == ("running", {"done": 2, "": 2})


@pytest.mark.usefixtures("of_two")
def test_no_unit_of_work_decides_about_more_than_it_dates(world: World, policy: int) -> None:
    """A policy over very many items must not hold the one writer of SQLite while it is decided about all."""
    closed = [Item(f"Not {number}", status="wont_do", reason="no") for number in range(3)]
    save(world, Item("One"), *closed, *(Item(f"Do {number}") for number in range(6)))

    run = redate(world, policy, A_WEEK)
    seen = [(decided(run), counts(run)[1]["done"], percent(run))]
    while redates.work():
        seen.append((decided(run), counts(run)[1]["done"], percent(run)))

    # It decides, and dates what it decided, by turns.
    turns = [(2, 2, 50), (4, 2, 70), (4, 4, 70), (6, 4, 90), (6, 6, 90), (7, 6, 100), (7, 7, 100)]
    assert seen == turns


def test_a_unit_of_work_looks_through_few_pages_without_any_item_for_it(
    world: World, policy: int, of_two: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redate_plan, "MOST_PAGES", 2)
    save(world, *(Item(f"Not {number}", status="wont_do", reason="no") for number in range(7)), Item("One"))

    run = redate(world, policy, A_WEEK)
    assert (counts(run), percent(run)) == (("running", {}), 50)
    redates.work_all()

    assert (counts(run), percent(run)) == (("done", {"done": 1}), 100)


def percent(number: int) -> int:
    with db.reading():
        return redates.named(number).percent


@pytest.mark.usefixtures("of_two")
def test_the_job_decides_with_the_eyes_of_who_saved(world: World, policy: int) -> None:
    first = save(world, Item("One"), Item("Two"))
    restricted = save(world, Item("Three"), restricted=("ada",))
    last = save(world, Item("Four"))

    with visibility.seen_by(visibility.Viewer("ben")):
        run = redate(world, policy, A_WEEK)
    assert counts(run) == ("running", {"done": 2})
    redates.work_all()

    assert (dues(first), dues(restricted), dues(last)) == ([NEW] * 2, [GIVEN], [NEW])
    assert counts(run) == ("done", {"done": 3})


@pytest.mark.usefixtures("of_two")
def test_what_is_saved_of_the_policy_meanwhile_is_for_others(world: World, policy: int) -> None:
    saved = save(world, *(Item(f"Do {number}") for number in range(4)))
    redate(world, policy, A_WEEK)
    with db.transaction():
        operations.change(policy, replace(A_WEEK, complete_days=3), version=None, actor=world.ben)

    redates.work_all()

    assert dues(saved) == [NEW] * 4


@pytest.mark.usefixtures("of_two")
def test_a_policy_that_is_deleted_meanwhile_dates_no_more_items(world: World, policy: int) -> None:
    saved = save(world, *(Item(f"Do {number}") for number in range(4)))
    run = redate(world, policy, A_WEEK)
    with db.transaction():
        operations.delete(policy, actor=world.ben)

    redates.work_all()
    assert (dues(saved), counts(run)) == ([NEW, NEW, GIVEN, GIVEN], ("done", {"done": 2}))
    undo(world, run)
    assert dues(saved) == [GIVEN] * 4


@pytest.mark.usefixtures("of_two")
def test_items_without_a_date_count_from_when_it_was_saved_whenever_the_job_comes(
    world: World, policy: int, clock: Clock
) -> None:
    saved = save(world, *(Item(f"Do {number}") for number in range(3)))
    for number in range(3):
        edit(world, f"AI-{number + 1}", due=None)

    redate(world, policy, A_WEEK, with_undated=True)
    clock.advance(days=5)
    redates.work_all()

    assert dues(saved) == [NEW] * 3


def test_items_are_found_page_by_page_also_behind_pages_without_any(
    world: World, policy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postmortems.followup.policies.redate_plan.AT_ONCE", 2)
    closed = [Item(f"Not {number}", status="wont_do", reason="no") for number in range(5)]
    save(world, Item("One"), *closed, Item("Two"), *closed)

    assert look(world, policy, A_WEEK).counts == {"moved": 2}


def test_a_page_of_items_is_found_by_key_and_not_among_all_that_are_open(policy: int) -> None:
    """By an index of the status each page would be looked for among all open items."""
    with db.reading():
        asked = redate_plan._candidates(queries.named(policy)).where(
            ActionItem.id > 0, ActionItem.id <= 1_000
        )
        dialect = db.engine().dialect
        plan = str(asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        explain = "EXPLAIN QUERY PLAN" if dialect.name == "sqlite" else "EXPLAIN"
        steps = [str(row) for row in session().connection().exec_driver_sql(f"{explain} {plan}")]

    assert not [step for step in steps if "status_due" in step]


def test_a_preview_of_very_many_says_that_it_looked_at_the_first(
    world: World, policy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postmortems.followup.policies.redate_plan.MOST_LOOKED_AT", 3)
    save(world, *(Item(f"Do {number}") for number in range(5)))

    found = look(world, policy, A_WEEK)

    assert (found.looked_at, found.is_whole) == (3, False)


def test_what_ended_long_ago_is_forgotten_and_the_dates_stay(world: World, policy: int, clock: Clock) -> None:
    saved = save(world, Item("One"))
    redate(world, policy, A_WEEK)
    clock.advance(days=89)
    redates.forget(clock.now())
    with db.reading():
        assert len(redates.latest()) == 1
    clock.advance(days=2)

    redates.forget(clock.now())

    with db.reading():
        assert redates.latest() == []
    assert dues(saved) == [NEW]


def test_items_of_long_incidents_are_dated_anew_some_at_a_time(
    world: World, policy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edit_sizes, "TOGETHER", 3)
    saved = [save(world, Item("One"), Item("Two")) for _ in range(3)]
    run = redate(world, policy, A_WEEK)
    begun = counts(run)
    redates.work_all()

    assert begun == ("running", {"done": 2, "": 4})
    assert counts(run) == ("done", {"done": 6})
    assert [dues(each) for each in saved] == [[NEW, NEW]] * 3
    undo(world, run)
    redates.work_all()
    assert counts(run) == ("undone", {"undone": 6})
    assert [dues(each) for each in saved] == [[GIVEN, GIVEN]] * 3


def test_what_ended_long_ago_is_forgotten_some_lines_at_a_time(
    world: World, policy: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    monkeypatch.setattr(batches, "BATCHES", 2)
    save(world, *(Item(f"Do {number}") for number in range(5)))
    redate(world, policy, A_WEEK)
    other = redate(world, None, replace(A_WEEK, severity="SEV1"))
    clock.advance(days=91)
    left = []
    for _ in range(2):
        redates.forget(clock.now())
        with db.reading():
            lines = session().scalar(select(func.count()).select_from(RedateLine))
            left.append((lines, [run.id for run in redates.latest()]))

    # One turn takes two batches of two lines each; what has lines left stays.
    assert left == [(1, [other - 1]), (0, [])]


def test_what_ended_long_ago_is_undone_by_nobody_though_it_is_still_there(
    world: World, policy: int, clock: Clock
) -> None:
    saved = save(world, Item("One"))
    run = redate(world, policy, A_WEEK)
    clock.advance(days=91)

    with pytest.raises(Conflict, match="more than 90 days ago"):
        undo(world, run)

    assert dues(saved) == [NEW]


def test_undo_leaves_a_policy_alone_that_somebody_changed_since(world: World, policy: int) -> None:
    saved = save(world, Item("One"))
    run = redate(world, policy, A_WEEK)
    with db.transaction():
        operations.change(policy, replace(A_WEEK, complete_days=5), version=None, actor=world.ben)

    undo(world, run)

    assert dues(saved) == [GIVEN]
    with db.reading():
        assert queries.named(policy).complete_days == 5


def test_undo_works_when_the_policy_is_gone(world: World, policy: int) -> None:
    saved = save(world, Item("One"))
    run = redate(world, policy, A_WEEK)
    with db.transaction():
        operations.delete(policy, actor=world.ben)

    undo(world, run)

    assert dues(saved) == [GIVEN]


def test_an_exception_to_no_policy_leaves_nothing_behind(world: World, policy: int) -> None:
    """An item of a file was dated by nobody: it is excepted, and that ends, as if no policy were there."""
    with db.transaction():
        document = Document(title="Old", severity="SEV2", sections=(Section("Items", (Item("One"),)),))
        saved = save_incident.save(None, document, version=None, actor=world.ada, name="old.md")
        granted = {"due": date(2026, 6, 1), "until": date(2026, 6, 30)}
        exceptions.grant("AI-1", **granted, reason="Vendor", actor=world.ada)
    redate(world, policy, replace(TWO_WEEKS, assign_days=3))
    with db.transaction():
        exceptions.end("AI-1", actor=world.ada)

    assert dues(saved) == [date(2026, 6, 1)]
    assert dict(look(world, policy, A_WEEK).counts) == {"by_hand": 1}
    with db.reading():
        assert queries.deadline_of(1) is None


def test_counts_are_of_items_whose_date_changed(world: World, policy: int) -> None:
    save(world, Item("One"), Item("Two", due=date(2026, 4, 1)))

    run = redate(world, policy, replace(A_WEEK, assign_days=3))

    assert counts(run) == ("done", {"done": 1})
