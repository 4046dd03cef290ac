"""Waitress as we run it, and gunicorn: refusals in one shape, limits in one place, room for whoever comes."""

from __future__ import annotations

import io
import json
import random
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from waitress import wasyncore

from postmortems import limits
from postmortems.cli import waitress_server
from postmortems.web.server import refusals
from tests import refused
from tests.world import World


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """A server of the test's application, in a thread."""
    yield from _served(app)


def _served(app: object, **options: int) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = waitress_server.listen(app, listening, threads=4, asyncore_use_poll=True, **options)
        serving = threading.Thread(target=server.run)
        serving.start()
        yield listening.getsockname()[1]
        server.task_dispatcher.shutdown()
        # Its loop ends when nothing is left to wait for.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))
        serving.join()


@pytest.mark.parametrize("name", refused.ROWS)
def test_what_the_server_refuses_has_the_shape_of_every_refusal(port: int, name: str) -> None:
    sent, statuses, is_problem = refused.ROWS[name]
    status, kind, body = refused.answer(port, sent)

    assert status in statuses
    assert kind == ("application/problem+json" if is_problem else "text/html")
    if is_problem:
        problem = json.loads(body)
        assert problem["status"] == status
        assert problem["detail"]


@pytest.mark.parametrize("path", ["/api/v1/imports", "/api/v1/incidents"])
def test_a_body_that_may_come_in_reaches_the_application(port: int, path: str) -> None:
    length = limits.body_of(path)
    sent = refused.post(path.encode(), refused.long_by(length), b" " * length)

    # Nobody is signed in: it is the application that says so.
    assert refused.answer(port, sent)[0] == 401


def test_a_zip_larger_than_other_bodies_is_imported(world: World) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("report.md", "# The disk is full\n\n## Summary\n\nIt is.\n")
        zipped.writestr("picture.png", random.Random(1).randbytes(limits.BODY + 2_800_000))
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="dry_run"\r\n\r\ntrue\r\n'
        b'--cut\r\nContent-Disposition: form-data; name="files"; filename="all.zip"\r\n\r\n'
        + packed.getvalue()
        + b"\r\n--cut--\r\n"
    )
    head = f"Authorization: {world.headers('ada')['Authorization']}\r\nContent-Length: {len(body)}\r\n"
    kind = b"Host: 127.0.0.1\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=cut\r\n"
    served = _served(world.app)
    sent = b"POST /api/v1/imports HTTP/1.1\r\n" + kind + head.encode() + b"\r\n" + body
    status, _, told = refused.answer(next(served), sent)
    next(served, None)

    assert status == 202, told


def test_the_guides_say_what_is_taken() -> None:
    root = Path(__file__).parents[2]
    guide = (root / "docs/operator.md").read_text()
    page = (root / "templates/exchange/begin.html").read_text()

    assert f"take {limits.in_mb(limits.FILES)} a request" in guide
    assert f"any other request {limits.in_mb(limits.BODY)}" in guide
    assert f"headers {limits.HEAD // 1024} kB" in guide
    assert f"{limits.in_mb(limits.REPORT)} a file" in guide
    assert f"no larger than {limits.in_mb(limits.REPORT)}" in (root / "docs/author.md").read_text()
    # The page is given the limit itself.
    assert "{{ most_at_once }}" in page
    assert limits.in_mb(limits.FILES) in refusals.IN_OUR_WORDS[413]
    assert limits.in_mb(limits.BODY) in refusals.IN_OUR_WORDS[413]


def test_idle_connections_make_room_for_others() -> None:
    def app(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Length", "0")])  # type: ignore[operator]
        return [b""]

    most = waitress_server.SPARE + 30
    served = _served(app, connection_limit=most)
    port = next(served)
    with ExitStack() as stack:
        for _ in range(2 * most):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
        statuses = [refused.answer(port, refused.get(b"/livez"))[0] for _ in range(5)]
    next(served, None)

    assert statuses == [200] * 5
