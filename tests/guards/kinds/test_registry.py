"""What holds for every kind in the table, also for one that is added tomorrow."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from postmortems.egress.client import Egress
from postmortems.errors import Invalid
from postmortems.guards import config_form
from postmortems.guards.evidence import find
from postmortems.guards.judgement import VERDICTS, Artifact, Run
from postmortems.guards.kind import Kind
from postmortems.guards.kinds.registry import KINDS
from tests.artifacts import commit
from tests.guards.asking import DIGEST, observed, question

pytestmark = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def test_its_sample_is_a_configuration_that_stays_as_it_is(kind: Kind) -> None:
    config = kind.configured(kind.sample)

    assert kind.configured(config) == config
    assert json.loads(json.dumps(config)) == config


def test_it_judges_with_defaults_that_are_younger_than_the_configuration(kind: Kind) -> None:
    config = kind.configured(kind.sample)

    assert kind.judge(kind.sample, [], question()) == kind.judge(config, [], question())


def test_it_says_what_it_is(kind: Kind) -> None:
    assert kind.label
    assert kind.passes_when
    assert type(kind).__module__.split(".")[3] == kind.slug


# These look for trouble; where none is known, there is none.
LOOK_FOR_TROUBLE = {"halt", "open_items"}


def test_without_evidence_it_passes_only_if_it_needs_none(kind: Kind) -> None:
    config, asked = kind.configured(kind.sample), question(declared_target="data8/prod")
    judgement = kind.judge(config, [], asked)

    assert judgement.verdict in VERDICTS
    if kind.slug not in LOOK_FOR_TROUBLE:
        assert not kind.needs(config, asked) or judgement.verdict != "pass"


def test_all_that_it_wants_can_be_found(kind: Kind) -> None:
    wanted = kind.needs(kind.configured(kind.sample), question())

    assert {one.kind for one in wanted} <= {*find.SHARED, *find.OF_GUARDS}


def test_what_it_wants_goes_by_the_target_alone(kind: Kind) -> None:
    config = kind.configured(kind.sample)
    others: list[dict[str, Any]] = [
        {"artifact": Artifact("sha256:" + "ab" * 32, "ab" * 20, {"hub": "1"})},
        {"change_kind": "rollback"},
        {"resolves": ("AI-2",)},
        {"actor": "@kim", "run": Run("ci", "17", 2, "", ("kim",), "data8/prod")},
        {"declared_target": "biology/prod", "bound_target": "data8/prod"},
        {"is_replay": True},
        {"now": question().now + timedelta(days=400)},
    ]

    wanted = list(kind.needs(config, question()))
    assert [list(kind.needs(config, question(**other))) for other in others] == [wanted] * len(others)


def test_every_judgement_has_a_code_a_sentence_and_plain_values(kind: Kind) -> None:
    judgement = kind.judge(kind.configured(kind.sample), [], question())

    assert judgement.reason_code
    assert judgement.summary
    json.dumps([judgement.observed, judgement.expected])


@pytest.mark.parametrize("raw", [None, [], "deny", 7])
def test_a_configuration_that_is_no_object_is_refused(kind: Kind, raw: object) -> None:
    with pytest.raises(Invalid) as told:
        kind.configured(raw)

    assert [problem.pointer for problem in told.value.problems] == ["/config"]


def test_an_unknown_field_is_named(kind: Kind) -> None:
    with pytest.raises(Invalid) as told:
        kind.configured({**kind.sample, "a/b": 1})

    assert [problem.pointer for problem in told.value.problems] == ["/config/a~1b"]


def test_each_field_has_a_label_and_help(kind: Kind) -> None:
    for field in config_form.fields_of(kind):
        assert field.label
        assert field.help.endswith(".")


def test_a_form_gives_back_what_it_showed(kind: Kind) -> None:
    config = kind.configured(kind.sample)

    assert kind.configured(config_form.from_form(kind, config_form.shown(kind, config))) == config


def test_its_json_schema_takes_its_sample_and_no_more(kind: Kind) -> None:
    schema = config_form.json_schema(kind)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    assert validator.is_valid(kind.sample)
    assert validator.is_valid(kind.configured(kind.sample))
    assert not validator.is_valid({**kind.sample, "unknown": 1})


def test_only_a_kind_that_observes_looks_outside(kind: Kind) -> None:
    if kind.probes(kind.configured(kind.sample)):
        # Nothing may be asked, so it sees that; and what it sees is plain JSON, and judged.
        nowhere = Egress(resolve=lambda host, port: ["127.0.0.1"])
        asked = question(artifact=Artifact(digest=DIGEST, sha=commit("0123abc")))
        data = kind.observe(kind.configured(kind.sample), asked, nowhere)
        assert "refused" in data
        assert json.loads(json.dumps(data)) == data
        assert kind.judge(kind.configured(kind.sample), [observed(**data)], asked).verdict == "error"
    elif not kind.observes:
        with pytest.raises(TypeError, match=kind.slug):
            kind.observe(kind.sample, question(), Egress())
