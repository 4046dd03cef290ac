"""What people see and press: an item's tickets, those of many items, and the settings of trackers."""

from __future__ import annotations

import re

import pytest

from postmortems.db import session as db
from postmortems.tickets import policies, trackers
from tests.conftest import Clock
from tests.tickets.conftest import SECRET, Desks, poll, work
from tests.trackers.desk import TOKEN


def test_a_press_creates_a_ticket_and_another_undoes_the_link(desks: Desks) -> None:
    desks.item()
    ada = desks.world.browser("ada")

    ada.send("/action-items/AI-1/tickets", {"tracker": str(desks.tracker), "issue": ""})
    assert "being created" in ada.get("/action-items/AI-1").text
    work()
    page = ada.get("/action-items/AI-1").text
    assert "in step" in page
    assert desks.ticket().url in page
    told = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "ticket asked for by ada" in told
    assert "#1 of github" in told

    ada.send(f"/action-items/AI-1/tickets/{desks.ticket().id}/unlink")
    assert "No issue of a tracker is linked" in ada.get("/action-items/AI-1").text


def test_both_values_are_shown_and_a_press_decides(desks: Desks) -> None:
    desks.item()
    desks.create()
    desks.edit(text="Alert early")
    desks.there.edit(1, title="Alert <b>late</b>")
    work()
    ada = desks.world.browser("ada")

    page = ada.get("/action-items/AI-1").text
    assert "Both changed the title" in page
    assert "<bdi>Alert early</bdi>" in page
    assert "<bdi>Alert &lt;b&gt;late&lt;/b&gt;</bdi>" in page
    ada.send(f"/action-items/AI-1/tickets/{desks.ticket().id}/decide", {"field": "title", "choice": "ours"})
    work()

    assert desks.there.rows[1].title == "Alert early"
    assert "Both changed" not in ada.get("/action-items/AI-1").text


def test_a_closed_ticket_is_said_to_prove_nothing(desks: Desks) -> None:
    desks.item(kind="process", guardability="enforceable")
    desks.create()
    desks.there.edit(1, state="done")
    poll()
    ada = desks.world.browser("ada")

    page = ada.get("/action-items/AI-1").text
    assert "ticket closed, not proven" in page
    ada.send(f"/action-items/AI-1/tickets/{desks.ticket().id}/decide", {"field": "state", "choice": "theirs"})

    # The item is closed by its own rule alone.
    assert desks.stored().status == "open"
    assert "enforceable item is done when it is proven" in ada.get("/action-items/AI-1").text


def test_who_only_reads_sees_tickets_and_presses_nothing(desks: Desks) -> None:
    desks.item()
    desks.create()
    cy = desks.world.browser("cy")

    page = cy.get("/action-items/AI-1").text
    assert "in step" in page
    assert "Unlink" not in page
    assert cy.send(f"/action-items/AI-1/tickets/{desks.ticket().id}/unlink").status_code == 403


def test_many_items_get_tickets_by_one_press(desks: Desks) -> None:
    desks.item()
    ada = desks.world.browser("ada")

    answer = ada.send("/action-items/tickets", {"tracker": str(desks.tracker), "i": ["1", "99"]})
    work()

    assert answer.status_code == 303
    page = ada.get("/action-items?status=any").text
    assert "1 of 2 items have a ticket" in page
    assert len(desks.there.rows) == 1


@pytest.mark.parametrize(
    "form, said",
    [
        ({"i": []}, "Tick the items"),
        ({"i": ["1"], "tracker": "99"}, "There is no tracker 99"),
        ({"i": ["x"]}, "Tick the items"),
    ],
)
def test_a_press_that_makes_no_sense_says_so(desks: Desks, form: dict[str, object], said: str) -> None:
    desks.item()
    ada = desks.world.browser("ada")

    ada.send("/action-items/tickets", {"tracker": str(desks.tracker), **form})

    assert said in ada.get("/action-items?status=any").text


def test_a_policy_gives_accepted_items_a_ticket(desks: Desks) -> None:
    with db.transaction():
        policies.add(desks.tracker, priority="P0", actor=desks.world.ben)
    desks.item(status="proposed", priority="P0")
    work()
    assert desks.there.rows == {}

    desks.edit(status="open")
    work()

    assert [row.title for row in desks.there.rows.values()] == ["Alert on certificates"]


