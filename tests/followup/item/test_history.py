"""The history of an item: every field's old and new value, whoever changed it and by whichever door."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.audit import operations as audit
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.followup import queries
from postmortems.followup.bulk import queries as bulk_queries
from postmortems.followup.item import history
from postmortems.gate.enforcement import bulk_edits
from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.world import World

PLACE = "/api/v1/action-items/AI-2"


@pytest.fixture
def founding(world: World) -> World:
    save(FOUNDING, name=FOUNDING_NAME)
    return world


def told(client: FlaskClient, world: World, query: str = "", name: str = "cy") -> Any:
    return client.get(f"{PLACE}/history{query}", headers=world.headers(name)).json


@pytest.mark.parametrize(
    "field, value, change",
    [
        ("text", "Other words", None),
        ("owner", "sam", ("owner", "", "sam")),
        ("team", "hubs", ("team", "", "hubs")),
        ("due", "2026-01-01", ("due", "", "2026-01-01")),
        ("priority", "P1", ("priority", "", "P1")),
        ("kind", "technical", ("kind", "", "technical")),
        ("status", "in_progress", ("status", "open", "in_progress")),
        ("done_when", "It is so", ("done_when", "", "It is so")),
        ("guardability", "attestable", ("guardability", "enforceable", "attestable")),
        ("outcome", "a guard", ("outcome", "", "a guard")),
        ("reason", "because", ("reason", "", "because")),
        ("tickets", ["https://example.org/1", "T-2"], ("tickets", "", "https://example.org/1\nT-2")),
        ("guards", ["staging-online"], ("guards", "", "staging-online")),
    ],
)
def test_every_field_tells_its_old_and_new_value(
    client: FlaskClient, founding: World, field: str, value: Any, change: Any
) -> None:
    edited = client.patch(PLACE, json={field: value}, headers=founding.headers("ada"))
    assert edited.status_code == 200, edited.json

    newest = told(client, founding)["history"][0]

    assert (newest["by"], newest["by_kind"], newest["version"]) == ("ada", "token", 2)
    (said,) = newest["changes"]
    assert (said["field"], said["to"]) == (field, change[2] if change else value)
    assert change is None or said["from"] == change[1]


def test_a_bulk_edit_an_import_and_the_service_are_in_it(client: FlaskClient, founding: World) -> None:
    with db.transaction():
        items = bulk_queries.of_numbers([2])
        bulk_edits.begin(items, {"owner": "sam"}, actor=founding.ada, message="sorted")
    with db.transaction():
        audit.record(founding.system, "item.regressed", "item", "AI-2", was="proven", why="no drill")

    regressed, assigned, written = told(client, founding)["history"]

    assert (regressed["what"], regressed["by_kind"], regressed["why"]) == ("regressed", "system", "no drill")
    assert (assigned["what"], assigned["message"]) == ("assigned", "Bulk edit 1: sorted")
    assert (written["what"], written["version"]) == ("written", 1)


def test_it_is_paged_by_key_and_a_reader_who_has_it_is_told_so(
    any_database: str, client: FlaskClient, founding: World
) -> None:
    for owner in ("a", "b", "c"):
        client.patch(PLACE, json={"owner": owner}, headers=founding.headers("ada"))

    seen, after = [], ""
    while True:
        page = told(client, founding, f"?limit=2&after={after}")
        seen += [act["id"] for act in page["history"]]
        if not (after := page["next"]):
            break

    assert len(seen) == 4
    assert seen == sorted(seen, reverse=True)
    first = client.get(f"{PLACE}/history", headers=founding.headers())
    again = founding.headers() | {"If-None-Match": first.headers["ETag"]}
    assert client.get(f"{PLACE}/history", headers=again).status_code == 304
    assert client.get(f"{PLACE}/history?after=x", headers=founding.headers()).status_code == 422


def test_values_that_an_old_event_lacks_are_read_from_the_versions(
    client: FlaskClient, founding: World
) -> None:
    for priority in ("P1", "P0"):
        client.patch(PLACE, json={"priority": priority}, headers=founding.headers())
    with db.transaction():
        for event in db.session().scalars(select(Event).where(Event.verb == "item.edited")):
            event.data = {"incident": event.data["incident"], "fields": ["priority"]}

    newest, before, _ = told(client, founding)["history"]

    assert newest["changes"] == [{"field": "priority", "from": "P1", "to": "P0"}]
    assert before["changes"] == [{"field": "priority", "from": "", "to": "P1"}]
    assert (newest["version"], before["version"]) == (3, 2)


def test_acts_recorded_without_values_name_the_field_alone(client: FlaskClient, founding: World) -> None:
    with db.transaction():
        audit.record(founding.ada, "item.edited", "item", "AI-2", fields=["priority"])

    assert told(client, founding)["history"][0]["changes"] == [
        {"field": "priority", "from": None, "to": None}
    ]
    assert "Priority changed" in founding.browser().get("/action-items/AI-2").text


def test_a_long_history_takes_no_more_statements(founding: World, count_queries: Any) -> None:
    counts = []
    for _ in range(2):
        with db.transaction():
            for number in range(30):
                audit.record(founding.ada, "item.assigned", "item", "AI-2", to=str(number), **{"from": ""})
        with db.reading():
            item = queries.by_ref("AI-2", founding.cy)
            with count_queries() as asked:
                assert len(history.of(item, limit=20).rows) == 20
            counts.append(len(asked))

    assert counts[0] == counts[1] <= 2
