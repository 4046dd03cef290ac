"""Example values for the schemas in the OpenAPI document."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

DEEPEST = 6
BY_FORMAT = {
    "date": "2018-01-25",
    "date-time": "2018-01-25T15:30:00-08:00",
    "uri": "https://example.org/",
    "url": "https://example.org/",
    "uuid": "8f0c2f9e-1d5c-4a64-9d53-0f5f7a1c9b11",
    "email": "ada@example.org",
}
BY_TYPE: Json = {"string": "…", "integer": 1, "number": 1.0, "boolean": True, "null": None}


def resolved(schema: Json, made: Json) -> Json:
    """The schema, parameter or response itself where `schema` is a reference into the document `made`."""
    while "$ref" in schema:
        found = made
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    choices = [choice for choice in schema.get("anyOf", []) if choice.get("type") != "null"]
    if len(choices) == 1:
        return {
            **resolved(choices[0], made),
            **{key: value for key, value in schema.items() if key != "anyOf"},
        }
    return schema


def example_of(schema: Json, made: Json, depth: int = 0) -> Any:
    """An example for the schema; bounded in depth, since schemas may contain themselves."""
    whole = resolved(schema, made)
    for given in ("example", "const", "default"):
        if given in whole:
            return whole[given]
    if whole.get("examples"):
        return whole["examples"][0]
    if whole.get("enum"):
        return whole["enum"][0]
    kind = whole.get("type", "object")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind == "array":
        return [] if depth >= DEEPEST else [example_of(whole.get("items", {}), made, depth + 1)]
    if kind == "object":
        members = whole.get("properties", {}) if depth < DEEPEST else {}
        return {
            name: example_of(member, made, depth + 1)
            for name, member in members.items()
            if not resolved(member, made).get("readOnly")
        }
    return BY_FORMAT.get(whole.get("format", ""), BY_TYPE.get(kind, "…"))