@pytest.mark.parametrize("changed", [{"priority": "P1"}, {"priority": "P0", "status": "proposed"}])
def test_a_policy_leaves_other_items_alone(desks: Desks, changed: dict[str, str]) -> None:
    with db.transaction():
        policies.add(desks.tracker, priority="P0", actor=desks.world.ben)

    desks.item(**changed)
    work()

    assert desks.there.rows == {}


def test_an_admin_adds_a_tracker_and_sees_no_secret_again(desks: Desks) -> None:
    ben = desks.world.browser("ben")
    form = {
        "name": "second",
        "service": "github",
        "place": "data8/other",
        "api": "",
        "access_token": TOKEN,
        "webhook_secret": SECRET,
    }

    assert ben.send("/settings/trackers", form).status_code == 303
    page = ben.get("/settings/trackers").text

    assert "data8/other" in page
    assert TOKEN not in page
    assert SECRET not in page


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"name": ""}, "write a name"),
        ({"name": "github"}, "there is a tracker named github already"),
        ({"place": "data8"}, "write owner/repository"),
        ({"service": "trac"}, "choose one of"),
        ({"access_token": ""}, "paste an access token"),
        ({"access_token": "two lines\nof it"}, "paste the access token"),
        ({"webhook_secret": "short"}, "16 to 200 characters"),
        ({"api": "ftp://example.org"}, "http"),
        ({"api": "https://user:word@example.org"}, "encrypted"),
        ({"service": "jira", "place": "OPS"}, "address"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desks: Desks, changed: dict[str, str], said: str) -> None:
    form = {
        "name": "x",
        "service": "github",
        "place": "data8/other",
        "access_token": TOKEN,
        "webhook_secret": "",
    }

    answer = desks.world.browser("ben").send("/settings/trackers", form | changed)

    assert answer.status_code in {200, 422}
    assert said in answer.text
    with db.reading():
        assert len(trackers.every()) == 1


def test_a_token_is_not_sent_to_another_address(desks: Desks) -> None:
    form = {
        "name": "github",
        "service": "github",
        "place": desks.there.place,
        "api": "https://elsewhere.example",
    }

    answer = desks.world.browser("ben").send(
        f"/settings/trackers/{desks.tracker}", form | {"is_enabled": "true"}
    )

    assert "give the access token again" in answer.text
    with db.reading():
        assert trackers.found(desks.tracker).api == desks.there.api


def test_a_tracker_that_is_switched_off_is_not_asked(desks: Desks) -> None:
    desks.item()
    desks.create()
    calls = len(desks.there.calls)
    form = {"name": "github", "service": "github", "place": desks.there.place, "api": desks.there.api}
    desks.world.browser("ben").send(f"/settings/trackers/{desks.tracker}", form)

    desks.edit(text="Alert early")
    work()
    assert (len(desks.there.calls), desks.ticket().standing) == (calls, "held")

    desks.world.browser("ben").send(f"/settings/trackers/{desks.tracker}", form | {"is_enabled": "true"})
    work()
    assert (desks.there.rows[1].title, desks.ticket().standing) == ("Alert early", "agreed")


def test_of_two_admins_the_second_sees_what_the_first_saved(desks: Desks, clock: Clock) -> None:
    """Else a page that was opened before would let restricted incidents out again."""
    path = f"/settings/trackers/{desks.tracker}"
    form = {"name": "github", "service": "github", "place": desks.there.place, "api": desks.there.api}
    clock.advance(minutes=1)
    form |= {"is_enabled": "true", "seen": seen(desks)}
    first, second = desks.world.browser("ben"), desks.world.browser("ben")
    assert first.send(path, form).status_code == 303

    refused = second.send(path, form | {"name": "hub", "sends_restricted": "true"})

    assert "somebody else saved this since" in refused.text
    assert f'name="seen" value="{seen(desks)}"' in refused.text
    with db.reading():
        assert not trackers.found(desks.tracker).sends_restricted
    assert second.send(path, form | {"name": "hub", "seen": seen(desks)}).status_code == 303


def seen(desks: Desks) -> str:
    with db.reading():
        return trackers.seen(trackers.found(desks.tracker))


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_trackers_are_managed_by_admins_alone(desks: Desks, name: str) -> None:
    assert desks.world.browser(name).get("/settings/trackers").status_code == 403
