"""The entries of a YAML file of guards, each with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from postmortems.errors import Invalid, Problem
from postmortems.formats import strict_yaml

LONGEST = 1_000_000
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One service, guard or scenario in a text; `pointer` is where, `name` the text's own, "" for none."""

    name: str
    text: str
    pointer: str
    fields: Fields

    @property
    def sort(self) -> str:
        return sort_of(self.fields)

    def refused(self, wrong: Invalid) -> Invalid:
        """The error with file, entry and line added."""
        called = self.fields.get("name") or self.fields.get("slug")
        problems = []
        for problem in wrong.problems:
            line = strict_yaml.line_of(self.text, self.pointer + problem.pointer)
            place = f"{self.name}: line {line}, {called}: {problem.pointer}" if self.name else f"{called}:"
            told = " ".join(f"{place} {problem.detail}".split())
            problems.append(Problem(self.pointer + problem.pointer, told, line))
        return Invalid(problems)


def read(name: str, text: str) -> list[Entry]:
    """The entries of one text. Raises `Invalid` that names text and line."""
    try:
        value = strict_yaml.read(text, longest=LONGEST)
    except Invalid as wrong:
        problems = [Problem("", f"{name}: {p.detail}" if name else p.detail, p.line) for p in wrong.problems]
        raise Invalid(problems) from wrong
    is_list = isinstance(value, list)
    several = value if is_list else [value]
    for place, entry in enumerate(several):
        if not isinstance(entry, dict) or not sort_of(entry):
            lacks = "is no service (name, targets), guard (slug, kind) or scenario (incident, facts)"
            pointer = f"/{place}" if is_list else ""
            where = f"{name}: entry {place + 1}" if name else f"entry {place + 1}"
            raise Invalid([Problem(pointer, f"{where} {lacks}", strict_yaml.line_of(text, pointer))])
    return [Entry(name, text, f"/{at}" if is_list else "", entry) for at, entry in enumerate(several)]


def sort_of(entry: Mapping[str, Any]) -> str:
    """The sort of an entry, by its members: service, guard, scenario, or "" for none of them."""
    if "slug" in entry:
        return "guard"
    if "incident" in entry:
        return "scenario"
    return "service" if "targets" in entry else ""
