"""Tickets in step with their items: created once, changed on either side or both, and out of reach."""

from __future__ import annotations

from datetime import date

import pytest

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.db import session as db
from postmortems.errors import Conflict
from postmortems.incidents.models import Admitted
from postmortems.tickets import exchange, links, queries, trackers
from tests.conftest import Clock
from tests.runtimes import LOCAL, VAULT
from tests.tickets.conftest import Desks, poll, work

EVERY = pytest.mark.parametrize("there", ["github", "gitlab", "jira", "linear"], indirect=True)


@EVERY
def test_an_item_gets_a_ticket_that_says_the_same(desks: Desks) -> None:
    desks.item(owner="ada", due=date(2026, 4, 1))

    desks.create()

    row, ticket = desks.there.rows[1], desks.ticket()
    assert (row.title, row.people, row.state) == ("Alert on certificates", ["ada"], "open")
    assert row.due == (None if desks.there.service == "github" else "2026-04-01")
    assert "AI-1" in row.body
    assert (ticket.standing, ticket.key, ticket.trouble) == ("agreed", desks.there.key(row), "")
    assert desks.stored().tickets == [ticket.url]


@EVERY
def test_what_changes_here_is_sent(desks: Desks) -> None:
    desks.item(owner="ada", due=date(2026, 4, 1))
    desks.create()

    desks.edit(text="Alert early", owner="ben", due=date(2026, 5, 1))
    work()

    row = desks.there.rows[1]
    assert (row.title, row.people) == ("Alert early", ["ben"])
    assert row.due == (None if desks.there.service == "github" else "2026-05-01")
    assert desks.ticket().standing == "agreed"


@EVERY
def test_what_changes_there_is_taken_at_the_next_poll(desks: Desks) -> None:
    desks.item(owner="ada", due=date(2026, 4, 1))
    desks.create()

    desks.there.edit(1, title="Alert early", people=["ben"], due="2026-05-01")
    assert poll() == 1

    item = desks.stored()
    assert (item.text, item.owner) == ("Alert early", "ben")
    assert item.due == date(2026, 4 if desks.there.service == "github" else 5, 1)


@EVERY
def test_both_sides_may_change_other_fields(desks: Desks) -> None:
    desks.item(owner="ada")
    desks.create()

    desks.edit(text="Alert early")
    desks.there.edit(1, people=["ben"])
    work()

    assert desks.there.rows[1].title == "Alert early"
    assert desks.stored().owner == "ben"
    assert desks.ticket().standing == "agreed"


def test_a_field_that_both_change_waits_for_somebody(desks: Desks) -> None:
    desks.item()
    desks.create()

    desks.edit(text="Alert early")
    desks.there.edit(1, title="Alert late")
    work()

    assert (desks.there.rows[1].title, desks.stored().text) == ("Alert late", "Alert early")
    assert desks.ticket().standing == "disputed"


@pytest.mark.parametrize(
    "choice, ours, theirs",
    [
        ("ours", "Alert early", "Alert early"),
        ("theirs", "Alert late", "Alert late"),
        ("apart", "Alert early", "Alert late"),
    ],
)
def test_a_press_decides_what_both_changed(desks: Desks, choice: str, ours: str, theirs: str) -> None:
    desks.item()
    desks.create()
    desks.edit(text="Alert early")
    desks.there.edit(1, title="Alert late")
    work()

    desks.decide("title", choice)

    assert (desks.stored().text, desks.there.rows[1].title) == (ours, theirs)
    assert desks.ticket().standing == "agreed"


def test_what_was_decided_is_not_asked_again(desks: Desks) -> None:
    desks.item()
    desks.create()
    desks.edit(text="Alert early")
    desks.there.edit(1, title="Alert late")
    work()
    desks.decide("title", "apart")

    desks.there.edit(1, people=["ada"])
    poll()

    assert (desks.ticket().standing, desks.stored().owner) == ("agreed", "ada")
    assert desks.there.rows[1].title == "Alert late"


@EVERY
def test_a_closed_ticket_does_not_make_an_enforceable_item_done(desks: Desks) -> None:
    desks.item(kind="process", guardability="enforceable")
    desks.create()

    desks.there.edit(1, state="done", closed_by="ben")
    poll()

    assert (desks.stored().status, desks.ticket().standing) == ("open", "unproven")


def test_nobody_closes_their_own_item_by_its_ticket(desks: Desks) -> None:
    desks.item(owner="ada")
    desks.create()

    desks.there.edit(1, state="done", closed_by="ada")
    poll()

    assert (desks.stored().status, desks.ticket().standing) == ("open", "unproven")


@pytest.mark.parametrize("closer", ["", "stranger"])
def test_who_is_not_known_confirms_nothing(desks: Desks, closer: str) -> None:
    desks.item()
    desks.create()

    desks.there.edit(1, state="done", closed_by=closer)
    poll()

    assert (desks.stored().status, desks.ticket().standing) == ("open", "unproven")


