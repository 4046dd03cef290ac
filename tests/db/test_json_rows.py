"""Members of lists in JSON are found by both databases alike, however they are written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from postmortems.db import session as db
from postmortems.db.json_rows import has_member, member_of
from postmortems.db.session import session
from postmortems.gate.models import Decision

AT = datetime(2026, 3, 2, tzinfo=UTC)
LOOKALIKES: dict[str, Any] = {"guards": [{"guard": "b", "observed": {"guard": "a"}, "text": '"guard":"a"'}]}
# (what is stored, the slug that is looked for, the member)
CASES: list[tuple[str, Any, str, Any]] = [
    ("among others", {"guards": [{"guard": "b"}, {"guard": "a", "n": [1, None, "é"]}]}, "a", 1),
    ("only as a part of it", {"guards": [{"guard": "ab"}]}, "a", None),
    ("in what looks like one", LOOKALIKES, "a", None),
    ("in another list", {"guards": [], "warnings": [{"guard": "a"}]}, "a", None),
    ("with quotes", {"guards": [{"guard": 'a"b'}]}, 'a"b', 0),
    ("with a backslash", {"guards": [{"guard": "a\\b"}]}, "a\\b", 0),
    ("with letters of its own", {"guards": [{"guard": "über-日本"}]}, "über-日本", 0),
    ("with what SQL reads", {"guards": [{"guard": "a') OR 1=1 --%s:x"}]}, "a') OR 1=1 --%s:x", 0),
    ("with a sign of patterns", {"guards": [{"guard": "abc"}]}, "a%", None),
    ("no list", {}, "a", None),
    ("no objects in it", {"guards": ["a", 1, None]}, "a", None),
    ("a number", {"guards": [{"guard": 1}]}, "1", None),
]


@pytest.mark.parametrize("stored, slug, place", [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_member_is_found_by_its_very_text(
    any_database: str, stored: Any, slug: str, place: int | None
) -> None:
    row = {"id": "dec_1", "service": "s", "target": "s/t", "decision": "allow", "asked_by": "ci"}
    with db.transaction():
        at = {"asked_at": AT, "evaluated_at": AT}
        session().execute(insert(Decision), [row | at | {"request": {}, "answer": stored}])
    with db.reading():
        answer = Decision.__table__.c.answer
        found = (
            session()
            .execute(
                select(
                    has_member(answer, "guards", "guard", slug).label("is_there"),
                    member_of(answer, "guards", "guard", slug).label("member"),
                )
            )
            .one()
        )
    wanted = None if place is None else stored["guards"][place]
    assert (bool(found.is_there), found.member) == (wanted is not None, wanted)
