"""A Document as JSON: nothing is lost on the way, and what is wrong is named with its place."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from postmortems.document.json_form import convert
from postmortems.document.markdown import parser
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section
from postmortems.document.times import timeline_times
from postmortems.errors import Invalid

FULL = Document(
    title="Queue stood still",
    date=date(2021, 3, 4),
    timezone="Europe/Oslo",
    severity="SEV2",
    status="published",
    recurrence_of="2020-01-02-queue-stood-still",
    services=("queue/prod",),
    tags=("workers",),
    extra=(("author", "Ada"), ("resources", "\n- src: x")),
    heading="What happened",
    sections=(
        Section("", (Prose("Lead."),)),
        Section("Timeline", (Prose("All times in CET"), Entry("14:30", "Text.", "Title", "trigger"))),
        Section(
            "Action items",
            (
                Category("Process"),
                Item(
                    "Watch a job.",
                    id="AI-1",
                    kind="process",
                    owner="@ada",
                    team="Queue",
                    due=date(2021, 4, 1),
                    priority="P1",
                    status="open",
                    reason="why",
                    done_when="watched",
                    guardability="attestable",
                    outcome="AI-2",
                    evidence="PR 7",
                    tickets=("#1",),
                    guards=("watched (soft)",),
                ),
            ),
        ),
    ),
)


def problems(value: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        convert.from_json(value)
    return [(problem.pointer, problem.detail) for problem in refusal.value.problems]


def item(**fields: Any) -> dict[str, Any]:
    return {"sections": [{"heading": "Action items", "blocks": [{"type": "item", "text": "x"} | fields]}]}


def test_every_field_goes_out_and_comes_back() -> None:
    assert convert.from_json(convert.to_json(FULL)) == FULL


def test_readings_go_out_and_are_ignored_when_they_come_back() -> None:
    told = convert.to_json(FULL, timeline_times.read_entries(FULL))
    entry = told["sections"][1]["blocks"][1]

    assert entry["at"] == "2021-03-04T14:30:00"
    assert (entry["until"], entry["precision"], entry["approximate"]) == (None, "minute", False)
    assert (entry["zone"], entry["warnings"]) == ("CET", [])
    assert told["sections"][2]["role"] == "action_items"
    assert convert.from_json(told) == FULL


def test_a_day_is_told_without_a_time() -> None:
    document = parser.parse("## Timeline\n\n### 2021-03-04\n\nQuiet.")

    assert (
        convert.to_json(document, timeline_times.read_entries(document))["sections"][0]["blocks"][0]["at"]
        == "2021-03-04"
    )


def test_what_is_left_out_is_empty() -> None:
    assert convert.from_json({}) == Document()
    assert convert.from_json({"sections": [{}]}) == Document(sections=(Section(""),))


def test_line_ends_and_blank_lines_at_the_ends_are_made_ours() -> None:
    value = {
        "title": " a\r\nb ",
        "sections": [{"blocks": [{"type": "prose", "text": "\r\n\r\none\r\n\r\ntwo\r\n"}]}],
    }

    document = convert.from_json(value)

    assert document.title == "a b"
    assert document.sections[0].blocks == (Prose("one\n\ntwo"),)


def test_all_that_is_wrong_is_told_at_once() -> None:
    value = {
        "title": 3,
        "date": "soon",
        "sections": [{"blocks": [{"type": "item", "text": "x", "due": 5}, 7]}],
    }

    assert [pointer for pointer, _ in problems(value)] == [
        "/title",
        "/date",
        "/sections/0/blocks/0/due",
        "/sections/0/blocks/1/type",
    ]


@pytest.mark.parametrize(
    "value, pointer, said",
    [
        (None, "", "must be an object"),
        ([], "", "must be an object"),
        ("text", "", "must be an object"),
        ({"titel": "x"}, "/titel", "is not a field of this"),
        ({"a/b~c": "x"}, "/a~1b~0c", "is not a field of this"),
        ({"title": None}, "/title", "must be text"),
        ({"title": "x" * 501}, "/title", "longer than 500"),
        ({"title": "a\0b"}, "/title", "NUL"),
        ({"title": "\ud800"}, "/title", "surrogate"),
        ({"date": "2018-1-25"}, "/date", "such as 2018-01-25"),
        ({"date": "2018-02-30"}, "/date", "such as 2018-01-25"),
        ({"date": 20180125}, "/date", "such as 2018-01-25"),
        ({"date": True}, "/date", "such as 2018-01-25"),
        ({"severity": "high"}, "/severity", "SEV1, SEV2"),
        ({"status": "done"}, "/status", "draft, published"),
        ({"recurrence_of": "Not a slug"}, "/recurrence_of", "an incident's slug"),
        ({"recurrence_of": "../../etc"}, "/recurrence_of", "an incident's slug"),
        ({"recurrence_of": "x" * 201}, "/recurrence_of", "an incident's slug"),
        ({"services": "data8"}, "/services", "must be a list"),
        ({"services": [""]}, "/services/0", "must not be empty"),
        ({"tags": [1]}, "/tags/0", "must be text"),
        ({"tags": ["x"] * 201}, "/tags", "more than 200"),
        ({"extra": [["author"]]}, "/extra/0", "a key and its YAML"),
        ({"extra": [["a: b\nc", "x"]]}, "/extra/0", "front matter"),
        ({"extra": [["author", "x\ntitle: other"]]}, "/extra/0", "front matter"),
        ({"extra": [["author", "x\n---"]]}, "/extra/0", "front matter"),
        ({"sections": {}}, "/sections", "must be a list"),
        ({"sections": [[]]}, "/sections/0", "must be an object"),
        ({"sections": [{"name": "x"}]}, "/sections/0/name", "is not a field of this"),
        ({"sections": [{"blocks": [{}]}]}, "/sections/0/blocks/0/type", "must be one of prose"),
        (
            {"sections": [{"blocks": [{"type": "image"}]}]},
            "/sections/0/blocks/0/type",
            "must be one of prose",
        ),
        (
            {"sections": [{"blocks": [{"type": ["prose"]}]}]},
            "/sections/0/blocks/0/type",
            "must be one of prose",
        ),
        ({"sections": [{"blocks": [{"type": "prose"}]}]}, "/sections/0/blocks/0/text", "is missing"),
        ({"sections": [{"blocks": [{"type": "entry"}]}]}, "/sections/0/blocks/0/written", "is missing"),
        (
            {"sections": [{"blocks": [{"type": "category", "heading": ""}]}]},
            "/sections/0/blocks/0/heading",
            "empty",
        ),
        (
            {"sections": [{"blocks": [{"type": "prose", "text": "x" * 200_001}]}]},
            "/sections/0/blocks/0/text",
            "200,000",
        ),
        (
            {"sections": [{"blocks": [{"type": "prose", "text": "x"}] * 2_001}]},
            "/sections/0/blocks",
            "more than 2,000",
        ),
        (
            {"sections": [{"blocks": [{"type": "prose", "text": "x"}] * 1_001}] * 2},
            "/sections",
            "more than 2,000 blocks",
        ),
        ({"sections": [{}] * 501}, "/sections", "more than 500"),
        (item(kind="people"), "/sections/0/blocks/0/kind", "process, technical"),
        (item(status="closed"), "/sections/0/blocks/0/status", "proposed, open"),
        (item(priority="P9"), "/sections/0/blocks/0/priority", "P0, P1"),
        (item(guardability="yes"), "/sections/0/blocks/0/guardability", "enforceable"),
        (item(due="2018"), "/sections/0/blocks/0/due", "such as 2018-01-25"),
        (item(id="AI-0"), "/sections/0/blocks/0/id", "AI-2"),
        (item(id="7"), "/sections/0/blocks/0/id", "AI-2"),
        (item(tickets="url"), "/sections/0/blocks/0/tickets", "must be a list"),
        (item(guards=[None]), "/sections/0/blocks/0/guards/0", "must be text"),
        (item(protection="proven"), "/sections/0/blocks/0/protection", "is not a field of this"),
        (item(text=["x"]), "/sections/0/blocks/0/text", "must be text"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(value: Any, pointer: str, said: str) -> None:
    ((where, detail),) = problems(value)

    assert where == pointer
    assert said in detail
