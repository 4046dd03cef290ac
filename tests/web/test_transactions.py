"""One unit of work a request: kept below 400, taken back above, and never left open."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from sqlalchemy import func, select

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.web import transactions
from postmortems.web.server.plain_flask import PlainFlask
from postmortems.web.transactions import own_units


def events() -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(Event)) or 0


def write() -> None:
    from postmortems.actor import Actor
    from postmortems.audit import operations as audit

    audit.record(Actor.system("test"), "test.written", "test", "x")
    session().flush()


@pytest.fixture
def small(any_database: str) -> Flask:
    """Views that write and then answer, fail, or open units of their own."""
    app = PlainFlask("small")
    transactions.install(app)

    @app.post("/answer/<int:status>")
    def answer(status: int) -> Response:
        write()
        return Response("", status)

    @app.post("/fail")
    def fail() -> Response:
        write()
        raise RuntimeError("a bug")

    @app.post("/own")
    @own_units
    def own() -> Response:
        assert not db.is_open()
        with db.transaction():
            write()
        return Response("", 403)

    @app.get("/write-while-reading")
    def write_while_reading() -> Response:
        write()
        return Response("")

    return app


@pytest.mark.parametrize(
    "status, kept", [(200, 1), (201, 1), (303, 1), (399, 1), (400, 0), (409, 0), (503, 0)]
)
def test_what_a_view_wrote_is_kept_below_400(small: Flask, status: int, kept: int) -> None:
    small.test_client().post(f"/answer/{status}")

    assert events() == kept
    assert not db.is_open()


def test_what_a_failing_view_wrote_is_taken_back(small: Flask) -> None:
    assert small.test_client().post("/fail").status_code == 500

    assert events() == 0
    assert not db.is_open()


def test_a_view_with_units_of_its_own_keeps_what_it_wrote_while_refusing(small: Flask) -> None:
    assert small.test_client().post("/own").status_code == 403

    assert events() == 1


def test_a_get_writes_nothing(small: Flask) -> None:
    assert small.test_client().get("/write-while-reading").status_code == 500

    assert events() == 0
    assert not db.is_open()


def test_an_answer_that_cannot_be_made_leaves_no_unit_open(
    small: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(RuntimeError):
        small.test_client().post("/fail")

    assert not db.is_open()
    assert events() == 0