def test_somebody_else_who_is_known_confirms_what_people_confirm(desks: Desks) -> None:
    desks.item(owner="ada")
    desks.create()

    desks.there.edit(1, state="done", closed_by="ben")
    poll()

    item = desks.stored()
    assert (item.status, item.closed_by, item.closed_unproven) == ("done", "ben", False)
    assert desks.ticket().standing == "agreed"


def test_what_was_dropped_there_is_not_dropped_here_by_itself(desks: Desks) -> None:
    desks.item()
    desks.create()

    desks.there.edit(1, state="dropped", closed_by="ben")
    poll()
    assert (desks.stored().status, desks.ticket().standing) == ("open", "unproven")

    desks.decide("state", "theirs")
    assert (desks.stored().status, desks.ticket().standing) == ("wont_do", "agreed")
    assert "closed as not planned" in desks.stored().reason


def test_a_press_opens_a_ticket_that_was_closed_without_proof(desks: Desks) -> None:
    desks.item(kind="process", guardability="enforceable")
    desks.create()
    desks.there.edit(1, state="done")
    poll()

    desks.decide("state", "ours")

    assert (desks.there.rows[1].state, desks.ticket().standing) == ("open", "agreed")


@EVERY
def test_an_item_that_is_closed_closes_its_ticket(desks: Desks) -> None:
    desks.item(owner="ada")
    desks.create()

    desks.edit(status="done", actor=desks.world.ben)
    work()
    assert (desks.there.rows[1].state, desks.ticket().standing) == ("done", "agreed")

    desks.edit(status="open")
    work()
    assert (desks.there.rows[1].state, desks.ticket().standing) == ("open", "agreed")


@EVERY
def test_an_issue_that_is_there_is_linked_and_keeps_what_it_says(desks: Desks) -> None:
    desks.item(owner="ada")
    row = desks.there.add("TLS alerts", due="2026-05-01")

    desks.link("1" if desks.there.service in {"github", "gitlab"} else "OPS-1")

    ticket = desks.ticket()
    assert (row.title, desks.stored().text) == ("TLS alerts", "Alert on certificates")
    assert (ticket.standing, ticket.key) == ("agreed", desks.there.key(row))
    # What one side alone says fills the other.
    assert row.people == ["ada"]
    assert desks.stored().due == (None if desks.there.service == "github" else date(2026, 5, 1))


@EVERY
def test_a_creation_whose_answer_was_lost_happens_once(desks: Desks, clock: Clock) -> None:
    desks.item()
    # Linear's team is asked for before.
    lost = (502, {})
    desks.there.does_work = True
    desks.there.answers += [lost] * (2 if desks.there.service == "linear" else 1)

    desks.create()
    for _ in range(4):
        clock.advance(hours=1)
        work()

    assert [row.title for row in desks.there.rows.values()] == ["Alert on certificates"]
    assert (desks.ticket().standing, desks.ticket().trouble) == ("agreed", "")


