"""Probe results: what a probe found, or why it found nothing, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import INCLUDE, Schema, fields, validate

from postmortems.egress.client import NoSecret, Refused, Unreachable
from postmortems.guards.judgement import Evidence, EvidenceItem, Judgement, Question

# What a wrong clock of this server does to a kind that judges what was seen, and no times in it.
AGES_BY_CLOCK = (
    "Only the age of what it saw is reckoned by this server's clock: ahead, it looks again too "
    "soon; behind, it may use an old answer."
)


def words(label: str, description: str, longest: int | None = None, **metadata: Any) -> fields.String:
    """A text that a probe returns, for `Observed`."""
    about = {"label": label, "description": description, **metadata}
    return fields.String(validate=validate.Length(max=longest) if longest else None, metadata=about)


def whole(label: str, description: str, **metadata: Any) -> fields.Integer:
    """A figure that a probe returns, for `Observed`."""
    return fields.Integer(strict=True, metadata={"label": label, "description": description, **metadata})


def held(label: str, description: str) -> Any:
    """Whether each of several expectations held, by its text, for `Observed`."""
    about = f"{description} One a line, with yes or no."
    return fields.Dict(
        fields.String(), fields.Boolean(allow_none=True), metadata={"label": label, "description": about}
    )


class Observed(Schema):
    """What a probe returns, in the words of a form; kinds add fields of their own.

    For the form of a scenario: what else a probe returned is kept as it is.
    """

    class Meta:
        unknown = INCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        # A probe that could not tell says so by null.
        field_obj.allow_none = True

    unreachable = words(
        "Did not answer", "Why, in a few words. Empty: it answered.", 500, example="connection refused"
    )
    refused = words(
        "Was not asked",
        "Why this service did not even ask. Empty: it asked.",
        500,
        example="the operator does not allow this address",
    )


def probed(probe: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What was seen, or why nothing was; `detail` is for operators."""
    try:
        return dict(probe())
    except NoSecret as missing:
        return {"refused": str(missing), "detail": missing.detail, "code": "no_secret"}
    except Refused as refused:
        return {"refused": str(refused), "detail": refused.detail}
    except Unreachable as unreachable:
        return {"unreachable": str(unreachable), "detail": unreachable.detail}


def newest(evidence: Evidence) -> EvidenceItem | None:
    return next((seen for seen in evidence if seen.kind == "observation"), None)


def is_of(seen: EvidenceItem | None, question: Question, asked: Mapping[str, Any]) -> bool:
    """Whether the probe asked what the guard asks now. A scenario's recording need not say what it asked."""
    if seen is None:
        return False
    missing = object()
    found = {name: seen.data.get(name, missing) for name in asked}
    return all(
        found[name] == value or (found[name] is missing and question.is_replay)
        for name, value in asked.items()
    )


def unseen(question: Question, what: str, expected: Any) -> Judgement:
    """There is no probe result, or one of something else."""
    if question.is_replay:
        told = "no answer was recorded for this moment"
        return Judgement("not_applicable", "not_recorded", told, None, expected)
    return Judgement("inconclusive", "not_observed", f"{what} has not been looked at yet", None, expected)


def unanswered(seen: EvidenceItem, what: str, expected: Any, *, silence: str = "fail") -> Judgement | None:
    """The judgement where a probe returned nothing; None where it returned something.

    `silence` is the verdict for what was allowed to be asked and did not answer.
    """
    data, at = seen.data, seen.observed_at
    if "refused" in data:
        told = f"{what} was not asked: {data['refused']}"
        code = str(data.get("code", "egress_refused"))
        return Judgement("error", code, told, {"refused": data["refused"]}, expected, at)
    if "offline" in data:
        told = f"we reach nothing at this moment, not even {data['offline']}"
        return Judgement("inconclusive", "prober_offline", told, None, expected, at)
    if "unreachable" in data:
        told = f"{what} did not answer: {data['unreachable']}"
        return Judgement(silence, "unreachable", told, {"unreachable": data["unreachable"]}, expected, at)
    return None
