"""Many people write one incident at the same moment: no word that was acknowledged is lost."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.incidents import queries
from postmortems.incidents.models import Incident
from tests.incidents import writers
from tests.world import World

WRITERS, SAVES = 8, 10


@pytest.mark.usefixtures("any_database")
def test_no_acknowledged_word_is_lost_or_overwritten(app: Flask, world: World) -> None:
    def send(method: str, path: str, body: Any) -> tuple[int, Any]:
        answer = app.test_client().open(path, method=method, json=body, headers=world.headers())
        return answer.status_code, answer.json

    place, tally = writers.write(send, WRITERS, SAVES)

    with db.reading():
        incident = session().scalars(select(Incident)).one()
        texts = {
            version: queries.revision(incident, version).text for version in range(1, incident.version + 1)
        }
    assert place.endswith(incident.slug)
    assert len(tally.kept) == WRITERS * SAVES
    assert writers.missing(tally, texts) == {}
    assert tally.unsaid == []
    assert sorted(tally.kept.values()) == list(range(2, WRITERS * SAVES + 2))
    assert tally.merged
