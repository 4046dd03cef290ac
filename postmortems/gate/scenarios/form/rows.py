"""Rows of a scenario's form: the target's guards, first values, texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from postmortems import clock
from postmortems.errors import Invalid
from postmortems.formats import strict_yaml
from postmortems.gate.decisions import redaction
from postmortems.gate.models import Scenario
from postmortems.gate.protection.inputs import asked_target
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.capture import Capture
from postmortems.gate.scenarios.form import evidence_fields, local_times
from postmortems.gate.scenarios.form import values as form_values
from postmortems.gate.scenarios.form.values import PROBE, Values
from postmortems.gate.verdicts import judge
from postmortems.gate.verdicts.judge import GuardValue
from postmortems.guards import queries as guards
from postmortems.guards.config_form import Field
from postmortems.guards.judgement import EvidenceNeed, Question
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.services import known_services
from postmortems.incidents.models import Incident
from postmortems.zone_tables import ZoneInfo

# Between the parts of what a choice stands for; in no slug and no kind.
MARK = ":"


@dataclass(frozen=True, slots=True)
class Choice:
    """A row that can be added: what the button sends, and what a person reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row as it is drawn: what it is called, its fields, and those under More."""

    label: str
    guard: str
    sort: str
    texts: Mapping[str, str]
    rest: str
    shown: tuple[Field, ...]
    more: tuple[Field, ...]

    @property
    def says_more(self) -> bool:
        """Whether anything unusual stands under More."""
        usual = {"about": "this", "guard": self.guard}
        return (bool(self.rest) and not self.sort.startswith(PROBE)) or any(
            self.texts[field.name] not in {"", usual.get(field.name, "")} for field in self.more
        )


def choices(target: str) -> list[tuple[str, list[Choice]]]:
    """What can be added: first what the guards over the target ask for, then anything else, in groups."""
    covering = judge.guards_over(target)
    asked_for = [choice for guard in covering for choice in _wanted(guard, target)]
    others = [Choice(kind, evidence_fields.label(kind)) for kind in scenarios_schemas.RECORDED]
    groups = [("Asked for by a guard over the target", asked_for), ("Anything else", others)]
    return [(label, found) for label, found in groups if found]


def _wanted(guard: GuardValue, target: str) -> Iterator[Choice]:
    if guard.kind in KINDS and KINDS[guard.kind].probes(guard.config):
        yield Choice(f"{PROBE}{guard.slug}", f"{guard.slug}: what it saw ({KINDS[guard.kind].label})")
    for place, need in enumerate(_wants(guard, target)):
        what = f"{evidence_fields.label(need.kind)} {need.predicate}".lower().strip()
        where = f" on {need.target}" if need.target else ""
        result = f", {need.result.replace('_', ' ')}" if need.result else ""
        what = evidence_fields.label(need.kind).lower() if need.kind == "command" else what
        yield Choice(f"{guard.slug}{MARK}{place}", f"{guard.slug}: {what}{where}{result}")


def _wants(guard: GuardValue, target: str) -> list[EvidenceNeed]:
    needs = judge.needs(guard, Question(now=clock.now(), target=target))
    return [need for need in needs if need.kind in scenarios_schemas.RECORDED]


def added(values: Values, choice: str) -> Values:
    """The form with the row that was chosen, at its end and marked as new. Raises `Invalid` for none."""
    if len(values["seen"]) >= form_values.MOST_ROWS:
        raise Invalid(f"a scenario keeps {form_values.MOST_ROWS} rows", "/add")
    row = _row(values, choice)
    if row is None:
        raise Invalid("choose what there was to see", "/add")
    return values | {"seen": [*values["seen"], row | {"is_new": True}]}


def _row(values: Values, choice: str) -> Values | None:
    covering = {guard.slug: guard for guard in judge.guards_over(values["target"])}
    if choice.startswith(PROBE):
        guard = covering.get(choice.removeprefix(PROBE))
        return form_values.probe_row(guard.slug, guard.kind, {}) if guard else None
    slug, mark, place = choice.partition(MARK)
    if mark and slug in covering and place.isdecimal():
        needs = _wants(covering[slug], values["target"])
        return _row_for(needs[int(place)], slug, values) if int(place) < len(needs) else None
    return _row_for(EvidenceNeed(choice), "", values) if choice in scenarios_schemas.RECORDED else None


def _row_for(need: EvidenceNeed, slug: str, values: Values) -> Values:
    """A row that says what the guard wants to see, at the moment of asking."""
    texts = {field.name: _first(field) for field in evidence_fields.of_evidence(need.kind)}
    known = {
        "predicate": need.predicate,
        "target": need.target,
        "observed_at": values["at"],
        "guard": slug if need.kind == "ping" else "",
        "outcome" if "outcome" in texts else "result": need.result,
    }
    texts |= {name: text for name, text in known.items() if name in texts and text}
    return {"sort": need.kind, "guard": texts.get("guard", ""), "texts": texts, "rest": ""}


def _first(field: Field) -> str:
    return field.choices[0] if field.choices else ""


def drawn(values: Values) -> list[Drawn]:
    """The rows, each with its name and its fields."""
    return [_drawn(row) for row in values["seen"]]


def _drawn(row: Values) -> Drawn:
    sort, guard = row["sort"], row["guard"]
    if not sort.startswith(PROBE):
        guard = row["texts"].get("guard", guard)
        label = f"{evidence_fields.label(sort)} for {guard}" if guard else evidence_fields.label(sort)
        shown, more = evidence_fields.shown(sort), evidence_fields.MORE.get(sort, ())
        return Drawn(label, guard, sort, row["texts"], row["rest"], shown, more)
    kind = sort.removeprefix(PROBE)
    fields = evidence_fields.of_probe(kind)
    # The figures first; what was expected of a body or of headers is for those who need it.
    shown = tuple(field for field in fields if field.input not in {"pairs", "yaml", "lines"})
    more = tuple(field for field in fields if field.input in {"pairs", "yaml", "lines"})
    if len(shown) <= 3:
        shown, more = (*more, *shown), ()
    label = f"What {guard} saw"
    return Drawn(label, guard, sort, row["texts"], row["rest"], shown, more)


def values_of(scenario: Scenario) -> Values:
    """The form with what is stored."""
    named = {name: getattr(scenario, name) for name in form_values.NAMED}
    facts = redaction.facts(scenario.facts)
    return named | shown(facts, {"zone": scenario.incident.timezone or "UTC"})


def shown(facts: Mapping[str, Any], values: Values) -> Values:
    """The form's own fields for checked facts, beside what `values` has."""
    kinds = {slug: guard.kind for slug, guard in guards.by_slugs(list(facts.get("probes", {}))).items()}
    zone = _zone(values["zone"]).key
    return values | form_values.to_values(facts, zone, kinds) | {"as": "form", "facts": ""}


