"""JSON of other systems: what is none is refused, and what is known of why is said."""

from __future__ import annotations

import pytest

from postmortems.formats import payloads

FORM = "the body is a form and no JSON: choose application/json as the webhook's content type"


@pytest.mark.parametrize(
    "body, told",
    [
        (b"", "the body is no JSON"),
        (b"{", "the body is no JSON"),
        (b"[" * 100_000, "the body is no JSON"),
        (b"\xff", "the body is no JSON"),
        (b"[]", "the body is no JSON object"),
        (b"payload=%7B%22action%22%3A%22edited%22%7D", FORM),
    ],
)
def test_what_is_no_object_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(payloads.Unreadable) as refused:
        payloads.parsed(body, "the body")

    assert str(refused.value) == told