@EVERY
def test_an_outage_is_waited_for(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.there.answers += [(503, {})] * 3

    desks.create()
    assert desks.ticket().standing == "creating"
    assert "503" in desks.ticket().trouble
    for _ in range(4):
        clock.advance(hours=3)
        work()

    assert len(desks.there.rows) == 1
    assert (desks.ticket().standing, desks.ticket().trouble) == ("agreed", "")


def test_who_asks_to_be_left_alone_is(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.there.answers.append((429, {"Retry-After": "3600"}))
    desks.create()
    asked = len(desks.there.calls)

    clock.advance(minutes=59)
    work()
    assert len(desks.there.calls) == asked

    clock.advance(minutes=2)
    work()
    assert desks.ticket().standing == "agreed"


def test_pressed_twice_one_is_created(desks: Desks) -> None:
    desks.item()
    with db.transaction():
        first = links.create("AI-1", desks.tracker, actor=desks.world.ada).id
        assert links.create("AI-1", desks.tracker, actor=desks.world.ada).id == first
    work()
    desks.create()

    assert len(desks.there.rows) == 1


def test_a_token_without_scope_says_so_and_a_new_one_goes_on(desks: Desks) -> None:
    desks.item()
    desks.there.answers.append((403, {}))
    desks.create()
    assert desks.ticket().trouble == "GitHub answered 403: as the test says"

    with db.transaction():
        trackers.save(
            {"access_token": "x-token-made-for-this-test"},
            actor=desks.world.ben,
            vault=VAULT,
            tracker_id=desks.tracker,
        )
    work()

    assert desks.ticket().standing == "agreed"


def test_an_issue_that_is_gone_is_said_to_be(desks: Desks) -> None:
    desks.item()
    desks.create()
    del desks.there.rows[1]

    desks.edit(text="Alert early")
    work()

    assert desks.ticket().standing == "gone"


def test_who_cannot_be_assigned_there_is_told(desks: Desks) -> None:
    desks.item()
    desks.create()
    desks.there.drops_people = True

    desks.edit(owner="ben")
    work()

    assert desks.ticket().trouble == "github did not take the assignee 'ben'"
    assert desks.stored().owner == "ben"


def test_a_team_as_owner_takes_nobody_off_a_ticket(desks: Desks) -> None:
    desks.item(owner="ada")
    desks.create()

    desks.edit(owner="platform team")
    work()

    assert desks.there.rows[1].people == ["ada"]


def test_a_restricted_incident_is_told_to_nobody(desks: Desks) -> None:
    item = desks.item()
    with db.transaction():
        db.session().add(Admitted(incident_id=item.incident_id, name="ada"))
    told = pytest.raises(Conflict, match="everybody who reads github would read its words")
    with visibility.seen_by(visibility.Viewer("ada")), db.transaction(), told:
        links.create("AI-1", desks.tracker, actor=desks.world.ada)

    assert desks.there.calls == []


def test_what_becomes_restricted_flows_no_more(desks: Desks) -> None:
    item = desks.item()
    desks.create()
    with db.transaction():
        db.session().add(Admitted(incident_id=item.incident_id, name="ada"))
    calls = len(desks.there.calls)

    with visibility.seen_by(visibility.Viewer("ada")):
        desks.edit(text="Alert with secret words")
    work()

    assert (desks.there.rows[1].title, len(desks.there.calls)) == ("Alert on certificates", calls)
    assert desks.ticket().standing == "held"
    with visibility.seen_by(visibility.Viewer("cy")), db.reading():
        assert queries.of_item(item.id) == []


def test_a_worker_that_was_taken_over_creates_nothing(desks: Desks, clock: Clock) -> None:
    desks.item()
    with db.transaction():
        ticket_id = links.create("AI-1", desks.tracker, actor=desks.world.ada).id
    with visibility.seen_by(visibility.EVERYTHING):
        with db.transaction():
            slow = exchange.job_of(ticket_id, 1, LOCAL)
        work()
        assert isinstance(slow, exchange.Job)
        assert slow.draft is not None
        exchange.create(slow, slow.draft, LOCAL)

    assert len(desks.there.rows) == 1


def test_a_second_issue_with_the_mark_is_told_until_it_is_closed(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    second = desks.there.add("Alert on certificates", body=desks.there.rows[1].body)

    poll()
    assert desks.ticket().twin == f"https://github.example/data8/infra/issues/{second.number}"
    assert desks.world.app is not None
    told = desks.world.app.test_client().get(
        "/api/v1/action-items/AI-1/tickets", headers=desks.world.headers("ada")
    )
    assert told.json is not None
    assert told.json["tickets"][0]["twin"] == desks.ticket().twin

    desks.there.edit(second.number, state="done")
    clock.advance(minutes=3)
    poll()
    assert (desks.ticket().twin, desks.ticket().key) == ("", "1")


def test_what_another_worker_creates_is_looked_at_again(desks: Desks, clock: Clock) -> None:
    desks.item()
    with db.transaction():
        ticket_id = links.create("AI-1", desks.tracker, actor=desks.world.ada).id
    with visibility.seen_by(visibility.EVERYTHING), db.transaction():
        slow = exchange.job_of(ticket_id, 1, LOCAL)
        assert isinstance(slow, exchange.Job)
        assert slow.draft is not None
        # Another one began, and dies before it has called.
        exchange.loaded(ticket_id).begun_at = the_clock.now()  # type: ignore[union-attr]
    assert not exchange.create(slow, slow.draft, LOCAL)

    clock.advance(hours=1)
    work()

    assert (len(desks.there.rows), desks.ticket().standing) == (1, "agreed")


def test_an_issue_that_was_moved_is_gone(desks: Desks) -> None:
    desks.item()
    desks.create()
    desks.there.answers.append((301, {"Location": "https://github.example/elsewhere/1"}))

    desks.edit(text="Alert early")
    work()

    assert desks.ticket().standing == "gone"


def test_a_title_longer_than_a_title_is_never_cut_here(desks: Desks) -> None:
    text = "Alert on certificates " * 20
    desks.item(text=text.strip())
    desks.create()

    desks.there.edit(1, title="Alert")
    poll()
    assert (desks.stored().text, desks.ticket().standing) == (text.strip(), "disputed")

    desks.decide("title", "theirs")
    assert (desks.stored().text, desks.ticket().standing) == ("Alert", "agreed")


def test_it_works_on_both_databases(any_database: str, desks: Desks, clock: Clock) -> None:
    desks.item(owner="ada")
    desks.there.does_work = True
    desks.there.answers.append((502, {}))
    desks.create()
    clock.advance(hours=1)
    work()
    desks.edit(text="Alert early")
    desks.there.edit(1, title="Alert late", people=["ben"])
    work()

    assert len(desks.there.rows) == 1
    assert (desks.stored().owner, desks.ticket().standing) == ("ben", "disputed")
    desks.decide("title", "ours")
    assert (desks.there.rows[1].title, desks.ticket().standing) == ("Alert early", "agreed")
