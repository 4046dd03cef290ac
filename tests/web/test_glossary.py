"""Each badge of the pages, and each word that leads to the glossary, has its meaning there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import nodes
from markupsafe import Markup

from postmortems.document.model import ENTRY_KINDS, GUARDABILITIES, ITEM_STATUSES
from postmortems.gate.protection.rules import PROTECTIONS
from postmortems.guards.judgement import LEVELS, VERDICTS
from postmortems.incidents.approvals.rules import STATES
from postmortems.incidents.public_reports.rules import STATES as PUBLIC_STATES
from postmortems.web import glossary
from tests.shown import with_demo
from tests.world import World

TEMPLATES = Path(__file__).parents[2] / "templates"
DECISIONS = ("allow", "allow_with_warnings", "wait", "block")
BADGES = {
    "status": ITEM_STATUSES,
    "protection": PROTECTIONS,
    "level": LEVELS,
    "verdict": VERDICTS,
    "decision": DECISIONS,
    "entry_kind": ENTRY_KINDS,
    "guardability": GUARDABILITIES,
    "review_state": STATES,
    "public_state": PUBLIC_STATES,
}


@pytest.mark.parametrize("macro, value", [(macro, each) for macro in BADGES for each in BADGES[macro]])
def test_a_badge_of_the_macros_says_what_it_means(app: Flask, macro: str, value: str) -> None:
    with app.test_request_context():
        shown = getattr(app.jinja_env.get_template("_macros.html").module, macro)(value)

    assert re.search(r'class="badge[^"]*" title="[A-Z][^"]{3,}"', shown), shown


def calls(app: Flask, macro: str) -> Iterator[tuple[str, nodes.Call]]:
    """Each call of `ui.<macro>` in the templates, with the file it is in."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for call in app.jinja_env.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Getattr) and call.node.attr == macro and called_on(call) == "ui":
                yield str(path.relative_to(TEMPLATES)), call


def called_on(call: nodes.Call) -> Any:
    return getattr(call.node.node, "name", "") if isinstance(call.node, nodes.Getattr) else ""


def constants(node: nodes.Expr) -> list[str]:
    """The words that an expression can give: itself, both sides of a choice, the values of a table."""
    if isinstance(node, nodes.Const):
        return [node.value]
    if isinstance(node, nodes.CondExpr):
        return constants(node.expr1) + (constants(node.expr2) if node.expr2 else [])
    if isinstance(node, nodes.Or):
        return constants(node.left) + constants(node.right)
    if isinstance(node, nodes.Getitem):
        return constants(node.node)
    if isinstance(node, nodes.Dict):
        return [word for pair in node.items for word in constants(pair.value)]
    return []


def test_each_badge_that_a_page_spells_out_has_its_meaning(app: Flask) -> None:
    without = [
        (file, word)
        for file, call in calls(app, "badge")
        for word in constants(call.args[0])
        if len(call.args) < 4 and not glossary.meaning(word)
    ]

    assert without == []


@pytest.mark.parametrize(
    "file", ["exchange/_results.html", "publications/_standing.html", "reports/_coverage.html"]
)
def test_each_badge_of_a_pages_own_table_has_its_meaning(app: Flask, file: str) -> None:
    tables = list(app.jinja_env.parse((TEMPLATES / file).read_text()).find_all(nodes.Assign))
    heading = "Coverage" if "coverage" in file else "Other badges"
    words = [
        row.items[0].value for each in tables for row in each.find_all(nodes.Tuple) if len(row.items) == 3
    ]

    assert [word for word in words if not glossary.meaning(word, heading)] == []
    assert words


def test_each_word_that_leads_to_the_glossary_is_there(app: Flask) -> None:
    led = [(file, constants(call.args[:2][-1])) for file, call in calls(app, "term")]

    assert led
    assert all(words for _, words in led)
    unknown = [(file, word) for file, words in led for word in words if not meaning(word)]
    assert unknown == []


def meaning(word: str) -> str:
    return glossary.meaning(word.lower(), "Words")


@pytest.mark.parametrize(
    "address",
    [
        "/guards",
        "/guards/new",
        "/guards/new?kind=parity",
        "/gate",
        "/gate/scenarios",
        "/gate/waivers",
        "/coverage",
        "/reports/process-fixes",
        "/action-items",
    ],
)
def test_a_page_leads_to_the_meaning_of_its_words(world: World, address: str) -> None:
    assert 'class="term" href="/help/glossary' in world.browser("ada").get(address).text


def test_in_a_list_the_first_badge_of_a_kind_says_what_it_means_and_the_rest_are_alike() -> None:
    made: list[tuple[str, bool]] = []

    def macro(word: str, *, told: bool = True) -> Markup:
        made.append((word, told))
        return Markup(f"{word} {told}")

    badges = glossary.Badges(macro)
    shown = [badges.of(word) for word in ("open", "done", "open", "open")]

    assert shown == ["open True", "done True", "open False", "open False"]
    assert made == [("open", True), ("done", True), ("open", False)]


def test_the_list_of_items_tells_each_status_once(world: World) -> None:
    html = with_demo(world).browser().get("/action-items?status=any").text
    told = re.findall(r'<b class="badge[^>]*title="[^"]+">([^<]+)</b>', html)

    assert len(told) == len(set(told)) > 3
