"""What answers say in their headers: when to come again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from postmortems.egress import headers

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RETRY_AFTER = [
    ("0", 0.0),
    ("7", 7.0),
    (" 30 ", 30.0),
    ("1.2", 1.2),
    ("Mon, 02 Mar 2026 09:00:05 GMT", 5.0),
    ("Mon, 02 Mar 2026 09:00:05 -0000", 5.0),
    ("Mon, 02 Mar 2026 10:00:05 +0100", 5.0),
    ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
    # Longer than anybody waits, however long.
    ("999999999999999", 9_999_999_999.0),
    ("", None),
    ("-5", None),
    ("1e9", None),
    ("١", None),
    ("soon", None),
    ("2026-03-02T09:00:05Z", None),
    ("Mon, 99 Foo 2026", None),
    ("9" * 5_000, 9_999_999_999.0),
]


@pytest.mark.parametrize("said, seconds", RETRY_AFTER, ids=[said[:40] for said, _ in RETRY_AFTER])
def test_retry_after_is_a_number_a_date_or_no_word(said: str, seconds: float | None) -> None:
    assert headers.retry_after_s(said, NOW) == seconds
