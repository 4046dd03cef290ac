"""The OpenAPI 3.1 document and its page, made from the contracts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, request

from postmortems.actor import SCOPES
from postmortems.document.json_form import json_schema
from postmortems.incidents import schemas
from postmortems.web import render
from postmortems.web.error_responses import FACES
from postmortems.web.openapi.examples import example_of, resolved
from postmortems.web.transactions import own_units

blueprint = Blueprint("reference", __name__, url_prefix="/api")

ABOUT = f"""Everything the pages do, for programs.

Send a token as `Authorization: Bearer pm_…`; its scopes ({", ".join(SCOPES)}) and its owner's role
say what it may do. Errors are problem details (RFC 9457) of type `application/problem+json`. Lists are
paged by key. Unknown query arguments are refused, so that a typing error is not taken for an answer.
The JSON Schema of an incident, as it is given and taken, is at /api/schemas/document.json.
"""

Json = dict[str, Any]

# What an anchor on the page is made of.
WORDS = re.compile(r"\w+")
# A gap in a route: `<int:number>`.
GAP = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


def description(url: str) -> Json:
    """What the document says about the API as a whole."""
    token = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "pm_…",
        "description": "a token from /settings/tokens",
    }
    browser = {"type": "apiKey", "in": "cookie", "name": "postmortems", "description": "a signed-in browser"}
    return {
        "info": {"description": ABOUT, "license": {"name": "MIT", "identifier": "MIT"}},
        "servers": [{"url": url}],
        "security": [{"token": []}, {"browser": []}],
        "components": {"securitySchemes": {"token": token, "browser": browser}},
    }


def document() -> Json:
    """The OpenAPI document, its tags named after the rooms."""
    made: Json = current_app.extensions["openapi"]().to_dict()
    for tag in made.get("tags", []):
        tag["name"] = _room(tag["name"])
    names = _names()
    for path, method, operation in _operations(made):
        operation["tags"] = [_room(tag) for tag in operation.get("tags", [])]
        operation["operationId"] = names[method.upper(), path]
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "schema" in content and not {"example", "examples"} & content.keys():
                content["example"] = example_of(content["schema"], made)
    return made


def _names() -> dict[tuple[str, str], str]:
    """Names of operations, such as `incidents.create`, by method and path: clients made from it have them."""
    rules = list(current_app.url_map.iter_rules())
    return {
        (method, GAP.sub(r"{\1}", rule.rule)): ".".join(map(_room, rule.endpoint.split(".")))
        for rule in rules
        for method in rule.methods or ()
    }


def _room(tag: str) -> str:
    return tag.removesuffix("_api")


def _operations(made: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in made.get("paths", {}).items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method, operation


@blueprint.get("/openapi.json", endpoint="document")
@own_units
def openapi_json() -> Response:
    return current_app.response_class(current_app.json.dumps(document()), mimetype="application/json")


@blueprint.get("/schemas/document.json", endpoint="schema")
@own_units
def document_schema() -> Response:
    """The JSON Schema of an incident as the API gives and takes it."""
    url: str = current_app.extensions["settings"].url
    made = json_schema.document(f"{url}/api/schemas/document.json", schemas.BESIDE)
    return current_app.response_class(current_app.json.dumps(made), mimetype="application/schema+json")


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter, or one member of a body (dotted where it is nested)."""

    name: str
    place: str
    type: str
    is_required: bool
    description: str


@blueprint.get("/docs", endpoint="page")
@own_units
def docs() -> str:
    made = document()
    rooms: dict[str, list[Json]] = {tag["name"]: [] for tag in made.get("tags", [])}
    for path, method, operation in _operations(made):
        shared = made["paths"][path].get("parameters", [])
        rooms[operation["tags"][0]].append(_shown(made, path, method, operation, shared))
    about = {tag["name"]: tag.get("description", "") for tag in made.get("tags", [])}
    problems = [(slug, status, title) for _, status, slug, title in FACES]
    return render.page("api/docs.html", info=made["info"], rooms=rooms, about=about, problems=problems)


def _shown(made: Json, path: str, method: str, operation: Json, shared: list[Json]) -> Json:
    """An operation as the page shows it."""
    parameters = [resolved(each, made) for each in (*shared, *operation.get("parameters", []))]
    rows = [_parameter_row(each, made) for each in parameters]
    example, body = "", operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        rows += _member_rows(body["schema"], made)
        example = json.dumps(
            body.get("example", example_of(body["schema"], made)), indent=2, ensure_ascii=False
        )
    answers = [
        (code, resolved(each, made).get("description", "")) for code, each in operation["responses"].items()
    ]
    return {
        "anchor": f"{method}-{'-'.join(WORDS.findall(path.removeprefix('/api/v1')))}",
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "scope": operation.get("x-scope", ""),
        "rows": rows,
        "answers": answers,
        "example": example,
        "curl": _curl(method, path, json.dumps(json.loads(example)) if example else ""),
    }


def _parameter_row(parameter: Json, made: Json) -> Row:
    return Row(
        name=parameter["name"],
        place=parameter["in"],
        type=_type(parameter.get("schema", {}), made),
        is_required=parameter.get("required", False),
        description=parameter.get("description", ""),
    )


def _member_rows(schema: Json, made: Json, prefix: str = "", depth: int = 0) -> Iterator[Row]:
    whole = resolved(schema, made)
    for name, member in whole.get("properties", {}).items():
        inner = resolved(member, made)
        is_required = name in whole.get("required", [])
        yield Row(prefix + name, "body", _type(member, made), is_required, inner.get("description", ""))
        if depth < 2:
            item = resolved(inner.get("items", inner), made)
            mark = "[]." if inner.get("type") == "array" else "."
            yield from _member_rows(item, made, f"{prefix}{name}{mark}", depth + 1)


def _type(schema: Json, made: Json) -> str:
    whole = resolved(schema, made)
    named = whole.get("type", "object" if "properties" in whole else "any")
    kinds = " or ".join(named) if isinstance(named, list) else str(named)
    if kinds == "array":
        kinds = f"list of {_type(whole.get('items', {}), made)}"
    if "enum" in whole:
        return "one of " + ", ".join(str(value) for value in whole["enum"])
    return f"{kinds} ({whole['format']})" if "format" in whole else kinds


def _curl(method: str, path: str, body: str) -> str:
    lines = [f'curl -H "Authorization: Bearer $POSTMORTEMS_TOKEN" {request.host_url.rstrip("/")}{path}']
    if method != "get":
        lines[0] = lines[0].replace("curl ", f"curl -X {method.upper()} ", 1)
    if body:
        lines += ["  -H 'Content-Type: application/json'", f"  -d {shlex.quote(body)}"]
    return " \\\n".join(lines)
