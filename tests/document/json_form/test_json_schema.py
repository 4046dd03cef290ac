"""The published JSON Schema says what is given and taken: the demo, real reports, and what is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from jsonschema import Draft202012Validator

from postmortems.document.json_form import convert, json_schema
from postmortems.document.markdown import parser
from postmortems.document.model import Document
from postmortems.document.times import timeline_times
from postmortems.errors import Invalid
from postmortems.incidents import schemas
from tests.document.strategies import well_formed
from tests.shown import FOUNDING, with_demo
from tests.world import World

ROOT = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("POSTMORTEMS_CORPUS", ROOT / "../shared/corpus"))
DEMO = sorted((ROOT / "data/demo/incidents").glob("*.md"))
ADDRESS = "https://postmortems.example.org/api/schemas/document.json"
SCHEMA = json_schema.document(ADDRESS, schemas.BESIDE)
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def wrong(value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in VALIDATOR.iter_errors(value)]


def given_json(document: Document, name: str = "") -> dict[str, Any]:
    return convert.to_json(document, timeline_times.read_entries(document, name=name))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == ADDRESS


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_each_demo_document_is_valid(path: Path) -> None:
    assert wrong(given_json(parser.parse(path.read_text(), name=path.name), path.name)) == []


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.exists(), reason=f"no collection of real reports at {CORPUS}")
def test_each_real_report_is_valid() -> None:
    paths = [path for path in CORPUS.rglob("*") if path.suffix in {".md", ".qmd"} and path.is_file()]
    invalid = {}
    for path in paths:
        document = parser.parse(path.read_bytes().decode("utf-8", "replace"), name=path.name)
        if found := wrong(given_json(document, path.name)):
            invalid[path.name] = found

    assert len(paths) > 50
    assert invalid == {}


@given(well_formed)
def test_whatever_comes_back_from_markdown_is_valid(document: Document) -> None:
    assert wrong(given_json(parser.normal(document))) == []


BLOCK = "/sections/0/blocks/0"


def with_block(**members: Any) -> dict[str, Any]:
    return {"sections": [{"heading": "Timeline", "blocks": [members]}]}


@pytest.mark.parametrize(
    "value",
    [
        [],
        "a document",
        {"title": 1},
        {"title": "x" * 501},
        {"title": "a\0b"},
        {"color": "red"},
        {"date": "yesterday"},
        {"date": "2018-02-30"},
        {"severity": "SEV9"},
        {"status": "finished"},
        {"recurrence_of": "Not a slug"},
        {"recurrence_of": "x" * 201},
        {"services": "data8"},
        {"services": [""]},
        {"services": ["a"] * 201},
        {"extra": [["key"]]},
        {"extra": {"key": "value"}},
        {"sections": {}},
        {"sections": [{"heading": None}]},
        {"sections": [{"title": "Timeline"}]},
        {"sections": [{}] * 501},
        with_block(),
        with_block(type="image"),
        with_block(type="prose"),
        with_block(type="prose", text="x", written="12:00"),
        with_block(type="prose", text="x" * 200_001),
        with_block(type="entry", text="x"),
        with_block(type="entry", written="12:00", kind="panic"),
        with_block(type="category", heading=""),
        with_block(type="item"),
        with_block(type="item", text="x", id="AI-0"),
        with_block(type="item", text="x", id="2"),
        with_block(type="item", text="x", due="soon"),
        with_block(type="item", text="x", priority="P9"),
        with_block(type="item", text="x", tickets=[1]),
        with_block(type="item", text="x", owner=["@sam"]),
    ],
)
def test_what_the_reader_refuses_is_invalid(value: Any) -> None:
    with pytest.raises(Invalid):
        convert.from_json(value)

    assert wrong(value) != []


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"title": "", "date": None},
        {"sections": []},
        {"sections": [{"role": "timeline"}]},
        with_block(type="entry", written="~15:30", at=None, until=None, precision=None, warnings=["odd"]),
        with_block(type="item", text="x", id="AI-10", due=None, status="open", guards=["a (soft)"]),
        {"extra": [["authors", "[ada]"]]},
    ],
)
def test_what_is_valid_is_taken(value: Any) -> None:
    assert wrong(value) == []
    convert.from_json(value)


def test_the_api_publishes_it_to_anybody_and_keeps_to_it(client: FlaskClient, world: World) -> None:
    incident = with_demo(world).browser("cy").get(f"/api/v1{FOUNDING}").json
    published = client.get("/api/schemas/document.json")

    assert (published.status_code, published.mimetype) == (200, "application/schema+json")
    assert published.json["$id"] == "http://127.0.0.1:8000/api/schemas/document.json"
    assert list(Draft202012Validator(published.json).iter_errors(incident)) == []
    assert incident.keys() <= published.json["properties"].keys()


def test_what_is_given_beside_the_document_is_in_the_schema() -> None:
    members = set(schemas.IncidentSchema().fields) | set(schemas.EditSchema().fields)

    assert members == SCHEMA["properties"].keys()
    assert wrong(given_json(Document(title="x", date=date(2018, 1, 25))) | {"is_demo": "no"}) != []
    assert wrong(given_json(replace(Document(), title="x")) | {"version": 3, "message": "why"}) == []
