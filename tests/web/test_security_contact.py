"""Whom to tell of a weakness, and what SECURITY.md claims."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from postmortems import clock
from postmortems.accounts import sign_in_limits as limits

ROOT = Path(__file__).parents[2]
SECURITY = (ROOT / "SECURITY.md").read_text()
PATH = "/.well-known/security.txt"


class TestWithContacts:
    @pytest.fixture
    def app_settings(self) -> dict[str, Any]:
        contacts = ("mailto:security@example.org", "https://example.org/report")
        return {"security_contact": contacts, "url": "http://localhost"}

    def test_anybody_reads_whom_to_tell_and_until_when(self, app: Flask) -> None:
        with clock.frozen_at(datetime(2026, 1, 1, 13, 30, tzinfo=UTC)):
            answer = app.test_client().get(PATH)

        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text.splitlines() == [
            "Contact: mailto:security@example.org",
            "Contact: https://example.org/report",
            "Expires: 2026-06-30T00:00:00Z",
            "Preferred-Languages: en",
            "Canonical: http://localhost/.well-known/security.txt",
        ]


def test_without_a_contact_there_is_no_such_file(client: FlaskClient) -> None:
    answer = client.get(PATH)

    assert answer.status_code == 404
    assert "POSTMORTEMS_SECURITY_CONTACT" in answer.text


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = re.findall(r"`(tests/[^`]+)`", SECURITY)

    assert len(named) >= 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_threat_model_states_the_limits_of_sign_in_as_they_are() -> None:
    minutes = int(limits.WINDOW.total_seconds()) // 60

    told = f"{limits.MOST_OF_ACCOUNT} failures of an account, {limits.MOST_FROM_NETWORK} from a network"
    assert f"within {minutes} minutes {told}, {limits.MOST_OF_ALL} in all" in SECURITY
