"""`command`: the pipeline ran the guard's command, and reported how it ended.

The client runs it, not this server, so its word is its own: `self_reported`, or `oidc` where the run's CI
service vouches for it. What it ran is known by a digest of the definition: of another definition, an end
counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.guards.config_fields import choice, lines, seconds, text
from postmortems.guards.judgement import (
    SKEW,
    TRUST,
    Evidence,
    EvidenceItem,
    EvidenceNeed,
    Judgement,
    Question,
)
from postmortems.guards.kind import Configuration, Kind

VARIABLE = validate.Regexp(r"[A-Za-z_][A-Za-z0-9_]{0,99}\Z", error="write a variable's name")
INSIDE = validate.Regexp(
    r"(?!/)(?!.*(^|/)\.\.(/|$))[^\0\\]{0,200}\Z", error="write a folder below the one it runs in"
)


def _codes(default: list[int], label: str, description: str) -> Any:
    code = fields.Integer(strict=True, validate=validate.Range(0, 255))
    return lines(label, description, default=default, most=20, example=default, of=code)


class CommandConfig(Schema):
    argv = lines(
        "Command",
        "The program and its arguments, one per line; no shell reads them.",
        least=1,
        required=True,
        example=["make", "smoke"],
        longest=500,
    )
    cwd = text(
        "Folder", "Where it runs, below the folder of the pipeline. Empty: there.", INSIDE, example="deploy"
    )
    env_allow = lines(
        "Variables",
        "Which of the pipeline's variables it sees, one per line, besides PATH and HOME.",
        example=["KUBECONFIG"],
        of=fields.String(validate=VARIABLE),
    )
    timeout_s = seconds(
        "Time limit, in seconds",
        "It is ended after so long, and has then exit code 124.",
        300,
        least=1,
        most=3600,
    )
    passes_on = _codes([0], "Passes on", "Exit codes that pass, one per line.")
    fails_on = _codes([1], "Fails on", "Exit codes that fail, one per line. Any other is an error.")
    inconclusive_on = _codes([75], "Tells nothing on", "Exit codes that say nothing either way.")
    ttl_s = seconds(
        "Holds for, in seconds",
        "How long ago it may have been run, for the same artifact and target.",
        3600,
        least=60,
    )
    min_trust = choice(
        "Whose word",
        "self_reported: any client's. oidc: a run that its CI service vouches for.",
        "self_reported",
        ("self_reported", "oidc"),
    )

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        codes = [*config["passes_on"], *config["fails_on"], *config["inconclusive_on"]]
        if len(set(codes)) < len(codes):
            raise ValidationError("an exit code means one thing", "fails_on")
        if not config["passes_on"]:
            raise ValidationError("it could never pass", "passes_on")


class Command(Kind):
    slug = "command"
    label = "Command in the pipeline"
    passes_when = "the pipeline ran the command for this artifact, lately, and it ended well"
    by_clock = (
        "If this server's clock runs ahead, a run counts for less long and is stale too soon; if it "
        "lags, for longer."
    )
    Config = CommandConfig
    sample = {"argv": ["make", "smoke"], "timeout_s": 300}

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        named = fingerprint(self.filled(config))
        return (EvidenceNeed("command", named, question.target, of_artifact=True),)

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        named = fingerprint(config)
        expected = {"argv": config["argv"], "exit_code": config["passes_on"]}
        told = " ".join(config["argv"])[:100]
        runs = [seen for seen in evidence if seen.kind == "command" and seen.predicate == named]
        ran = next((seen for seen in runs if _is_of(seen, question)), None)
        if ran is None:
            return Judgement("fail", "not_run", f"{told} was not run for this artifact", None, expected)
        observed = {"exit_code": ran.data.get("exit_code"), "trust": ran.trust}
        at, ends = ran.observed_at, ran.observed_at + timedelta(seconds=config["ttl_s"])
        if ran.trust in TRUST and TRUST.index(ran.trust) < TRUST.index(config["min_trust"]):
            summary = f"{told} is {ran.issuer}'s own word; {config['min_trust']} is needed"
            return Judgement("fail", "not_trusted", summary, observed, expected, at)
        verdict, summary = _verdict(config, ran.data.get("exit_code")), f"{told} ended with {_code(ran)}"
        if verdict == "pass" and question.now >= ends:
            return Judgement("stale", "too_old", f"{told} was run too long ago", observed, expected, at)
        code = {"pass": "as_expected", "fail": "ended_badly", "inconclusive": "told_nothing"}
        until = ends if verdict == "pass" else None
        return Judgement(verdict, code.get(verdict, "unknown_exit"), summary, observed, expected, at, until)


def definition(config: Configuration) -> dict[str, Any]:
    """What a client runs, and all of it."""
    return {name: config[name] for name in ("argv", "cwd", "env_allow", "timeout_s")}


def fingerprint(config: Configuration) -> str:
    """The digest of the definition; the client makes the same."""
    plain = json.dumps(definition(config), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"


def _is_of(seen: EvidenceItem, question: Question) -> bool:
    is_here = seen.target in {"", question.target}
    return (
        is_here
        and question.artifact.is_same_as(seen.digest, seen.sha)
        and seen.observed_at <= question.now + SKEW
    )


def _verdict(config: Mapping[str, Any], code: Any) -> str:
    for verdict in ("pass", "fail", "inconclusive"):
        name = {"pass": "passes_on", "fail": "fails_on", "inconclusive": "inconclusive_on"}[verdict]
        if code in config[name]:
            return verdict
    return "error"


def _code(seen: EvidenceItem) -> str:
    code = seen.data.get("exit_code")
    return "nothing" if code is None else f"{code}"
