"""The form of a scenario as values: nothing is lost between facts and form, and what is wrong has a field."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from postmortems.demo import DATA
from postmortems.errors import Invalid
from postmortems.gate import schemas
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.form import evidence_fields, local_times
from postmortems.gate.scenarios.form.values import (
    PROBE,
    at_fields,
    complete,
    fields_of,
    is_sort,
    removed,
    to_facts,
    to_values,
)
from postmortems.guards.kinds.registry import KINDS
from tests.artifacts import commit, digest
from tests.gate import founding

LA = "America/Los_Angeles"
KINDS_OF = {"staging-online": "http", "checks": "scm_check", "metrics": "prometheus", "port": "tcp"}
EVIDENCE: dict[str, dict[str, Any]] = {
    "attestation": {
        "predicate": "p",
        "target": "s/t",
        "result": "warned",
        "tests": {"a": "passed", "b": "x: y"},
    },
    "deploy": {"target": "s/t", "outcome": "rolled_back", "data": {"components": {"chart": "1"}}},
    "signoff": {"predicate": "g", "result": "approved", "issuer": "ben", "data": {"checklist": ["I looked"]}},
    "ping": {"guard": "g", "result": "fail", "data": {"exit_status": 3, "rid": "7"}},
    "command": {"predicate": digest("1"), "trust": "oidc", "data": {"exit_code": 0, "guard": "g"}},
    "facts": {"target": "s/t", "data": {"facts": {"kubernetes": "1.29"}}},
    "resolution": {"target": "s/t", "issuer": "ben", "data": {"note": "mended"}},
    "item": {"predicate": "P0", "result": "open", "data": {"id": "AI-2", "due": "2018-01-01"}},
    "policy": {"predicate": "pol", "data": {"version": 3, "title": "Deploying"}},
    "acknowledgement": {"predicate": "pol", "issuer": "ada", "data": {"version": 3}},
    "incident": {"target": "s/t", "result": "open"},
    "evaluation": {"predicate": "g", "target": "s/t", "result": "pass"},
}
LOOKS: dict[str, dict[str, Any]] = {
    "staging-online": {
        "status": 503,
        "latency_ms": 12,
        "contains": {"a: b": True, "c": False, "d": None},
        "headers": {"Content-Type: text/html": True},
        "truncated": False,
        "url": "https://x.example",
    },
    "checks": {"states": {"build": "success", "lint": "missing"}},
    "metrics": {"series": [{"last": 0.5, "min": 0.0, "max": 1.0}]},
    "port": {"heard": [True, False], "tls_days_left": 9},
    "of-no-guard": {"anything": [1, {"b": "yes"}]},
}


def facts(**changes: Any) -> dict[str, Any]:
    return schemas.load(scenarios_schemas.FactsShape(), {**founding.BAD, **changes})


def again(value: dict[str, Any]) -> dict[str, Any]:
    """Through the form as a browser would send it, and back."""
    values = to_values(value, LA, KINDS_OF)
    posted: dict[str, Any] = {name: text for name, text in values.items() if isinstance(text, str)}
    posted["asked"] = nested(values["asked"])
    posted["seen"] = [
        {"sort": row["sort"], "guard": row["guard"], "rest": row["rest"]} | nested(row["texts"])
        for row in values["seen"]
    ]
    return schemas.load(scenarios_schemas.FactsShape(), to_facts(complete(posted))[0])


def nested(texts: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in texts.items():
        *path, last = name.split(".")
        place = found
        for step in path:
            place = place.setdefault(step, {})
        place[last] = text
    return found


@pytest.mark.parametrize("kind", EVIDENCE)
def test_no_evidence_is_lost_in_the_form(kind: str) -> None:
    one = {"kind": kind, "observed_at": "2018-01-25T15:00:00-08:00", **EVIDENCE[kind]}
    odd = one | {"digest": founding.OLD, "run": {"id": 7}, "data": {**one.get("data", {}), "odd": [1, "2"]}}
    known = facts(evidence=[one, odd, one | {"observed_at": "2018-01-25T15:00:01.250000-08:00"}])

    assert again(known) == known


@pytest.mark.parametrize("slug", LOOKS)
def test_nothing_that_was_seen_is_lost_in_the_form(slug: str) -> None:
    known = facts(probes={slug: LOOKS[slug]})

    assert again(known) == known


def test_no_part_of_the_request_is_lost_in_the_form() -> None:
    artifact = {"digest": digest("1"), "sha": commit("abc"), "components": {"chart": "c: 1", "image": "2"}}
    run = {
        "provider": "github",
        "id": 7,
        "attempt": 2,
        "typed_target": "data8/prod",
        "committers": ["a", "b"],
    }
    request = founding.request(artifact=artifact, resolves=["AI-2"], actor="ada", change_kind="fix", run=run)
    known = facts(request=request)

    assert again(known) == known


@pytest.mark.parametrize("path", sorted(DATA.glob("scenarios/*.yaml")), ids=lambda path: path.stem)
def test_the_demo_says_the_same_through_the_form(path: Any) -> None:
    known = schemas.load(scenarios_schemas.FactsShape(), yaml.safe_load(path.read_text())["facts"])

    back = again(known)

    assert schemas.instant(back.pop("at")) == schemas.instant(known.pop("at"))
    for one, other in zip(back["evidence"], known["evidence"], strict=True):
        assert schemas.instant(one.pop("observed_at")) == schemas.instant(other.pop("observed_at"))
    assert back == known


def test_every_kind_of_evidence_and_of_look_has_its_row() -> None:
    assert set(EVIDENCE) == set(evidence_fields.SHOWN) == set(evidence_fields.LABELS)
    assert set(evidence_fields.SHOWN) <= set(scenarios_schemas.RECORDED)
    for kind in (*scenarios_schemas.RECORDED, "of-tomorrow"):
        assert {"observed_at"} <= {field.name for field in fields_of(kind)}
        assert evidence_fields.label(kind)
    for kind in KINDS.values():
        if kind.observes:
            assert len(fields_of(f"{PROBE}{kind.slug}")) > 2
    assert not is_sort("observation")


def test_who_vouched_for_the_artifact_follows_it_and_who_vouched_for_another_does_not() -> None:
    one = {
        "kind": "attestation",
        "observed_at": "2018-01-25T15:00:00-08:00",
        "predicate": "p",
        "target": "s/t",
    }
    values = to_values(
        facts(evidence=[one | {"digest": founding.OLD}, one | {"digest": digest("0")}]), LA, {}
    )

    values["asked"]["artifact.digest"] = digest("new")

    assert [row["digest"] for row in to_facts(values)[0]["evidence"]] == [digest("new"), digest("0")]


@pytest.mark.parametrize(
    "place, text, field, told",
    [
        ("at", "", "at", "say when"),
        ("at", "tomorrow", "at", "is no time"),
        ("at", "2018-03-11T02:30", "at", "was skipped when the clocks changed"),
        ("at", "2018-11-04T01:30", "at", "came twice when the clocks changed"),
        ("zone", "Mars/Olympus", "zone", "is no zone"),
        ("zone", "../etc/passwd", "zone", "is no zone"),
        ("target", "", "target", "choose the target"),
        ("target", "data8", "target", "choose the target"),
        ("asked_rest", "[", "asked_rest", "cannot be read as YAML"),
        ("asked_rest", "- 1", "asked_rest", "write members"),
        ("asked/artifact.components", "chart", "asked.artifact.components", "a name, a colon and a value"),
        ("seen/0/observed_at", "", "seen/0/observed_at", "say when"),
        ("seen/0/rest", "a: &x 1", "seen/0/rest", "not taken"),
        ("seen/1/status", "up", "seen/1/status", "a whole number"),
        ("seen/1/status", "9" * 40, "seen/1/status", "a whole number"),
        ("seen/1/contains", "ready: perhaps", "seen/1/contains", "yes or no"),
        ("seen/1/rest", "nothing", "seen/1/rest", "write members"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(place: str, text: str, field: str, told: str) -> None:
    values = to_values(facts(evidence=founding.GOOD["evidence"]), LA, KINDS_OF)
    first, *deeper = place.split("/")
    if not deeper:
        values[first] = text
    elif first == "asked":
        values["asked"][deeper[0]] = text
    elif deeper[1] == "rest":
        values["seen"][int(deeper[0])]["rest"] = text
    else:
        values["seen"][int(deeper[0])]["texts"][deeper[1]] = text

    with pytest.raises(Invalid) as refused:
        to_facts(values)

    (problem,) = refused.value.problems
    assert problem.pointer == f"/{field}"
    assert told in problem.detail


def test_two_rows_of_one_guard_are_one_too_many() -> None:
    values = to_values(facts(), LA, KINDS_OF)

    with pytest.raises(Invalid, match="has a row already"):
        to_facts(values | {"seen": values["seen"] * 2})


@pytest.mark.parametrize(
    "pointer, field",
    [
        ("/name", "/name"),
        ("/facts/at", "/at"),
        ("/facts/request/service", "/target"),
        ("/facts/request/artifact/digest", "/asked.artifact.digest"),
        ("/facts/request/artifact/components/chart", "/asked.artifact.components"),
        ("/facts/request/resolves/0", "/asked.resolves"),
        ("/facts/request/run/id", "/asked_rest"),
        ("/facts/evidence/0/predicate", "/seen/1/predicate"),
        ("/facts/evidence/0/tests", "/seen/1/tests"),
        ("/facts/evidence/0/run", "/seen/1/rest"),
        ("/facts/probes/staging-online/status", "/seen/0/status"),
        ("/facts/probes/staging-online", "/seen/0/rest"),
        ("/facts/evidence", "/seen"),
    ],
)
def test_what_a_check_refuses_is_told_at_its_field(pointer: str, field: str) -> None:
    values = to_values(facts(evidence=founding.GOOD["evidence"]), LA, KINDS_OF)
    values["seen"].reverse()
    _, rows = to_facts(values)

    found = at_fields(Invalid("wrong", pointer).problems, values, rows)

    assert [problem.pointer for problem in found] == [field]


def test_a_row_is_taken_away_and_an_unknown_button_does_nothing() -> None:
    values = to_values(facts(evidence=founding.GOOD["evidence"]), LA, KINDS_OF)

    assert [row["sort"] for row in removed(values, "remove-0")["seen"]] == ["look:http"]
    assert removed(values, "remove-9") == removed(values, "explode") == values


def test_what_belongs_to_no_form_is_left_out() -> None:
    hostile = {
        "seen": [{"sort": "magic"}, "row", {"sort": "deploy", "target": ["x"], "extra": "y"}],
        "at": ["x"],
    }

    values = complete(hostile)

    assert values["at"] == ""
    assert [(row["sort"], row["texts"]["target"]) for row in values["seen"]] == [("deploy", "")]


@pytest.mark.parametrize(
    "instant, text",
    [
        ("2018-01-25T15:30:00-08:00", "2018-01-25T15:30"),
        ("2018-01-25T23:30:00+00:00", "2018-01-25T15:30"),
        ("2018-01-25T15:30:05-08:00", "2018-01-25T15:30:05"),
        ("2018-11-04T01:30:00-07:00", "2018-11-04T01:30:00-07:00"),
        ("2018-11-04T01:30:00-08:00", "2018-11-04T01:30:00-08:00"),
    ],
)
def test_an_instant_is_shown_by_the_zones_clocks_and_read_back(instant: str, text: str) -> None:
    moment, zone = schemas.instant(instant), ZoneInfo(LA)

    assert local_times.shown(moment, zone) == text
    assert local_times.read(text, zone) == moment
