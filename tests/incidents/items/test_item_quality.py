"""What an action item lacks is told beside its field, and what is well said is left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from postmortems.incidents.items import item_quality

LINES = Path(__file__).with_name("cases_of_items.txt").read_text(encoding="utf-8").splitlines()
CASES = [tuple(map(str.strip, line.split("|", 1))) for line in LINES if not line.startswith("#")]
WHOLE: dict[str, Any] = {"owner": "ada", "due": date(2026, 3, 9), "done_when": "a promotion is refused"}


@pytest.mark.parametrize("verdict, text", CASES, ids=[text for _, text in CASES])
def test_a_wish_is_told_from_what_can_be_checked(verdict: str, text: str) -> None:
    assert item_quality.is_wish(text) is (verdict == "wish")


def test_there_are_as_many_good_cases_as_bad_ones() -> None:
    verdicts = [verdict for verdict, _ in CASES]

    assert verdicts.count("wish") == verdicts.count("check")


HINTS = [
    ({}, []),
    ({"owner": ""}, ["no-owner"]),
    ({"owner": " "}, ["no-owner"]),
    ({"owner": "", "team": "infra"}, []),
    ({"due": None}, ["no-date"]),
    ({"due": ""}, ["no-date"]),
    ({"due": "2026-03-09"}, []),
    ({"done_when": ""}, ["no-end"]),
    ({"done_when": "", "guards": ["staging-online"]}, []),
    ({"text": "Improve monitoring", "done_when": ""}, ["wish"]),
    ({"text": "Improve monitoring"}, []),
    ({"owner": "", "due": None, "done_when": ""}, ["no-owner", "no-date", "no-end"]),
    ({"owner": "", "due": None, "done_when": "", "status": "done"}, []),
    ({"owner": "", "due": None, "done_when": "", "status": "wont_do"}, []),
    ({"owner": "", "status": "in_progress"}, ["no-owner"]),
    ({"text": " ", "owner": "", "due": None, "done_when": ""}, []),
]


@pytest.mark.parametrize("changed, codes", HINTS)
def test_an_item_is_told_what_it_lacks(changed: dict[str, Any], codes: list[str]) -> None:
    values = {"text": "Refuse a promotion while staging is down", **WHOLE, **changed}

    assert [hint.code for hint in item_quality.hints(**values)] == codes
