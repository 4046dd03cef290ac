"""The log is text or JSON, one event a line, and holds neither secrets nor what a database repeats."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from structlog.contextvars import bound_contextvars

from postmortems.db import session as db
from tests.web.watching.log_lines import parsed, written

log = logging.getLogger("postmortems.somewhere")
TITLE = "The capybara in the vault"


def test_json_is_one_object_a_line_whatever_stands_in_it() -> None:
    with written("json") as said:
        log.warning("two\nlines of %s", "“words”\x1b[31m")

    (line,) = parsed(said.getvalue())
    assert (line["level"], line["logger"]) == ("warning", "postmortems.somewhere")
    assert line["event"] == "two\nlines of “words”\x1b[31m"
    assert line["time"].endswith("Z")
    assert "\x1b" not in said.getvalue()


def test_what_was_raised_is_told_with_where() -> None:
    with written("json") as said:
        try:
            raise ValueError("no good")
        except ValueError:
            log.exception("a job failed")

    (line,) = parsed(said.getvalue())
    assert line["exception"].startswith("Traceback (most recent call last):")
    assert line["exception"].endswith("ValueError: no good")


def test_text_is_for_a_terminal() -> None:
    with written("text") as said, bound_contextvars(request_id="abc"):
        log.warning("slow")
        log.info("not told")

    assert said.getvalue() == "WARNING postmortems.somewhere: slow (request abc)\n"


def test_a_job_is_named_in_what_is_logged_while_it_runs() -> None:
    with written("json") as said, bound_contextvars(job="drill"):
        log.error("failed")

    assert parsed(said.getvalue())[0]["job"] == "drill"


def test_text_of_a_client_begins_no_line_of_its_own() -> None:
    with written("text") as said:
        log.warning("refused: %s", "x\nERROR postmortems: all is lost")

    assert len(said.getvalue().splitlines()) == 1


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_what_was_raised_begins_no_line_of_its_own(ends: str) -> None:
    def fails() -> None:
        raise ValueError(f"no such thing: x{ends}ERROR postmortems: all is lost")

    with written("text") as said:
        try:
            fails()
        except ValueError:
            log.exception("refused")

    first, *rest = said.getvalue().splitlines()
    assert first == "ERROR postmortems.somewhere: refused"
    assert len(rest) > 3
    assert all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize(
    "secret",
    [
        "pm_9jSsbUvqC-Ro_x7",
        "/sign-in/link/9jSsbUvqC-Ro_x7",
        "/feeds/9jSsbUvqC-Ro_x7/due.ics",
        "/api/v1/heartbeats/9jSsbUvqC-Ro_x7/fail",
        "/notifications/off/9jSsbUvqC-Ro_x7",
        "/notifications/confirm/eyJ9jSsbUvqC-Ro_x7.abc",
    ],
)
@pytest.mark.parametrize("style", ["json", "text"])
def test_a_secret_that_a_library_writes_is_left_out(secret: str, style: str) -> None:
    with written(style) as said:
        try:
            raise ValueError(f"cannot read {secret}")
        except ValueError:
            log.exception("Exception while serving %s", secret)

    assert "9jSsbUvqC-Ro_x7" not in said.getvalue()
    assert said.getvalue().count("…") == 2


@pytest.mark.parametrize("style", ["json", "text"])
def test_values_of_a_statement_that_failed_are_not_told(any_database: str, style: str) -> None:
    row = {"name": "capybara-vault", "title": TITLE}
    insert = text("INSERT INTO services (name, title) VALUES (:name, :title)")

    with written(style) as said:
        try:
            with db.transaction() as session:
                session.execute(insert, row)
                session.execute(insert, row)
        except DBAPIError:
            log.exception("failed")

    assert "INSERT INTO services" in said.getvalue()
    assert "IntegrityError" in said.getvalue()
    assert "apybara" not in said.getvalue()
