"""The lattice, the words of protection and the closing rules, as tables."""

from itertools import permutations

import pytest

from postmortems.gate.enforcement import closing_rules
from postmortems.gate.protection import rules as protection_rules
from postmortems.gate.protection.rules import Facts, Link
from postmortems.gate.verdicts import decision_table
from postmortems.guards.judgement import LEVELS, VERDICTS

ALLOW, WARN, WAIT, BLOCK = "allow", "allow_with_warnings", "wait", "block"

#        verdict          shadow  advisory  enforcing, on_error=block  enforcing, on_error=warn
LATTICE = [
    ("pass", ALLOW, ALLOW, ALLOW, ALLOW),
    ("not_applicable", ALLOW, ALLOW, ALLOW, ALLOW),
    ("waived", ALLOW, ALLOW, ALLOW, ALLOW),
    ("fail", ALLOW, WARN, BLOCK, BLOCK),
    ("stale", ALLOW, WARN, BLOCK, BLOCK),
    ("pending", ALLOW, WARN, WAIT, WAIT),
    ("inconclusive", ALLOW, WARN, WAIT, WAIT),
    ("error", ALLOW, WARN, BLOCK, WARN),
]


def test_the_lattice_knows_every_verdict() -> None:
    assert {row[0] for row in LATTICE} == set(VERDICTS)


@pytest.mark.parametrize("verdict,shadow,advisory,strict,lenient", LATTICE)
def test_a_verdict_asks_what_the_level_says(
    verdict: str, shadow: str, advisory: str, strict: str, lenient: str
) -> None:
    for on_error in ("block", "warn"):
        assert decision_table.effective("shadow", verdict, on_error) == shadow
        assert decision_table.effective("advisory", verdict, on_error) == advisory
    for level in ("soft", "hard"):
        assert decision_table.effective(level, verdict, "block") == strict
        assert decision_table.effective(level, verdict, "warn") == lenient


@pytest.mark.parametrize("level", ["soft", "hard", "made-up", ""])
@pytest.mark.parametrize("verdict", ["", "PASS", "unheard-of"])
def test_what_nobody_knows_blocks(level: str, verdict: str) -> None:
    assert decision_table.effective(level, verdict, "block") == BLOCK


def test_every_level_has_its_column() -> None:
    assert set(LEVELS) == {"shadow", "advisory", "soft", "hard"}


@pytest.mark.parametrize(
    "effects,decision",
    [
        ([], ALLOW),
        ([ALLOW], ALLOW),
        ([ALLOW, WARN], WARN),
        ([ALLOW, WARN, WAIT], WAIT),
        ([ALLOW, WARN, WAIT, BLOCK], BLOCK),
        ([ALLOW] * 40 + [BLOCK], BLOCK),
        ([WARN, WARN], WARN),
        ([WAIT, ALLOW], WAIT),
    ],
)
def test_the_worst_wins_in_any_order(effects: list[str], decision: str) -> None:
    assert {decision_table.combine(order) for order in list(permutations(effects[-4:]))} == {decision}
    assert decision_table.combine(effects) == decision


PROD, STAGING = "data8/prod", "data8/staging"
AFFECTED = frozenset({PROD})
BOTH = frozenset({PROD, STAGING})


def link(**changes: object) -> Link:
    values: dict[str, object] = {"slug": "lab-hours", "level": "soft", "targets": AFFECTED, **changes}
    return Link(**values)  # type: ignore[arg-type]


PROVEN_LINK = link(is_proven=True)
ENFORCED_LINK = link(is_proven=True, is_asked=True)

