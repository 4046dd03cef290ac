"""`target`: the named target is the one meant. Names are compared letter by letter.

The gate itself blocks a target that is not registered, so what is judged here is always a registered one.
"""

from __future__ import annotations

from datetime import UTC, datetime

from marshmallow import Schema

from postmortems.guards.config_fields import choice
from postmortems.guards.judgement import Evidence, Judgement, PassTerms, Question
from postmortems.guards.kind import Configuration, Kind

EVER = datetime.max.replace(tzinfo=UTC)
CONFIRMATIONS = ("param", "typed", "none")


class TargetConfig(Schema):
    confirm = choice(
        "Confirmation",
        "param: the pipeline must declare the target. typed: a person must have typed "
        "its full name when starting the run. none: nothing is asked for, but what is declared or "
        "bound must still agree.",
        "param",
        CONFIRMATIONS,
        example="param",
    )


class TargetConfirmation(Kind):
    slug = "target"
    label = "Target confirmation"
    passes_when = "the declared target, the one asked for and the one the credential is bound to are the same"
    Config = TargetConfig
    sample = {"confirm": "param"}

    def terms(self, config: Configuration, passed: Judgement, question: Question) -> PassTerms | None:
        return PassTerms(EVER, is_checked_now=True)

    def depends_on(self, question: Question) -> object:
        return question.declared_target, question.bound_target, question.run.typed_target

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        confirm = self.filled(config)["confirm"]
        typed = question.run.typed_target
        seen = {"declared": question.declared_target, "bound": question.bound_target, "typed": typed}
        observed = {name: value for name, value in seen.items() if value}

        def answer(verdict: str, reason_code: str, summary: str) -> Judgement:
            return Judgement(
                verdict, reason_code, summary, observed, {"target": question.target}, question.now
            )

        if question.bound_target and question.bound_target != question.target:
            return answer(
                "fail",
                "bound_elsewhere",
                f"the credential is for {question.bound_target}, not {question.target}",
            )
        if question.declared_target and question.declared_target != question.target:
            return answer(
                "fail",
                "wrong_target",
                f"declared {question.declared_target}, but this goes to {question.target}",
            )
        if typed and typed != question.target:
            return answer("fail", "wrong_target", f"typed {typed}, but this goes to {question.target}")
        if confirm == "typed" and not typed:
            return answer("pending", "not_typed", f"a person has still to type {question.target}")
        if confirm == "param" and not question.declared_target:
            return answer("fail", "not_declared", f"no target was declared; this goes to {question.target}")
        return answer("pass", "same_target", f"it is {question.target} that is meant")
