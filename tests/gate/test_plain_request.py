"""A request that is read without its schema is what the schema would have made of it, or is left to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from postmortems.gate import plain_request, schemas
from tests.artifacts import commit, digest

WHOLE: dict[str, Any] = {
    "service": "data8",
    "target": "prod",
    "declared_target": "data8/prod",
    "artifact": {"digest": digest("a"), "sha": commit("a"), "components": {"hub": "2.1"}},
    "change_kind": "fix",
    "resolves": ["AI-2"],
    "run": {
        "provider": "github",
        "id": 17,
        "attempt": 2,
        "url": "https://ci.example.org/17",
        "committers": ["dan"],
        "typed_target": "data8/prod",
    },
    "actor": "dan",
    "dry_run": True,
    "wait_s": 60,
}

# Values for each place of a request, those that are wrong among them.
OF_ANY_KIND: list[Any] = [None, True, 0, -1, 1.5, "", " ", "x", "x" * 2001, [], {}, ["x"], {"x": "y"}, 2**70]
PLACES: dict[str, list[Any]] = {
    "service": ["data8", "ü", "x" * 100, "x" * 101],
    "target": ["prod", "x" * 100, "x" * 101],
    "declared_target": ["data8/prod", "x" * 201, "x" * 202],
    "change_kind": ["feature", "rollback", "Fix"],
    "resolves": [["AI-1", "AI-20"], ["AI-0"], ["AI-1\n"], ["ai-1"], [1], ["AI-1"] * 100, ["AI-1"] * 101],
    "actor": ["dan", "x" * 200, "x" * 201],
    "at": ["2018-01-25T15:30:00-08:00", "2018-01-25", "noon"],
    "dry_run": [False, "true", 1],
    "wait_s": [900, 901, "60", 60.0],
    "drill": [3, 0],
    "surprise": [1],
    "artifact": [{"digest": ""}, {"surprise": 1}],
    "run": [{}, {"surprise": 1}],
}
OF_AN_ARTIFACT: dict[str, list[Any]] = {
    "digest": [digest("b"), f"  {digest('b').upper()} ", "sha256:ab", "latest", f"image@{digest('b')}"],
    "sha": [commit("b"), f" {commit('b').upper()}\n", "main", "ab" * 19],
    "components": [{"hub": ""}, {"": "1"}, {"hub": 1}, {"hub": "x" * 201}, {"hub": None}],
}
OF_A_RUN: dict[str, list[Any]] = {
    "provider": ["gitlab", "x" * 50, "x" * 51],
    "id": ["run-1", 10**199, 10**200, -5, "x" * 200, "x" * 201],
    "attempt": [100_000, 100_001, "2"],
    "url": [
        "https://ci.example.org/1?token=" + "a1B2" * 8,
        "not an address",
        "https://dan:x@ci.example.org/",
    ],
    "committers": [["dan"] * 100, ["dan"] * 101, [""], [1], ["x" * 201]],
    "typed_target": ["x" * 201, "x" * 202],
}


def changed() -> list[dict[str, Any]]:
    found = [WHOLE, {"service": "data8", "target": "prod"}, {}]
    found += [{name: value for name, value in WHOLE.items() if name != left_out} for left_out in WHOLE]
    found += [{**WHOLE, place: value} for place in PLACES for value in (*PLACES[place], *OF_ANY_KIND)]
    for name, places in (("artifact", OF_AN_ARTIFACT), ("run", OF_A_RUN)):
        inner = WHOLE[name]
        found += [
            {**WHOLE, name: {**inner, place: value}}
            for place in places
            for value in (*places[place], *OF_ANY_KIND)
        ]
    return found


def by_schema(asked: Any) -> str:
    try:
        return json.dumps(Schema.load(schemas.ASK, asked))
    except ValidationError as wrong:
        return repr(wrong.messages)


def read(asked: Any) -> str:
    try:
        return json.dumps(schemas.ASK.load(asked))
    except ValidationError as wrong:
        return repr(wrong.messages)


@pytest.mark.parametrize("asked", [*changed(), *OF_ANY_KIND])
def test_it_is_what_the_schema_says_to_the_byte(asked: Any) -> None:
    assert read(asked) == by_schema(asked)


ANY = st.sampled_from(OF_ANY_KIND)


@given(
    st.dictionaries(st.sampled_from(sorted(PLACES)), ANY),
    st.dictionaries(st.sampled_from(sorted(OF_AN_ARTIFACT)), ANY),
    st.dictionaries(st.sampled_from(sorted(OF_A_RUN)), ANY),
)
def test_whatever_is_put_together_wrongly_is_told_as_ever(
    top: dict[str, Any], artifact: dict[str, Any], run: dict[str, Any]
) -> None:
    asked = {"service": "data8", "target": "prod", "artifact": artifact, "run": run, **top}
    assert read(asked) == by_schema(asked)


def test_what_pipelines_send_needs_no_schema() -> None:
    for asked in (WHOLE, {"service": "data8", "target": "prod", "artifact": {"digest": digest("a")}}):
        assert plain_request.read(asked, schemas.MAX_WAIT_S) is not None
