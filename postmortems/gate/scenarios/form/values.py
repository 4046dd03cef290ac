"""Values of a scenario's form: from facts, by its buttons, and to facts again.

Every field holds text, as browsers send it. A row is one piece of evidence, or what one guard saw by looking:
`sort` is the kind of evidence, or `look:` and the guard's kind, and `texts` holds its fields. What no field
can say stays in `rest`, as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from postmortems.errors import Invalid, Problem
from postmortems.formats import strict_yaml
from postmortems.gate import schemas
from postmortems.gate.scenarios import schemas as scenarios_schemas
from postmortems.gate.scenarios.form import evidence_fields, local_times
from postmortems.guards.config_form import Field
from postmortems.guards.judgement import CHANGE_KINDS
from postmortems.zone_tables import ZoneInfo

Values = dict[str, Any]

PROBE = "look:"
MOST_ROWS = 200
NAMED = ("name", "kind", "description")
ASKED = (
    Field("declared_target", "Declared target", "", "text"),
    Field("artifact.digest", "Artifact digest", "", "text"),
    Field("artifact.sha", "Commit", "", "text"),
    Field("change_kind", "Kind of change", "", "select", choices=CHANGE_KINDS),
    Field("actor", "Asked by", "", "text"),
    Field("artifact.components", "Components", "", "pairs", of="text"),
    Field("resolves", "Resolves", "", "lines", of="text"),
    Field("run.typed_target", "Typed target", "", "text"),
    Field("run.committers", "Committers", "", "lines", of="text"),
)
BUTTON = re.compile(r"remove-(\d{1,3})")
EMPTY: tuple[Any, ...] = ("", None, [], {})


def fields_of(sort: str) -> tuple[Field, ...]:
    """Every field of a row of this sort."""
    if sort.startswith(PROBE):
        return tuple(evidence_fields.of_probe(sort.removeprefix(PROBE)))
    return evidence_fields.of_evidence(sort)


def is_sort(sort: str) -> bool:
    return sort.startswith(PROBE) or sort in scenarios_schemas.RECORDED


def to_values(facts: Mapping[str, Any], zone: str, kinds: Mapping[str, str]) -> Values:
    """The form's fields for facts that were checked; `kinds` are those of the guards by slug."""
    clocks = local_times.zone_of(zone)
    request = dict(facts["request"])
    values: Values = {"zone": zone, "at": local_times.shown(schemas.instant(facts["at"]), clocks)}
    values["target"] = f"{request.pop('service')}/{request.pop('target')}"
    run = request.get("run") or {}
    request["run"] = {name: value for name, value in run.items() if value != schemas.NO_RUN.get(name)}
    values["asked"], rest = _texts(ASKED, request)
    told = strict_yaml.write(rest).strip()
    values["asked_rest"] = "" if told == "{}" else told
    about = facts["request"].get("artifact") or {}
    rows = [_evidence_row(one, about, clocks) for one in facts.get("evidence", ())]
    probes = facts.get("probes", {})
    values["seen"] = [*rows, *(probe_row(slug, kinds.get(slug, ""), data) for slug, data in probes.items())]
    return values


def probe_row(slug: str, kind: str, data: Mapping[str, Any]) -> Values:
    """The row of what a guard saw."""
    sort = f"{PROBE}{kind}"
    texts, rest = _texts(fields_of(sort), data)
    return {"sort": sort, "guard": slug, "texts": texts, "rest": _yaml(rest)}


def _evidence_row(item: Mapping[str, Any], about: Mapping[str, Any], clocks: ZoneInfo) -> Values:
    kind, plain = item.get("kind") or "attestation", dict(item)
    plain.pop("kind", None)
    fields = fields_of(kind)
    named = {field.name for field in fields}
    guard = plain.get("guard", "") if "guard" in named else plain.pop("guard", "")
    # What can be said in two ways is shown in one.
    service, subject = plain.pop("service", ""), plain.pop("subject", None) or {}
    plain["target"] = f"{service}/{plain['target']}" if service else plain.get("target", "")
    digest = plain.pop("digest", "") or subject.get("digest", "")
    sha = plain.pop("sha", "") or subject.get("sha", "")
    said = plain.pop("result", "") or plain.pop("outcome", "")
    plain.pop("outcome", None)
    plain["outcome" if "outcome" in named else "result"] = said
    at = local_times.shown(schemas.instant(plain.pop("observed_at")), clocks)
    is_this = "about" in named and bool(digest or sha) and _is_this(digest, sha, about)
    if not is_this:
        plain |= {"digest": digest, "sha": sha}
    texts, rest = _texts(fields, plain)
    texts["observed_at"] = at
    if "about" in named:
        texts["about"] = "this" if is_this else "another"
    return {"sort": kind, "guard": guard, "texts": texts, "rest": _yaml(rest)}


