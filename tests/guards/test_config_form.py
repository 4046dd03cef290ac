"""A posted form as a configuration: what is typed comes through, what is wrong is said at its field."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.errors import Invalid
from postmortems.guards import config_form
from postmortems.guards.kinds.registry import KINDS

WINDOW, HTTP, ATTESTATION = KINDS["window"], KINDS["http"], KINDS["attestation"]


def test_lines_become_lists_and_numbers_numbers() -> None:
    posted = {
        "url": " https://staging.example.org/ ",
        "expect_status": "200\r\n\r\n 204 ",
        "body_contains": "healthy\r\nall good",
        "max_latency_ms": "2000",
        "tls_min_days": "",
    }
    config = HTTP.configured(config_form.from_form(HTTP, posted))

    assert config["url"] == "https://staging.example.org/"
    assert config["expect_status"] == [200, 204]
    assert config["body_contains"] == ["healthy", "all good"]
    assert config["max_latency_ms"] == 2000
    assert config["tls_min_days"] is None


def test_a_box_that_is_not_ticked_is_not_sent_and_means_no() -> None:
    assert config_form.from_form(ATTESTATION, {})["allow_warned"] is False
    assert config_form.from_form(ATTESTATION, {"allow_warned": "on"})["allow_warned"] is True


def test_an_emptied_input_goes_back_to_its_default() -> None:
    config = WINDOW.configured(
        config_form.from_form(WINDOW, {"tz": "UTC", "rrule": "FREQ=DAILY", "runway_s": ""})
    )

    assert config["runway_s"] == 900


@pytest.mark.parametrize(
    "kind, posted, pointer",
    [
        ("window", {"tz": "", "rrule": "FREQ=DAILY"}, "/config/tz"),
        ("window", {"tz": "UTC", "rrule": "FREQ=DAILY", "runway_s": "ten"}, "/config/runway_s"),
        ("window", {"tz": "UTC", "rrule": "FREQ=DAILY", "runway_s": "1.5"}, "/config/runway_s"),
        ("window", {"tz": "UTC", "rrule": "FREQ=DAILY", "runway_s": "9" * 5000}, "/config/runway_s"),
        ("window", {"tz": "UTC", "rrule": "FREQ=DAILY", "exdates": "2018-01-25\ntoday"}, "/config/exdates/1"),
        ("window", {"tz": "UTC", "rrule": "FREQ=DAILY", "mode": "maybe"}, "/config/mode"),
        ("http", {"url": "https://a.example.org/", "expect_status": "200\nok"}, "/config/expect_status/1"),
        ("http", {}, "/config/url"),
        ("attestation", {"predicate": "a", "ttl_s": "-1"}, "/config/ttl_s"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind: str, posted: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as told:
        KINDS[kind].configured(config_form.from_form(KINDS[kind], posted))

    assert {problem.pointer for problem in told.value.problems} == {pointer}


@pytest.mark.parametrize(
    "kind, name, expected",
    [
        ("window", "mode", {"input": "select", "choices": ("deny", "allow"), "default": "deny"}),
        ("window", "tz", {"input": "text", "required": True, "example": "America/Los_Angeles"}),
        ("window", "starts_on", {"input": "date", "required": False, "default": None}),
        ("window", "exdates", {"input": "lines", "of": "date"}),
        ("window", "runway_s", {"input": "number", "minimum": 0, "maximum": 86_400, "default": 900}),
        ("http", "expect_status", {"input": "lines", "of": "number", "default": [200]}),
        ("attestation", "allow_warned", {"input": "checkbox", "default": False}),
    ],
)
def test_each_field_says_how_it_is_entered(kind: str, name: str, expected: dict[str, Any]) -> None:
    field = next(field for field in config_form.fields_of(KINDS[kind]) if field.name == name)

    assert {member: getattr(field, member) for member in expected} == expected