PROTECTIONS_OF_ITEMS = [
    # Nothing stands guard.
    ("unguarded", AFFECTED, ()),
    ("unguarded", AFFECTED, (link(is_there=False),)),
    ("unguarded", AFFECTED, (link(is_enabled=False, is_proven=True, is_asked=True),)),
    ("unguarded", AFFECTED, (link(is_there=False), link(is_enabled=False))),
    # Somebody watches.
    ("shadow", AFFECTED, (link(level="shadow"),)),
    ("shadow", AFFECTED, (link(level="advisory", is_proven=True, is_asked=True),)),
    ("shadow", AFFECTED, (link(level="shadow"), link(level="hard", is_enabled=False))),
    ("shadow", BOTH, (link(),)),
    ("shadow", AFFECTED, (link(targets=frozenset({STAGING})),)),
    ("shadow", AFFECTED, (link(targets=frozenset()),)),
    ("shadow", frozenset(), (link(is_proven=True, is_asked=True),)),
    ("shadow", frozenset({PROD, "unheard-of"}), (link(is_proven=True),)),
    # Somebody stops it.
    ("guarded", AFFECTED, (link(),)),
    ("guarded", AFFECTED, (link(level="hard"),)),
    ("guarded", AFFECTED, (link(is_asked=True),)),
    ("guarded", BOTH, (link(targets=BOTH),)),
    ("guarded", BOTH, (link(), link(targets=frozenset({STAGING})))),
    ("guarded", AFFECTED, (link(), link(level="shadow", is_proven=True, is_asked=True))),
    ("guarded", AFFECTED, (link(), link(targets=frozenset({STAGING}), is_proven=True))),
    # And was watched stopping it.
    ("proven", AFFECTED, (PROVEN_LINK,)),
    ("proven", AFFECTED, (link(level="hard", is_proven=True),)),
    ("proven", AFFECTED, (PROVEN_LINK, link(level="shadow", is_asked=True))),
    ("proven", AFFECTED, (PROVEN_LINK, link(is_asked=True))),
    ("proven", BOTH, (link(targets=BOTH, is_proven=True),)),
    # And pipelines ask it.
    ("enforced", AFFECTED, (ENFORCED_LINK,)),
    ("enforced", AFFECTED, (link(level="shadow"), ENFORCED_LINK)),
    ("enforced", BOTH, (ENFORCED_LINK, link(targets=frozenset({STAGING})))),
]


@pytest.mark.parametrize("word,affected,links", PROTECTIONS_OF_ITEMS)
def test_protection_is_worked_out_from_facts(
    word: str, affected: frozenset[str], links: tuple[Link, ...]
) -> None:
    found = protection_rules.protection(Facts(affected, links))
    assert found.protection == word
    assert found.why
    assert found.was_proven == (word in protection_rules.PROVEN)


@pytest.mark.parametrize("word,affected,links", PROTECTIONS_OF_ITEMS)
def test_what_was_proven_and_no_longer_is_has_regressed(
    word: str, affected: frozenset[str], links: tuple[Link, ...]
) -> None:
    found = protection_rules.protection(Facts(affected, links, was_proven=True))
    assert found.protection == (word if word in protection_rules.PROVEN else "regressed")
    assert found.was_proven


@pytest.mark.parametrize(
    "links,why",
    [
        ((), "no guard is linked"),
        ((link(is_there=False),), "lab-hours does not exist"),
        ((link(is_enabled=False),), "lab-hours is disabled"),
        ((link(is_enabled=False), link(slug="other", is_enabled=False)), "lab-hours, other are disabled"),
        (
            (link(is_there=False), link(slug="other", is_enabled=False)),
            "does not exist and other is disabled",
        ),
        ((link(level="shadow"),), "lab-hours only watches"),
        ((link(targets=frozenset({STAGING})),), "no linked guard at soft or hard covers data8/prod"),
        ((link(),), "no drill shows lab-hours red"),
        ((PROVEN_LINK,), "no pipeline has asked lately"),
    ],
)
def test_the_reason_names_the_guard_and_what_is_missing(links: tuple[Link, ...], why: str) -> None:
    assert why in protection_rules.protection(Facts(AFFECTED, links)).why


