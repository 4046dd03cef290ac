"""Many at once: people who edit one report, and clients that never come to the end of what they send."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import ExitStack
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents.models import Revision
from tests.faults.conftest import Figures
from tests.faults.serving import Group, Process, add_guard
from tests.incidents import writers

pytestmark = pytest.mark.faults

EDITORS, EDITS = 8, 5
SLOW = 150
PLACE = "/api/v1/incidents"


def edit(processes: Group, server: Process, place: str, line: str) -> int:
    """Add a line to the report, again and again until nobody was quicker; returns how often somebody was.

    A disk that is busy with others may keep a writer longer than we let it wait: then nothing was changed.
    """
    stale = 0
    while True:
        there = server.send("GET", place, headers=processes.headers("ada", Accept="text/markdown"))
        if there.status == 503:
            continue
        headers = processes.headers("ada", **{"If-Match": there.headers["ETag"]})
        headers["Content-Type"] = "text/markdown"
        done = server.send("PUT", place, f"{there.body}\n{line}\n", headers)
        if done.status == 200:
            return stale
        if done.status == 503:
            continue
        assert done.status == 412, done
        assert line in done["mine"]
        stale += 1


def test_of_many_who_edit_one_report_nobody_is_overwritten(processes: Group, figures: Figures) -> None:
    servers = processes.serve(), processes.serve()
    headers = processes.headers("ada", **{"Content-Type": "text/markdown"})
    made = servers[0].send("POST", PLACE, "# The disk is full\n\n## Summary\n\nIt is.\n", headers)
    assert made.status == 201, made
    place, stale = f"{PLACE}/{made['slug']}", [0] * EDITORS

    def work(editor: int) -> None:
        for number in range(EDITS):
            stale[editor] += edit(processes, servers[editor % 2], place, f"Edit {editor}-{number}.")

    threads = [threading.Thread(target=work, args=(editor,)) for editor in range(EDITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with db.reading():
        found = session().execute(select(Revision.version, Revision.text).order_by(Revision.version)).all()
    lines = {f"Edit {editor}-{number}." for editor in range(EDITORS) for number in range(EDITS)}
    assert [version for version, _ in found] == list(range(1, EDITORS * EDITS + 2))
    assert all(line in found[-1].text for line in lines)
    told = f"{EDITORS} people, {len(lines)} edits of one report at once: lost, told of another's"
    figures(told, "0 lost", f"0, {sum(stale)}")


WRITERS, SAVES = 20, 25


def test_of_many_who_merge_into_one_report_no_word_is_lost(processes: Group, figures: Figures) -> None:
    servers, headers = (processes.serve(), processes.serve()), processes.headers("ada")

    def send(method: str, path: str, body: Any) -> tuple[int, Any]:
        answer = random.choice(servers).send(method, path, body, headers, within_s=300)
        return answer.status, answer.body

    place, tally = writers.write(send, WRITERS, SAVES)
    texts = {
        version: servers[0].send("GET", f"{place}/revisions/{version}", headers=headers)["text"]
        for version in range(1, WRITERS * SAVES + 2)
    }

    assert len(tally.kept) == WRITERS * SAVES
    lost = writers.missing(tally, texts)
    assert (lost, tally.unsaid) == ({}, [])
    told = f"{WRITERS} people, {WRITERS * SAVES} saves of one report at once"
    figures(f"{told}: lost, merged, told of a clash", "0 lost", f"0, {tally.merged}, {tally.clashed}")


@pytest.mark.parametrize("sent", ["a head", "a body"])
def test_clients_that_never_end_hold_up_nobody(processes: Group, figures: Figures, sent: str) -> None:
    add_guard(processes, "target-confirmed", "target", {})
    server = processes.serve()
    beginning = b"POST /api/v1/gate/decisions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if sent == "a body":
        beginning += b"Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"
    with ExitStack() as stack:
        for _ in range(SLOW):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            slow.sendall(beginning)
        began = monotonic()
        answers = [processes.ask(server) for _ in range(5)]
        mean_s = (monotonic() - began) / len(answers)

    assert {answer["decision"] for answer in answers} == {"allow"}
    figures(f"{SLOW} clients that never end what they send: a decision", "≤ 1 s", f"{mean_s:.2f} s")
