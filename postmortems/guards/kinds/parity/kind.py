"""`parity`: what would be deployed already runs on another target, and has for a while.

The newest deploy there counts alone: an older success says nothing once something else followed it.
What is the same is the build, the commit, or the versions of its components, as exactly as the guard asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema

from postmortems.formats import artifact_ids
from postmortems.guards.config_fields import (
    FULL_NAME,
    SLUG,
    choice,
    lines,
    moment,
    seconds,
    short,
    span,
    text,
)
from postmortems.guards.judgement import SKEW, Evidence, EvidenceItem, EvidenceNeed, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.kinds.parity import versions
from postmortems.guards.kinds.parity.versions import WAYS


class ParityConfig(Schema):
    source_target = text(
        "Runs already on",
        "The target on which the artifact has to run first, by its full name.",
        FULL_NAME,
        required=True,
        example="data8/staging",
    )
    match = choice(
        "Is the same by",
        "digest: the very same build, or the same commit where one names no digest, or "
        "one of another algorithm. sha: the same commit, even if it was built again. components: the "
        "versions of its parts alone.",
        "digest",
        ("digest", "sha", "components"),
    )
    components = lines(
        "Components",
        "Parts whose versions must be the same too, one per line, as the request and the deploy "
        "name them. Empty: all that the request names.",
        example=["chart", "image"],
    )
    components_match = choice(
        "Versions are the same by",
        "exact: letter by letter. As semantic versions, minor: the same 1.2 of 1.2.3; "
        "major: the same 1; not_newer: at most as new as there.",
        "exact",
        WAYS,
    )
    min_soak_s = seconds(
        "Has run there for, in seconds",
        "How long it must have run there without another deploy or a failure: 3600 is an hour.",
        0,
    )
    require_guards = lines(
        "Guards it passed there",
        "Guards that must have passed when this artifact was let onto that target, one per line.",
        SLUG,
        most=20,
        example=["staging-online"],
    )
    facts = lines(
        "Facts that must agree",
        "Facts about both targets that must be equal, one per line, as pipelines report them.",
        most=20,
        example=["kubernetes", "cordoned-nodes"],
    )
    facts_max_age_s = seconds(
        "Facts count for, in seconds", "Older facts say nothing: 86400 is a day.", 86_400, least=60
    )
    max_age_s = seconds(
        "The deploy counts for, in seconds",
        "A deploy there that is longer ago is stale: 604800 is a week.",
        604_800,
        least=60,
    )


class Parity(Kind):
    slug = "parity"
    label = "Parity with another target"
    passes_when = (
        "the newest deploy on the source target is this very artifact, and it has run there long enough"
    )
    by_clock = (
        "If this server's clock runs ahead, a deploy there seems to have run longer: soaked, and out "
        "of date, too soon; if it lags, too late."
    )
    Config = ParityConfig
    sample = {"source_target": "data8/staging", "min_soak_s": 3600}

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        config = self.filled(config)
        source = config["source_target"]
        wants = [EvidenceNeed("deploy", target=source)]
        wants += [
            EvidenceNeed("evaluation", slug, source, of_artifact=True, newest=1)
            for slug in config["require_guards"]
        ]
        if config["facts"]:
            wants += [EvidenceNeed("facts", target=target, newest=1) for target in (source, question.target)]
        return wants

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        source = config["source_target"]
        seen = [one for one in evidence if one.observed_at <= question.now + SKEW]
        deploys = [one for one in seen if one.kind == "deploy" and one.target == source]
        wanted = {"runs_on": source, "artifact": short(question.artifact)}
        if not _is_named(config, question):
            what = "components were" if config["match"] == "components" else "artifact was"
            told = f"no {what} named, so that nothing can be compared with what runs elsewhere"
            return Judgement("fail", "no_artifact", told, None, wanted)
        if not deploys:
            told = f"{short(question.artifact)} was never seen on {source}: deploy it there first"
            return Judgement("fail", "never_deployed", told, None, wanted, question.now)
        newest = deploys[0]
        wrong = (
            _outcome(config, deploys, question)
            or _components(config, newest, question)
            or _guards(config, seen)
            or _facts(config, seen, question)
            or _time(config, deploys, question)
        )
        until = newest.observed_at + timedelta(seconds=config["max_age_s"])
        passed = (
            "pass",
            "runs_there",
            f"{source} runs this artifact since {moment(newest.observed_at)}",
            until,
        )
        verdict, code, summary, at = wrong or passed
        return Judgement(
            verdict,
            code,
            summary,
            _observed(newest),
            wanted,
            newest.observed_at,
            at if verdict == "pass" else None,
            at if verdict != "pass" else None,
        )


# Verdict, reason code, summary, and when it turns by itself.
Answer = tuple[str, str, str, datetime | None]


def _is_named(config: Configuration, question: Question) -> bool:
    artifact = question.artifact
    if config["match"] == "components":
        return bool(config["components"] or artifact.components)
    return bool(artifact.digest or artifact.sha)


def _is_same(seen: EvidenceItem, config: Configuration, question: Question) -> bool:
    if config["match"] == "components":
        return not any(_differing(config, seen, question))
    if config["match"] == "sha":
        return artifact_ids.are_same(seen.sha, question.artifact.sha)
    return question.artifact.is_same_as(seen.digest, seen.sha)


def _outcome(config: Configuration, deploys: list[EvidenceItem], question: Question) -> Answer | None:
    source, newest = config["source_target"], deploys[0]
    when = f"{source} at {moment(newest.observed_at)}"
    if not _is_same(newest, config, question):
        had = any(_is_same(one, config, question) for one in deploys)
        code = "moved_on" if had else "never_deployed"
        told = f"the newest deploy on {when} was {short(newest)}, not {short(question.artifact)}"
        if config["match"] == "components":
            told = f"of the newest deploy on {when}, {next(_differing(config, newest, question))}"
        return "fail", code, f"{told}: deploy this artifact there {'again' if had else 'first'}", None
    if newest.result == "succeeded":
        return None
    if newest.result == "started":
        return (
            "pending",
            "in_progress",
            f"it is being deployed on {when}; how that ended is not known yet",
            None,
        )
    words = {"failed": "failed", "rolled_back": "was rolled back"}.get(newest.result, "did not succeed")
    code = newest.result if newest.result in {"failed", "rolled_back"} else "failed"
    return "fail", code, f"its newest deploy on {when} {words}: mend that first", None


def _components(config: Configuration, newest: EvidenceItem, question: Question) -> Answer | None:
    wrong = next(_differing(config, newest, question), None)
    return None if wrong is None else ("fail", "components_differ", wrong, None)


def _differing(config: Configuration, there: EvidenceItem, question: Question) -> Iterator[str]:
    """For each component that is not what is asked of it there, how it differs."""
    asked, versions_there = question.artifact.components, there.data.get("components")
    known = versions_there if isinstance(versions_there, Mapping) else {}
    for name in config["components"] or sorted(asked):
        mine, theirs = asked.get(name), known.get(name)
        named = f"{name} is {mine or 'not named'} here, {theirs or 'not named'} on {config['source_target']}"
        if mine is None or theirs is None:
            yield named
        elif (wrong := versions.differ(mine, theirs, config["components_match"])) is not None:
            yield f"{named}: {wrong}" if wrong else named


def _guards(config: Configuration, seen: list[EvidenceItem]) -> Answer | None:
    said = {one.predicate: one for one in reversed(seen) if one.kind == "evaluation"}
    for slug in config["require_guards"]:
        if slug not in said or said[slug].result != "pass":
            answer = f"said {said[slug].result}" if slug in said else "was never asked"
            told = f"{slug} {answer} when this artifact went to {config['source_target']}"
            return "fail", "guard_not_passed", told, None
    return None


def _facts(config: Configuration, seen: list[EvidenceItem], question: Question) -> Answer | None:
    if not config["facts"]:
        return None
    known: dict[str, Mapping[str, Any]] = {}
    for target in (config["source_target"], question.target):
        newest = next((one for one in seen if one.kind == "facts" and one.target == target), None)
        if newest is None or question.now - newest.observed_at >= timedelta(
            seconds=config["facts_max_age_s"]
        ):
            told = f"no facts about {target} were reported within {span(config['facts_max_age_s'])}"
            return "inconclusive", "facts_unknown", told, None
        known[target] = newest.data.get("facts", {})
    there, here = known.values() if len(known) == 2 else [*known.values()] * 2
    for name in config["facts"]:
        if name not in there or name not in here:
            return "inconclusive", "facts_unknown", f"{name} was not reported for both targets", None
        if there[name] != here[name]:
            told = (
                f"{name} is {here[name]} on {question.target} and {there[name]} on {config['source_target']}"
            )
            return "fail", "facts_differ", told, None
    return None


def _time(config: Configuration, deploys: list[EvidenceItem], question: Question) -> Answer | None:
    newest, source = deploys[0], config["source_target"]
    if question.now - newest.observed_at >= timedelta(seconds=config["max_age_s"]):
        told = f"it was deployed on {source} {span(question.now - newest.observed_at)} ago"
        return "stale", "expired", f"{told}; that counts for {span(config['max_age_s'])}", None
    soaked_at = _since(config, deploys, question) + timedelta(seconds=config["min_soak_s"])
    if question.now < soaked_at:
        told = f"it has to run on {source} for {span(config['min_soak_s'])}: until {moment(soaked_at)}"
        return "pending", "soaking", told, soaked_at
    return None


def _since(config: Configuration, deploys: list[EvidenceItem], question: Question) -> datetime:
    """Since when this artifact runs there with nothing between; deploying it again does not begin anew."""
    since = deploys[0].observed_at
    for one in deploys:
        if one.result not in {"succeeded", "started"} or not _is_same(one, config, question):
            break
        since = one.observed_at if one.result == "succeeded" else since
    return since


def _observed(newest: EvidenceItem) -> dict[str, Any]:
    seen = {"artifact": short(newest), "outcome": newest.result, "at": newest.observed_at.isoformat()}
    return seen | ({"reported_by": newest.issuer} if newest.issuer else {})
