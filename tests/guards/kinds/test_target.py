"""Target confirmation: the same name, letter by letter."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards.judgement import Run
from postmortems.guards.kinds.target import TargetConfirmation
from tests.guards.asking import question

KIND = TargetConfirmation()
PROD, BIOLOGY = "data8/prod", "biology/prod"


@pytest.mark.parametrize(
    "confirm, asked, verdict, code",
    [
        ("param", {"declared_target": PROD}, "pass", "same_target"),
        ("param", {"declared_target": PROD, "bound_target": PROD}, "pass", "same_target"),
        ("none", {}, "pass", "same_target"),
        ("none", {"bound_target": PROD}, "pass", "same_target"),
        ("typed", {"run": Run(typed_target=PROD)}, "pass", "same_target"),
        (
            "typed",
            {"run": Run(typed_target=PROD), "declared_target": PROD},
            "pass",
            "same_target",
        ),
        # The founding incident: meant for another course's hub.
        ("param", {"declared_target": BIOLOGY}, "fail", "wrong_target"),
        ("none", {"declared_target": BIOLOGY}, "fail", "wrong_target"),
        ("typed", {"run": Run(typed_target=BIOLOGY)}, "fail", "wrong_target"),
        (
            "param",
            {"declared_target": PROD, "run": Run(typed_target="data8")},
            "fail",
            "wrong_target",
        ),
        ("param", {}, "fail", "not_declared"),
        ("typed", {}, "pending", "not_typed"),
        ("typed", {"declared_target": PROD}, "pending", "not_typed"),
        (
            "param",
            {"declared_target": PROD, "bound_target": BIOLOGY},
            "fail",
            "bound_elsewhere",
        ),
        ("none", {"bound_target": BIOLOGY}, "fail", "bound_elsewhere"),
    ],
)
def test_what_is_declared_typed_and_bound_must_agree(
    confirm: str, asked: dict[str, Any], verdict: str, code: str
) -> None:
    judgement = KIND.judge({"confirm": confirm}, [], question(**asked))

    assert (judgement.verdict, judgement.reason_code) == (verdict, code)


@pytest.mark.parametrize(
    "declared",
    [
        "Data8/prod",
        "data8/PROD",
        "data8/prod ",
        " data8/prod",
        "data8/production",
        "prod",
        "data8",
        "data8//prod",
        "data8/prod\n",
        "data8/pr\u043ed",
        "data8-prod",
        "data8/staging",
    ],
)
def test_what_only_looks_alike_fails(declared: str) -> None:
    judgement = KIND.judge({"confirm": "param"}, [], question(declared_target=declared))

    assert judgement.reason_code == "wrong_target"


def test_the_answer_shows_both_names() -> None:
    judgement = KIND.judge({}, [], question(declared_target=BIOLOGY))

    assert judgement.summary == "declared biology/prod, but this goes to data8/prod"
    assert judgement.observed == {"declared": BIOLOGY}
    assert judgement.expected == {"target": PROD}


@pytest.mark.parametrize("confirm", ["", "maybe", None, 1, ["param"]])
def test_another_confirmation_is_refused_by_name(confirm: object) -> None:
    with pytest.raises(Invalid) as told:
        KIND.configured({"confirm": confirm})

    assert [problem.pointer for problem in told.value.problems] == ["/config/confirm"]
