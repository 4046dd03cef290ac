"""The API's document is valid and whole, and people can read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from postmortems.web.openapi.examples import example_of

# What clients made from the document call its shapes: one is added here, none renamed.
COMPONENTS = Path(__file__).with_name("components.txt").read_text(encoding="utf-8").split()
GAP = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


def as_gap(found: re.Match[str]) -> str:
    return f"{{{found[1]}}}"


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_its_shapes_keep_their_names(document: dict[str, Any]) -> None:
    assert sorted(document["components"]["schemas"]) == sorted(COMPONENTS)


def test_every_route_of_the_api_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    routed = {
        f"{method} {GAP.sub(as_gap, rule.rule)}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {name for name, _ in operations(document)} == routed


def test_every_operation_says_what_it_does_and_how_it_may_refuse(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation.get("summary"), name
        assert {"401", "403"} <= operation["responses"].keys(), name


def test_a_token_is_how_one_comes_in(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]

    assert schemes["token"]["scheme"] == "bearer"
    assert {"token": []} in document["security"]


def test_every_problem_is_a_problem(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        assert list(response.get("content", {})) in ([], ["application/problem+json"]), name


def test_every_list_in_pages_says_where_it_goes_on_by_the_same_word(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    # One of the library's own is not used.
    ours = [shape for name, shape in shapes.items() if "PaginationMetadata" not in name]
    members = {name for shape in ours for name in shape.get("properties", {})}

    assert {name for name in members if name.startswith("next")} == {"next", "next_possible_at"}


def test_every_body_has_an_example(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert {"example", "examples"} & content.keys(), name


def test_the_page_shows_every_operation(client: FlaskClient, document: dict[str, Any]) -> None:
    page = client.get("/api/docs")

    assert page.status_code == 200
    for name, _ in operations(document):
        assert f"<h3><code>{name}</code></h3>" in page.text


def test_the_page_explains_every_type_of_problem(client: FlaskClient) -> None:
    page = client.get("/api/docs").text

    for slug in ("malformed", "invalid", "not-found", "not-allowed", "stale", "too-many"):
        assert f'id="problem-{slug}"' in page


@pytest.mark.parametrize(
    "schema, example",
    [
        ({"type": "string"}, "…"),
        ({"type": "string", "format": "date"}, "2018-01-25"),
        ({"type": ["integer", "null"]}, 1),
        ({"type": "string", "enum": ["soft", "hard"]}, "soft"),
        ({"type": "string", "example": "data8"}, "data8"),
        ({"type": "boolean", "default": False}, False),
        ({"type": "array", "items": {"type": "number"}}, [1.0]),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"anyOf": [{"$ref": "#/s/T"}, {"type": "null"}]}, {"x": "…"}),
        ({"$ref": "#/s/T"}, {"x": "…"}),
        ({}, {}),
    ],
)
def test_an_example_has_the_right_type(schema: dict[str, Any], example: object) -> None:
    made = {"s": {"T": {"type": "object", "properties": {"x": {"type": "string"}}}}}

    assert example_of(schema, made) == example


def test_a_schema_that_contains_itself_has_an_example_too() -> None:
    made = {"s": {"T": {"type": "object", "properties": {"inner": {"$ref": "#/s/T"}}}}}

    assert example_of({"$ref": "#/s/T"}, made)
