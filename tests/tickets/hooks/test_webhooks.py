"""Webhooks of trackers at their address: taken once, forged ones told apart, and late ones harmless."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.tickets.hooks import webhooks
from postmortems.tickets.models import TrackerDelivery
from tests.conftest import Clock
from tests.tickets.conftest import SECRET, Desks, delivered, work
from tests.trackers.test_hooks import signed

EVERY = pytest.mark.parametrize("there", ["github", "gitlab", "jira", "linear"], indirect=True)


def payload(desks: Desks, clock: Clock, number: int = 1, **more: object) -> bytes:
    """What the tracker sends of an issue as it is now."""
    there, row = desks.there, desks.there.rows.get(number)
    key, edits = (there.key(row), row.edits) if row else (str(number), 0)
    said = {
        "github": {"issue": {"number": number}, "repository": {"full_name": there.place}},
        "gitlab": {
            "object_kind": "issue",
            "object_attributes": {"iid": number},
            "project": {"path_with_namespace": there.place},
        },
        "jira": {"webhookEvent": "jira:issue_updated", "issue": {"id": key, "key": f"OPS-{number}"}},
        "linear": {
            "type": "Issue",
            "data": {"id": key},
            "webhookTimestamp": int(clock.now().timestamp() * 1000),
        },
    }[there.service]
    return json.dumps(said | {"edits": edits} | more).encode()


def sent(desks: Desks, body: bytes, secret: str = SECRET) -> str:
    headers = {
        name.replace("-", "_"): said for name, said in signed(desks.there.service, body, secret).items()
    }
    answer = delivered(desks, body, **headers)
    return f"{answer.status_code} {answer.text.partition(' ')[0].strip()}"


@EVERY
def test_what_changed_there_is_taken(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    desks.there.edit(1, title="Alert early")

    assert sent(desks, payload(desks, clock)) == "202 accepted"
    work()

    assert desks.stored().text == "Alert early"


@EVERY
def test_what_comes_twice_is_known(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    desks.there.edit(1, title="Alert early")
    body = payload(desks, clock)

    assert sent(desks, body) == "202 accepted"
    work()
    calls = len(desks.there.calls)
    assert sent(desks, body) == "202 known"
    work()

    assert len(desks.there.calls) == calls


def test_out_of_order_the_newest_holds(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    desks.there.edit(1, title="Alert late")
    earlier = payload(desks, clock)
    desks.there.edit(1, title="Alert early")
    later = payload(desks, clock)

    assert [sent(desks, later), sent(desks, earlier)] == ["202 accepted", "202 accepted"]
    work()

    assert desks.stored().text == "Alert early"


def test_what_was_recorded_long_ago_brings_nothing_back(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    desks.there.edit(1, title="Alert late")
    body = payload(desks, clock)
    sent(desks, body)
    work()
    desks.edit(text="Alert early")
    work()
    with db.transaction():
        db.session().query(TrackerDelivery).delete()

    assert sent(desks, body) == "202 accepted"
    work()

    assert (desks.stored().text, desks.there.rows[1].title) == ("Alert early", "Alert early")


@pytest.mark.parametrize("there", ["linear"], indirect=True)
def test_what_is_sent_again_later_is_refused_where_the_time_is_signed(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    body = payload(desks, clock)

    clock.advance(minutes=2)

    assert sent(desks, body).startswith("403")


@EVERY
def test_a_forgery_changes_nothing_and_is_recorded(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    calls = len(desks.there.calls)

    assert sent(desks, payload(desks, clock), "another-secret-of-letters").startswith("403")
    work()

    assert len(desks.there.calls) == calls
    with db.reading() as session:
        assert "tracker.forged" in session.scalars(select(Event.verb)).all()
        assert session.query(TrackerDelivery).count() == 0


def test_nobody_learns_which_trackers_there_are(desks: Desks, clock: Clock) -> None:
    assert desks.world.app is not None
    nowhere = desks.world.app.test_client().post("/hooks/trackers/99", data=b"{}")
    forged = delivered(desks, b"{}")

    assert (nowhere.status_code, nowhere.text) == (forged.status_code, forged.text)


@pytest.mark.parametrize(
    "number, more, word",
    [
        (7, {}, "ignored"),
        (1, {"repository": {"full_name": "data8/other"}}, "ignored"),
        (1, {"repository": {"full_name": "Data8/Infra"}}, "accepted"),
    ],
)
def test_what_is_about_no_ticket_here_is_ignored(
    desks: Desks, clock: Clock, number: int, more: dict[str, object], word: str
) -> None:
    desks.item()
    desks.create()

    assert sent(desks, payload(desks, clock, number, **more)) == f"202 {word}"


def test_what_cannot_be_read_says_which_member(desks: Desks, clock: Clock) -> None:
    body = b'{"issue": {"number": "twelve"}}'
    headers = {name.replace("-", "_"): said for name, said in signed("github", body).items()}

    answer = delivered(desks, body, **headers)

    assert (answer.status_code, answer.text) == (422, "number is missing, or no number\n")


def test_deliveries_are_forgotten(desks: Desks, clock: Clock) -> None:
    desks.item()
    desks.create()
    sent(desks, payload(desks, clock))

    with db.transaction():
        assert webhooks.forget(clock.now() - timedelta(days=1), None)[1] == 0
        assert webhooks.forget(clock.now() + timedelta(days=1), None)[1] == 1
