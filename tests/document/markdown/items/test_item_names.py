"""Names in bold over lists: items, or categories of items."""

from __future__ import annotations

import pytest

from postmortems.document.markdown.items import item_names

NOTES = [["lag"], ["disk"]]
ERRANDS = [["Add an alert"], ["Document the restore"]]


@pytest.mark.parametrize(
    "name, below, is_counted, are_errands",
    [
        ("Add alerts", NOTES, False, True),
        ("Add alerts", ERRANDS, True, True),
        ("Améliorer les alertes", NOTES, False, True),
        ("Alerts", NOTES, True, True),
        ("Alerts", NOTES, False, False),
        ("Alerts", ERRANDS, True, False),
        ("Test coverage", ERRANDS, True, False),
        ("Detect", ERRANDS, True, False),
        ("Additional alerts", ERRANDS, True, False),
        ("Set-up of alerts", ERRANDS, True, False),
        ("Add alerts", [["[ ] lag"], ["disk"]], True, False),
        ("Add alerts", [["☐ lag"]], True, False),
    ],
)
def test_a_name_is_an_item_by_what_it_and_the_list_below_say(
    name: str, below: list[list[str]], is_counted: bool, are_errands: bool
) -> None:
    assert item_names.are_errands([(name, below)], is_counted=is_counted) is are_errands


def test_no_names_are_no_items() -> None:
    assert not item_names.are_errands([], is_counted=False)
