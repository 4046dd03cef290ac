"""A decision in five formats, and that nothing a guard wrote can steer what shows it."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from postmortems.cli.gate import formats
from postmortems.cli.gate import text as gate_text
from tests.cli.gate_answers import answer, guard

BASE = "https://postmortems.example.org"


@pytest.mark.parametrize("name", ["text", "github", "markdown"])
def test_the_first_line_names_target_artifact_and_incidents(name: str) -> None:
    first = formats.FORMATS[name](answer(), BASE).splitlines()[0]
    for part in ("data8/prod", "sha256", "1 incident behind the rules"):
        assert part in first.replace("\\", "").replace(": :", "::")


def test_text_says_what_a_person_needs_to_act() -> None:
    text = formats.text(answer(), BASE)
    for part in (
        "BLOCKED decision dec_1",
        "x lab-hours (window, soft) fail: frozen until 19:00 PST (labs)",
        'observed 15:30 PST, expected {"not_between": ["09:00", "19:00"]}',
        "because Accidental merge (2018-01-25), AI-1 Know the policy, owner @sam",
        "https://postmortems.example.org/incidents/x#AI-1",
        "do: Wait for the labs to end.",
        "possible from 2018-01-25T19:00:00-08:00",
        "v named (window, soft) pass",
    ):
        assert part in text


def test_json_is_the_answer_itself() -> None:
    assert json.loads(formats.as_json(answer(), BASE)) == answer()


def test_junit_has_a_case_for_each_guard() -> None:
    broken = guard(guard="broken", verdict="error")
    waiting = guard(guard="waiting", verdict="pending", effective="wait")
    told = answer(guard(), broken, waiting, guard(guard="named", verdict="pass", effective="allow"))
    suite = ElementTree.fromstring(formats.junit(told, BASE))

    cases = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert cases == {
        "lab-hours": ["failure"],
        "broken": ["error"],
        "waiting": ["skipped", "system-out"],
        "named": [],
    }
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "4",
        "1",
        "1",
        "1",
    )


def test_a_reason_without_a_guard_is_said_in_every_format() -> None:
    reason = {"reason_code": "unknown_target", "summary": "data8/moon is no target", "remedy": "Correct it."}
    told = answer(guards=[], reasons=[reason])
    for name, form in formats.FORMATS.items():
        assert "unknown" in form(told, BASE), name
    suite = ElementTree.fromstring(formats.junit(told, BASE))
    assert suite.get("failures") == "1"


def test_github_annotates_what_stops_and_what_warns() -> None:
    warning = guard(guard="advice", effective="allow_with_warnings")
    lines = formats.github(answer(guard(), warning), BASE).splitlines()
    commands = [line for line in lines if line.startswith("::")]

    assert commands[0].startswith("::error title=lab-hours::frozen until 19:00 PST (labs)%0Aobserved")
    assert commands[1].startswith("::warning title=advice::")
    assert commands[2].startswith("::stop-commands::")
    assert commands[3] == f"::{commands[2].removeprefix('::stop-commands::')}::"
    assert lines[-1] == commands[3]


HOSTILE = [
    "first\n::error::second",
    "first\r::set-output name=x::y",
    "##[error]old form",
    "\x1b[31mred\x1b[0m",
    "a\u202eb\u2066c",
    "nul \0 bell \a",
    "<script>alert(1)</script>",
    "]]><evil/>",
    '" onload="x',
    "[click](javascript:alert(1))",
    "![x](http://tracker.example/x.png)",
    "`code` **bold** | cell | # head",
    "@everyone",
    "100%0A::error::x",
    "lone \ud800 surrogate",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_guard_wrote_cannot_steer_a_terminal(text: str) -> None:
    told = formats.text(answer(guard(summary=text, remedy=text, observed=text)), BASE)
    assert not gate_text.STEERING.search(told.replace("\n", ""))
    assert not [line for line in told.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_guard_wrote_cannot_break_the_xml(text: str) -> None:
    told = formats.junit(answer(guard(guard=text, summary=text, remedy=text), target=text), BASE)
    suite = ElementTree.fromstring(told.encode("utf-8", "replace"))
    assert {element.tag for element in suite.iter()} == {"testsuite", "testcase", "failure", "system-out"}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_guard_wrote_gives_the_runner_no_command(text: str) -> None:
    told = formats.github(answer(guard(summary=text, remedy=text), target=text), BASE)
    lines = told.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("::stop-commands::"))
    outside = [*lines[:start], lines[-1]]
    commands = [line for line in outside if line.lstrip().startswith("::")]
    assert len(commands) == 2
    assert commands[0].startswith("::error title=lab-hours::")
    assert commands[1] == f"::{lines[start].removeprefix('::stop-commands::')}::"
    assert "##[" not in lines[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_guard_wrote_is_no_markup(text: str) -> None:
    told = formats.markdown(answer(guard(summary=text, remedy=text)), BASE)
    for sign in ("<script", "<evil", "[click](", "![x](", "`code`", "**bold**", "@everyone"):
        assert sign not in told


WAIVED = "waived; it says fail: frozen until 19:00 PST (by ben for ops until 2018-01-26 02:00 UTC: exams)"
TYPED = "python3 gate.pyz override"
COMMAND = 'python3 gate.pyz override --decision dec_1 --guard lab-hours --reason "…"'
ONE = {"allowed": True, "roles": ["admin"], "guards": ["lab-hours"], "people": 1}


def waived() -> dict[str, Any]:
    passed = guard(verdict="waived", effective="allow", summary=WAIVED)
    ends = {"guard": "lab-hours", "reason_code": "waiver_ends", "summary": "the waiver of ops ends soon"}
    return answer(passed, decision="allow", warnings=[ends], override=ONE, single_use=True)


def flat(told: str) -> str:
    """What is left of it when Markdown's own escapes are read."""
    return told.replace("\\", "")