CLOSING = [
    # proof asked, protection, owner, by, reason, what is missing
    ("enforceable", "proven", "ada", "ada", "", ""),
    ("enforceable", "enforced", "", "ada", "", ""),
    ("", "proven", "", "ada", "", ""),
    ("", "enforced", "ada", "ada", "", ""),
    ("attestable", "unguarded", "ben", "ada", "", ""),
    ("attestable", "unguarded", "", "ada", "", ""),
    ("attestable", "regressed", "", "ada", "", ""),
    ("not_guardable", "unguarded", "@ben", "ada", "it is a habit", ""),
    ("enforceable", "unguarded", "ben", "ada", "", "unproven"),
    ("enforceable", "shadow", "", "ada", "", "unproven"),
    ("enforceable", "guarded", "", "ada", "", "unproven"),
    ("enforceable", "regressed", "", "ada", "", "unproven"),
    ("enforceable", "shadow", "", "ada", "because I say so", "unproven"),
    ("", "unguarded", "", "ada", "", "undecided"),
    ("", "shadow", "ada", "ada", "", "undecided"),
    ("", "guarded", "", "ada", "", "undecided"),
    ("", "regressed", "ben", "ada", "", "undecided"),
    ("not_guardable", "unguarded", "ben", "ada", "", "unreasoned"),
    ("not_guardable", "unguarded", "ada", "ada", "  ", "unreasoned"),
    ("not_guardable", "unguarded", "ben, @ada", "ada", "it is a habit", "owned"),
    ("attestable", "enforced", "ada", "ada", "", "owned"),
    ("attestable", "unguarded", "@Ada", "ada", "", "owned"),
    ("attestable", "unguarded", "ben and ada", "ada", "", "owned"),
]


@pytest.mark.parametrize("proof,protection,owner,by,reason,missing", CLOSING)
def test_an_item_is_done_when_its_proof_is_there(
    proof: str, protection: str, owner: str, by: str, reason: str, missing: str
) -> None:
    closing = closing_rules.may_be_done(
        guardability=proof, protection=protection, owner=owner, by=by, reason=reason
    )
    assert closing.reason_code == missing
    assert closing.is_allowed is not bool(missing)
    assert bool(closing.detail) is bool(missing)
    assert not closing.is_unproven


@pytest.mark.parametrize("proof,protection,owner,by,reason,missing", CLOSING)
def test_an_admin_may_close_anything_with_a_reason_and_it_shows(
    proof: str, protection: str, owner: str, by: str, reason: str, missing: str
) -> None:
    given = reason if reason.strip() else "the hub is retired"
    with_reason = closing_rules.may_be_done(
        guardability=proof, protection=protection, owner=owner, by=by, may_override=True, reason=given
    )
    without = closing_rules.may_be_done(
        guardability=proof, protection=protection, owner=owner, by=by, may_override=True, reason="  "
    )
    assert with_reason.is_allowed
    # The reason is what a not guardable item lacked, so that nothing is missing then.
    told = {"unreasoned": "owned" if owner == by else ""}.get(missing, missing)
    assert with_reason.is_unproven is bool(told)
    assert not without.is_allowed or not missing


@pytest.mark.parametrize(
    "was,now,asked",
    [
        ("", "", ""),
        ("", "attestable", "attestable"),
        ("", "not_guardable", "not_guardable"),
        ("", "enforceable", "enforceable"),
        ("attestable", "attestable", "attestable"),
        ("attestable", "enforceable", "enforceable"),
        ("not_guardable", "enforceable", "enforceable"),
        ("enforceable", "attestable", "enforceable"),
        ("enforceable", "not_guardable", "enforceable"),
        ("enforceable", "", "enforceable"),
        ("attestable", "not_guardable", "attestable"),
    ],
)
def test_a_choice_in_the_same_save_counts_unless_it_asks_for_less(was: str, now: str, asked: str) -> None:
    assert closing_rules.proof_asked(was, now) == asked


def test_only_process_fixes_are_asked_to_choose_a_proof() -> None:
    assert closing_rules.proof_asked("", "", is_process=False) == "attestable"
    assert closing_rules.proof_asked("", "enforceable", is_process=False) == "enforceable"
    assert closing_rules.proof_asked("not_guardable", "", is_process=False) == "not_guardable"


@pytest.mark.parametrize(
    "text,asks",
    [
        ("Determine if promotion can be blocked.", True),
        ("find out whether staging can veto", True),
        ("Should we alert on this?", True),
        ("Investigate whether the chart can be pinned", True),
        ("Block promotion while staging is down.", False),
        ("Make the determined value visible", False),
        ("Investigate-and-fix tool to be installed", False),
        ("", False),
    ],
)
def test_an_item_that_asks_needs_an_answer(text: str, asks: bool) -> None:
    assert closing_rules.is_question(text) is asks
    for is_answered in (True, False):
        closing = closing_rules.may_be_done(
            guardability="attestable",
            protection="unguarded",
            owner="",
            by="ada",
            text=text,
            is_answered=is_answered,
        )
        assert closing.is_allowed is (is_answered or not asks)
