"""A full disk: what was acknowledged stays, nothing is allowed and it is said why, until there is room."""

from __future__ import annotations

from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit
from time import monotonic

import pytest
from sqlalchemy import select, text

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision
from postmortems.guards.models import Evidence
from tests.faults.conftest import Figures
from tests.faults.serving import CLAIM, Answer, Group, Process, add_guard, group, question, until

pytestmark = pytest.mark.faults

# As good as a full disk, and anybody may set it: no file of the process grows any more.
NO_ROOM, ROOM = (4096, RLIM_INFINITY), (RLIM_INFINITY, RLIM_INFINITY)


def attest(made: Group, server: Process, name: str) -> Answer:
    body = {"predicate": "tested", "subject": question()["artifact"], "service": "data8"}
    body |= {"target": "staging", "result": "passed", "event_id": name}
    return server.send("POST", "/api/v1/evidence/attestations", body, made.headers("ada"))


def test_a_full_disk_is_a_block_with_its_reason_and_ends_by_itself(tmp_path: Path, figures: Figures) -> None:
    with group(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as made:
        add_guard(made, "target-confirmed", "target", {})
        server = made.serve()
        kept = {made.ask(server)["id"] for _ in range(5)}
        assert attest(made, server, "before").status == 201

        prlimit(server.process.pid, RLIMIT_FSIZE, NO_ROOM)
        began = monotonic()
        refused = [made.ask(server, key=f"full-{number}") for number in range(20)]
        refusing_s = (monotonic() - began) / len(refused)
        lost = attest(made, server, "meanwhile")
        read = server.send("GET", "/api/v1/gate/decisions", headers=made.headers("ada"))
        verified = server.send(
            "POST", f"/api/v1/gate/decisions/{min(kept)}/verify", CLAIM | {"use": True}, made.headers("ada")
        )
        prlimit(server.process.pid, RLIMIT_FSIZE, ROOM)
        back_s = until(lambda: made.ask(server, key="full-1")["decision"] == "allow")
        after = attest(made, server, "after")
        with db.reading():
            decisions = set(session().scalars(select(Decision.id)))
            evidence = set(session().scalars(select(Evidence.event_id)))
            is_whole = session().scalar(text("PRAGMA integrity_check"))

    assert {(answer.status, answer["decision"], answer["id"]) for answer in refused} == {(200, "block", "")}
    assert "no room to write" in refused[0]["reasons"][0]["summary"]
    assert (lost.status, read.status, verified.status, after.status) == (503, 200, 503, 201)
    assert kept <= decisions
    assert evidence == {"before", "after"}
    assert is_whole == "ok"
    figures("disk full: mean time of a refusal", "≤ 1 s", f"{refusing_s:.3f} s")
    figures("disk full has room again: first decision", "≤ 5 s", f"{back_s:.2f} s")
