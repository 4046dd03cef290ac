"""A contract checks what comes in, dumps what goes out, and says where an error is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from openapi_spec_validator import validate

from postmortems.formats.strict_fields import StrictBoolean
from postmortems.guards.kinds.registry import KINDS
from tests.web.small_api import small_app


@pytest.fixture
def client() -> FlaskClient:
    return small_app().test_client()


def test_a_view_gets_its_query_and_body_and_answers_by_its_schema(client: FlaskClient) -> None:
    answer = client.post("/api/v1/notes?limit=5", json={"title": "t", "labels": {"a": 1}})

    assert answer.status_code == 201
    assert answer.json == {"title": "t 5", "labels": {"a": 1}}


@pytest.mark.parametrize(
    "body, pointers",
    [
        ({}, ["/title"]),
        ({"title": ""}, ["/title"]),
        ({"title": 3}, ["/title"]),
        ({"title": "x" * 21}, ["/title"]),
        ({"title": "t", "bogus": 1}, ["/bogus"]),
        ({"title": "t", "entries": [{"text": "a"}, {}]}, ["/entries/1/text"]),
        ({"title": "t", "entries": "no list"}, ["/entries"]),
        ({"title": "t", "entries": [7]}, ["/entries/0"]),
        ({"title": "t", "labels": {"a": "x"}}, ["/labels/a/value"]),
        ({"entries": [{}]}, ["/entries/0/text", "/title"]),
        ([], [""]),
        ("text", [""]),
    ],
)
def test_what_the_schema_refuses_is_named_by_pointer(
    client: FlaskClient, body: object, pointers: list[str]
) -> None:
    answer = client.post("/api/v1/notes", json=body)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert sorted(wrong["pointer"] for wrong in answer.json["errors"]) == pointers


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "bogus=1", "Limit=3", "limit="])
def test_a_wrong_or_unknown_query_argument_is_refused(client: FlaskClient, query: str) -> None:
    answer = client.post(f"/api/v1/notes?{query}", json={"title": "t"})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/" + query.partition("=")[0]


def test_a_view_without_a_query_refuses_one(client: FlaskClient) -> None:
    assert client.post("/api/v1/refuse/not-found").status_code == 404

    answer = client.post("/api/v1/refuse/not-found?bogus=1")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/bogus"


def test_a_body_that_is_not_json_is_a_problem_with_its_place(client: FlaskClient) -> None:
    answer = client.post("/api/v1/notes", data=b'{"title":\n oops}', content_type="application/json")

    assert answer.status_code == 400
    assert answer.json["errors"] == [
        {"pointer": "", "detail": "not JSON: Expecting value", "line": 2, "column": 2}
    ]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", None])
def test_a_body_that_is_not_called_json_is_refused(client: FlaskClient, content_type: str | None) -> None:
    answer = client.post("/api/v1/notes", data=b'{"title": "t"}', content_type=content_type)

    assert answer.status_code == 415


def test_a_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/notes", json={"title": "x" * 11_000})

    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


def test_the_document_is_valid_and_tells_of_scope_and_problems() -> None:
    made = small_app().extensions["openapi"]().to_dict()

    validate(made)
    operation = made["paths"]["/api/v1/notes"]["post"]
    assert operation["x-scope"] == "write"
    assert {"201", "400", "401", "403", "404", "409", "415", "422"} <= operation["responses"].keys()
    refusal = made["components"]["responses"]["CONFLICT"]
    assert list(refusal["content"]) == ["application/problem+json"]


def schemas_in(app: Flask, where: str) -> list[Schema]:
    views = [view for view in app.view_functions.values() if hasattr(view, "describe")]
    described = [view.describe()["arguments"] for view in views]
    places = [place for each in described for place in each.get("parameters", ())]
    return [place["schema"] for place in places if place["in"] == where]


def booleans(name: str, field: fields.Field[Any]) -> Iterator[tuple[str, type]]:
    if isinstance(field, fields.Boolean):
        yield name, type(field)
    elif isinstance(field, fields.Nested):
        for inner, each in field.schema.fields.items():
            yield from booleans(f"{name}.{inner}", each)
    elif isinstance(field, fields.List):
        yield from booleans(name, field.inner)
    elif isinstance(field, fields.Dict) and field.value_field is not None:
        yield from booleans(name, field.value_field)


def booleans_of(schemas: Iterable[Schema]) -> list[tuple[str, str, type]]:
    return [
        (type(schema).__name__, *boolean)
        for schema in schemas
        for name, field in schema.fields.items()
        for boolean in booleans(name, field)
    ]


def test_every_boolean_of_a_body_or_of_a_guards_configuration_is_strict(app: Flask) -> None:
    found = booleans_of([*schemas_in(app, "json"), *(kind.Config() for kind in KINDS.values())])

    assert len(found) >= 10
    assert [each for each in found if each[2] is not StrictBoolean] == []


def test_a_boolean_of_a_query_is_text(app: Flask) -> None:
    found = booleans_of(schemas_in(app, "query"))

    assert len(found) >= 10
    assert [each for each in found if each[2] is not fields.Boolean] == []
