"""Reports of the gate, from real decisions: blocks of guards, and failures of changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from postmortems.db import session as db
from postmortems.document.model import Item
from postmortems.gate.decisions import ask
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents.items import owners
from postmortems.reports.catalog import change_failures
from tests.conftest import Clock
from tests.gate import founding
from tests.gate.founding import CI, only, request
from tests.incidents.documents import SYSTEM
from tests.runtimes import RUNTIME
from tests.world import World

LETS_THROUGH = {"allow", "allow_with_warnings"}
# Changes and failures, and how many of a hundred that are.
RATES = {(0, 0): None, (0, 3): None, (4, 0): 0, (4, 1): 25, (3, 1): 33.3, (1, 2): 200}


@pytest.fixture
def told(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(KINDS["http"], "observe", lambda *_: {"status": 200})
    founding.tell(clock.now())
    only("target-confirmed")
    return world


def asked(decision: set[str], **changes: object) -> None:
    answer = ask.ask(request(**changes), actor=CI, runtime=RUNTIME)
    assert answer["decision"] in decision


def rows_of(world: World, name: str, query: str = "", by: str = "cy") -> list[dict[str, object]]:
    answer = world.browser(by).get(f"/api/v1/reports/{name}?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json["rows"]
    return found


def listed(world: World, address: str) -> int:
    html = world.browser("cy").get("/" + address.partition("://")[2].partition("/")[2]).text
    return len(re.findall(r"<tr[^>]*><td>", html))


@pytest.mark.parametrize("counts, wanted", RATES.items())
def test_the_rate_is_of_a_hundred_changes(counts: tuple[int, int], wanted: float | None) -> None:
    assert change_failures.rate(*counts) == wanted


def test_blocks_are_those_of_the_days_and_of_the_list_they_lead_to(told: World, clock: Clock) -> None:
    began = clock.now().date()
    for _ in range(2):
        asked({"block"}, declared_target="biology/prod")
    clock.advance(days=2)
    asked({"block"}, declared_target="biology/prod")
    asked(LETS_THROUGH)

    for query, count in (("", 3), (f"to={began}", 2), (f"from={began + timedelta(days=1)}", 1)):
        [row] = rows_of(told, "guards", query)
        assert (row["guard"], row["blocks"]) == ("target-confirmed", count)
        assert listed(told, row["links"]["blocks"]) == count  # type: ignore[index]
    assert rows_of(told, "guards", f"to={began - timedelta(days=1)}") == []


def test_sums_of_a_teams_guards_lead_to_their_blocks_alone(any_database: str, told: World) -> None:
    only("target-confirmed", "staging-validated")
    with db.transaction():
        owners.create_team("platform", "Platform", {"ada": True}, actor=SYSTEM)
        named = Item("Confirm the target.", kind="process", owner="platform", guards=("target-confirmed",))
        founding.add_incident(named)
    asked({"block"})
    asked({"block"}, declared_target="biology/prod")

    for query, count in (("", 2), ("team=platform", 1), ("team=platform&severity=-&service=data8", 1)):
        answer = told.browser("cy").get(f"/api/v1/reports/guards?{query}").json
        assert {listed(told, one["rows"]) for one in answer["figures"]} == {count}, query
        for row in answer["rows"]:
            assert listed(told, row["links"]["blocks"]) == row["blocks"], query
    answer = told.browser("cy").get("/api/v1/reports/guards?severity=SEV1").json
    assert answer["rows"] == []
    assert not [one for one in answer["figures"] if "rows" in one]


def test_failures_are_told_by_target_guarded_or_not(told: World, clock: Clock, client: FlaskClient) -> None:
    asked(LETS_THROUGH)
    asked(LETS_THROUGH, target="staging", declared_target="data8/staging")
    asked(LETS_THROUGH, target="staging", declared_target="data8/staging")
    today = clock.now().date()
    for restricted in ("", "restricted: [ada]\n"):
        head = f"---\ndate: {today}\nservices: [data8/staging]\n{restricted}---\n\n"
        sent = client.post(
            "/api/v1/incidents",
            data=f"{head}# Staging was down\n\n## Summary\n\nFor an hour{restricted[:1]}.\n",
            headers=told.headers() | {"Content-Type": "text/markdown"},
        )
        assert sent.status_code == 201, sent.text

    found = {row["target"]: row for row in rows_of(told, "change-failures")}
    counts = {
        name: (row["guarded"], row["changes"], row["failures"], row["rate"]) for name, row in found.items()
    }
    assert counts == {"data8/staging": ("no", 2, 1, 50.0), "data8/prod": ("yes", 1, 0, 0.0)}
    for row in found.values():
        for name in ("changes", "failures"):
            assert listed(told, row["links"][name]) == row[name]  # type: ignore[index]
    assert rows_of(told, "change-failures", by="ada")[0]["failures"] == 2
    assert rows_of(told, "change-failures", "service=data8/prod")[0]["target"] == "data8/prod"
    assert rows_of(told, "change-failures", f"to={today - timedelta(days=1)}") == []
