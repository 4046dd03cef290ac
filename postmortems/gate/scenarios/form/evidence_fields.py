"""Form fields of each kind of evidence, and their values to text and back.

A text that is read gives what it was written from, or it is not written at all: what no field can say stays
in the row's own YAML, so that a form loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from postmortems.errors import Invalid
from postmortems.formats import strict_yaml
from postmortems.guards import config_form
from postmortems.guards.config_form import Field
from postmortems.guards.judgement import TRUST, VERDICTS
from postmortems.guards.kinds.registry import KINDS

WORDS = {True: "yes", False: "no"}
TRUTHS = {"yes": True, "true": True, "no": False, "false": False}


def _field(name: str, label: str, help: str = "", input: str = "text", **more: Any) -> Field:
    return Field(name, label, help, input, **more)


def _choice(name: str, label: str, *choices: str, help: str = "") -> Field:
    return Field(name, label, help, "select", choices=choices)


AT = _field("observed_at", "Seen at", input="moment", required=True)
TARGET = _field("target", "On the target", example="data8/staging")
WHO = _field("issuer", "Said by", example="ci-data8")
TRUSTED = _choice("trust", "Trusted as", "", *TRUST)
ABOUT = _choice("about", "About", "this", "another")
OTHER = (_field("digest", "Its digest", example="sha256:…"), _field("sha", "Its commit"))
NOTE = _field("data.note", "Note")
VERSION = _field("data.version", "Version", "Which version of the policy.", "number")

# The fields that every row shows, and those under "More". A dot leads into a member.
SHOWN: dict[str, tuple[Field, ...]] = {
    "attestation": (
        _field("predicate", "What is attested", example="staging-validated"),
        TARGET,
        _choice("result", "Result", "passed", "warned", "failed"),
        AT,
        _field("tests", "Tests", "One a line: run-a-cell: passed.", "pairs", of="text"),
    ),
    "deploy": (
        TARGET,
        _choice("outcome", "Outcome", "succeeded", "failed", "started", "rolled_back"),
        AT,
        _field("data.components", "Components", "One a line: chart: 1.2.", "pairs", of="text"),
    ),
    "signoff": (
        _field("predicate", "For the guard", "By its slug.", example="opened-by-hand"),
        _choice("result", "Answer", "approved", "rejected"),
        WHO,
        AT,
        _field("data.checklist", "Ticked", "One a line, as the checklist says it.", "lines", of="text"),
    ),
    "ping": (_choice("result", "It said", "success", "fail", "start"), AT),
    "command": (_field("data.exit_code", "Exit code", input="number"), TRUSTED, AT),
    "facts": (TARGET, AT, _field("data.facts", "Facts", "One a line: kubernetes: 1.29.", "pairs", of="text")),
    "incident": (TARGET, _choice("result", "It is", "open"), AT),
    "resolution": (TARGET, WHO, AT, NOTE),
    "item": (
        _field("data.id", "Action item", example="AI-2"),
        _choice("predicate", "Priority", "", "P0", "P1", "P2", "P3"),
        _choice("result", "It is", "open", "in_progress", "proposed", "done", "wont_do"),
        _field("data.due", "Due", input="date"),
        AT,
    ),
    "policy": (_field("predicate", "Policy", "By its slug.", example="deployment-policy"), VERSION, AT),
    "acknowledgement": (_field("predicate", "Policy", "By its slug."), WHO, VERSION, AT),
    "evaluation": (
        _field("predicate", "Guard", "By its slug."),
        TARGET,
        _choice("result", "It said", *VERDICTS),
        AT,
    ),
}
MORE: dict[str, tuple[Field, ...]] = {
    "attestation": (ABOUT, *OTHER, WHO, TRUSTED),
    "deploy": (ABOUT, *OTHER, WHO, TRUSTED),
    "signoff": (TARGET, ABOUT, *OTHER, _field("data.role", "With the role"), NOTE),
    "ping": (
        _field("guard", "Of the guard", "By its slug."),
        _field("data.exit_status", "Exit status", input="number"),
        _field("data.rid", "Run"),
    ),
    "command": (
        TARGET,
        _field("predicate", "Definition", "The digest of what was run, as the guard says it."),
        ABOUT,
        *OTHER,
        WHO,
    ),
    "item": (TARGET, _field("data.owner", "Owner"), _field("data.protection", "Protection")),
    "policy": (_field("data.title", "Title"),),
    "evaluation": (ABOUT, *OTHER),
}
LABELS = {
    "attestation": "Attestation",
    "deploy": "Deploy",
    "signoff": "Sign-off",
    "ping": "Ping",
    "command": "Command in the pipeline",
    "facts": "Facts about a target",
    "incident": "An incident is open",
    "resolution": "A failure is resolved",
    "item": "Action item",
    "policy": "Policy",
    "acknowledgement": "Policy acknowledged",
    "evaluation": "Verdict of a guard",
}


def of_evidence(kind: str) -> tuple[Field, ...]:
    """Every field of a row about this kind of evidence."""
    return (*shown(kind), *MORE.get(kind, ()))


def shown(kind: str) -> tuple[Field, ...]:
    """The fields that a row of it shows; of a kind that has none of its own, where and when."""
    return SHOWN.get(kind, (TARGET, AT))


def label(kind: str) -> str:
    """What a person calls it."""
    return LABELS.get(kind, kind.replace("_", " ").capitalize())


def of_probe(kind: str) -> list[Field]:
    """The fields of what a guard of this kind saw; none for a kind that is not known."""
    return config_form.observed_of(KINDS[kind]) if kind in KINDS else []


def to_text(field: Field, value: Any) -> str | None:
    """The value as the field shows it; None where it could not be read back from that."""
    text = _written(field, value)
    try:
        is_same = text is not None and _same(from_text(field, text), value)
    except Invalid:
        return None
    return text if is_same else None


def _same(value: Any, other: Any) -> bool:
    """Equal in kind too, at every depth: JSON's true is not its 1."""
    return value == other and repr(value) == repr(other)


