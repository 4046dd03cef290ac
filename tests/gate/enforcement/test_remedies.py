"""Every refusal to close an item comes with ways out that fit what is missing."""

from __future__ import annotations

import pytest

from postmortems.gate.enforcement import remedies

WAYS = [
    # what is missing, protection, guards, admin, the ways out
    ("undecided", "unguarded", (), False,
     "choose_enforceable choose_attestable choose_not_guardable ask_admin"),
    ("undecided", "shadow", ("g",), True,
     "choose_enforceable choose_attestable choose_not_guardable close_with_reason"),
    ("unproven", "unguarded", (), False, "make_guard ask_admin"),
    ("unproven", "shadow", ("g", "h"), False, "raise_guard raise_guard run_drill ask_admin"),
    ("unproven", "guarded", ("g",), True, "run_drill close_with_reason"),
    ("unproven", "regressed", ("g",), False, "run_drill ask_admin"),
    ("unreasoned", "unguarded", (), False, "give_reason ask_admin"),
    ("owned", "unguarded", (), False, "ask_another change_owner ask_admin"),
    ("unanswered", "unguarded", (), False, "record_outcome ask_admin"),
    ("undropped", "", (), True, "give_reason"),
]  # fmt: skip


@pytest.mark.parametrize("code,protection,guards,is_admin,expected", WAYS)
def test_the_ways_out_fit_what_is_missing(
    code: str, protection: str, guards: tuple[str, ...], is_admin: bool, expected: str
) -> None:
    found = remedies.ways_out(
        code, ref="AI-7", incident="the-slug", protection=protection, guards=guards, is_admin=is_admin
    )
    assert [way.code for way in found] == expected.split()
    assert all(way.do for way in found)
