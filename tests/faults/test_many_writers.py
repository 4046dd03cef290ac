"""Several processes that write to one SQLite without a pause: each has its turn, and nobody is refused."""

from __future__ import annotations

import threading
from bisect import bisect, bisect_left
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import func, select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.guards.models import Evidence
from tests.faults.conftest import Figures
from tests.faults.serving import Process, group, question

pytestmark = pytest.mark.faults

# The last has a line of one only, beside three whose lines never end.
CLIENTS, OF_EACH = (12, 12, 12, 1), 12


def test_no_process_is_kept_out_by_the_lines_of_others(tmp_path: Path, figures: Figures) -> None:
    with group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        servers = [made.serve() for _ in CLIENTS]
        headers = made.headers("ada")
        answers: list[tuple[int, float, float]] = []

        def attest(server: Process, who: str) -> None:
            for number in range(OF_EACH):
                body = {"predicate": "tested", "subject": question()["artifact"], "service": "data8"}
                body |= {"target": "staging", "result": "passed", "event_id": f"{who}-{number}"}
                began = monotonic()
                told = server.send("POST", "/api/v1/evidence/attestations", body, headers)
                answers.append((told.status, began, monotonic()))

        clients = [
            threading.Thread(target=attest, args=(server, f"{place}-{client}"))
            for place, (server, count) in enumerate(zip(servers, CLIENTS, strict=True))
            for client in range(count)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        with db.reading():
            stored = session().scalar(select(func.count()).select_from(Evidence))

    assert {status for status, _, _ in answers} == {201}
    assert stored == len(answers) == sum(CLIENTS) * OF_EACH
    longest = max(ended - began for _, began, ended in answers)
    # However slow the machine is: who has eleven before it in line, at a door of four, sees so many go first.
    ends = sorted(ended for _, _, ended in answers)
    passed_by = max(bisect_left(ends, ended) - bisect(ends, began) for _, began, ended in answers)
    fair = max(CLIENTS) * len(CLIENTS)
    clients_told = f"{sum(CLIENTS)} clients of {len(CLIENTS)} processes that write to one SQLite"
    figures(f"{clients_told}: refused", "0", f"0 of {stored}")
    figures(f"{clients_told}: longest", "≤ 5 s", f"{longest:.1f} s")
    figures(f"{clients_told}: answers to others meanwhile, at most", f"{fair} in strict turn", f"{passed_by}")
