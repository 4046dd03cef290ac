"""Rooms for the gate, large bodies and all else; health is never behind them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from postmortems.limits import LONG_BODY
from postmortems.web.server import admission
from postmortems.web.server.admission import Admission, Room, room_of

GATE = "/api/v1/gate/decisions"
ROWS: list[tuple[dict[str, Any], str]] = [
    ({"PATH_INFO": "/livez"}, ""),
    ({"PATH_INFO": "/readyz"}, ""),
    ({"PATH_INFO": GATE}, "gate"),
    ({"PATH_INFO": "/api/v1/gate/flagger", "CONTENT_LENGTH": "99999999"}, "gate"),
    ({"PATH_INFO": "/incidents"}, "other"),
    ({"PATH_INFO": "/livez/"}, "other"),
    ({"PATH_INFO": "/sign-in", "REQUEST_METHOD": "GET"}, "other"),
    ({"PATH_INFO": "/sign-in", "REQUEST_METHOD": "POST"}, "sign-in"),
    ({"PATH_INFO": "/sign-in", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "99999999"}, "sign-in"),
    ({"PATH_INFO": "/sign-in/link/x", "REQUEST_METHOD": "POST"}, "other"),
    ({"PATH_INFO": "/api/v1/incidents", "CONTENT_LENGTH": str(LONG_BODY)}, "other"),
    ({"PATH_INFO": "/api/v1/incidents", "CONTENT_LENGTH": str(LONG_BODY + 1)}, "large"),
    ({"PATH_INFO": "/api/v1/incidents", "CONTENT_LENGTH": "many"}, "large"),
    ({"PATH_INFO": "/api/v1/incidents", "HTTP_TRANSFER_ENCODING": "chunked"}, "large"),
]


@pytest.mark.parametrize("environ, room", ROWS)
def test_each_request_has_its_room(environ: dict[str, Any], room: str) -> None:
    assert room_of(environ) == room


def test_while_rooms_are_full_health_answers_and_the_next_is_told_when_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        admission, "rooms", lambda: {name: Room(2, 1, wait_s=60) for name in ("gate", "large", "other")}
    )
    held, inside = threading.Event(), threading.Semaphore(0)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == GATE:
            inside.release()
            held.wait()
        return Response("done")(environ, start_response)

    admitted = Admission(app)
    statuses: list[int] = []
    askers = [
        threading.Thread(
            target=lambda: statuses.append(Client(admitted).post(GATE, buffered=True).status_code)
        )
        for _ in range(3)
    ]
    for asker in askers:
        asker.start()
    for _ in range(2):
        inside.acquire()
    while admitted._rooms["gate"].queue < 1:
        threading.Event().wait(0.001)
    refused = Client(admitted).post(GATE, buffered=True)
    others = [
        Client(admitted).get(path, buffered=True).status_code for path in ("/livez", "/readyz", "/incidents")
    ]
    held.set()
    for asker in askers:
        asker.join()

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, str(admission.RETRY_AFTER_S))
    assert json.loads(refused.data)["status"] == 503
    assert others == [200, 200, 200]
    assert statuses == [200, 200, 200]


def test_who_waits_in_vain_is_refused_and_leaves_no_trace() -> None:
    room = Room(1, 1, wait_s=0)

    assert room.enter()
    assert not room.enter()
    room.leave()
    assert (room.enter(), room.inside, room.queue) == (True, 1, 0)


def test_there_is_a_thread_for_everybody_whom_a_room_holds() -> None:
    held = sum(room.at_once + room.waiting for room in admission.rooms().values())

    assert held < admission.THREADS
