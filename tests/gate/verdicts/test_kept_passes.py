"""A pass is kept exactly as long as judging again would say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.formats.json_text import dumped
from postmortems.gate.verdicts import judge, kept_passes
from postmortems.gate.verdicts.judge import GuardResult, GuardValue
from postmortems.gate.verdicts.kept_passes import Passes
from postmortems.guards.judgement import Artifact, EvidenceItem, Judgement, Question, Run
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
BECAUSE = [{"incident": {"slug": "a-proxy", "title": f'named "{kept_passes.UTC_ZONE}"'}, "item": "AI-3"}]
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
    assert kept_passes.at(found, asked.now) == judge.judge(GUARD, evidence, asked)


def test_what_is_no_pass_is_not_kept() -> None:
    passes: Passes = {}
    kept_passes.judged(passes, GUARD, [FAILED], question())
    kept_passes.judged(passes, GUARD, SEEN, question(is_replay=True))
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


@given(seen=st.lists(EVIDENCE, min_size=1, max_size=2), asked=st.lists(st.tuples(SECONDS, st.integers(0, 1))))
def test_whenever_it_is_asked_it_says_what_judging_again_would(
    seen: list[list[EvidenceItem]], asked: list[tuple[timedelta, int]]
) -> None:
    passes: Passes = {}
    for span, which in asked:
        evidence, then = seen[which % len(seen)], question(now=NOW + span)
        found = kept_passes.judged(passes, GUARD, evidence, then)
        _says_what_judging_again_would(found, GUARD, evidence, then)


def _says_what_judging_again_would(
    found: GuardResult, guard: GuardValue, evidence: list[EvidenceItem], then: Question
) -> None:
    again = judge.judge(guard, evidence, then)
    assert kept_passes.at(found, then.now) == again
    assert kept_passes.mark(found) == judge.mark(again)
    assert (found.effective, found.rank) == (again.effective, again.rank)
    told = kept_passes.text(found, BECAUSE, kept_passes.Clocks(then.now))
    assert told == dumped(judge.plain(again, BECAUSE))


def window(**config: Any) -> GuardValue:
    is_calendar = config.keys() & {"ics_text", "ics_url"}
    days = {} if is_calendar else {"starts": "02:30", "ends": "04:00", "rrule": "FREQ=DAILY"}
    plain = {"reason": "backups", **days, **config}
    return GuardValue("quiet", "window", KINDS["window"].configured(plain), level="soft", remedy="Wait.")


# By what is particular about it. Clocks of these zones change within the months that are asked about; in
# Beirut at midnight, and on Lord Howe by half an hour.
WINDOWS = {
    "every night": window(tz="Europe/Berlin"),
    "with time for a deploy": window(tz="America/Los_Angeles", runway_s=3 * 3600),
    "over midnight": window(tz="Asia/Beirut", starts="22:00", ends="01:00"),
    "on working days": window(tz="Australia/Lord_Howe", rrule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    "once": window(tz="UTC", rrule="", starts_on="2018-03-01", ends_on="2018-03-01"),
    "over for ever": window(tz="America/Havana", rrule="", starts_on="2001-01-01", ends_on="2001-01-01"),
    "two that touch": window(tz="Asia/Tehran", starts="00:00", ends="24:00", rrule="FREQ=WEEKLY;BYDAY=SA,SU"),
    "allowed at night": window(tz="Europe/Berlin", mode="allow", starts="20:00", ends="06:00"),
}
NIGHT = NOW.astimezone(UTC).replace(hour=21)
# Mostly shortly after each other, in any order.
INSTANTS = st.builds(
    lambda day, minute, second: NIGHT + timedelta(days=day, minutes=minute, seconds=second),
    st.integers(0, 300),
    st.integers(0, 24 * 60),
    st.sampled_from([0, 1, 30]),
)
SPANS = st.integers(-4 * 60, 30 * 60).map(lambda minutes: timedelta(minutes=minutes))


@pytest.mark.parametrize("name", WINDOWS)
@given(since=INSTANTS, spans=st.lists(SPANS, min_size=1, max_size=12))
def test_a_window_says_what_judging_it_again_would(
    name: str, since: datetime, spans: list[timedelta]
) -> None:
    passes: Passes = {}
    for span in (timedelta(0), *spans):
        then = question(now=since + span)
        found = kept_passes.judged(passes, WINDOWS[name], [], then)
        _says_what_judging_again_would(found, WINDOWS[name], [], then)


NAMES = st.sampled_from(["", "data8/prod", "data8/staging"])


@given(asked=st.lists(st.tuples(SPANS, NAMES, NAMES, NAMES), min_size=2, max_size=12))
def test_a_confirmed_target_is_kept_for_who_confirms_it_alike(
    asked: list[tuple[timedelta, str, str, str]],
) -> None:
    passes: Passes = {}
    guard = GuardValue("right-target", "target", KINDS["target"].configured({"confirm": "param"}))
    for span, declared, bound, typed in asked:
        named = {"declared_target": declared, "bound_target": bound, "run": Run(typed_target=typed)}
        then = question(now=NIGHT + span, target="data8/prod", **named)
        found = kept_passes.judged(passes, guard, [], then)
        _says_what_judging_again_would(found, guard, [], then)


# What is asked twice, a second apart, and whether it is judged twice.
KEPT: list[tuple[str, GuardValue, bool]] = [
    ("a window by the clock", WINDOWS["every night"], True),
    ("an allow window", WINDOWS["allowed at night"], False),
    (
        "a calendar",
        window(tz="UTC", ics_text="BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//a//b//EN\nEND:VCALENDAR"),
        False,
    ),
    ("a feed, which is probed", window(tz="UTC", ics_url="https://calendar.example.com/a.ics"), False),
]


@pytest.mark.parametrize("guard, is_kept", [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_a_window_is_kept_where_nothing_but_the_clock_says_what_it_is(
    monkeypatch: pytest.MonkeyPatch, guard: GuardValue, is_kept: bool
) -> None:
    passes: Passes = {}
    asked = spied(monkeypatch)
    for second in (0, 1):
        kept_passes.judged(passes, guard, [], question(now=NIGHT.replace(second=second)))
    assert len(asked) == (1 if is_kept else 2)


def test_a_kind_that_cannot_say_how_long_it_passes_is_judged_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(KINDS["attestation"], "terms", broken, raising=False)
    passes: Passes = {}
    assert kept_passes.judged(passes, GUARD, SEEN, question()).judgement.verdict == "pass"
    assert passes == {}


def test_whoever_takes_a_kept_pass_for_what_is_said_now_fails() -> None:
    found = kept_passes.judged({}, WINDOWS["every night"], [], question(now=NIGHT))
    said: Judgement = found.judgement
    with pytest.raises(TypeError):
        dumped(said.observed)
    with pytest.raises(AttributeError):
        judge.plain(found)
