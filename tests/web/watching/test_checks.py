"""What `doctor` finds out about clock, worker, mail and network, from real servers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postmortems import clock as the_clock
from postmortems.config import Settings
from postmortems.db import partitions
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Misconfigured
from postmortems.jobs.models import JobLease
from postmortems.web.watching import checks
from tests.authority import Authority
from tests.conftest import Clock
from tests.loopback import answering, as_json
from tests.notify.mail.sink import sink

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


KEEPS = Settings(keep_events_days=400)


def settings(**changes: Any) -> Settings:
    return Settings(mail_from="pm@example.org", egress_allow=("127.0.0.0/8",), **changes)


def test_the_clock_of_the_database_is_compared_with_ours(any_database: str) -> None:
    told = checks.clock(db.engine())

    is_file = any_database.startswith("sqlite")
    assert told.endswith("no clock of its own" if is_file else "the database's")


@pytest.mark.parametrize(
    "apart, told",
    [
        (timedelta(seconds=1), "this machine's clock is 1.0 s ahead of the database's"),
        (timedelta(seconds=-5), "this machine's clock is 5.0 s behind the database's"),
    ],
)
def test_clocks_may_differ_a_little(apart: timedelta, told: str) -> None:
    assert checks.compared(NOW + apart, NOW) == told


@pytest.mark.parametrize("apart", [timedelta(seconds=6), timedelta(hours=-1), timedelta(days=400)])
def test_clocks_that_differ_more_are_wrong(apart: timedelta) -> None:
    with pytest.raises(Misconfigured, match="keep both by one time server"):
        checks.compared(NOW + apart, NOW)


def test_a_worker_that_has_never_run_is_told(any_database: str) -> None:
    with db.reading():
        assert checks.worker().startswith("none has run here yet; ")


@pytest.mark.parametrize(
    "due, leased, is_right",
    [
        (timedelta(hours=1), None, True),
        (-timedelta(seconds=4), None, True),
        (-timedelta(minutes=4), None, True),
        (-timedelta(minutes=7), timedelta(minutes=1), True),
        (-timedelta(minutes=7), None, False),
        (-timedelta(minutes=7), -timedelta(minutes=1), False),
    ],
)
def test_a_worker_is_wrong_where_what_is_due_waits(
    any_database: str, clock: Clock, due: timedelta, leased: timedelta | None, is_right: bool
) -> None:
    now = the_clock.now()
    with db.transaction():
        session().add(JobLease(name="drill", due_at=now + due, leased_until=leased and now + leased))

    with db.reading():
        if is_right:
            assert checks.worker() == "nothing that is due waits for one"
            return
        with pytest.raises(Misconfigured, match=r"1 of its jobs .* for 7 minutes: start `python -m"):
            checks.worker()


def test_mail_that_is_not_set_up_is_no_fault() -> None:
    assert checks.mail(settings()) == "POSTMORTEMS_SMTP_URL is not set; none is sent"


def test_a_mail_server_is_greeted_and_gets_no_message() -> None:
    with sink() as server:
        told = checks.mail(settings(smtp_url=server.url))

        assert told.endswith("answers without TLS")
        assert server.came == []


@pytest.mark.parametrize("password, is_right", [("hunter2", True), ("wrong", False)])
def test_a_mail_server_with_tls_and_a_password_is_entered(
    authority: Authority, password: str, is_right: bool
) -> None:
    with sink(starttls=authority.server("localhost"), login=("pm", "hunter2")) as server:
        url = f"smtp://pm:{password}@localhost:{server.port}?starttls=true"
        given = settings(smtp_url=url, egress_ca_file=str(authority.certificate))
        if is_right:
            assert checks.mail(given).endswith("answers with STARTTLS and takes our name and password")
        else:
            with pytest.raises(Misconfigured, match="does not take our name and password") as refused:
                checks.mail(given)
            assert password not in str(refused.value)
        assert server.came == []


def test_a_certificate_that_nobody_vouches_for_is_wrong(authority: Authority) -> None:
    with sink(tls=authority.server("localhost", is_own=True)) as server:
        given = settings(smtp_url=f"smtps://localhost:{server.port}")

        with pytest.raises(Misconfigured, match="no TLS with the mail server"):
            checks.mail(given)


WRONG: list[tuple[str, str]] = [
    ("smtp://127.0.0.1:1", "cannot be reached"),
    ("smtp://no-such-host.invalid", "cannot be reached"),
]


@pytest.mark.parametrize("url, told", WRONG)
def test_a_mail_server_that_is_not_there_is_wrong(url: str, told: str) -> None:
    with pytest.raises(Misconfigured, match=f"{told}.*; correct POSTMORTEMS_SMTP_URL, or look there"):
        checks.mail(settings(smtp_url=url))


def test_the_way_out_is_tried_by_the_address_that_is_there_for_it() -> None:
    with answering(lambda _: as_json({}, 204)) as other:
        told = checks.way_out(settings(control_url=other.url("/up")))

    assert told.startswith(f"{other.url('/up')} answers 204 after ")
    assert checks.way_out(settings()).startswith("POSTMORTEMS_CONTROL_URL is not set")


CLOSED: list[tuple[Callable[[], Settings], str]] = [
    (lambda: settings(control_url="http://127.0.0.1:1/"), "look at this machine's network"),
    (lambda: settings(control_url="http://10.1.2.3/"), "allow it by POSTMORTEMS_EGRESS_ALLOW"),
    (lambda: settings(control_url="http://no-such-host.invalid/"), "cannot be reached"),
]


@pytest.mark.parametrize("made, told", CLOSED)
def test_a_way_out_that_is_closed_is_wrong(made: Callable[[], Settings], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        checks.way_out(made())


@pytest.mark.postgres
def test_months_that_are_not_there_before_they_begin_are_told(postgres_database: str, clock: Clock) -> None:
    db.connect(postgres_database)
    clock.set(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    with db.reading(), pytest.raises(Misconfigured, match="evaluations of 2026-12, evaluations of 2027-01, "):
        checks.months(KEEPS)

    partitions.make_ahead(clock.now(), partitions.kept_for(KEEPS))
    with db.reading():
        assert checks.months(KEEPS) == "verdicts and events have the months that come"

    # The worker has been away for a quarter of a year.
    clock.set(datetime(2027, 3, 1, tzinfo=UTC))
    with db.reading(), pytest.raises(Misconfigured, match="events of 2027-04: not there, so that"):
        checks.months(KEEPS)


def test_a_file_has_no_months(database: str) -> None:
    with db.reading():
        assert checks.months(KEEPS) == "an SQLite file keeps verdicts and events whole"