def recorded(facts: Mapping[str, Any], values: Values) -> Values:
    """The form with what was recorded, in the way in which it says things now."""
    if values["as"] == "text":
        return values | {"facts": strict_yaml.write(facts)}
    return shown(facts, values)


def first_values(incident: Incident) -> Values:
    """What the document says of the deploy: when it began, and which target it hit."""
    known = [entry for section in incident.sections for entry in section.entries if entry.instant]
    begun = next((entry for entry in known if entry.kind == "trigger"), known[0] if known else None)
    values = form_values.complete({"kind": "bad", "zone": _zone(incident.timezone).key, "as": "form"})
    if begun is not None and begun.instant is not None:
        values["at"] = local_times.shown(begun.instant, _zone(values["zone"]))
    values["target"] = _target_hit(incident)
    if not values["target"].endswith("/"):
        values["asked"]["declared_target"] = values["target"]
    values["asked"]["change_kind"] = "feature"
    return values


def _target_hit(incident: Incident) -> str:
    """The target that the incident hit first; of a service alone its last one.

    `checkout/` where no target of it is known, for its author to go on; "" where no service is named.
    """
    service, _, target = (incident.services[0] if incident.services else "").partition("/")
    if not service or target:
        return f"{service}/{target}" if service else ""
    known = known_services.targets([known_services.one(service)])
    return known[-1] if known else f"{service}/"


def now_in(zone: str) -> str:
    """This minute by the zone's clocks."""
    return local_times.shown(clock.now().replace(second=0, microsecond=0), _zone(zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return local_times.zone_of(name)
    except Invalid:
        return local_times.zone_of("UTC")


def text_of(values: Values) -> str:
    """What the form says as text; "" where it cannot be read yet."""
    if values["as"] == "text":
        return ""
    try:
        return strict_yaml.write(form_values.to_facts(values)[0])
    except Invalid:
        return ""


def recorded_note(captured: Capture) -> str:
    """What came of recording, in a sentence."""
    count = len(captured.facts["probes"]) + len(captured.facts["evidence"])
    guards_there = f"{captured.guards} guard{'' if captured.guards == 1 else 's'}"
    rows = f"{count} row{'' if count == 1 else 's'}"
    where = asked_target(captured.facts)
    return (
        f"Recorded what {guards_there} over {where} can see now: {rows}. "
        "Edit that into what there was to see then; nothing is saved yet."
    )