def _is_this(digest: str, sha: str, about: Mapping[str, Any]) -> bool:
    return (digest, sha) == (about.get("digest", ""), about.get("sha", ""))


def _texts(fields: Iterable[Field], plain: Mapping[str, Any]) -> tuple[dict[str, str], Values]:
    """What the fields show of the values, and what none of them can say."""
    rest = _copied(plain)
    texts = {}
    for field in fields:
        *path, last = field.name.split(".")
        place = rest
        for step in path:
            inner = place.get(step)
            place = inner if isinstance(inner, dict) else {}
        text = evidence_fields.to_text(field, place[last]) if last in place else None
        texts[field.name] = text or ""
        if text or (text is not None and place[last] in EMPTY[2:]):
            del place[last]
    return texts, rest


def _copied(plain: Mapping[str, Any]) -> Values:
    return {name: _copied(value) if isinstance(value, Mapping) else value for name, value in plain.items()}


def _yaml(rest: Values) -> str:
    kept = {name: value for name, value in rest.items() if value not in EMPTY}
    return strict_yaml.write_all(kept).strip() if kept else ""


def complete(posted: Mapping[str, Any]) -> Values:
    """What was posted, with every field there that the form shows; whatever else was sent is left out."""
    values: Values = {
        name: _leaf(posted, name) for name in (*NAMED, "as", "facts", "zone", "at", "target", "asked_rest")
    }
    values["asked"] = {field.name: _at(posted, f"asked.{field.name}") for field in ASKED}
    rows = posted.get("seen", [])
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    values["seen"] = [_complete_row(row) for row in found[:MOST_ROWS] if is_sort(_leaf(row, "sort"))]
    return values


def _complete_row(row: Mapping[str, Any]) -> Values:
    sort = _leaf(row, "sort")
    texts = {field.name: _at(row, field.name) for field in fields_of(sort)}
    return {"sort": sort, "guard": _leaf(row, "guard"), "texts": texts, "rest": _leaf(row, "rest")}


