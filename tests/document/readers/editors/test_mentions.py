"""People and days that editors mark in a to-do: who does it and by when."""

from __future__ import annotations

import pytest

from postmortems.document.readers.editors import mentions

TASKS = {
    "Alert @Ada Lovelace @March 20, 2025": "Alert (owner: Ada Lovelace, due 2025-03-20)",
    "Alert (@Ada Lovelace, due @March 20, 2025)": "Alert (owner: Ada Lovelace, due 2025-03-20)",
    "Alert, due: @March 20, 2025": "Alert (due 2025-03-20)",
    "@Ada Lovelace: alert": "alert (owner: Ada Lovelace)",
    "@Ada Lovelace - alert @March 20, 2025": "alert (owner: Ada Lovelace, due 2025-03-20)",
    "@Ada Lovelace asks for an alert": "@Ada Lovelace asks for an alert",
    "Alert (as @Ada Lovelace)": "Alert (as @Ada Lovelace)",
    "Owner: @ada": "Owner: @ada",
    "@Ada Lovelace": "@Ada Lovelace",
}


@pytest.mark.parametrize("written, meant", TASKS.items())
def test_people_and_days_stand_in_brackets(written: str, meant: str) -> None:
    assert mentions.of_task(written) == meant
