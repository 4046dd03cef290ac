"""The calls and models of the Python client are those of the OpenAPI document."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from postmortems_client import VERSION, calls, models
from postmortems_client.call import Call, Listing, path

import postmortems

SCRIPT = Path(__file__).parents[2] / "scripts" / "client"
GAP = re.compile(r"\{[^}]+\}")


@cache
def script() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("client_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader("client_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def made_calls() -> Iterator[Call[Any]]:
    """A call of every function, with a word in each place that it asks for."""
    for group in vars(calls).values():
        if inspect.isclass(group) and group.__module__ == calls.__name__:
            for name, function in vars(group).items():
                if isinstance(function, staticmethod):
                    parameters = inspect.signature(function.__func__).parameters.values()
                    given = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
                    yield getattr(group, name)(*("x" for _ in given))


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json").json
    assert isinstance(answer, dict)
    return answer


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), GAP.sub("x", address)): operation
        for address, methods in document["paths"].items()
        for method, operation in methods.items()
        if method != "parameters" and not set(operation["tags"]) & script().FOR_OTHERS
    }


def test_what_is_generated_is_current() -> None:
    stale = [path.name for path, text in script().written().items() if path.read_text() != text]

    assert stale == [], "run scripts/client"


def test_every_operation_is_reached_with_its_parameters(document: dict[str, Any]) -> None:
    wanted = operations(document)
    made = {(call.method, call.path): call for call in made_calls()}

    assert made.keys() == wanted.keys()
    for key, call in made.items():
        known = {each["in"]: set() for each in wanted[key].get("parameters", [])}
        for each in wanted[key].get("parameters", []):
            known[each["in"]].add(each["name"])
        assert set(call.query) == known.get("query", set()), key
        assert set(call.headers) == known.get("header", set()), key
        assert (call.body is None) == ("requestBody" not in wanted[key]), key


def test_each_schema_has_its_model(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        model = getattr(models, script().class_name(name))
        assert set(model.__annotations__) == set(schema.get("properties", {})), name


def test_each_list_that_goes_on_can_be_followed(document: dict[str, Any]) -> None:
    followed = {call.path for call in made_calls() if isinstance(call, Listing)}

    schemas = document["components"]["schemas"]
    for (method, address), operation in operations(document).items():
        named = {each["name"] for each in operation.get("parameters", [])} & {"after", "before"}
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        model = schemas.get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
        if method == "GET" and named and "next" in model.get("properties", {}):
            assert address in followed, address


def test_operations_have_names_of_their_own(app: Flask, document: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for methods in document["paths"].values()
        for method, operation in methods.items()
        if method != "parameters"
    ]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in names)


def test_the_client_has_the_version_of_the_service() -> None:
    assert postmortems.__version__ == VERSION


@pytest.mark.parametrize(
    "part, said",
    [("a b", "a%20b"), ("a/b", "a%2Fb"), ("..", "%2E%2E"), (".", "%2E"), ("ü?#", "%C3%BC%3F%23"), (7, "7")],
)
def test_a_part_of_an_address_leads_nowhere_else(part: object, said: str) -> None:
    assert path(part) == said
