"""Fail modes: what happens if the guard itself, the network, the gate or the clock is wrong.

Nothing of it is written down for a guard: it is found by letting its kind probe through a network that is not
there, and judge with nothing reported, at its own settings. The tests make each of these things happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from postmortems import clock
from postmortems.egress.client import Egress, Secret, Unreachable
from postmortems.gate.verdicts import decision_table, judge
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards.judgement import Artifact, EvidenceItem, Question
from postmortems.guards.kinds.registry import KINDS

DOES = {
    "allow": "the deploy goes on",
    "allow_with_warnings": "the deploy goes on with a warning",
    "wait": "the deploy waits, and is blocked when it has waited long enough",
    "block": "the deploy is blocked",
}
# Any artifact that nothing is known about.
UNKNOWN = Artifact("sha256:" + "0" * 64, "0" * 40)
# What is kept in our own database needs no network to be there.
OURS = frozenset({"evaluation", "incident", "item", "policy"})
GATE = (
    "If the gate cannot be reached, gate check ends with 20 and the pipeline stops, unless it says "
    "--if-unreachable allow. If the gate itself fails, the answer is block, whatever the level of this guard."
)


@dataclass(frozen=True, slots=True)
class FailMode:
    """What happens when `wrong` is; the verdict then and what it asks of the deploy, where that is fixed."""

    wrong: str
    happens: str
    verdict: str = ""
    effective: str = ""


class Dark(Egress):
    """A network without connection: every call is unreachable."""

    def secret(self, reference: str, url: str) -> Secret:
        return Secret("whsec_bm90aGluZyBpcyBzZW50IGFueXdoZXJl")

    def request(self, method: str, url: str, **options: Any) -> Any:
        raise Unreachable("nothing answers")

    def exchange(self, server: str, port: int, query: bytes, *options: Any, **more: Any) -> bytes:
        raise Unreachable("nothing answers")

    def connect(self, host: str, port: int, **options: Any) -> Any:
        raise Unreachable("nothing answers")


def modes(guard: GuardValue) -> list[FailMode]:
    """Each thing that can be wrong, and what happens then at the guard's present settings."""
    kind = KINDS.get(guard.kind)
    if not guard.is_enabled or kind is None:
        happens = (
            "It is disabled: no decision asks it." if kind else "Its kind is unknown: it always says error."
        )
        return [FailMode("guard", happens)]
    return [_not_evaluated(guard), _network(guard), FailMode("gate", GATE, "", "block"), _clock(guard)]


def _not_evaluated(guard: GuardValue) -> FailMode:
    effective = decision_table.effective(guard.level, "error", guard.on_error)
    what = "If it cannot be evaluated (its address is not allowed, a secret is missing, a fault of ours)"
    happens = f"{what} it says error, and {_does(guard, 'error')}."
    if guard.level in decision_table.ENFORCING and effective != "block":
        happens += " That is kept as a finding, and the items that rely on it open again."
    return FailMode("guard", happens, "error", effective)


def _network(guard: GuardValue) -> FailMode:
    kind, question = KINDS[guard.kind], _question(guard)
    kinds = {one.kind for one in kind.needs(guard.config, question)}
    evidence: list[EvidenceItem] = []
    if kind.probes(guard.config):
        evidence = [EvidenceItem("observation", question.now, question.target, data=_dark(guard, question))]
        happens = "If what it looks at does not answer"
    elif kinds - OURS:
        happens = "It asks nobody. If what it judges cannot be reported here"
    else:
        happens = "It needs no network: what it judges is in the request or kept here."
        return FailMode("network", happens)
    verdict = judge.judge(guard, evidence, question).judgement.verdict
    happens = f"{happens}, it says {verdict.replace('_', ' ')}, and {_does(guard, verdict)}."
    if kind.probes(guard.config):
        happens += " Where the operator's control address does not answer either, it says inconclusive."
    if kind.probes(guard.config) and not kind.asks_about_artifact and guard.max_age_s:
        happens += f" What it saw up to {guard.max_age_s} seconds before is used as long as that."
    effective = decision_table.effective(guard.level, verdict, guard.on_error)
    return FailMode("network", happens, verdict, effective)


def _clock(guard: GuardValue) -> FailMode:
    happens = KINDS[guard.kind].by_clock or "It judges no times: a wrong clock changes nothing."
    return FailMode("clock", happens)


def _does(guard: GuardValue, verdict: str) -> str:
    return DOES[decision_table.effective(guard.level, verdict, guard.on_error)]


def _dark(guard: GuardValue, question: Question) -> Mapping[str, Any]:
    return KINDS[guard.kind].observe(guard.config, question, Dark())


def _question(guard: GuardValue) -> Question:
    target = next(iter(sorted(guard.targets)), "")
    return Question(clock.now(), target, target, UNKNOWN)
