"""Every file of `cases/`: what trackers and incident tools give, and the report that we make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from postmortems.document.markdown import parser
from postmortems.document.readers.records import tools
from postmortems.document.readers.records.tools import FORMATS
from postmortems.document.times import timeline_times
from postmortems.errors import Invalid
from tests.document.cases import Case, load, shown

CASES = [load(path) for path in sorted((Path(__file__).parent / "cases").glob("*.md"))]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def named(case: Case) -> str:
    return case.name.rpartition(".")[2]


def case(name: str) -> str:
    return next(each.input for each in CASES if each.name == name)


def as_json(name: str) -> Any:
    return json.loads(case(name))


@every_case
def test_a_file_is_written_as_its_canonical_form(case: Case) -> None:
    assert parser.write(parser.parse(FORMATS[named(case)].to_markdown(case.input))) == case.canonical


@every_case
def test_the_canonical_form_stays_as_it_is(case: Case) -> None:
    assert parser.write(parser.parse(case.canonical)) == case.canonical


@every_case
def test_its_times_are_read_as_they_were_meant(case: Case) -> None:
    document = parser.parse(case.canonical)

    assert [shown(reading) for reading in timeline_times.read_entries(document)] == list(case.readings)


@every_case
def test_a_file_is_recognised_by_what_it_holds(case: Case) -> None:
    found = tools.recognised(case.input)

    assert found is FORMATS[named(case)]


@every_case
def test_each_part_of_a_file_is_read_alone_as_in_the_file(case: Case) -> None:
    parts = list(FORMATS[named(case)].parts(case.input))

    alone = [FORMATS[named(case)].to_markdown(part.content) for part in parts]
    assert alone == [FORMATS[named(case)].to_markdown(case.input)]
    again = [part.identity for part in FORMATS[named(case)].parts(parts[0].content)]
    assert again == [part.identity for part in parts]
    assert parts[0].identity.startswith(f"{named(case)}:")


NO_RECORDS = {
    "a text": "# Report\n\nWords.",
    "nothing": "",
    "a list of numbers": "[1, 2]",
    "an empty list": "[]",
    "an object of something else": '{"name": "x", "version": "1.0"}',
    "a notebook": '{"cells": [], "metadata": {}, "nbformat": 4}',
    "a pull request": '{"number": 1, "title": "x", "user": {}, "pull_request": {"url": "x"}}',
    "JSON that breaks off": '{"number": 1, "title": "x", "us',
    "lines of a log": '{"level": "info", "msg": "x"}\n{"level": "warn", "msg": "y"}',
    "a page": "<!DOCTYPE html><html><body><h1>x</h1></body></html>",
    "a feed of something else": "<rss><channel><item><title>x</title></item></channel></rss>",
    "a table": "Name,Age,City\nx,1,y\n",
    "half an object": "{",
    "a deep list": "[" * 100_000,
}


@pytest.mark.parametrize("text", NO_RECORDS.values(), ids=NO_RECORDS.keys())
def test_what_is_none_of_these_formats_is_not_taken_for_one(text: str) -> None:
    assert tools.recognised(text) is None


REFUSED = {
    "JSON that breaks off": (
        "github",
        '{"number": 1,\n"title": "x',
        "2: this is no whole JSON: it breaks off",
    ),
    "JSON that ends after a comma": ("github", '{"number": 1,\n', "2: this is no whole JSON: it breaks off"),
    "a line of NDJSON that breaks off": (
        "gitlab",
        '{"iid": 1, "title": "x"}\n{"iid": 2, "ti',
        "2: this line is no whole JSON object",
    ),
    "JSON with a slip": ("gitlab", '{"iid": 1 "title"}', "1: this is no whole JSON: Expecting ',' delimiter"),
    "JSON without an end to its depth": ("pagerduty", "[" * 100_000, "1: this JSON is nested too deep"),
    "another tool's JSON": ("pagerduty", '{"iid": 1, "title": "x"}', "1: this holds no incident"),
    "an empty list": ("rootly", '{"data": []}', "1: this holds no incident"),
    "a message in place of issues": ("github", '{"message": "Not Found"}', "1: this holds no issue"),
    "XML that breaks off": (
        "jira",
        "<rss><channel><item><key>A-1</key>\n<summary>x",
        "2: this is no whole XML",
    ),
    "XML with entities of its own": (
        "jira",
        '<!DOCTYPE rss [<!ENTITY x "y">]><rss><channel><item><key>A-1</key></item></channel></rss>',
        "1: the file declares entities",
    ),
    "XML nested deeper than any export": (
        "jira",
        "<rss><channel><item><key>A-1</key>" + "<x>" * 70,
        "1: elements nested deeper than 60",
    ),
    "CSV whose quotes do not end": (
        "jira",
        'Summary,Issue key,Status\n"x,A-1,Done\n',
        "2: this is no whole CSV",
    ),
    "CSV without a row": ("jira", "Summary,Issue key,Status\n", "1: this holds no issue"),
    "a text for Jira": ("jira", "h1. Words", "1: this is none of Jira's exports"),
    "two issues as one report": (
        "github",
        json.dumps([{"number": n, "title": "x", "user": {"login": "a"}, "body": ""} for n in (1, 2)]),
        "1: this holds 2 issues; import takes each",
    ),
}


@pytest.mark.parametrize("name, text, words", REFUSED.values(), ids=REFUSED.keys())
def test_a_broken_file_is_refused_with_its_line(name: str, text: str, words: str) -> None:
    with pytest.raises(Invalid) as refusal:
        FORMATS[name].to_markdown(text)

    assert refusal.value.detail.startswith(words)


ODD: dict[str, tuple[str, object]] = {
    "members that are null": (
        "github",
        {"number": 1, "title": "x", "author": None, "body": None, "labels": None, "comments": None},
    ),
    "members of other types": (
        "github",
        {"number": 1, "title": "x", "user": "ada", "body": ["a"], "labels": "b", "comments": 7},
    ),
    "labels that are names": (
        "github",
        {"number": 1, "title": "x", "user": {}, "labels": ["a", {"name": "b"}]},
    ),
    "a day that is none": (
        "gitlab",
        {"iid": 1, "title": "x", "created_at": "soon", "due_date": "2024-13-40"},
    ),
    "an issue without fields": ("jira", {"key": "A-1", "fields": {"summary": "x"}}),
    "fields of other types": (
        "jira",
        {
            "key": "A-1",
            "fields": {"summary": "x", "status": [], "subtasks": {}, "comment": "no", "parent": 3},
        },
    ),
    "ADF of odd values": (
        "jira",
        {
            "key": "A-1",
            "fields": {
                "summary": "x",
                "description": {
                    "type": "doc",
                    "content": [
                        None,
                        1,
                        {"type": "text", "text": 5},
                        {"type": "date", "attrs": {"timestamp": "x"}},
                    ],
                },
            },
        },
    ),
    "an incident without times": (
        "pagerduty",
        {"id": "P", "incident_number": 1, "title": "x", "log_entries": [{}]},
    ),
    "an update without words": (
        "statuspage",
        {"id": "s", "name": "x", "incident_updates": [{}, {"body": None}]},
    ),
    "an incident without severity": (
        "incident_io",
        {"id": "i", "name": "x", "incident_status": None, "severity": None},
    ),
    "a follow-up without a title": (
        "incident_io",
        {"id": "i", "name": "x", "incident_status": {}, "follow_ups": [{"status": "outstanding"}]},
    ),
    "a field called as ours": (
        "incident_io",
        {
            "id": "i",
            "name": "x",
            "incident_status": {},
            "custom_field_entries": [
                {"custom_field": {"name": "status"}, "values": [{"value_text": "a: b\n---\n"}]},
                {"custom_field": {"name": "- x\ny"}, "values": [{"value_text": "c"}]},
            ],
        },
    ),
    "NaN": (
        "dispatch",
        {"title": "x", "incident_type": {}, "incident_priority": {}, "total_cost": float("nan")},
    ),
}


@pytest.mark.parametrize("name, raw", ODD.values(), ids=ODD.keys())
def test_odd_members_are_passed_over(name: str, raw: object) -> None:
    document = parser.parse(FORMATS[name].to_markdown(json.dumps(raw)))

    assert document.title == "x"
    assert document.status == ""


def test_a_text_nested_without_end_keeps_its_words() -> None:
    node: dict[str, Any] = {"type": "text", "text": "innermost"}
    for _ in range(200):
        node = {"type": "blockquote", "content": [node]}
    raw = {"key": "A-1", "fields": {"summary": "x", "description": {"type": "doc", "content": [node]}}}

    assert "innermost" in FORMATS["jira"].to_markdown(json.dumps(raw))


def test_rows_beside_several_incidents_belong_to_those_they_name() -> None:
    incidents = [
        {"id": n, "incident_number": 1, "title": n, "created_at": "2024-01-01T10:00:00Z"} for n in "ab"
    ]
    notes = [
        {"content": "of a", "created_at": "2024-01-01T10:00:00Z", "incident": {"id": "a"}},
        {"content": "of nobody", "created_at": "2024-01-01T10:00:00Z"},
    ]

    first, second = FORMATS["pagerduty"].parts(json.dumps({"incidents": incidents, "notes": notes}))

    assert "of a" in first.content
    assert "of a" not in second.content
    assert "of nobody" not in first.content + second.content


def test_an_issue_is_the_same_by_whichever_door_it_came() -> None:
    rest = as_json("rest-with-sub-issues.github")
    printed = {
        "number": 40,
        "title": "x",
        "url": "https://github.com/acme/hub/issues/40",
        "author": {"login": "ada"},
    }

    found = [next(FORMATS["github"].parts(json.dumps(raw))).identity for raw in (rest, printed)]

    assert found == ["github:acme/hub#40"] * 2


def test_what_is_private_there_says_so() -> None:
    raw = as_json("incident.rootly")
    raw["data"]["attributes"]["private"] = True

    assert "\nvisibility: private\n" in FORMATS["rootly"].to_markdown(json.dumps(raw))


def test_several_lines_of_a_project_export_are_several_issues() -> None:
    lines = "\n".join(json.dumps({"iid": n, "title": f"Issue {n}", "project_id": 4}) for n in (1, 2, 3))

    assert [part.identity for part in FORMATS["gitlab"].parts(lines)] == [
        "gitlab:4#1",
        "gitlab:4#2",
        "gitlab:4#3",
    ]


# When a comment was written, how it begins, and the day that its time is of: the incident was on 5 March.
WRITTEN = [
    ("2024-03-05T14:20:00Z", "14:10 mitigated", "2024-03-05"),
    ("2024-03-06T01:30:00Z", "01:20 mitigated", "2024-03-06"),
    ("2024-03-06T10:00:00Z", "14:10 we saw it", "2024-03-05"),
    ("2024-03-07T15:00:00Z", "14:10 we saw it", "2024-03-05"),
    ("2024-03-20T15:00:00Z", "- 14:10 we saw it", "2024-03-05"),
    ("2024-03-20T15:00:00Z", "2024-03-08 14:10 we saw it", "2024-03-08"),
    ("2024-03-04T15:00:00Z", "14:10 it begins", "2024-03-04"),
]


@pytest.mark.parametrize("at, text, day", WRITTEN)
def test_the_time_of_a_comment_is_of_the_day_that_it_was_written_for(at: str, text: str, day: str) -> None:
    raw = as_json("issue-form.github")
    issue = (raw[0] if isinstance(raw, list) else raw) | {
        "title": "Checkout was down on 2024-03-05",
        "body": "### Date of incident\n\n2024-03-05\n\n### What happened\n\nIt was down.",
        "comments": [{"author": {"login": "lee"}, "body": text, "createdAt": at}],
    }

    document = parser.parse(FORMATS["github"].to_markdown(json.dumps(issue)))

    [reading] = timeline_times.read_entries(document)
    assert reading.at is not None
    assert reading.at.date().isoformat() == day
