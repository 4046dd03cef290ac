"""What a severity requires before a report is published: said by an admin, refused with the place of each."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.incidents.approvals.test_approvals_api import DOCUMENT, Report
from tests.world import World

RULE = {"approvals": 0, "due_days": 5}


def require(report: Report, **asked: Any) -> Any:
    return report.api("PUT", "/publish-rules/SEV1", "ben", json=RULE | asked)


@pytest.fixture
def report(any_database: str, client: FlaskClient, world: World, clock: Clock) -> Report:
    return Report(client, world)


def test_publishing_names_all_that_is_missing_with_its_place(report: Report) -> None:
    asked = {"required_fields": ["services"], "required_sections": ["Summary", "Impact"]}
    assert require(report, **asked).json["required_sections"] == ["Summary", "Impact"]

    refused = report.save(status="published")
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json["errors"]] == ["/services", "/sections"]
    assert report.save(severity="SEV4", status="published").status_code == 422
    assert report.api("POST", "/incidents", json=DOCUMENT | {"status": "published"}).status_code == 422
    brought = report.api("POST", "/incidents?name=old.md", json=DOCUMENT | {"status": "published"})
    assert brought.status_code == 201
    impact = {"heading": "What was the impact", "blocks": [{"type": "prose", "text": "All."}]}
    same = {"heading": "Impact", "blocks": impact["blocks"]}
    done = report.save(services=["hub"], sections=[*DOCUMENT["sections"], same], status="published")
    assert done.status_code == 200, done.text


def test_what_is_not_said_again_stays_required(report: Report) -> None:
    require(report, required_fields=["services"])

    assert report.rule(approvals=0).json["required_fields"] == ["services"]


@pytest.mark.parametrize(
    "asked, told",
    [
        ({"required_sections": ["No such part"]}, "no template for this severity has a section"),
        ({"required_sections": ["Leadup", "Horoscope"]}, "'Horoscope'"),
        ({"required_sections": [""]}, "Length"),
        ({"required_sections": ["x"] * 31}, "Longer"),
        ({"required_fields": ["colour"]}, "cannot be required"),
        ({"required_fields": [7]}, "Not a valid string"),
    ],
)
def test_what_cannot_be_required_is_refused(
    client: FlaskClient, world: World, clock: Clock, asked: Any, told: str
) -> None:
    report = Report(client, world)
    refused = require(report, **asked)

    assert (refused.status_code, told in refused.text) == (422, True), refused.text


def test_the_form_links_to_each_place(report: Report, world: World) -> None:
    require(report, required_fields=["services"], required_sections=["Impact"])
    sent = {"title": "It broke", "severity": "SEV1", "sections.0.heading": "Impact", "do": "publish"}

    answer = world.browser().send("/incidents/new", sent)

    assert answer.status_code == 422
    assert 'href="#f-services"' in answer.text
    assert 'href="#f-sections-0-heading"' in answer.text