def _leaf(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _at(values: Mapping[str, Any], path: str) -> str:
    *steps, last = path.split(".")
    for step in steps:
        inner = values.get(step)
        values = inner if isinstance(inner, dict) else {}
    return _leaf(values, last)


def removed(values: Values, button: str) -> Values:
    """What the form holds after a press of `remove-3`; any other button changes nothing."""
    pressed = BUTTON.fullmatch(button)
    if pressed is None:
        return values
    kept = [row for place, row in enumerate(values["seen"]) if place != int(pressed[1])]
    return values | {"seen": kept}


Facts = dict[str, Any]


class Reading:
    """What was read so far; `problems` are at fields of the form, `rows` is by pointer into the facts."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.rows: dict[str, int] = {}

    def field(self, field: Field, text: str, name: str) -> Any:
        """The value of a field's text; None for an empty one, and for one that says nothing."""
        if not text:
            return None
        try:
            return evidence_fields.from_text(field, text)
        except Invalid as wrong:
            self.problems += [Problem(f"/{name}", problem.detail) for problem in wrong.problems]
            return None

    def members(self, text: str, name: str) -> Facts:
        """A YAML mapping beside the fields."""
        try:
            members = strict_yaml.read(text) if text else {}
        except Invalid as wrong:
            self.problems.append(Problem(f"/{name}", wrong.detail))
            return {}
        if isinstance(members, dict):
            return members
        self.problems.append(Problem(f"/{name}", "write members, one a line: name: value"))
        return {}

    def instant(self, text: str, clocks: ZoneInfo | None, name: str) -> str:
        if not text:
            self.problems.append(Problem(f"/{name}", "say when"))
        try:
            return local_times.read(text, clocks).isoformat() if clocks and text else ""
        except Invalid as wrong:
            self.problems.append(Problem(f"/{name}", wrong.detail))
            return ""


def to_facts(values: Values) -> tuple[Facts, dict[str, int]]:
    """The facts that the form says, and by pointer into them (`/evidence/0`) the row that says it.

    Raises `Invalid` with pointers whose steps are the names of the form's fields.
    """
    reading = Reading()
    try:
        clocks: ZoneInfo | None = local_times.zone_of(values["zone"])
    except Invalid as wrong:
        reading.problems += wrong.problems
        clocks = None
    request = _request(values, reading)
    facts: Facts = {"at": reading.instant(values["at"], clocks, "at"), "request": request}
    evidence: list[Facts] = []
    probes: Facts = {}
    for place, row in enumerate(values["seen"]):
        if row["sort"].startswith(PROBE):
            _look(row, place, probes, reading)
            continue
        reading.rows[f"/evidence/{len(evidence)}"] = place
        evidence.append(_evidence(row, place, request.get("artifact") or {}, clocks, reading))
    if reading.problems:
        raise Invalid(reading.problems)
    return facts | {"evidence": evidence, "probes": probes}, reading.rows


def _request(values: Values, reading: Reading) -> Facts:
    service, _, target = values["target"].partition("/")
    if not (service and target):
        reading.problems.append(Problem("/target", "choose the target, or write one as service/target"))
    request = reading.members(values["asked_rest"], "asked_rest")
    request |= {"service": service, "target": target}
    for field in ASKED:
        _put(request, field, reading.field(field, values["asked"][field.name], f"asked.{field.name}"))
    return request


def _look(row: Values, place: int, probes: Facts, reading: Reading) -> None:
    slug = row["guard"]
    if slug in probes:
        reading.problems.append(
            Problem(f"/seen/{place}/guard", f"{slug} has a row already; it saw one thing")
        )
    probes[slug] = _members(row, place, fields_of(row["sort"]), reading)
    reading.rows[f"/probes/{slug}"] = place


def _evidence(
    row: Values, place: int, artifact: Mapping[str, Any], clocks: ZoneInfo | None, reading: Reading
) -> Facts:
    fields = fields_of(row["sort"])
    said = [field for field in fields if field.name not in {"observed_at", "about"}]
    item = {"kind": row["sort"]} | _members(row, place, said, reading)
    if row["guard"] and "guard" not in row["texts"]:
        item["guard"] = row["guard"]
    if row["texts"].get("about") == "this":
        item |= {name: artifact[name] for name in ("digest", "sha") if artifact.get(name)}
    item["observed_at"] = reading.instant(row["texts"]["observed_at"], clocks, f"seen/{place}/observed_at")
    return item


def _members(row: Values, place: int, fields: Iterable[Field], reading: Reading) -> Facts:
    members = reading.members(row["rest"], f"seen/{place}/rest")
    for field in fields:
        _put(members, field, reading.field(field, row["texts"][field.name], f"seen/{place}/{field.name}"))
    return members


def _put(into: Facts, field: Field, value: Any) -> None:
    if value is None:
        return
    *path, last = field.name.split(".")
    for step in path:
        inner = into.setdefault(step, {})
        if not isinstance(inner, dict):
            inner = into[step] = {}
        into = inner
    into[last] = value


def at_fields(problems: Iterable[Problem], values: Values, rows: Mapping[str, int]) -> list[Problem]:
    """Problems of a scenario at the fields of its form."""
    return [Problem(_field(problem.pointer, values, rows), problem.detail) for problem in problems]


def _field(pointer: str, values: Values, rows: Mapping[str, int]) -> str:
    steps = pointer.split("/")[1:]
    if steps[:1] != ["facts"]:
        return pointer
    if steps[1:2] == ["request"]:
        name = ".".join(steps[2:])
        if steps[2:3] in (["service"], ["target"]):
            return "/target"
        field_name = next((field.name for field in ASKED if f"{name}.".startswith(f"{field.name}.")), "")
        return f"/asked.{field_name}" if field_name else "/asked_rest"
    place = rows.get("/" + "/".join(steps[1:3]))
    if place is None:
        return f"/{steps[1]}" if steps[1:] == ["at"] else "/seen"
    row, name = values["seen"][place], ".".join(steps[3:])
    field_name = next((known for known in row["texts"] if f"{name}.".startswith(f"{known}.")), "rest")
    return f"/seen/{place}/{field_name}"
