"""`halt`: after a failed deploy nothing else is deployed until it is rolled back or resolved.

Where it is asked to, an open incident stops deploys too. Its answer says that there is one and never which:
it may be restricted, now or later, and an answer is read by more people than an incident may name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from marshmallow import Schema

from postmortems.guards.config_fields import (
    FULL_NAME,
    PREDICATE,
    choice,
    exempt,
    flag,
    lines,
    moment,
    or_nothing,
    seconds,
    short,
    text,
)
from postmortems.guards.judgement import SKEW, Evidence, EvidenceItem, EvidenceNeed, Judgement, Question
from postmortems.guards.kind import Configuration, Kind

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
CLOSE = "write its recovery into the timeline, publish it, or have a person say that it is resolved"
OUTCOMES = ("failed", "succeeded", "rolled_back")


class HaltConfig(Schema):
    watch_targets = lines(
        "Watched targets",
        "Where a failed deploy stops the next one, by full name, one per line; staging too. "
        "Empty: the target that is asked about.",
        FULL_NAME,
        most=20,
        example=["data8/staging", "data8/prod"],
    )
    clear_by = choice(
        "Ends by",
        "next_success: a later deploy that went well, a rollback or a person's word. "
        "rollback: a rollback or a person's word. resolution: a person's word alone.",
        "next_success",
        CLEARS,
    )
    post_check = text(
        "Check after the deploy",
        "The name of an attestation: where the newest on a watched target failed, that "
        "counts as a failed deploy. Empty: none.",
        or_nothing(PREDICATE),
        example="smoke-tested",
    )
    incident_open = flag(
        "While an incident is open",
        "Whether an open incident on a watched target stops deploys too: a draft whose "
        "timeline has no recovery. It ends by a recovery, by publishing it, or by a person's word.",
    )
    max_age_s = seconds("Ends by itself after, in seconds", "0: never, somebody has to act.", 0)
    exempt_change_kinds = exempt("rollback", "fix", why="Without them nobody could mend it.")


class Halt(Kind):
    slug = "halt"
    label = "Halt after a failure"
    passes_when = (
        "no watched target has a failed deploy that is not mended or, where it counts, an open incident"
    )
    by_clock = (
        "If this server's clock lags by more than two minutes, failures that were reported meanwhile "
        "lie in its future and are not seen: it passes. If it runs ahead, a failure that ends by "
        "itself ends too soon."
    )
    Config = HaltConfig
    sample = {"watch_targets": ["data8/staging", "data8/prod"], "clear_by": "next_success"}

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        config = self.filled(config)
        wants = []
        for target in _watched(config, question):
            wants += [EvidenceNeed("deploy", target=target, result=result, newest=1) for result in OUTCOMES]
            wants.append(EvidenceNeed("resolution", target=target, newest=1))
            if config["incident_open"]:
                wants.append(EvidenceNeed("incident", target=target, newest=1))
            if config["post_check"]:
                wants.append(EvidenceNeed("attestation", config["post_check"], target, newest=1))
        return wants

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        watched = _watched(config, question)
        expected = {"watched": watched, "ends_by": config["clear_by"]}
        if question.change_kind in config["exempt_change_kinds"]:
            told = f"a {question.change_kind} is let pass, for it may be the cure"
            return Judgement("not_applicable", "exempt", told, None, expected, question.now)
        seen = [one for one in evidence if one.observed_at <= question.now + SKEW]
        trips = (trip(config, target, seen, question) for target in watched for trip in (_tripped, _hit))
        tripped = [one for one in trips if one is not None]
        if not tripped:
            told = f"no failed deploy is unresolved on {', '.join(watched)}"
            return Judgement("pass", "calm", told, None, expected, question.now)
        # A deploy that failed says more than that there is an incident.
        newest = max(tripped, key=lambda one: (one.kind != "incident", one.observed_at))
        more = f" (and {len(tripped) - 1} more)" if len(tripped) > 1 else ""
        code, told = _told(config, newest, more)
        observed = [_observed(one) for one in tripped]
        if newest.kind == "incident":
            return Judgement("fail", code, told, observed, expected, question.now)
        ends = newest.observed_at + timedelta(seconds=config["max_age_s"]) if config["max_age_s"] else None
        return Judgement("fail", code, told, observed, expected, newest.observed_at, None, ends)


def _told(config: Configuration, newest: EvidenceItem, more: str) -> tuple[str, str]:
    """The reason code, and what happened with what ends it."""
    if newest.kind == "incident":
        service = newest.target.partition("/")[0]
        told = (
            f"an incident on {newest.target} is open{more} (those you may see: /incidents?service={service})"
        )
        return "incident_open", f"{told}: {CLOSE}"
    is_check = newest.kind == "attestation"
    what = "the check after a deploy" if is_check else f"the deploy of {short(newest)}"
    by = f", reported by {newest.issuer}" if newest.issuer else ""
    told = f"{what} on {newest.target} failed at {moment(newest.observed_at)}{by}{more}"
    code = "post_check_failed" if is_check else "deploy_failed"
    return code, f"{told}: {WAYS_OUT[config['clear_by']]}"


def _watched(config: Configuration, question: Question) -> list[str]:
    return list(dict.fromkeys(config["watch_targets"])) or [question.target]


def _tripped(
    config: Configuration, target: str, seen: list[EvidenceItem], question: Question
) -> EvidenceItem | None:
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
    return None if _is_over(config, newest, question) else newest


def _hit(
    config: Configuration, target: str, seen: list[EvidenceItem], question: Question
) -> EvidenceItem | None:
    """The newest incident that is open on this target; what a deploy did there does not end it."""
    there = [one for one in seen if one.target == target]
    newest = _newest(one for one in there if one.kind == "incident") if config["incident_open"] else None
    resolved = _newest(one for one in there if one.kind == "resolution")
    if newest is None or (resolved is not None and resolved.observed_at > newest.observed_at):
        return None
    return None if _is_over(config, newest, question) else newest


def _is_over(config: Configuration, trip: EvidenceItem, question: Question) -> bool:
    longest = timedelta(seconds=config["max_age_s"])
    return bool(longest) and question.now - trip.observed_at >= longest


def _newest(seen: Iterable[EvidenceItem]) -> EvidenceItem | None:
    return max(seen, key=lambda one: one.observed_at, default=None)


def _observed(one: EvidenceItem) -> dict[str, Any]:
    if one.kind == "incident":
        return {"target": one.target, "incident": "open"}
    run = one.data.get("run")
    url = run.get("url", "") if isinstance(run, dict) else ""
    seen = {"target": one.target, "artifact": short(one), "failed_at": one.observed_at.isoformat()}
    return seen | {name: value for name, value in (("reported_by", one.issuer), ("run", url)) if value}
