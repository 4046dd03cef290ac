"""`signoff`: people have approved this artifact on this target, or have acknowledged a policy.

Their word is bound to both: another build, or another target, asks anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, validate, validates_schema

from postmortems.guards.config_fields import (
    SLUG,
    choice,
    flag,
    lines,
    moment,
    or_nothing,
    seconds,
    span,
    text,
    whole,
)
from postmortems.guards.judgement import SKEW, Evidence, EvidenceItem, EvidenceNeed, Judgement, Question
from postmortems.guards.kind import Configuration, Kind

SIGNING_ROLES = ("reviewer", "author", "admin")


class SignoffConfig(Schema):
    mode = choice(
        "What is asked",
        "approval: people approve this artifact on this target. policy: whoever asks has "
        "acknowledged a policy.",
        "approval",
        ("approval", "policy"),
    )
    min_approvers = whole("Approvals", "How many people have to approve.", 1, (1, 10))
    from_roles = lines(
        "From roles",
        "The roles whose approval counts, one per line: reviewer, author, admin. Empty: all of these.",
        validate.OneOf(SIGNING_ROLES),
        most=len(SIGNING_ROLES),
        example=["admin"],
    )
    people = lines(
        "From people",
        "The accounts whose approval counts, one per line. Empty: all of those roles.",
        example=["ben"],
    )
    bar_requester = flag(
        "Not by who asks", "Whether the approval of the request's actor does not count.", True
    )
    bar_committers = flag(
        "Not by who wrote it", "Whether the approval of the request's run.committers does not count."
    )
    checklist = lines(
        "Checklist",
        "What each of them has to tick, one per line.",
        most=20,
        example=["I have opened the hub on staging"],
    )
    reject_is_final = flag(
        "A rejection is final",
        "Whether one rejection stands until there is another build. If not, whoever "
        "rejected can approve later.",
        True,
    )
    policy = text(
        "Policy",
        "The policy that has to be acknowledged, by its slug.",
        validate.Length(max=100),
        or_nothing(SLUG),
        example="deployment-policy",
    )
    policy_version = whole("Of version", "The least version that counts. 0: the newest.", 0, (0, 100_000))
    valid_s = seconds(
        "Counts for, in seconds",
        "How long an approval or acknowledgement counts: 14400 is four hours, 15552000 180 days.",
        14_400,
        least=60,
    )

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if config["mode"] == "policy" and not config["policy"]:
            raise ValidationError("say which policy", "policy")


class Signoff(Kind):
    slug = "signoff"
    label = "Sign-off"
    passes_when = "enough people have approved this artifact on this target, or a policy was acknowledged"
    by_clock = "If this server's clock runs ahead, an approval counts for less long; if it lags, for longer."
    Config = SignoffConfig
    sample = {"min_approvers": 1, "from_roles": ["admin"], "checklist": ["I have opened the hub on staging"]}

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        config = self.filled(config)
        if config["mode"] == "policy":
            return EvidenceNeed("policy", config["policy"], newest=1), EvidenceNeed(
                "acknowledgement", config["policy"]
            )
        return (EvidenceNeed("signoff", target=question.target, of_artifact=True),)

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = [one for one in evidence if one.observed_at <= question.now + SKEW]
        if config["mode"] == "policy":
            return _judge_policy(config, seen, question)
        expected = {name: config[name] for name in ("min_approvers", "from_roles", "people", "checklist")}
        expected = {name: value for name, value in expected.items() if value}
        unclear = _unclear(config, question)
        if unclear:
            return Judgement("fail", *unclear, None, expected, question.now)
        return _judge_approvals(config, seen, question, expected)


def person(name: str) -> str:
    """An account's name without the @ that people write before it."""
    return name.removeprefix("@")


def why_not(config: Configuration, question: Question, name: str, role: str) -> str:
    """Why this person's approval would not count; "" if it would."""
    committers = [person(one).casefold() for one in question.run.committers]
    if config["from_roles"] and role not in config["from_roles"]:
        return f"is no {' or '.join(config['from_roles'])}"
    if config["people"] and name not in [person(one) for one in config["people"]]:
        return "is not among those who are asked"
    if config["bar_requester"] and name.casefold() == person(question.actor).casefold():
        return "asks for this deploy"
    if config["bar_committers"] and name.casefold() in committers:
        return "wrote part of it"
    return ""


def _unclear(config: Configuration, question: Question) -> tuple[str, str] | None:
    if not (question.artifact.digest or question.artifact.sha):
        return "no_artifact", "no artifact was named, so nobody can approve it"
    if config["bar_requester"] and not question.actor:
        return (
            "no_requester",
            "the request does not say who asks (actor, or --actor), who may not approve it",
        )
    if config["bar_committers"] and not question.run.committers:
        return "no_committers", "the request does not say who wrote it (run.committers)"
    return None


