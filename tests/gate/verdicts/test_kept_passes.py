"""A pass is kept exactly as long as judging again would say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.gate.verdicts import judge, kept_passes
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.gate.verdicts.kept_passes import Passes
from postmortems.guards.judgement import Artifact, EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS
from tests.artifacts import digest
from tests.guards.asking import NOW, attested, question

TTL_S = 3600
GUARD = GuardValue(
    "staging-validated",
    "attestation",
    KINDS["attestation"].configured(
        {"predicate": "staging-validated", "target": "data8/staging", "ttl_s": TTL_S}
    ),
)
SEEN = [attested()]
FAILED = attested(result="failed", observed_at=NOW - timedelta(minutes=1))

# What is asked after the pass, and whether it is judged again.
AFTERWARDS: list[tuple[str, list[EvidenceItem], Question, bool]] = [
    ("the same", SEEN, question(), False),
    ("the same, read again", [replace(SEEN[0])], question(), False),
    ("a moment before it ends", SEEN, question(now=NOW + timedelta(minutes=49, seconds=59)), False),
    ("as it ends", SEEN, question(now=NOW + timedelta(minutes=50)), True),
    ("before it was judged", SEEN, question(now=NOW - timedelta(seconds=1)), True),
    ("newer evidence", [FAILED, *SEEN], question(), True),
    ("evidence that is gone", [], question(), True),
    ("evidence that says something else", [replace(SEEN[0], issuer="eve")], question(), True),
    ("another artifact", SEEN, question(artifact=Artifact(digest=digest("b"))), True),
    ("the past", SEEN, question(is_replay=True), True),
]


def spied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    really = judge.judge

    def noted(guard: GuardValue, *more: Any) -> Any:
        asked.append(guard.slug)
        return really(guard, *more)

    monkeypatch.setattr(judge, "judge", noted)
    return asked


@pytest.mark.parametrize(
    "evidence, asked, is_judged", [row[1:] for row in AFTERWARDS], ids=[row[0] for row in AFTERWARDS]
)
def test_it_is_judged_again_where_something_differs(
    monkeypatch: pytest.MonkeyPatch, evidence: list[EvidenceItem], asked: Question, is_judged: bool
) -> None:
    passes: Passes = {}
    assert kept_passes.judged(passes, GUARD, SEEN, question()).judgement.verdict == "pass"
    judged = spied(monkeypatch)
    found = kept_passes.judged(passes, GUARD, evidence, asked)
    assert bool(judged) is is_judged
    assert found == judge.judge(GUARD, evidence, asked)


def test_what_is_no_pass_is_not_kept() -> None:
    passes: Passes = {}
    kept_passes.judged(passes, GUARD, [FAILED], question())
    kept_passes.judged(passes, GUARD, SEEN, question(is_replay=True))
    assert passes == {}


def test_a_pass_that_says_when_it_was_asked_is_not_kept() -> None:
    passes: Passes = {}
    window = GuardValue("lab-hours", "window", KINDS["window"].configured(KINDS["window"].sample))
    late = question(now=NOW.replace(hour=20))
    assert kept_passes.judged(passes, window, [], late).judgement.valid_until is not None
    assert passes == {}


SECONDS = st.integers(-2 * TTL_S, 2 * TTL_S).map(lambda s: timedelta(seconds=s))
EVIDENCE = st.lists(
    st.builds(
        lambda span, **more: attested(observed_at=NOW + span, **more),
        SECONDS,
        result=st.sampled_from(["passed", "warned", "failed"]),
        issuer=st.sampled_from(["ci-data8", "eve"]),
    ),
    max_size=3,
)


@given(
    found=st.lists(EVIDENCE, min_size=1, max_size=2), asked=st.lists(st.tuples(SECONDS, st.integers(0, 1)))
)
def test_whenever_it_is_asked_it_says_what_judging_again_would(
    found: list[list[EvidenceItem]], asked: list[tuple[timedelta, int]]
) -> None:
    passes: Passes = {}
    for span, which in asked:
        evidence, then = found[which % len(found)], question(now=NOW + span)
        assert kept_passes.judged(passes, GUARD, evidence, then) == judge.judge(GUARD, evidence, then)
