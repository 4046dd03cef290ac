"""Rooms for the gate, large bodies and all else; health is never behind them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client
from werkzeug.wrappers import Response

from postmortems.accounts import credentials
from postmortems.limits import LONG_BODY
from postmortems.web.server import admission
from postmortems.web.server.admission import Admission, Room, room_of
from tests.world import FORM_TOKEN, World

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


class Watch:
    """A clock that goes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(admission, "monotonic", watch)
    return watch


@pytest.mark.parametrize(
    "status, took_s, rests_s",
    [
        (303, 3.0, 0.0),
        (200, 3.0, 0.0),
        (500, 3.0, 0.0),
        (403, 0.25, 0.25),
        (429, 0.5, 0.5),
        (400, 0.5, 0.5),
        (403, 60.0, admission.LONGEST_REST_S),
    ],
)
def test_sign_in_rests_after_a_refusal_as_long_as_that_took_and_other_rooms_never(
    monkeypatch: pytest.MonkeyPatch, watch: Watch, status: int, took_s: float, rests_s: float
) -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        watch.now += took_s
        return Response("done", status)(environ, start_response)

    made = {"sign-in": Room(1, 1, wait_s=0, rests=True), "other": Room(1, 1, wait_s=0)}
    monkeypatch.setattr(admission, "rooms", lambda: made)
    client = Client(Admission(app))
    assert client.post("/sign-in", buffered=True).status_code == status
    assert client.post("/settings", buffered=True).status_code == status
    assert made["other"].rests_until == 0

    # The other request took as long, and in that time some of the rest has gone.
    watch.now -= took_s
    if rests_s:
        assert client.post("/sign-in", buffered=True).status_code == 503
        watch.now += rests_s
    assert client.post("/sign-in", buffered=True).status_code == status
    assert [(room.inside, room.queue) for room in made.values()] == [(0, 0), (0, 0)]


def test_who_waits_while_a_room_rests_comes_in_once_it_has_rested() -> None:
    room = Room(1, 1, wait_s=60, rests=True)
    assert room.enter()
    room.leave(refused_in_s=0.05)

    # The real clock: whoever waits for it is woken by nobody else.
    assert room.enter()
    assert (room.inside, room.queue) == (1, 0)


def test_however_many_guess_at_once_one_password_is_hashed_at_a_time(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checking, most, hashed = list[int](), list[int](), threading.Lock()
    verify = credentials.is_right

    def is_right(password: str, stored: str | None) -> bool:
        with hashed:
            checking.append(1)
            most.append(len(checking))
        try:
            return verify(password, stored)
        finally:
            with hashed:
                checking.pop()

    monkeypatch.setattr(credentials, "is_right", is_right)
    made = admission.rooms()
    # However slow this machine is, nobody gives up.
    made["sign-in"].wait_s, made["sign-in"].rests = 600, False
    monkeypatch.setattr(admission, "rooms", lambda: made)
    admitted = Admission(app)
    page = Client(admitted).get("/sign-in", buffered=True)
    token = FORM_TOKEN.search(page.text)
    assert token is not None
    form = {"csrf_token": token[1], "password": "a wrong password"}
    cookie = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}

    def one(number: int) -> int:
        wrong = form | {"name": f"name {number}"}
        client = Client(admitted, use_cookies=False)
        return client.post("/sign-in", data=wrong, headers=cookie, buffered=True).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(one, range(16)))

    assert statuses == {403}
    assert (len(most), max(most)) == (16, 1)


def test_there_is_a_thread_for_everybody_whom_a_room_holds() -> None:
    held = sum(room.at_once + room.waiting for room in admission.rooms().values())

    assert held < admission.THREADS
