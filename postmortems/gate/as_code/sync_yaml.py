"""Guards as code: services, guards and scenarios as YAML, out of the database and into it.

`services.yaml` and `guards.yaml` are lists, a file in `scenarios/` is one scenario: as in `data/demo`. What a
file holds is told by its members, not by its name. Bringing in the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select

from postmortems.actor import Actor
from postmortems.db.session import catch_up, session
from postmortems.errors import Conflict, Invalid, NotFound
from postmortems.formats import strict_yaml
from postmortems.gate.as_code import entries
from postmortems.gate.as_code.entries import Entry
from postmortems.gate.enforcement import guard_changes
from postmortems.gate.models import Scenario
from postmortems.gate.scenarios import operations as scenarios_operations
from postmortems.gate.scenarios import queries as scenarios_queries
from postmortems.gate.verdicts import decision_table
from postmortems.guards import operations as guards
from postmortems.guards import queries as guard_queries
from postmortems.guards.models import Guard, Service
from postmortems.incidents.models import Incident
from postmortems.incidents.page_keys import LARGEST
from postmortems.vault.encryption import Vault

# What a text that leaves it out means.
USUAL = {"is_enabled": True, "on_error": "block", "override": "one", "max_age_s": 30}
UNSAID = {"title": "", "remedy": "", "owner": "", "config": {}, "level": "shadow", **USUAL}
ENFORCING = tuple(decision_table.ENFORCING)
Fields = dict[str, Any]


@dataclass
class Brought:
    """The outcome of an import; `notes` say which guards stayed below their level, and why."""

    made: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: int = 0
    notes: list[str] = field(default_factory=list)


def written() -> Iterator[tuple[str, str]]:
    """All services, guards and scenarios as (file name, text), in order; restricted ones are left out."""
    if text := services_text():
        yield "services.yaml", text
    if text := guards_text():
        yield "guards.yaml", text
    for scenario in _scenarios():
        yield f"scenarios/{scenario.incident.slug}-{scenario.id}.yaml", scenario_text(scenario)


def services_text() -> str:
    """All services, as a list; "" where there are none."""
    rows = [_service(one) for one in guard_queries.services()]
    return strict_yaml.write(rows) if rows else ""


def _service(one: Service) -> Fields:
    fields: Fields = {
        "name": one.name,
        "title": one.title,
        "targets": [target.name for target in one.targets],
    }
    return fields | ({"team": one.team.slug} if one.team else {})


def guards_text() -> str:
    """All guards, as a list; "" where there are none."""
    rows = [_guard(one) for one in _guards()]
    return strict_yaml.write(rows) if rows else ""


def scenario_text(scenario: Scenario) -> str:
    """One scenario, with the incident that it belongs to."""
    return strict_yaml.write(_scenario(scenario))


def scenarios_text(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """Scenarios as entries of a list, one by one: put together they are a text as well."""
    return (strict_yaml.write([_scenario(scenario)]) for scenario in scenarios)


def bring(
    files: Iterable[tuple[str, str]], *, actor: Actor, vault: Vault, is_dry_run: bool = False
) -> Brought:
    """Make or change what the files (name, text) hold. Raises `Invalid` that names file, line and place.

    Services first, then guards, scenarios, and at last the levels: soft and hard need a drill. A dry run does
    all of it and takes it back.
    """
    with session().begin_nested() as attempt:
        brought = _brought(files, actor, vault)
        if is_dry_run:
            catch_up()
            attempt.rollback()
    return brought


def _brought(files: Iterable[tuple[str, str]], actor: Actor, vault: Vault) -> Brought:
    listed = [entry for name, text in files for entry in entries.read(name, text)]
    brought = Brought()
    keep_guard = partial(_keep_guard, vault=vault)
    for sort, keep in (("service", _keep_service), ("guard", keep_guard), ("scenario", _keep_scenario)):
        for entry in listed:
            if entry.sort == sort:
                _at(entry, keep, brought, actor)
    for entry in listed:
        if entry.sort == "guard":
            _raise_level(entry.fields, brought, actor, vault)
    return brought


def _at(entry: Entry, keep: Any, brought: Brought, actor: Actor) -> None:
    try:
        keep(entry.fields, brought, actor)
    except Invalid as wrong:
        raise entry.refused(wrong) from wrong
    except (Conflict, NotFound) as wrong:
        raise entry.refused(Invalid(wrong.detail)) from wrong


def _keep_service(fields: Fields, brought: Brought, actor: Actor) -> None:
    unknown = set(fields) - {"name", "title", "targets", "team"}
    if unknown:
        raise Invalid("is no member of a service", f"/{min(map(str, unknown))}")
    name, title = fields.get("name", ""), fields.get("title", "")
    try:
        before = guard_queries.service(name) if isinstance(name, str) else None
    except NotFound:
        before = None
    # A text that says nothing of a team leaves it.
    team, known = fields.get("team"), _service(before) if before else {}
    is_same = (known.get("title"), known.get("targets")) == (title, fields["targets"])
    if before and is_same and team in (None, known.get("team", "")):
        brought.same += 1
        return
    guards.save_service(name, title, fields["targets"], team=team, actor=actor)
    (brought.changed if before else brought.made).append(f"service {name}")


def _keep_guard(fields: Fields, brought: Brought, actor: Actor, *, vault: Vault) -> None:
    slug = fields["slug"]
    before = guard_queries.by_slugs([slug]).get(slug) if isinstance(slug, str) else None
    if before is None:
        guard_changes.create({**fields, "level": _first_level(fields)}, actor=actor, vault=vault)
        brought.made.append(f"guard {slug}")
        return
    if fields.get("kind") != before.kind:
        raise Invalid(f"is {before.kind} here, and a guard keeps its kind", "/kind")
    changes = {name: value for name, value in (UNSAID | fields).items() if name not in {"slug", "kind"}}
    if changes["level"] in ENFORCING and before.level not in ENFORCING:
        del changes["level"]
    revision = before.revision
    guard = guard_changes.edit(slug, changes, None, actor=actor, vault=vault)
    if guard.revision == revision:
        brought.same += 1
    else:
        brought.changed.append(f"guard {slug}")


def _first_level(fields: Fields) -> Any:
    return "shadow" if fields.get("level") in ENFORCING else fields.get("level", "shadow")


def _keep_scenario(fields: Fields, brought: Brought, actor: Actor) -> None:
    same = select(Scenario).join(Incident)
    same = same.where(Incident.slug == str(fields["incident"]), Scenario.name == str(fields.get("name")))
    before = session().scalars(same).one_or_none()
    name = f"scenario {fields.get('name')} of {fields['incident']}"
    if before is None:
        scenarios_operations.record(fields, actor=actor)
        brought.made.append(name)
        return
    was = _scenario(before)
    changes = {"description": ""} | {part: value for part, value in fields.items() if part != "incident"}
    scenarios_operations.edit(before.id, changes, actor=actor)
    if _scenario(before) == was:
        brought.same += 1
    else:
        brought.changed.append(name)


def _raise_level(fields: Fields, brought: Brought, actor: Actor, vault: Vault) -> None:
    guard = guard_queries.by_slug(fields["slug"])
    level = fields.get("level", "shadow")
    if level == guard.level:
        return
    try:
        with session().begin_nested():
            guard_changes.edit(guard.slug, {"level": level}, None, actor=actor, vault=vault)
    except Invalid as refused:
        brought.notes.append(f"the guard {fields['slug']} stays below {level}: {refused.detail}")


def _guard(guard: Guard) -> Fields:
    plain = guards.as_fields(guard)
    kept = {name: plain[name] for name in ("title", "level", "targets", "remedy", "owner", "config")}
    odd = {name: plain[name] for name, usual in USUAL.items() if plain[name] != usual}
    return {"slug": guard.slug, "kind": guard.kind} | kept | odd


def _guards() -> Iterator[Guard]:
    after = ""
    while True:
        page = guard_queries.listing(None, after, LARGEST)
        yield from page.rows
        if not page.after:
            return
        after = page.after


def _scenario(scenario: Scenario) -> Fields:
    plain = {name: getattr(scenario, name) for name in scenarios_operations.EDITABLE}
    return {"incident": scenario.incident.slug} | plain


def _scenarios() -> Iterator[Scenario]:
    after = 0
    while True:
        page = scenarios_queries.scenario_page("", after, LARGEST)
        yield from page.rows
        if not page.after:
            return
        after = int(page.after)
