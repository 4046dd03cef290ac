"""The order of a guard's form: the few fields that matter first, the others under More settings. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from postmortems.guards import config_form
from postmortems.guards.config_form import Field
from postmortems.guards.kind import Kind

# Beside the title and the targets, which come first in every guard's form.
MOST_FIRST = 3
# What every guard has under More settings, as a new one has it.
DEFAULTS = {
    "slug": "",
    "owner": "",
    "level": "shadow",
    "on_error": "block",
    "override": "one",
    "max_age_s": "30",
    "remedy": "",
    "is_enabled": "on",
}


@dataclass(frozen=True, slots=True)
class FormOrder:
    """The kind's own fields that stand first, and those under More settings; whether that is open."""

    first: tuple[Field, ...]
    more: tuple[Field, ...]
    is_open: bool


def first_names(kind: Kind) -> tuple[str, ...]:
    """The fields that matter first: those the kind says, else what it requires, then what its sample sets."""
    if kind.leads:
        return kind.leads
    fields = config_form.fields_of(kind)
    required = [field.name for field in fields if field.required]
    others = [field.name for field in fields if field.name in kind.sample and not field.required]
    return tuple([*required, *others][: max(MOST_FIRST, len(required))])


def ordered(kind: Kind, values: Mapping[str, str], errors: Collection[str]) -> FormOrder:
    """The form's order for these texts, by the name of the input; `errors` names inputs that are wrong.

    More settings are open where one of them is wrong, or says anything but its default.
    """
    names, usual = first_names(kind), config_form.shown(kind, {})
    first, more = _parted(config_form.fields_of(kind), names)
    inputs = {f"config.{field.name}": usual[field.name] for field in more} | DEFAULTS
    boxes = {"is_enabled", *(f"config.{field.name}" for field in more if field.input == "checkbox")}
    is_open = any(
        # A box that is not ticked is not sent.
        name in errors or values.get(name, "" if name in boxes else text) != text
        for name, text in inputs.items()
    )
    return FormOrder(first, more, is_open)


def _parted(fields: Collection[Field], names: Collection[str]) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    first = tuple(field for field in fields if field.name in names)
    return first, tuple(field for field in fields if field.name not in names)
