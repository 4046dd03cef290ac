"""Bulk edits through the API: dry runs, refused rows, rows that changed meanwhile, progress and undo."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Category, Document, Item, Section
from postmortems.followup.bulk.models import BulkEdit
from postmortems.gate.enforcement import bulk_edits, save_incident
from postmortems.incidents.models import ActionItem, Incident
from tests.world import World

PLACE = "/api/v1/action-items"
ITEMS = (
    Category("Process"),
    Item("Do it", guardability="attestable", owner="ada"),
    Item("Do that", guardability="attestable", owner="sam"),
    Item("Guard it", guardability="enforceable"),
)


def outages(world: World, count: int, items: tuple[Any, ...] = ITEMS, **front: Any) -> None:
    with db.transaction():
        for number in range(count):
            sections = (Section("Action items", items),)
            document = Document(title=f"Outage {number}", sections=sections, **front)
            save_incident.save(None, document, version=None, actor=world.ada)


@pytest.fixture
def two(world: World) -> World:
    """Two incidents of three items: AI-1 to AI-3, and AI-4 to AI-6."""
    outages(world, 2)
    return world


class Door:
    """The API as one person uses it."""

    def __init__(self, client: FlaskClient, world: World, name: str = "ada") -> None:
        self.client, self.headers = client, world.headers(name)

    def bulk(self, status: int = 200, **body: Any) -> Any:
        answer = self.client.post(f"{PLACE}/bulk", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def undo(self, number: int, status: int = 200) -> Any:
        answer = self.client.post(f"{PLACE}/bulk/{number}/undo", headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def show(self, number: int, query: str = "", status: int = 200) -> Any:
        answer = self.client.get(f"{PLACE}/bulk/{number}{query}", headers=self.headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def item(self, ref: str) -> Any:
        return self.client.get(f"{PLACE}/{ref}", headers=self.headers).json

    def edit(self, ref: str, **body: Any) -> None:
        assert self.client.patch(f"{PLACE}/{ref}", json=body, headers=self.headers).status_code == 200


@pytest.fixture
def door(client: FlaskClient, two: World) -> Door:
    return Door(client, two)


def versions() -> list[int]:
    with db.reading():
        return list(session().scalars(select(Incident.version).order_by(Incident.id)))


def states(answer: Any) -> dict[str, str]:
    return {row["id"]: row["state"] for row in answer["rows"]}


def test_a_dry_run_says_what_changes_and_changes_nothing(door: Door) -> None:
    answer = door.bulk(items=["AI-1", "AI-2", "AI-99"], set={"owner": "sam"}, dry_run=True)

    assert (answer["id"], answer["counts"], answer["missing"]) == (None, {"waiting": 1, "same": 1}, ["AI-99"])
    first = answer["rows"][0]
    assert (first["id"], first["before"], first["after"]) == ("AI-1", {"owner": "ada"}, {"owner": "sam"})
    assert versions() == [1, 1]
    with db.reading():
        assert session().scalar(select(func.count()).select_from(BulkEdit)) == 0


def test_each_incident_is_saved_once_for_all_of_its_items(door: Door) -> None:
    answer = door.bulk(filter={"status": "open"}, set={"owner": "kim", "due": "2026-09-01", "priority": "P1"})

    assert (answer["state"], answer["counts"]) == ("done", {"done": 6})
    assert versions() == [2, 2]
    item = door.item("AI-6")
    assert (item["owner"], item["due"], item["priority"]) == ("kim", "2026-09-01", "P1")


def tags() -> list[list[str]]:
    with db.reading():
        return list(session().scalars(select(Incident.tags).order_by(Incident.id)))


def test_a_tag_is_given_to_the_incidents_of_the_items_and_taken_back(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that items of one incident are edited one after the other.
    monkeypatch.setattr(bulk_edits, "AT_ONCE", 2)
    answer = door.bulk(items=["AI-1", "AI-2", "AI-3"], set={"tag": "db", "priority": "P1"})
    while bulk_edits.work():
        pass

    assert states(door.show(answer["id"])) == dict.fromkeys(("AI-1", "AI-2", "AI-3"), "done")
    assert (tags(), door.item("AI-3")["priority"]) == ([["db"], []], "P1")
    assert states(door.bulk(items=["AI-1"], set={"tag": "db"})) == {"AI-1": "same"}

    door.undo(answer["id"])
    while bulk_edits.work():
        pass

    assert states(door.show(answer["id"])) == dict.fromkeys(("AI-1", "AI-2", "AI-3"), "undone")
    assert (tags(), door.item("AI-3")["priority"]) == ([[], []], "")


def test_tags_that_somebody_gave_meanwhile_stay(door: Door, two: World) -> None:
    owned = door.bulk(items=["AI-4"], set={"owner": "kim"})
    answer = door.bulk(items=["AI-1", "AI-5"], set={"tag": "db"})
    other = door.bulk(items=["AI-1"], set={"tag": "network"})

    assert states(door.undo(answer["id"])) == {"AI-1": "kept", "AI-5": "undone"}
    assert tags() == [["db", "network"], []]
    assert states(door.undo(other["id"])) == {"AI-1": "undone"}
    assert tags() == [["db"], []]
    door.bulk(items=["AI-5"], set={"tag": "db"})
    # Of the tags an edit of the owner knows nothing.
    assert states(door.undo(owned["id"])) == {"AI-4": "undone"}
    assert tags() == [["db"], ["db"]]


@pytest.mark.parametrize("tag", ["", "a, b", "a\nb", "x" * 201])
def test_what_is_no_tag_is_refused(door: Door, tag: str) -> None:
    assert door.bulk(422, items=["AI-1"], set={"tag": tag})["errors"][0]["pointer"] == "/set/tag"


def test_rows_that_the_closing_rules_refuse_say_why_and_the_others_are_closed(door: Door) -> None:
    answer = door.bulk(items=["AI-1", "AI-2", "AI-3", "AI-5"], set={"status": "done"})

    assert states(answer) == {"AI-1": "refused", "AI-2": "done", "AI-3": "refused", "AI-5": "done"}
    assert [row["reason_code"] for row in answer["rows"]] == ["owned", "", "unproven", ""]
    assert versions() == [2, 2]
    assert door.item("AI-2")["closed_by"] == "ada"


def test_what_a_drill_undoes_between_plan_and_save_is_refused_alone(door: Door, two: World) -> None:
    """The plan takes the protection that is stored; the save works it out anew."""
    with db.transaction():
        items = bulk_edits.queries.of_numbers([2, 3])
        believed = [bulk_edits.plan.ItemFacts(**{**fields(each), "protection": "proven"}) for each in items]
        edit = bulk_edits.begin(believed, {"status": "done"}, actor=two.ada)
        number = edit.id

    assert states(door.show(number)) == {"AI-2": "done", "AI-3": "refused"}
    assert "an enforceable item is done when" in door.show(number)["rows"][1]["detail"]


def fields(facts: Any) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in facts.__slots__}


def test_an_admin_closes_without_proof_by_a_reason_and_it_shows(client: FlaskClient, two: World) -> None:
    door = Door(client, two, "ben")

    assert states(door.bulk(items=["AI-3"], set={"status": "done"})) == {"AI-3": "refused"}
    answer = door.bulk(items=["AI-3"], set={"status": "done", "reason": "the rack is gone"})

    assert states(answer) == {"AI-3": "done"}
    assert door.item("AI-3")["closed_unproven"] is True


def test_items_that_changed_since_they_were_selected_are_left_alone(door: Door) -> None:
    answer = door.bulk(
        items=["AI-1", "AI-2"],
        set={"due": "2026-09-01"},
        expected={"AI-1": {"owner": "ada", "due": None}, "AI-2": {"owner": "kim"}},
    )

    assert states(answer) == {"AI-1": "done", "AI-2": "conflict"}
    assert (door.item("AI-1")["due"], door.item("AI-2")["due"]) == ("2026-09-01", None)


def test_undo_gives_back_what_was_said_but_leaves_what_changed_since(door: Door) -> None:
    number = door.bulk(items=["AI-1", "AI-2", "AI-4"], set={"owner": "kim", "due": "2026-09-01"})["id"]
    door.edit("AI-2", priority="P0")

    answer = door.undo(number)

    assert answer["state"] == "undone"
    assert states(answer) == {"AI-1": "undone", "AI-2": "kept", "AI-4": "undone"}
    owners = [(door.item(ref)["owner"], door.item(ref)["due"]) for ref in ("AI-1", "AI-2", "AI-4")]
    assert owners == [("ada", None), ("kim", "2026-09-01"), ("ada", None)]
    assert "undone before" in door.undo(number, 409)["detail"]


def test_undoing_a_closing_is_no_second_opening(door: Door) -> None:
    before = door.item("AI-2")
    number = door.bulk(items=["AI-2"], set={"status": "done", "outcome": "seen"})["id"]
    assert door.item("AI-2")["status"] == "done"

    door.undo(number)

    assert door.item("AI-2") == before


def test_a_guard_is_linked_beside_the_others_and_taken_off_again(door: Door) -> None:
    door.edit("AI-1", guards=["staging-online"])
    number = door.bulk(items=["AI-1", "AI-4"], set={"guard": "no-merge"})["id"]

    assert door.item("AI-1")["guards"] == ["staging-online", "no-merge"]
    assert door.item("AI-4")["guards"] == ["no-merge"]
    door.undo(number)
    assert (door.item("AI-1")["guards"], door.item("AI-4")["guards"]) == (["staging-online"], [])


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"items": ["AI-1"], "set": {}}, "/set"),
        ({"items": ["AI-1"]}, "/set"),
        ({"set": {"owner": "kim"}}, "/items"),
        ({"items": ["AI-1"], "filter": {}, "set": {"owner": "kim"}}, "/items"),
        ({"items": [], "set": {"owner": "kim"}}, "/items"),
        ({"items": ["AI-x"], "set": {"owner": "kim"}}, "/items/0"),
        ({"items": ["AI-1"], "set": {"owner": "x" * 201}}, "/set/owner"),
        ({"items": ["AI-1"], "set": {"due": "soon"}}, "/set/due"),
        ({"items": ["AI-1"], "set": {"priority": "P9"}}, "/set/priority"),
        ({"items": ["AI-1"], "set": {"status": "gone"}}, "/set/status"),
        ({"items": ["AI-1"], "set": {"text": "x"}}, "/set/text"),
        ({"items": ["AI-1"], "set": {"guard": "g", "status": "done"}}, "/set/guard"),
        ({"items": ["AI-1"], "set": {"owner": "kim"}, "dry_run": "yes"}, "/dry_run"),
        ({"filter": {"status": "gone"}, "set": {"owner": "kim"}}, "/filter/status"),
        ({"items": ["AI-1"], "set": {"owner": "kim"}, "expected": {"AI-1": {"text": "x"}}}, None),
    ],
)
def test_bad_input_is_refused_at_its_place_and_edits_nothing(
    door: Door, body: dict[str, Any], pointer: str | None
) -> None:
    refused = door.bulk(422, **body)

    assert pointer in (None, refused["errors"][0]["pointer"])
    assert versions() == [1, 1]


def test_a_name_of_several_lines_is_kept_as_one_as_a_save_would(door: Door) -> None:
    door.bulk(items=["AI-1"], set={"owner": "kim\n\n# Other"})

    assert door.item("AI-1")["owner"] == "kim # Other"


def test_who_only_reads_edits_nothing_and_sees_no_bulk_edit(client: FlaskClient, two: World) -> None:
    number = Door(client, two).bulk(items=["AI-1"], set={"owner": "kim"})["id"]
    reader = Door(client, two, "cy")

    reader.bulk(403, items=["AI-1"], set={"owner": "sam"})
    reader.show(number, status=403)
    reader.undo(number, 403)


def test_a_bulk_edit_is_seen_by_its_maker_and_admins_alone(client: FlaskClient, two: World) -> None:
    number = Door(client, two, "ben").bulk(items=["AI-1"], set={"owner": "kim"})["id"]

    Door(client, two, "ada").show(number, status=404)
    assert Door(client, two, "ben").show(number)["by"] == "ben"


def test_items_of_restricted_incidents_are_missing_for_those_whom_they_do_not_name(
    client: FlaskClient, two: World
) -> None:
    outages(two, 1, restricted=("ada",))
    answer = Door(client, two, "ben").bulk(items=["AI-1", "AI-7"], set={"owner": "kim"})

    assert (states(answer), answer["missing"]) == ({"AI-1": "done"}, ["AI-7"])
    mine = Door(client, two).bulk(items=["AI-7"], set={"owner": "kim"})
    assert states(mine) == {"AI-7": "done"}
    seen = Door(client, two, "ben").show(mine["id"])
    assert (seen["rows"], seen["counts"], seen["total"]) == ([], {}, 0)


def many(world: World, count: int = 6) -> None:
    items = (Category("Process"), *(Item(f"Item {number}", owner="sam") for number in range(100)))
    outages(world, count, items)


def test_more_than_a_request_does_is_done_by_the_worker_and_can_be_undone(
    client: FlaskClient, world: World
) -> None:
    many(world)
    door = Door(client, world)

    answer = door.bulk(filter={}, set={"owner": "kim"})
    assert (answer["state"], answer["counts"], len(answer["rows"])) == ("running", {"waiting": 600}, 500)
    assert len(door.show(answer["id"], f"?after={answer['next']}")["rows"]) == 100
    assert "still at work" in door.undo(answer["id"], 409)["detail"]

    assert bulk_edits.work() == 600
    assert (door.show(answer["id"])["state"], door.show(answer["id"])["counts"]) == ("done", {"done": 600})
    door.undo(answer["id"])
    assert bulk_edits.work() == 600
    assert door.show(answer["id"], "?state=kept")["rows"] == []
    with db.reading():
        assert session().scalar(select(func.count()).where(ActionItem.owner_key == "sam")) == 600


def test_a_worker_goes_on_where_another_stopped(client: FlaskClient, world: World) -> None:
    many(world)
    door = Door(client, world)
    number = door.bulk(filter={}, set={"owner": "kim"})["id"]
    done = bulk_edits._go_on(number)
    assert 0 < done < 600
    assert door.show(number)["counts"] == {"done": done, "waiting": 600 - done}

    door.edit("AI-600", owner="lee")
    bulk_edits.work()

    assert door.show(number)["counts"] == {"done": 599, "conflict": 1}
    assert door.item("AI-600")["owner"] == "lee"


def test_what_somebody_asked_for_who_may_no_longer_is_not_done(client: FlaskClient, world: World) -> None:
    many(world)
    number = Door(client, world).bulk(filter={}, set={"owner": "kim"})["id"]
    with db.transaction():
        accounts.change_user("ada", role="viewer", is_active=True, actor=world.ben)

    bulk_edits.work()

    answer = Door(client, world, "ben").show(number)
    assert (answer["state"], answer["counts"]) == ("done", {"refused": 600})
    assert answer["rows"][0]["detail"] == "ada may not edit items any more"


def test_one_edit_is_of_ten_thousand_items_at_most(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postmortems.followup.bulk.queries.MOST_ITEMS", 5)

    refused = door.bulk(422, filter={}, set={"owner": "kim"})

    assert "more than 5 items" in refused["errors"][0]["detail"]
