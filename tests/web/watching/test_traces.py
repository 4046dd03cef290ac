"""Spans arrive at a collector, are children of their request, and hold nothing that was sent or read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from postmortems.db import session as db
from postmortems.egress import call as egress_call
from postmortems.egress.urls import Unreachable
from postmortems.web.transactions import own_units
from postmortems.web.watching import request_log
from postmortems.web.watching.traces import Traces, named
from tests import forked
from tests.faults.serving import group
from tests.loopback import Answering, Asked, Reply, answering, as_json
from tests.runtimes import LOCAL
from tests.web.watching.log_lines import parsed, written
from tests.world import World

pytest.importorskip("opentelemetry.sdk", reason="requirements-watch.txt is not installed")
SLUG = "the-capybara-took-the-vault"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


PROTOBUF = "application/x-protobuf"


def taken(_: Asked) -> Reply:
    return 200, {"Content-Type": PROTOBUF}, b""


@contextmanager
def traced() -> Iterator[Answering]:
    """A collector that has what was traced in the block once it is over."""
    with answering(taken) as collector:
        traces = Traces(collector.url("/v1/traces"))
        try:
            yield collector
        finally:
            traces.end()


def spans(collector: Answering) -> list[Any]:
    """What arrived, as its protocol has it."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    found = []
    for asked in collector.asked:
        assert (asked.method, asked.path) == ("POST", "/v1/traces")
        assert {name.lower(): value for name, value in asked.headers.items()}["content-type"] == PROTOBUF
        for resource in ExportTraceServiceRequest.FromString(asked.body).resource_spans:
            about = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert about["service.name"] == "postmortems"
            found += [span for scope in resource.scope_spans for span in scope.spans]
    return found


def attributes(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


@pytest.fixture
def watched(any_database: str, app: Flask) -> Iterator[Flask]:
    inner = app.wsgi_app
    app.wsgi_app = request_log.Watched(inner, believes_ids=True)  # type: ignore[method-assign]
    yield app
    app.wsgi_app = inner  # type: ignore[method-assign]


def test_a_request_is_a_span_and_its_statements_are_its_children(world: World, watched: Flask) -> None:
    with traced() as collector:
        watched.test_client().get("/api/v1/incidents?limit=5", headers=world.headers("ada")).close()

    (request,) = [span for span in spans(collector) if span.name == "GET /api/v1/incidents"]
    told = attributes(request)
    assert (told["http.route"], told["http.response.status_code"]) == ("/api/v1/incidents", 200)
    assert told["postmortems.actor_kind"] == "token"
    statements = [span for span in spans(collector) if span.parent_span_id == request.span_id]
    assert "SELECT incidents" in {span.name for span in statements}
    assert {span.trace_id for span in spans(collector)} == {request.trace_id}
    assert {span.kind for span in statements} == {3}


def test_a_question_of_the_gate_has_its_prepared_statements(world: World, watched: Flask) -> None:
    asked = {"service": "data8", "target": "prod", "artifact": {"digest": "sha256:" + "8c" * 32}}
    with traced() as collector:
        answer = watched.test_client().post("/api/v1/gate/decisions", json=asked, headers=world.headers())
        answer.close()

    names = [span.name for span in spans(collector)]
    assert "POST /api/v1/gate/decisions" in names
    assert "INSERT decisions" in names
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano > 0 for span in spans(collector))
    assert {span.status.code for span in spans(collector)} == {0}


def test_no_span_holds_what_was_sent_or_read(world: World, watched: Flask) -> None:
    told = {"title": "The capybara in the vault", "date": "2026-11-01", "restricted": ["ada"]}
    client, headers = watched.test_client(), world.headers("ada")
    with traced() as collector:
        client.post("/api/v1/incidents", json=told, headers=headers).close()
        client.get(f"/incidents/{SLUG}?token=hunter2", headers={"Cookie": "postmortems=hunter2"}).close()
        client.get("/sign-in/link/hunter2hunter2").close()
        client.get(f"/nowhere/{SLUG}").close()

    sent = b"".join(asked.body for asked in collector.asked)
    assert len(spans(collector)) > 4
    for secret in ("apybara", "vault", "hunter2", world.tokens["ada"], SLUG, "VALUES"):
        assert secret.encode() not in sent


