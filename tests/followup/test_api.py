"""Action items through the API: the list, one of them, and edits under the closing rules."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.incidents.documents import FOUNDING, FOUNDING_NAME, save
from tests.world import World

PLACE = "/api/v1/action-items"


@pytest.fixture
def founding(world: World) -> World:
    save(FOUNDING, name=FOUNDING_NAME)
    return world


def get(client: FlaskClient, world: World, path: str = "", name: str = "cy") -> TestResponse:
    return client.get(PLACE + path, headers=world.headers(name))


def patch(client: FlaskClient, world: World, body: Any, ref: str = "AI-2", name: str = "ada") -> TestResponse:
    return client.patch(f"{PLACE}/{ref}", json=body, headers=world.headers(name))


def test_the_list_has_what_one_follows_up_by(client: FlaskClient, founding: World) -> None:
    body = get(client, founding, "?kind=process&status=open,in_progress&service=data8&limit=2").json

    assert [one["id"] for one in body["action_items"]] == ["AI-1", "AI-2"]
    first = body["action_items"][0]
    assert (first["status"], first["protection"], first["owner"], first["due"]) == (
        "open",
        "unguarded",
        "",
        None,
    )
    assert first["incident"] == {
        "slug": "2018-01-25-accidental-merge-to-prod",
        "title": FOUNDING.title,
        "occurred_on": "2018-01-25",
        "services": ["data8/prod"],
    }
    rest = get(client, founding, f"?kind=process&limit=2&after={body['next']}").json
    assert ([one["id"] for one in rest["action_items"]], rest["next"]) == (["AI-3"], "")


def test_any_is_every_status_as_on_the_page(client: FlaskClient, founding: World) -> None:
    """The address of a list that a page shows is that of the API's, too."""
    assert patch(client, founding, {"status": "wont_do", "reason": "no"}).status_code == 200
    whole = get(client, founding, "").json

    assert {one["status"] for one in whole["action_items"]} > {"wont_do"}
    assert get(client, founding, "?status=any").json == whole
    assert get(client, founding, "?status=any,open").status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "status=gone",
        "kind=open",
        "protection=x",
        "priority=1",
        "due_before=soon",
        "overdue=maybe",
        "sort=gone",
        "sort=--due",
        "age=-1",
        "age=old",
        "limit=0",
        "x=1",
    ],
)
def test_a_wrong_filter_is_refused_at_its_name(client: FlaskClient, founding: World, query: str) -> None:
    refused = get(client, founding, f"?{query}")

    assert refused.status_code == 422
    assert refused.json["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_an_item_is_assigned_and_dated(client: FlaskClient, founding: World) -> None:
    edited = patch(client, founding, {"owner": "sam", "due": "2026-01-01", "guards": ["staging-online"]})

    assert edited.status_code == 200
    again = get(client, founding, "/AI-2").json
    assert (again["owner"], again["due"], again["guards"]) == ("sam", "2026-01-01", ["staging-online"])
    assert [one["id"] for one in get(client, founding, "?overdue=1").json["action_items"]] == ["AI-2"]
    assert patch(client, founding, {"due": None, "owner": ""}).json["due"] is None


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"status": "gone"}, "/status"),
        ({"kind": "x"}, "/kind"),
        ({"due": "soon"}, "/due"),
        ({"priority": "high"}, "/priority"),
        ({"owner": "x" * 300}, "/owner"),
        ({"owner": 3}, "/owner"),
        ({"text": ""}, "/text"),
        ({"id": "AI-9"}, "/id"),
        ({"guards": "one"}, "/guards"),
        ({"guards": ["one", "one"]}, "/guards/1"),
        ({"status": "done"}, "/status"),
        ({"status": "wont_do"}, "/status"),
    ],
)
def test_a_wrong_edit_is_refused_at_its_field(
    client: FlaskClient, founding: World, body: Any, pointer: str
) -> None:
    refused = patch(client, founding, body)

    assert refused.status_code == 422
    assert [wrong["pointer"] for wrong in refused.json["errors"]] == [pointer]
    assert get(client, founding, "/AI-2").json["status"] == "open"


def test_an_admin_closes_with_a_reason_and_it_shows(client: FlaskClient, founding: World) -> None:
    closed = patch(client, founding, {"status": "done", "reason": "replaced by the new pipeline"}, name="ben")

    assert closed.status_code == 200
    assert (closed.json["closed_by"], closed.json["closed_unproven"]) == ("ben", True)
    assert [one["id"] for one in get(client, founding, "?unproven=1").json["action_items"]] == ["AI-2"]


def test_a_viewer_edits_nothing(client: FlaskClient, founding: World) -> None:
    assert patch(client, founding, {"owner": "cy"}, name="cy").status_code == 403
    assert client.patch(f"{PLACE}/AI-2", json={"owner": "x"}).status_code == 401


@pytest.mark.parametrize("ref", ["AI-99", "AI-0", "x"])
def test_an_unknown_item_is_not_found(client: FlaskClient, founding: World, ref: str) -> None:
    assert get(client, founding, f"/{ref}").status_code == 404
    assert patch(client, founding, {"owner": "x"}, ref=ref).status_code == 404
