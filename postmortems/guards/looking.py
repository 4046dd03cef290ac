"""What every look has in common: the ways in which it sees nothing, kept as plain values and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from postmortems.egress import NoSecret, Refused, Unreachable
from postmortems.guards.judging import Evidence, Judgement, Question, Seen


def looked(look: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What was seen, or why nothing was; `detail` is for operators."""
    try:
        return dict(look())
    except NoSecret as missing:
        return {"refused": str(missing), "detail": missing.detail, "code": "no_secret"}
    except Refused as refused:
        return {"refused": str(refused), "detail": refused.detail}
    except Unreachable as unreachable:
        return {"unreachable": str(unreachable), "detail": unreachable.detail}


def newest(evidence: Evidence) -> Seen | None:
    return next((seen for seen in evidence if seen.kind == "observation"), None)


def is_of(seen: Seen | None, question: Question, asked: Mapping[str, Any]) -> bool:
    """Whether the look asked what is asked now. A scenario's recording need not say what it asked."""
    if seen is None:
        return False
    missing = object()
    found = {name: seen.data.get(name, missing) for name in asked}
    return all(
        found[name] == value or (found[name] is missing and question.is_replay)
        for name, value in asked.items()
    )


def unseen(question: Question, what: str, expected: Any) -> Judgement:
    """Nobody has looked, or at something else."""
    if question.is_replay:
        told = "no answer was recorded for this moment"
        return Judgement("not_applicable", "not_recorded", told, None, expected)
    return Judgement("inconclusive", "not_observed", f"{what} has not been looked at yet", None, expected)


def unanswered(seen: Seen, what: str, expected: Any, *, silence: str = "fail") -> Judgement | None:
    """The judgement where a look saw nothing; None where it saw something.

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
