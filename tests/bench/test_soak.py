"""What the soak says of what it saw: a table."""

from __future__ import annotations

import pytest

from tests.bench import soak


@pytest.mark.parametrize(
    "values, told",
    [
        # A third of the time caches fill; what comes after that is what counts.
        ([100, 200, 300, 300, 300, 300], "300.0 | 300.0 | 300.0 | +0.0"),
        ([9, 9, 10, 11, 12, 13], "10.0 | 13.0 | 13.0 | +60.0"),
        ([0, 0, 50, 10, 30, 20], "50.0 | 20.0 | 50.0 | -420.0"),
        ([7], "7.0 | 7.0 | 7.0 | +0.0"),
    ],
)
def test_what_grew_is_told_an_hour(values: list[float], told: str) -> None:
    assert soak.row([(60.0 * minute, value) for minute, value in enumerate(values)]) == told
