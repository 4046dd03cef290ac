"""What was exchanged with other systems is removed when it is old: what is over, never what waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postmortems import worker
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate import purge
from postmortems.github.models import GithubRequest
from postmortems.gitlab.models import GitlabRequest, GitlabServer
from postmortems.jobs import batches
from postmortems.notify.models import Message
from tests.conftest import Clock


@pytest.fixture(autouse=True)
def kept(any_database: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows at a time."""
    monkeypatch.setattr(batches, "BATCH", 2)


def forget(clock: Clock, keep_days: int = 40) -> int:
    return purge.remove(clock.now(), keep_days=keep_days, exchanged=worker.FORGET)


def message(about: str, state: str, at: datetime, channel: str = "webhook") -> Message:
    return Message(
        channel=channel, receiver="1", about=about, payload={}, state=state, created_at=at, due_at=at,
        trouble="",
    )  # fmt: skip


def github(delivery: str, at: datetime) -> GithubRequest:
    return GithubRequest(delivery=delivery, asked={}, answer={}, said="", received_at=at)


def gitlab(about: str, at: datetime, ended_at: datetime | None) -> GitlabRequest:
    return GitlabRequest(
        about=about, server_id=1, kind="check", project_id="1", number="1", asked={}, answer={}, trouble="",
        asked_at=at, ended_at=ended_at,
    )  # fmt: skip


def store(*rows: Any) -> None:
    with db.transaction():
        session().add_all(rows)


def left(column: Any) -> set[str]:
    with db.reading():
        return set(session().scalars(select(column)))


def days(clock: Clock, count: int) -> datetime:
    return clock.now() - timedelta(days=count)


def test_messages_go_when_they_are_over_and_old(clock: Clock) -> None:
    old, young = days(clock, 41), days(clock, 39)
    store(
        *[message(f"{state}-{number}", state, old) for state in ("sent", "dead") for number in range(3)],
        message("waiting", "waiting", old),
        message("young-sent", "sent", young),
        message("young-dead", "dead", young),
    )

    assert forget(clock) == 6
    assert left(Message.about) == {"waiting", "young-sent", "young-dead"}


def test_questions_go_when_they_are_answered_and_old(clock: Clock) -> None:
    old, young = days(clock, 41), days(clock, 39)
    server = GitlabServer(id=1, name="g", api="", access_token="", webhook_secret="", edited_at=old)
    store(server)
    store(
        *[github(f"answered-{number}", old) for number in range(3)],
        *[message(f"answered-{number}", "sent", old, "github") for number in range(3)],
        github("given-up", old),
        github("waits", old),
        message("waits", "waiting", old, "github"),
        # Something else of the same name says nothing of it.
        message("given-up", "waiting", old),
        github("young", young),
        *[gitlab(f"answered-{number}", old, old) for number in range(3)],
        gitlab("open", old, None),
        gitlab("just-ended", old, young),
        gitlab("young", young, young),
    )

    forget(clock)

    assert left(GithubRequest.delivery) == {"waits", "young"}
    assert left(GitlabRequest.about) == {"open", "just-ended", "young"}
    assert left(Message.about) == {"waits", "given-up"}


@pytest.mark.parametrize("keep, gone", [(1, {"a"}), (0, set()), (35, set())])
def test_who_sent_something_is_known_for_a_month_in_any_case(clock: Clock, keep: int, gone: set[str]) -> None:
    store(message("a", "sent", days(clock, 31)), message("b", "sent", days(clock, 29)))

    forget(clock, keep)

    assert left(Message.about) == {"a", "b"} - gone


def test_one_turn_removes_a_bounded_number(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCHES", 2)
    store(*[message(str(number), "sent", days(clock, 41)) for number in range(5)])

    assert forget(clock) == 4
    assert forget(clock) == 1
