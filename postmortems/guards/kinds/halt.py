"""`halt`: after a failed deploy nothing else is deployed until it is rolled back, mended or resolved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from postmortems.guards.judging import SKEW, Evidence, Judgement, Question, Seen, Wanted
from postmortems.guards.kinds.base import Configuration, Kind
from postmortems.guards.kinds.shapes import (
    FULL_NAME,
    PREDICATE,
    exempt,
    lines,
    moment,
    or_nothing,
    seconds,
    short,
)

# What ends a halt, from the mildest to the strictest; what a stricter one takes, a milder one takes too.
CLEARS = {
    "next_success": ("succeeded", "rolled_back"),
    "rollback": ("rolled_back",),
    "resolution": (),
}
WAYS_OUT = {
    "next_success": "deploy a fix there, roll it back, or have a person say that it is resolved",
    "rollback": "roll it back there, or have a person say that it is resolved",
    "resolution": "a person has to say that it is resolved",
}
OUTCOMES = ("failed", "succeeded", "rolled_back")


class HaltConfig(Schema):
    watch_targets = lines(
        FULL_NAME,
        most=20,
        label="Watched targets",
        description="Where a failed deploy stops the next one, by full name, one per line; staging too. "
        "Empty: the target that is asked about.",
        example=["data8/staging", "data8/prod"],
    )
    clear_by = fields.String(
        load_default="next_success",
        validate=validate.OneOf(list(CLEARS)),
        metadata={
            "label": "Ends by",
            "description": "next_success: a later deploy that went well, a rollback or a person's word. "
            "rollback: a rollback or a person's word. resolution: a person's word alone.",
        },
    )
    post_check = fields.String(
        load_default="",
        validate=or_nothing(PREDICATE),
        metadata={
            "label": "Check after the deploy",
            "description": "The name of an attestation: where the newest on a watched target failed, that "
            "counts as a failed deploy. Empty: none.",
            "example": "smoke-tested",
        },
    )
    max_age_s = seconds(
        0, 0, label="Ends by itself after, in seconds", description="0: never, somebody has to act."
    )
    exempt_change_kinds = exempt("rollback", "fix", why="Without them nobody could mend it.")


class Halt(Kind):
    slug = "halt"
    label = "Halt after a failure"
    passes_when = "no watched target has a failed deploy that is not mended yet"
    by_clock = (
        "If this server's clock lags by more than two minutes, failures that were reported meanwhile "
        "lie in its future and are not seen: it passes. If it runs ahead, a failure that ends by "
        "itself ends too soon."
    )
    Config = HaltConfig
    sample = {"watch_targets": ["data8/staging", "data8/prod"], "clear_by": "next_success"}

    def wanted(self, config: Configuration, question: Question) -> Sequence[Wanted]:
        config = self.filled(config)
        wants = []
        for target in _watched(config, question):
            wants += [Wanted("deploy", target=target, result=result, newest=1) for result in OUTCOMES]
            wants.append(Wanted("resolution", target=target, newest=1))
            if config["post_check"]:
                wants.append(Wanted("attestation", config["post_check"], target, newest=1))
        return wants

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        watched = _watched(config, question)
        expected = {"watched": watched, "ends_by": config["clear_by"]}
        if question.change_kind in config["exempt_change_kinds"]:
            told = f"a {question.change_kind} is let pass, for it may be the cure"
            return Judgement("not_applicable", "exempt", told, None, expected, question.now)
        seen = [one for one in evidence if one.observed_at <= question.now + SKEW]
        tripped = [one for target in watched if (one := _tripped(config, target, seen, question))]
        if not tripped:
            told = f"no failed deploy is unresolved on {', '.join(watched)}"
            return Judgement("pass", "calm", told, None, expected, question.now)
        newest = max(tripped, key=lambda one: one.observed_at)
        what = (
            "the check after a deploy" if newest.kind == "attestation" else f"the deploy of {short(newest)}"
        )
        by = f", reported by {newest.issuer}" if newest.issuer else ""
        more = f" (and {len(tripped) - 1} more)" if len(tripped) > 1 else ""
        told = f"{what} on {newest.target} failed at {moment(newest.observed_at)}{by}{more}: "
        ends = newest.observed_at + timedelta(seconds=config["max_age_s"]) if config["max_age_s"] else None
        code = "post_check_failed" if newest.kind == "attestation" else "deploy_failed"
        summary = told + WAYS_OUT[config["clear_by"]]
        observed = [_observed(one) for one in tripped]
        return Judgement("fail", code, summary, observed, expected, newest.observed_at, None, ends)


def _watched(config: Configuration, question: Question) -> list[str]:
    return list(dict.fromkeys(config["watch_targets"])) or [question.target]


def _tripped(config: Configuration, target: str, seen: list[Seen], question: Question) -> Seen | None:
    """What keeps this target halted. What ends it has to be seen later, not at the same instant."""
    there = [one for one in seen if one.target == target]
    deploys = [one for one in there if one.kind == "deploy"]
    failed = _newest(one for one in deploys if one.result == "failed")
    checked = _newest(
        one for one in there if one.kind == "attestation" and one.predicate == config["post_check"]
    )
    trips = [one for one in (failed, checked) if one is not None and one.result == "failed"]
    newest = _newest(trips)
    if newest is None:
        return None
    ending = [one for one in deploys if one.result in CLEARS[config["clear_by"]]]
    cleared = _newest([*ending, *(one for one in there if one.kind == "resolution")])
    if cleared is not None and cleared.observed_at > newest.observed_at:
        return None
    age = question.now - newest.observed_at
    is_over = config["max_age_s"] and age >= timedelta(seconds=config["max_age_s"])
    return None if is_over else newest


def _newest(seen: Iterable[Seen]) -> Seen | None:
    return max(seen, key=lambda one: one.observed_at, default=None)


def _observed(one: Seen) -> dict[str, Any]:
    run = one.data.get("run")
    url = run.get("url", "") if isinstance(run, dict) else ""
    seen = {"target": one.target, "artifact": short(one), "failed_at": one.observed_at.isoformat()}
    return seen | {name: value for name, value in (("reported_by", one.issuer), ("run", url)) if value}
