"""A flood of sign-ins with wrong passwords: people at work and pipelines hardly notice."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from urllib.parse import urlencode

import pytest

from tests.faults.conftest import Figures
from tests.faults.serving import FORM_TOKEN, Answer, Group, Process
from tests.faults.test_reserved import timed

pytestmark = pytest.mark.faults

FLOODING, ASKED = 16, 40
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def wrong(server: Process, over: threading.Event, who: int, told: Counter[int]) -> None:
    """Try one name after another, from one address, as long as it lasts."""
    page = server.send("GET", "/sign-in")
    token = FORM_TOKEN.search(page.body)
    assert token is not None
    cookie = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
    turn = 0
    while not over.is_set():
        turn += 1
        form = {"csrf_token": token[1], "name": f"name{who}-{turn}", "password": "a wrong password"}
        told[server.send("POST", "/sign-in", urlencode(form), FORM | cookie).status] += 1


def page(server: Process, cookies: dict[str, str]) -> Answer:
    return server.send("GET", "/incidents", headers=cookies)


@pytest.mark.parametrize("start", ["serve", "gunicorn"])
def test_a_flood_of_sign_ins_keeps_pages_and_the_gate_answering(
    processes: Group, figures: Figures, start: str
) -> None:
    server: Process = getattr(processes, start)()
    cookies = processes.browser(server, "ben")

    def half() -> tuple[float, float]:
        pages = [timed(lambda: page(server, cookies)) for _ in range(ASKED)]
        asked = [timed(lambda: processes.ask(server)) for _ in range(ASKED)]
        return median(pages) * 1000, median(asked) * 1000

    half()
    idle = half()
    over, told = threading.Event(), Counter[int]()
    with ThreadPoolExecutor(FLOODING) as pool:
        flooding = [pool.submit(wrong, server, over, who, told) for who in range(FLOODING)]
        try:
            busy = half()
        finally:
            over.set()
        for one in flooding:
            one.result()

    assert sum(told.values()) > FLOODING
    assert set(told) <= {403, 429, 503}, told
    tries = ", ".join(f"{count} × {status}" for status, count in sorted(told.items()))
    for name, before, now in zip(("page", "decision"), idle, busy, strict=True):
        case = f"{FLOODING} who guess passwords: a {name}, half of them within"
        figures(case, f"≤ 2 × {before:.1f} ms", f"{now:.1f} ms; meanwhile {tries}")