def test_a_trusted_proxys_trace_is_continued(world: World, watched: Flask) -> None:
    with traced() as collector, written("json") as said:
        watched.test_client().get("/livez", headers={"traceparent": PARENT}).close()
        watched.test_client().get("/livez", headers={"traceparent": "00-broken"}).close()

    first, second = spans(collector)
    assert first.trace_id.hex() == PARENT.split("-")[1]
    assert first.parent_span_id.hex() == PARENT.split("-")[2]
    assert second.parent_span_id == b""
    assert [line["trace_id"] for line in parsed(said.getvalue())] == [
        first.trace_id.hex(),
        second.trace_id.hex(),
    ]


def test_a_trace_of_somebody_else_is_not(world: World, app: Flask) -> None:
    alone = request_log.Watched(app.wsgi_app, believes_ids=False)
    environ = app.test_request_context("/livez", headers={"traceparent": PARENT}).request.environ
    with traced() as collector:
        answer = alone(environ, lambda *_: None)
        list(answer)
        answer.close()  # type: ignore[attr-defined]

    assert spans(collector)[0].trace_id.hex() != PARENT.split("-")[1]


def test_an_outgoing_call_is_a_span_with_its_host_alone(database: str) -> None:
    with answering(lambda _: as_json({})) as other, traced() as collector:
        LOCAL.egress.request("GET", other.url("/secret-path?token=hunter2"))

    (span,) = spans(collector)
    assert span.name == "GET 127.0.0.1"
    assert attributes(span) == {"http.request.method": "GET", "server.address": "127.0.0.1"}


def test_a_call_that_breaks_is_a_span_that_failed(database: str) -> None:
    with traced() as collector, pytest.raises(Unreachable):
        LOCAL.egress.request("GET", "http://127.0.0.1:1/secret-path")

    (span,) = spans(collector)
    assert span.status.code == 2
    assert "secret-path" not in str(span)


def test_a_statement_that_fails_ends_with_its_request(world: World, watched: Flask, monkeypatch: Any) -> None:
    @own_units
    def fail() -> str:
        with db.reading() as session, pytest.raises(DBAPIError):
            session.execute(text("SELECT * FROM nowhere"))
        return "ok"

    monkeypatch.setitem(watched.view_functions, "health.live", fail)
    with traced() as collector:
        watched.test_client().get("/livez").close()

    failed = [span for span in spans(collector) if span.name == "SELECT nowhere"]
    assert [span.status.code for span in failed] == [2]


@pytest.mark.parametrize(
    "statement, verb, table",
    [
        ("SELECT a, b FROM incidents WHERE x = 'FROM secrets'", "SELECT", "incidents"),
        ('INSERT INTO "events" (a) VALUES (1)', "INSERT", "events"),
        ("update users set name = 'x'", "UPDATE", "users"),
        ("DELETE FROM outbox", "DELETE", "outbox"),
        ("BEGIN IMMEDIATE", "BEGIN", ""),
        ("SELECT 1", "SELECT", ""),
        ("", "", ""),
        ("'quoted'", "QUOTED", ""),
    ],
)
def test_a_statement_is_named_by_its_verb_and_table(statement: str, verb: str, table: str) -> None:
    assert named(statement) == (verb, table)


def test_nothing_is_watched_once_it_has_ended(world: World, watched: Flask) -> None:
    with traced() as collector:
        pass
    watched.test_client().get("/livez").close()

    assert collector.asked == []
    assert egress_call.watchers == request_log.watchers == []


def test_a_collector_that_is_away_costs_no_answer(world: World, watched: Flask) -> None:
    traces = Traces("http://127.0.0.1:1/v1/traces")
    try:
        answer = watched.test_client().get("/livez")
        answer.close()
    finally:
        traces.end()

    assert answer.status_code == 200


def test_each_process_of_gunicorn_sends_its_own(tmp_path: Path) -> None:
    with (
        answering(taken) as collector,
        group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path, forked.Process) as made,
    ):
        server = made.gunicorn(
            GUNICORN_CMD_ARGS="--workers 2", POSTMORTEMS_TRACES_URL=collector.url("/v1/traces")
        )
        answer = server.send("GET", "/api/v1/incidents", headers=made.headers("ada"))
        server.end()

    requests = [span for span in spans(collector) if span.name == "GET /api/v1/incidents"]
    assert [attributes(span)["postmortems.request_id"] for span in requests] == [
        answer.headers["X-Request-ID"]
    ]