def _written(field: Field, value: Any) -> str | None:
    if field.input == "yaml":
        return strict_yaml.write(value).strip() if isinstance(value, dict | list) else None
    if field.input == "lines" and isinstance(value, list):
        return "\n".join(_word(inner) for inner in value)
    if field.input == "pairs" and isinstance(value, Mapping):
        return "\n".join(f"{name}: {_word(inner)}" for name, inner in value.items())
    return _word(value) if isinstance(value, str | int | float) else None


def _word(value: Any) -> str:
    return WORDS[value] if isinstance(value, bool) else str(value)


def from_text(field: Field, text: str) -> Any:
    """The value that a field's text says. Raises `Invalid`, without a place, for a text that says none."""
    if field.input == "number":
        return _number(text)
    if field.input == "yaml":
        return strict_yaml.read(text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if field.input == "lines":
        return [_value(field, line) for line in lines]
    if field.input == "pairs":
        return dict(_pair(field, line) for line in lines)
    return text.strip()


def _pair(field: Field, line: str) -> tuple[str, Any]:
    # What is looked for may hold a colon; what was found there, yes or no, does not.
    cut = line.rpartition if field.of == "checkbox" else line.partition
    name, colon, value = cut(":")
    if not colon or not name.strip():
        raise Invalid(f"write a name, a colon and {_wanted(field)} a line; {line[:50]!r} is not that")
    return name.strip(), _value(field, value.strip())


def _value(field: Field, text: str) -> Any:
    if field.of != "checkbox":
        return text
    if text.lower() not in TRUTHS:
        raise Invalid(f"write {_wanted(field)}; {text[:50]!r} is neither")
    return TRUTHS[text.lower()]


def _wanted(field: Field) -> str:
    return "yes or no" if field.of == "checkbox" else "a value"


def _number(text: str) -> int:
    try:
        return int(text[:18] if text.strip() in text[:18] else "too long")
    except ValueError:
        raise Invalid(f"write a whole number; {text.strip()[:50]!r} is none") from None