@pytest.mark.parametrize("name", formats.FORMATS)
def test_what_was_waived_is_told_in_every_format_by_whom_and_until_when(name: str) -> None:
    told = flat(formats.FORMATS[name](waived(), BASE))

    for part in (WAIVED, "the waiver of ops ends soon"):
        assert part in told


def test_what_was_waived_is_told_apart_from_what_passed() -> None:
    text = formats.text(waived(), BASE)
    suite = ElementTree.fromstring(formats.junit(waived(), BASE))

    assert f"  ~ lab-hours (window, soft) {WAIVED}\n" in text
    assert (suite.get("skipped"), suite.get("failures")) == ("1", "0")
    assert f"::notice title=lab-hours::{WAIVED}" in formats.github(waived(), BASE)


def test_what_rests_on_an_override_holds_for_one_deploy() -> None:
    assert formats.text(waived(), BASE).splitlines()[1].endswith(", for one deploy")


@pytest.mark.parametrize("name", formats.FORMATS)
def test_who_is_stopped_reads_who_may_let_it_past_and_what_to_type(name: str) -> None:
    told = formats.FORMATS[name](gate_text.with_command(answer(override=ONE), TYPED), BASE)

    if name == "json":
        assert json.loads(told) == answer(override=ONE | {"command": COMMAND})
    else:
        assert "override: a signed-in admin may grant it, for lab-hours" in flat(told)
        assert COMMAND in told
        assert f"{BASE}/gate/dec_1" in told


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "allow"},
        {"dry_run": True},
        {"artifact": {"digest": "", "sha": "", "components": {}}},
        {"override": {"roles": [], "guards": [], "people": 0}},
        {"override": ONE | {"guards": ["a; rm -rf ~"]}},
        {"override": ONE | {"guards": ["$(id)"]}},
        {"id": "dec_1\n`id`"},
        {"id": ""},
    ],
)
def test_nobody_is_given_a_command_that_asks_for_nothing_or_does_something_else(changes: Any) -> None:
    told = answer(**{"override": ONE, **changes})

    assert gate_text.with_command(told, TYPED) == told


def test_a_page_has_an_address_only_where_the_decision_has_an_id() -> None:
    assert gate_text.place("", BASE) == ""
    assert gate_text.place("dec_1/../x y", BASE) == ""


def test_a_long_observation_is_cut() -> None:
    assert len(gate_text.shown("x" * 1000)) == 300


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_nothing_is_said_as_a_word(nothing: Any) -> None:
    assert gate_text.shown(nothing) == "nothing"


def test_nought_is_something() -> None:
    assert gate_text.shown(0) == "0"
    assert gate_text.shown(False) == "false"


def test_a_reason_stands_below_the_headline() -> None:
    reason = {"reason_code": "unknown_target", "summary": "data8/moon is no target", "remedy": "Correct it."}
    lines = formats.text(answer(guards=[], reasons=[reason]), BASE).splitlines()
    assert lines[2:] == ["  unknown_target: data8/moon is no target", "      do: Correct it."]


def test_a_long_action_item_is_cut() -> None:
    link = guard()["because"][0]
    link["action_item"]["text"] = "x" * 1000
    assert gate_text.because(link).endswith("x…, owner @sam")
