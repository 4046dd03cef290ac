"""Read the form of a scenario to the facts that its text would say; what is wrong is at its own fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from postmortems.errors import Invalid, Problem
from postmortems.formats import strict_yaml
from postmortems.gate.scenarios.form import evidence_fields, local_times
from postmortems.gate.scenarios.form.values import ASKED, LOOK, Values, fields_of
from postmortems.guards.config_form import Field
from postmortems.zone_tables import ZoneInfo

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
            found = strict_yaml.read(text) if text else {}
        except Invalid as wrong:
            self.problems.append(Problem(f"/{name}", wrong.detail))
            return {}
        if isinstance(found, dict):
            return found
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
        if row["sort"].startswith(LOOK):
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
    one = {"kind": row["sort"]} | _members(row, place, said, reading)
    if row["guard"] and "guard" not in row["texts"]:
        one["guard"] = row["guard"]
    if row["texts"].get("about") == "this":
        one |= {name: artifact[name] for name in ("digest", "sha") if artifact.get(name)}
    one["observed_at"] = reading.instant(row["texts"]["observed_at"], clocks, f"seen/{place}/observed_at")
    return one


def _members(row: Values, place: int, fields: Iterable[Field], reading: Reading) -> Facts:
    found = reading.members(row["rest"], f"seen/{place}/rest")
    for field in fields:
        _put(found, field, reading.field(field, row["texts"][field.name], f"seen/{place}/{field.name}"))
    return found


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
        found = next((field.name for field in ASKED if f"{name}.".startswith(f"{field.name}.")), "")
        return f"/asked.{found}" if found else "/asked_rest"
    place = rows.get("/" + "/".join(steps[1:3]))
    if place is None:
        return f"/{steps[1]}" if steps[1:] == ["at"] else "/seen"
    row, name = values["seen"][place], ".".join(steps[3:])
    found = next((known for known in row["texts"] if f"{name}.".startswith(f"{known}.")), "rest")
    return f"/seen/{place}/{found}"
