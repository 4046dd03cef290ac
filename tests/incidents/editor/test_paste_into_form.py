"""A whole postmortem that is pasted fills the form, and what was written there stays."""

from __future__ import annotations

from typing import Any

from postmortems.incidents.editor import form as editor_form

WHOLE = """\
---
title: The disk was full
timezone: Europe/Berlin
services: [data8/prod]
author: Sam
---

**Date:** 2026-03-04

## Summary

Full.

## Timeline

- 10:00 full
- 10:10 freed

## Root cause

Logs.

## Action items

- [ ] Rotate the logs
"""


def form(**typed: str) -> dict[str, Any]:
    values = editor_form.complete(editor_form.to_values(editor_form.FRESH) | typed)
    values["sections"][1]["paste"] = WHOLE
    return values


def shown(values: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (
            section["heading"],
            [block.get("heading", "") or block.get("text", "") for block in section["blocks"]],
        )
        for section in values["sections"]
    ]


def test_a_whole_postmortem_is_offered_before_anything_is_filled() -> None:
    values = editor_form.press(form(), "paste-rows-1")

    assert values["sections"][1]["is_whole"]
    assert values["sections"][1]["paste"] == WHOLE
    assert values["title"] == ""


def test_every_part_goes_where_the_form_has_room() -> None:
    values = editor_form.press(form(), "paste-document-1")

    assert (values["title"], values["date"], values["timezone"]) == (
        "The disk was full",
        "2026-03-04",
        "Europe/Berlin",
    )
    assert values["services"] == "data8/prod"
    assert {"key": "author", "value": "Sam"} in values["extra"]
    assert shown(values) == [
        ("", ["**Date:** 2026-03-04"]),
        ("Summary", ["Full."]),
        ("Timeline", ["full", "freed"]),
        ("Root cause", ["Logs."]),
        ("Conclusion", [""]),
        ("Action items", ["Rotate the logs", "Process"]),
    ]
    assert all(not section["paste"] for section in values["sections"])


def test_nothing_that_was_written_gives_way() -> None:
    values = form(title="Mine", timezone="UTC", services="data8/prod, hub")
    values["sections"][0]["blocks"][0]["text"] = "My own words."
    values = editor_form.press(values, "paste-document-1")

    assert (values["title"], values["timezone"], values["services"]) == ("Mine", "UTC", "data8/prod, hub")
    assert shown(values)[:2] == [
        ("", ["Title: The disk was full  \nTimezone: Europe/Berlin  ", "**Date:** 2026-03-04"]),
        ("Summary", ["My own words.", "Full."]),
    ]


def test_rows_can_be_made_of_it_all_the_same() -> None:
    values = editor_form.press(form(), "paste-notes-1")

    assert "10:00" in [block.get("written") for block in values["sections"][1]["blocks"]]
    assert values["sections"][0]["blocks"][0]["text"] == ""