def _judge_approvals(
    config: Configuration, evidence: list[EvidenceItem], question: Question, expected: dict[str, Any]
) -> Judgement:
    signoffs = [one for one in evidence if one.kind == "signoff" and one.target == question.target]
    signoffs = [one for one in signoffs if question.artifact.is_same_as(one.digest, one.sha)]
    newest: dict[str, EvidenceItem] = {}
    for one in signoffs:
        newest.setdefault(one.issuer, one)
    decisive = signoffs if config["reject_is_final"] else list(newest.values())
    rejected = next((one for one in decisive if one.result == "rejected"), None)
    approvals = [one for one in newest.values() if one.result == "approved"]
    left_out = {one.issuer: why for one in approvals if (why := _lacks(config, question, one))}
    counted = [one for one in approvals if one.issuer not in left_out]
    length, least = timedelta(seconds=config["valid_s"]), config["min_approvers"]
    fresh = [one for one in counted if question.now - one.observed_at < length]
    observed: dict[str, Any] = {"approved_by": [one.issuer for one in fresh]}
    observed |= {"not_counted": left_out} if left_out else {}
    if rejected is not None:
        note = str(rejected.data.get("note") or "")
        summary = f"{rejected.issuer} rejected it at {moment(rejected.observed_at)}"
        summary += f": {note}" if note else ""
        observed["rejected_by"] = rejected.issuer
        return Judgement("fail", "rejected", summary, observed, expected, rejected.observed_at)
    if len(fresh) >= least:
        ends = sorted((one.observed_at for one in fresh), reverse=True)[least - 1] + length
        summary = f"{', '.join(one.issuer for one in fresh)} approved it"
        return Judgement("pass", "approved", summary, observed, expected, fresh[0].observed_at, ends)
    if len(counted) >= least:
        summary = f"the approval by {counted[-1].issuer} counted for {span(length)} and is over"
        summary += ": approve it again"
        return Judgement("stale", "expired", summary, observed, expected, counted[-1].observed_at)
    summary = f"{len(fresh)} of {least} approvals are there; the rest is asked for under Sign-offs"
    return Judgement("pending", "awaiting_approval", summary, observed, expected, question.now)


def _lacks(config: Configuration, question: Question, one: EvidenceItem) -> str:
    """Why an approval does not count: of whom it is, or what was not ticked."""
    missing = set(config["checklist"]) - {str(line) for line in one.data.get("checklist") or ()}
    if missing:
        return f"did not tick {sorted(missing)[0]!r}"
    return why_not(config, question, one.issuer, str(one.data.get("role") or ""))


def _judge_policy(config: Configuration, seen: list[EvidenceItem], question: Question) -> Judgement:
    slug, name = config["policy"], person(question.actor)
    published = next((one for one in seen if one.kind == "policy" and one.predicate == slug), None)
    if published is None:
        return Judgement("error", "unknown_policy", f"there is no policy {slug}: an admin has to publish it")
    version = config["policy_version"] or int(published.data.get("version", 0))
    what = f"{published.data.get('title') or slug}, version {version}"
    expected = {"policy": slug, "version": version, "within_s": config["valid_s"]}
    if not name:
        told = "the request does not say who asks (actor, or --actor), who should know the policy"
        return Judgement("fail", "no_requester", told, None, expected, question.now)
    mine = [
        one for one in seen if one.kind == "acknowledgement" and one.predicate == slug and one.issuer == name
    ]
    newest = next((one for one in mine if int(one.data.get("version", 0)) >= version), None)
    if newest is None:
        code = "older_version" if mine else "not_acknowledged"
        told = f"{name} has still to read and acknowledge {what}, at /policies/{slug}"
        observed = {"acknowledged_version": mine[0].data.get("version")} if mine else None
        return Judgement("pending", code, told, observed, expected, question.now)
    ends = newest.observed_at + timedelta(seconds=config["valid_s"])
    observed = {"acknowledged_at": newest.observed_at.isoformat(), "counts_until": ends.isoformat()}
    if question.now >= ends:
        told = (
            f"{name} acknowledged {what} at {moment(newest.observed_at)}: read it again, at /policies/{slug}"
        )
        return Judgement("stale", "expired", told, observed, expected, newest.observed_at)
    told = f"{name} has acknowledged {what}"
    return Judgement("pass", "acknowledged", told, observed, expected, newest.observed_at, ends)
