"""Builds a decision's answer from the verdicts of its guards. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from postmortems.errors import Unavailable
from postmortems.formats.json_text import dumped, loaded
from postmortems.gate.deploy_request import DeployRequest
from postmortems.gate.verdicts import decision_table, judge, kept_passes
from postmortems.gate.verdicts.guard_sets import Because
from postmortems.gate.verdicts.judge import GuardResult
from postmortems.guards import answers
from postmortems.signatures.jwt import Signer

# A decision holds at most this long, whatever the guards say.
LONGEST_VALID = timedelta(seconds=600)
# How long the answer may stay `wait` before it becomes `block`.
WAIT_FOR = timedelta(seconds=900)

# What a pipeline can still read; beyond that, guards that let it through are told in short.
LARGEST_ANSWER = 512 * 1024
FEW = 20


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """Why no guard was asked: a reason for the decision as a whole."""

    decision: str
    reason_code: str
    summary: str
    remedy: str

    def plain(self) -> dict[str, str]:
        return {"reason_code": self.reason_code, "summary": self.summary, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class DecisionAnswer:
    """What the gate decided: `text` is the JSON that is given and stored, `said` all of it but the guards.

    `is_replayed`: it was given to the same key before. `erred` are the guards that could not be evaluated and
    let the deploy pass.
    """

    said: Mapping[str, Any]
    text: str
    is_replayed: bool = False
    erred: tuple[str, ...] = ()

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> DecisionAnswer:
        return cls(body, dumped(body))

    @property
    def body(self) -> dict[str, Any]:
        """All of it, read anew."""
        return dict(loaded(self.text))

    @property
    def id(self) -> str:
        """The decision's id; "" where the gate itself is broken, and nothing was stored."""
        return str(self.said["id"])

    def stored(self) -> DecisionAnswer:
        """This answer, if it was stored. Raises `Unavailable` where the gate itself is broken."""
        if not self.id:
            raise Unavailable(self.said["reasons"][0]["summary"])
        return self

    @property
    def decision(self) -> str:
        return str(self.said["decision"])

    @property
    def is_dry_run(self) -> bool:
        return bool(self.said["dry_run"])

    @property
    def valid_until(self) -> datetime:
        return datetime.fromisoformat(self.said["valid_until"])

    @property
    def wait_deadline(self) -> datetime | None:
        until = self.said["wait_deadline"]
        return datetime.fromisoformat(until) if until else None

    @property
    def is_cut(self) -> bool:
        """Whether what some guards said was left out, as it was too long (or an own word reads like that)."""
        return '"is_cut":true' in self.text

    @property
    def stopping(self) -> list[str]:
        """The guards whose effect is the decision, or the reason codes where no guard was asked."""
        guards = [one["guard"] for one in self.body["guards"] if one["effective"] == self.decision]
        return guards or [one["reason_code"] for one in self.said["reasons"]]


def uncovered(target: str) -> Unanswerable:
    return Unanswerable(
        "allow_with_warnings",
        "uncovered",
        f"no guard covers {target}, so nothing was checked",
        "Give a guard this target in its scope.",
    )


def unknown_target(target: str, known: Sequence[str], *, is_named: bool = False) -> Unanswerable:
    """The reason for an unregistered target.

    `known` are the full names of the service's targets; none when the service itself is unknown.

    `is_named`: incidents that everybody may read name the service, but no admin has registered it.
    """
    remedy = "Correct the name, or have an admin register the target."
    if known:
        summary = f"{target} is no target we know; there is {', '.join(known)}"
    elif is_named:
        service = target.partition("/")[0]
        summary = f"incidents name {service}, but it is not registered, so no guard can cover {target}"
        remedy = f"Have an admin register {service} with its targets, on its page under Services."
    else:
        summary = f"{target} is no target we know: no service has that name, or it has no targets"
    return Unanswerable("block", "unknown_target", summary, remedy)


def new_id(now: datetime) -> str:
    """A decision's id: it sorts by time and cannot be guessed."""
    return f"{answers.first_id(now)}{secrets.token_hex(8)}"


def valid_until(results: Sequence[GuardResult], evaluated_at: datetime) -> datetime:
    """Until when the answer is valid: the earliest end of a guard's pass, at most ten minutes from now."""
    calm = [result.judgement for result in results if result.judgement.verdict in decision_table.CALM]
    return min([one.valid_until for one in calm if one.valid_until] + [evaluated_at + LONGEST_VALID])


def wait_for(request: DeployRequest) -> timedelta:
    """How long the caller may come back for an answer before it becomes `block`."""
    return timedelta(seconds=request.wait_s) if request.wait_s else WAIT_FOR


def waited_out(results: Sequence[GuardResult], deadline: datetime) -> Unanswerable:
    """The reason for a block when guards were still pending at the deadline."""
    late = ", ".join(result.guard.slug for result in results if result.effective == "wait")
    return Unanswerable(
        "block",
        "wait_deadline_passed",
        f"{late} had until {deadline.isoformat(timespec='seconds')} to answer",
        "Get the answer that is missing, then ask again with a new run.",
    )


