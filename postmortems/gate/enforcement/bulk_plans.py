"""Plans of bulk edits: what one would do to each item, under the closing rules. It only reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from postmortems.accounts import permissions
from postmortems.accounts.teams import queries as teams
from postmortems.actor import Actor
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Invalid, Problem
from postmortems.followup.bulk import models, plan
from postmortems.followup.bulk.plan import ItemFacts, PlannedRow, Values
from postmortems.gate.enforcement import closing_rules, item_saves
from postmortems.incidents import validation
from postmortems.incidents.items import team_rights
from postmortems.incidents.items.team_rights import Place


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan that is to be kept: `values` as JSON says them, and `lines` as rows of `bulk_lines`."""

    values: dict[str, Any]
    message: str
    lines: list[dict[str, Any]]


def prepared(
    items: Iterable[ItemFacts],
    wanted: Values,
    *,
    actor: Actor,
    message: str = "",
    expected: Mapping[int, Values] | None = None,
) -> Prepared:
    """The plan of an edit, to be kept or done. Raises `Invalid` at `/set`.

    An item, by number, that does not say what is `expected` of it is a conflict.
    """
    lines = [
        _line(row, (expected or {}).get(row.facts.number, {})) for row in planned(items, wanted, actor=actor)
    ]
    return Prepared(plan.as_json(wanted), message, lines)


def checked(wanted: Values) -> dict[str, Any]:
    """What is to be set, as a document keeps it. Raises `Invalid` with pointers such as `/set/owner`."""
    if not wanted:
        raise Invalid("say what to set", "/set")
    if wanted.get("guard") and wanted.get("status") == "done":
        raise Invalid(
            "link the guard first: an item is done once the guard's drill has proven it", "/set/guard"
        )
    said = {name: value for name, value in wanted.items() if name not in plan.ADDED}
    guards, tags = (tuple(filter(None, [wanted.get(name)])) for name in plan.ADDED)
    item = Item("x", guards=guards, **said)
    sample = Document(title="x", tags=tags, sections=(Section("x", blocks=(item,)),))
    if wrong := [Problem(_place(each.pointer), each.detail) for each in validation.problems(sample)]:
        raise Invalid(wrong)
    normal = parser.normal(sample)
    kept = list(normal.items)
    # What would begin another line of the document says more than its field.
    if len(kept) != 1 or replace(kept[0], guards=guards, **said) != item or len(normal.tags) != len(tags):
        raise Invalid("cannot stand in a field of one line: leave out what begins other fields", "/set")
    found = {name: getattr(kept[0], name) for name in said}
    added = {"guard": kept[0].guards, "tag": normal.tags}
    return found | {name: values[0] for name, values in added.items() if values}


def _place(pointer: str) -> str:
    field = next((name for name in reversed(pointer.split("/")) if not name.isdecimal()), "")
    return "/set/" + next((one for one, several in plan.ADDED.items() if several == field), field)


def planned(items: Iterable[ItemFacts], wanted: Values, *, actor: Actor) -> list[PlannedRow]:
    """What the edit would do to each item. Protection is as it was last worked out."""
    permissions.require_anywhere(actor, "item.edit")
    wanted, items = checked(wanted), list(items)
    places = [Place(each.number, each.incident_id, each.said["owner"], each.said["team"]) for each in items]
    theirs = team_rights.allowed(actor, team_rights.EDIT, places)
    unproven = team_rights.allowed(actor, team_rights.CLOSE, places)
    known_as = teams.names_meaning(actor)

    def judge(facts: ItemFacts, changes: Values) -> tuple[str, str]:
        said = {**facts.said, **changes}
        may_override = facts.number in unproven
        closing = _closing(facts, said, actor, may_override=may_override, known_as=known_as)
        return ("", "") if closing.is_allowed else (closing.reason_code, closing.detail)

    return [
        row if row.facts.number in theirs else PlannedRow(row.facts, {}, *item_saves.FORBIDDEN)
        for row in plan.rows(items, wanted, judge)
    ]


def _closing(
    facts: ItemFacts, said: Values, actor: Actor, *, may_override: bool, known_as: Collection[str]
) -> closing_rules.Closing:
    if said["status"] == "wont_do":
        return closing_rules.may_be_dropped(said["reason"])
    return closing_rules.may_be_done(
        guardability=closing_rules.proof_asked(
            facts.guardability, facts.guardability, is_process=facts.kind == "process"
        ),
        protection=facts.protection,
        # Whoever gives the item away in the very edit that closes it still owned it.
        owner=f"{facts.said['owner']}, {said['owner']}",
        by=actor.name,
        text=facts.text,
        is_answered=bool(said["outcome"] or said["guards"]),
        may_override=may_override,
        reason=said["reason"],
        known_as=known_as,
    )


def _line(row: PlannedRow, expected: Values) -> dict[str, Any]:
    state, code, detail = models.WAITING, row.code, row.detail
    if any(row.facts.said.get(name) != value for name, value in expected.items()):
        state, code, detail = models.CONFLICT, "changed", "it was changed since it was selected"
    elif row.is_refused:
        state = models.REFUSED
    elif not row.changes:
        state = models.SAME
    life = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.facts.life.items()
    }
    return {
        "item_id": row.facts.id,
        "number": row.facts.number,
        "before": plan.as_json(row.facts.said),
        "changes": plan.as_json(row.changes),
        "life": life if "status" in row.changes else None,
        "state": state,
        "code": code,
        "detail": detail,
    }
