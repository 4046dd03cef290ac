"""A fault is reported with where it happened, and without anything that somebody sent or reads."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from flask import Flask, request
from structlog.contextvars import bound_contextvars

from postmortems.config import Settings
from postmortems.errors import Misconfigured
from postmortems.web.watching import process, request_log
from postmortems.web.watching.fault_reports import FaultReports
from tests.loopback import Answering, answering, as_json
from tests.world import World

pytest.importorskip("sentry_sdk", reason="requirements-watch.txt is not installed")
log = logging.getLogger("postmortems.somewhere")


@contextmanager
def reported() -> Iterator[Answering]:
    """A server that has what was reported in the block once it is over."""
    with answering(lambda _: as_json({"id": "x"})) as sentry:
        reports = FaultReports(sentry.url("/7").replace("http://", "http://publickey@"))
        try:
            yield sentry
        finally:
            reports.end()


def events(sentry: Answering) -> list[dict[str, Any]]:
    """The events of the envelopes that arrived (develop.sentry.dev: Envelopes)."""
    found = []
    for asked in sentry.asked:
        assert (asked.method, asked.path) == ("POST", "/api/7/envelope/")
        coding = {name.lower(): value for name, value in asked.headers.items()}.get("content-encoding")
        # With brotli where that happens to be installed.
        unpack = {None: bytes, "gzip": gzip.decompress}.get(coding) or import_module("brotli").decompress
        body = unpack(asked.body)
        _, *items = body.split(b"\n")
        for head, content in zip(items[::2], items[1::2], strict=False):
            assert json.loads(head)["type"] == "event"
            found.append(json.loads(content))
    return found


def fail(secret: str) -> None:
    known_only_here = {"title": secret}
    raise KeyError(f"no {known_only_here['title']}")


def test_what_was_raised_is_told_with_where_and_in_which_request() -> None:
    with reported() as sentry, bound_contextvars(request_id="f00d", job="drill", other="no"):
        try:
            fail("capybara")
        except KeyError:
            log.exception("a job failed with %s", "capybara")

    (event,) = events(sentry)
    (raised,) = event["exception"]["values"]
    assert (raised["type"], event["logger"], event["level"]) == ("KeyError", log.name, "error")
    assert event["tags"] == {"request_id": "f00d", "job": "drill"}
    assert event["release"].startswith("postmortems@")
    frame = raised["stacktrace"]["frames"][-1]
    assert (frame["function"], frame["module"]) == ("fail", __name__)


def test_neither_words_nor_variables_nor_sources_leave() -> None:
    with reported() as sentry:
        try:
            fail("capybara")
        except KeyError:
            log.exception("a job failed with %s", "capybara", extra={"more": "capybara"})

    assert "capybara" not in json.dumps(events(sentry))
    assert "known_only_here" not in json.dumps(events(sentry))


def test_a_failed_request_is_reported_without_what_it_brought(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError(f"{request.get_data(as_text=True)} {request.full_path} {request.headers}")

    monkeypatch.setitem(app.view_functions, "health.live", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    watched = request_log.Watched(app.wsgi_app, believes_ids=False)
    monkeypatch.setattr(app, "wsgi_app", watched)
    headers = {"Cookie": "postmortems=hunter2", "User-Agent": "capybara"} | world.headers("ada")
    with reported() as sentry:
        answer = app.test_client().get("/livez?token=hunter2", headers=headers, data="capybara")
        answer.close()

    (event,) = events(sentry)
    assert event["tags"]["request_id"] == answer.headers["X-Request-ID"]
    assert {"request", "user", "breadcrumbs", "extra", "contexts", "logentry", "modules"} & set(
        event
    ) == set()
    for secret in ("hunter2", "capybara", world.tokens["ada"]):
        assert secret not in json.dumps(event)


def test_what_is_no_fault_is_not_reported() -> None:
    with reported() as sentry:
        log.error("without anything raised")
        log.warning("slow")

    assert events(sentry) == []


def test_what_led_to_it_is_told_too() -> None:
    with reported() as sentry:
        try:
            try:
                fail("capybara")
            except KeyError as first:
                raise ValueError("no capybara") from first
        except ValueError:
            log.exception("failed")

    (event,) = events(sentry)
    assert [one["type"] for one in event["exception"]["values"]] == ["KeyError", "ValueError"]
    assert "capybara" not in json.dumps(event)


def test_a_server_that_is_away_costs_nothing() -> None:
    reports = FaultReports("http://publickey@127.0.0.1:1/7")
    try:
        fail("x")
    except KeyError:
        log.exception("failed")
    finally:
        reports.end()


@pytest.mark.parametrize("name", ["traces_url", "sentry_dsn"])
def test_a_library_that_is_not_there_is_said_at_the_start(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(**{name: "http://publickey@127.0.0.1:1/7"})  # type: ignore[arg-type]
    process.check(settings)
    monkeypatch.setattr(process, "find_spec", lambda _: None)

    with pytest.raises(Misconfigured, match="pip install --require-hashes"):
        process.check(settings)


def test_without_settings_no_library_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "find_spec", lambda _: None)

    process.check(Settings())
