"""What a guard that only watches says after the answer is stored, and shown with the decision."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.gate.decisions import ask, probes, shadow_verdicts
from postmortems.gate.decisions.probes import ProbePool, ProbeResult
from postmortems.gate.enforcement import guard_changes
from postmortems.guards.kinds.registry import KINDS
from tests.gate.founding import CI, request
from tests.runtimes import RUNTIME, VAULT
from tests.shown import words
from tests.world import World


class Watched:
    """A decision that a shadow guard was asked about, before it is judged and after."""

    def __init__(self, world: World) -> None:
        self.world, self.judged = world, threading.Event()
        self.go = threading.Event()

    def ask(self) -> dict[str, Any]:
        assert self.world.app is not None
        return self._json(
            self.world.app.test_client().post(
                "/api/v1/gate/decisions", json=request(), headers=self.world.headers("ada")
            )
        )

    def read(self, decision: str) -> dict[str, Any]:
        assert self.world.app is not None
        path = f"/api/v1/gate/decisions/{decision}"
        return self._json(self.world.app.test_client().get(path, headers=self.world.headers("cy")))

    def page(self, decision: str) -> str:
        return words(self.world.browser("cy").get(f"/gate/{decision}").text)

    @staticmethod
    def _json(answer: Any) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found


@pytest.fixture
def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> Watched:
    made, store = Watched(world), shadow_verdicts._store

    def look(*_: Any) -> dict[str, Any]:
        made.go.wait(60)
        return {"status": 500}

    def note(*words: Any) -> None:
        store(*words)
        made.judged.set()

    monkeypatch.setattr(KINDS["http"], "observe", look)
    monkeypatch.setattr(shadow_verdicts, "_store", note)
    shape = {"slug": "watching", "title": "It watches", "kind": "http", "targets": ["data8/prod"]}
    with db.transaction():
        guard_changes.create(
            shape | {"config": {"url": "https://hub.example.org/"}}, actor=world.ben, vault=VAULT
        )
    return made


def test_the_decision_read_again_says_what_was_found_after_it(watched: Watched) -> None:
    answer = watched.ask()
    (before,) = watched.read(answer["id"])["guards"]
    watched.go.set()
    assert watched.judged.wait(60)
    again = watched.read(answer["id"])
    (after,) = again["guards"]

    assert (answer["decision"], "later" in answer["guards"][0]) == ("allow", False)
    assert (before["reason_code"], before["later"]) == ("judged_later", None)
    assert (after["later"]["verdict"], after["verdict"]) == ("fail", "inconclusive")
    assert "500" in str(after["later"]["observed"])
    assert again | {"guards": []} == answer | {"guards": []}


def test_the_page_shows_it(watched: Watched) -> None:
    answer = watched.ask()
    before = watched.page(answer["id"])
    watched.go.set()
    assert watched.judged.wait(60)
    after = watched.page(answer["id"])

    assert "1 guard only watches" in before
    assert "Judged after the answer" not in before
    assert "Judged after the answer" in after
    assert "passed" not in before + after


def test_a_rollback_is_not_looked_at_by_what_would_not_hold_it_up(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KINDS["http"], "applies_to_rollback", False)
    answer = ask.ask(request(change_kind="rollback"), actor=CI, runtime=RUNTIME)

    assert [one["verdict"] for one in answer["guards"]] == ["not_applicable"]
    assert not watched.judged.is_set()


def test_a_server_that_ends_answers_all_the_same(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(*_: Any) -> Any:
        raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(probes, "begin", ends)

    assert watched.ask()["decision"] == "allow"


def test_looks_at_a_host_that_hangs_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "A_HOST_WAITING", 3)
    lookout, go = ProbePool(4), threading.Event()

    def look() -> ProbeResult:
        go.wait(60)
        return ProbeResult(at=None)  # type: ignore[arg-type]

    asked = [lookout.share(number, "host", look) for number in range(8)]
    refused = [one.done() and one.result().trouble for one in asked]
    go.set()
    seen = [one.result(60).trouble for one in asked]

    assert [bool(trouble) for trouble in refused] == [False] * 5 + [True] * 3
    assert [bool(trouble) for trouble in seen] == [False] * 5 + [True] * 3
    assert lookout.share("again", "host", look).result(60).trouble == ""