def warnings(results: Sequence[GuardResult], now: datetime) -> list[dict[str, Any]]:
    """Warnings: of each guard that warns without stopping the deploy, and of each waiver that ends soon."""
    ending = [
        {
            "guard": result.guard.slug,
            "reason_code": "waiver_ends",
            "summary": f"the waiver of {result.waiver.owner} ends {result.waiver.ends_at:%Y-%m-%d %H:%M} UTC",
        }
        for result in results
        if result.waiver is not None and result.waiver.is_live(now) and result.waiver.ends_soon(now)
    ]
    return ending + [
        {
            "guard": result.guard.slug,
            "reason_code": result.judgement.reason_code,
            "summary": result.judgement.summary,
        }
        for result in results
        if result.effective == "allow_with_warnings"
    ]


def answer(
    request: DeployRequest,
    results: Sequence[GuardResult],
    because: Because,
    reason: Unanswerable | None,
    *,
    decision: str,
    decision_id: str,
    evaluated_at: datetime,
    wait_deadline: datetime | None,
    signer: Signer,
) -> DecisionAnswer:
    """The answer, as it is given and stored. `because` are the incidents behind each guard, by its slug."""
    ordered = judge.worst_first(results)
    clocks = kept_passes.Clocks(evaluated_at)
    guards = [kept_passes.text(one, because.get(one.guard.slug, ()), clocks) for one in ordered]
    reasons = [reason.plain()] if reason else []
    without_guard = [{"guard": None, **one} for one in reasons if decision == "allow_with_warnings"]
    said = {
        "id": decision_id,
        "decision": decision,
        "service": request.service,
        "target": request.full_target,
        "artifact": request.artifact.as_json(),
        "dry_run": request.dry_run,
        "evaluated_at": evaluated_at.isoformat(),
        "valid_until": valid_until(results, evaluated_at).isoformat(),
        "wait_deadline": wait_deadline.isoformat() if wait_deadline else None,
        "incidents": _incidents(ordered, because),
        "reasons": reasons,
        "guards": [],
        "warnings": [*without_guard, *warnings(ordered, evaluated_at)],
        "override": _override(ordered),
        "single_use": any(one.waiver is not None and one.waiver.kind == "override" for one in results),
    }
    if request.drill is not None:
        said["drill"] = request.drill
    return _within_bounds(_with(guards, _signed(said, signer)), len(guards))


def _with(guards: Sequence[str], said: Mapping[str, Any]) -> DecisionAnswer:
    """The answer with what each guard says, which is text already."""
    # What stands before is texts and numbers, and in a text quotes are escaped.
    text = dumped(said).replace('"guards":[]', f'"guards":[{",".join(guards)}]', 1)
    return DecisionAnswer(said, text)


def _incidents(results: Sequence[GuardResult], because: Because) -> int:
    """How many incidents the answer names."""
    if not because:
        return 0
    named = [link for one in results for link in because.get(one.guard.slug, ())[: judge.MOST_LINKS]]
    return len({link["incident"]["slug"] for link in named})


def failed(request: DeployRequest, what: str, now: datetime, signer: Signer) -> DecisionAnswer:
    """The answer when the gate itself is broken: it was not stored, so it has no id."""
    reason = Unanswerable(
        "block",
        "gate_failed",
        f"the gate could not decide ({what}), so nothing was allowed",
        "Ask again in a moment; if that does not help, tell the operator of this service.",
    )
    return answer(
        request,
        (),
        {},
        reason,
        decision=reason.decision,
        decision_id="",
        evaluated_at=now,
        wait_deadline=None,
        signer=signer,
    )


def _override(results: Sequence[GuardResult]) -> dict[str, Any]:
    """Whether an override could let the deploy through, of which guards, and who would have to grant it."""
    passable = [result for result in results if result.may_be_passed]
    stopping = [result for result in results if result.effective in {"block", "wait"}]
    return {
        "allowed": bool(passable) and len(passable) == len(stopping),
        "roles": ["admin"] if passable else [],
        "guards": [result.guard.slug for result in passable],
        "people": max((judge.PEOPLE[result.guard.override] for result in passable), default=0),
    }


def _within_bounds(answer: DecisionAnswer, guards: int) -> DecisionAnswer:
    """The answer, at most `LARGEST_ANSWER` bytes: what the last guards observed is left out beyond that."""
    size = len(answer.text)
    if size <= LARGEST_ANSWER or guards <= FEW:
        return answer
    body = answer.body
    for guard in reversed(body["guards"]):
        if size <= LARGEST_ANSWER:
            break
        size -= len(dumped([guard["observed"], guard["expected"], guard["because"][1:]]))
        guard |= {"observed": None, "expected": None, "because": guard["because"][:1], "is_cut": True}
    return DecisionAnswer.of(body)


def _signed(body: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """The answer with a JWT of its main members, which can be verified without another request."""
    until = int(datetime.fromisoformat(body["valid_until"]).timestamp())
    claims = {name: body[name] for name in ("decision", "target", "artifact", "dry_run", "single_use")}
    made_at = int(datetime.fromisoformat(body["evaluated_at"]).timestamp())
    body["signature"] = signer.sign({"jti": body["id"], **claims, "iat": made_at, "exp": until})
    return body
