"""Checklist: what the report in the form lacks before it may be published, and the template that fits."""

from __future__ import annotations

from dataclasses import dataclass

from postmortems.document.json_form import convert
from postmortems.errors import Invalid, Problem
from postmortems.incidents.approvals import queries as approvals
from postmortems.incidents.editor import form
from postmortems.incidents.templates import queries as templates
from postmortems.incidents.templates import template
from postmortems.incidents.templates.template import Template

# What a refused publishing says first of each; here it stands above all of them.
FIRST = "before this is published, "


@dataclass(frozen=True, slots=True)
class Lack:
    """`field` is its place in the form, by order: `severity`, `sections.2.blocks.0.owner`, or `sections`."""

    words: str
    field: str


def of(values: form.Values) -> list[Lack] | None:
    """What is missing, in the order of the form; None while the form cannot be read."""
    untitled = [] if values["title"].strip() else [Lack("Give it a title", "title")]
    if not asks():
        return untitled
    json, places = form.to_json(values)
    try:
        document = convert.from_json(json)
    except Invalid:
        return None
    found = [wrong for wrong in approvals.lacking(document) if wrong.pointer != "/title"]
    return untitled + sorted((_lack(wrong, places) for wrong in found), key=_place)


def asks() -> bool:
    """Whether any severity asks for something besides a title."""
    return any(rule.required_fields or rule.required_sections for rule in approvals.publish_rules().values())


def best_template(values: form.Values) -> Template | None:
    """The template that fits the severity and services in the form best; None where none does."""
    severity, services = values["severity"].strip(), form.names(values["services"])
    offered = template.best_first(templates.all_templates(), severity, services)
    return next((one for one in offered if template.fits(one, severity, services)), None)


def _lack(wrong: Problem, places: form.Places) -> Lack:
    bare = wrong.detail.removeprefix(FIRST)
    return Lack(bare[:1].upper() + bare[1:], _field(wrong.pointer, places))


def _field(pointer: str, places: form.Places) -> str:
    """Where a pointer into the JSON, which has no blank rows, stands in the form."""
    known = max((each for each in places if f"{pointer}/".startswith(f"{each}/")), key=len, default="")
    return (places.get(known, "") + pointer.removeprefix(known)).removeprefix("/").replace("/", ".")


def _place(lack: Lack) -> tuple[bool, list[int]]:
    """Fields of the incident first, then rows from top to bottom."""
    return lack.field.startswith("sections"), [int(step) for step in lack.field.split(".") if step.isdigit()]
