"""Due-date policies and holiday calendars over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from tests.conftest import Clock
from tests.followup.policies.test_holiday_days import ical
from tests.world import World

PLAIN = {"severity": "SEV1", "assign_days": 2, "complete_days": 14}


class Api:
    """Requests of one of the world's people."""

    def __init__(self, client: FlaskClient, world: World) -> None:
        self.client, self.world = client, world

    def __call__(self, method: str, path: str, who: str = "ben", **sent: Any) -> TestResponse:
        headers = self.world.headers(who) | sent.pop("headers_of", {})
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def policy(self, **said: Any) -> TestResponse:
        return self("POST", "/policies/due-dates", json=PLAIN | said)

    def calendar(self, **said: Any) -> TestResponse:
        return self("POST", "/holidays", json={"name": "Munich office"} | said)


@pytest.fixture
def api(any_database: str, client: FlaskClient, world: World, clock: Clock) -> Api:
    return Api(client, world)


def verbs(subject_kind: str) -> list[str]:
    with db.reading():
        events = session().query(Event).filter_by(subject_kind=subject_kind).order_by(Event.id)
        return [event.verb for event in events]


def test_a_policy_is_made_found_changed_and_deleted(api: Api) -> None:
    made = api.policy(warn_before=[7, 1], lead_after=3, admin_after=7, zone="Europe/Berlin")
    assert made.status_code == 201
    path = made.headers["Location"].removeprefix("/api/v1")
    shown = api("GET", path, "cy").json
    assert {name: shown[name] for name in ("title", "assign_days", "warn_before", "zone", "version")} == {
        "title": "SEV1",
        "assign_days": 2,
        "warn_before": [7, 1],
        "zone": "Europe/Berlin",
        "version": 1,
    }
    changed = api("PUT", path, json=PLAIN | {"complete_days": 7, "version": 1})
    assert (changed.status_code, changed.json["complete_days"], changed.json["version"]) == (200, 7, 2)
    assert api("PUT", path, json=PLAIN | {"version": 1}).status_code == 409
    assert api("DELETE", path).status_code == 204
    assert api("GET", path).status_code == 404
    assert verbs("due_policy") == ["due_policy.created", "due_policy.changed", "due_policy.deleted"]


@pytest.mark.parametrize("kind", ["policy", "calendar"])
def test_an_etag_says_what_was_read(api: Api, kind: str) -> None:
    made = getattr(api, kind)()
    path = made.headers["Location"].removeprefix("/api/v1")
    read = api("GET", path)
    assert read.headers["ETag"] == made.headers["ETag"]
    assert api("GET", path, headers_of={"If-None-Match": read.headers["ETag"]}).status_code == 304
    other = PLAIN | {"complete_days": 7} if kind == "policy" else {"name": "Bonn office"}

    for status in (200, 412):
        changed = api("PUT", path, json=other, headers_of={"If-Match": read.headers["ETag"]})
        assert changed.status_code == status
    listed = api("GET", path.rpartition("/")[0])
    assert (
        api("GET", path.rpartition("/")[0], headers_of={"If-None-Match": listed.headers["ETag"]}).text == ""
    )


def test_saving_what_is_there_is_no_change(api: Api) -> None:
    path = api.policy().headers["Location"].removeprefix("/api/v1")

    assert api("PUT", path, json=PLAIN).json["version"] == 1
    assert verbs("due_policy") == ["due_policy.created"]


def test_the_list_has_the_most_specific_policy_first(api: Api) -> None:
    for conditions in ({"severity": ""}, {"severity": "SEV1"}, {"severity": "SEV1", "kind": "process"}):
        api.policy(**conditions)
    api("POST", "/teams", json={"id": "platform", "name": "Platform"})
    api.policy(severity="", team="platform")

    titles = [policy["title"] for policy in api("GET", "/policies/due-dates", "cy").json["policies"]]

    assert titles == ["SEV1, process", "SEV1", "team platform", "all items"]


def test_no_two_policies_are_for_the_same_items(api: Api) -> None:
    assert [api.policy().status_code, api.policy(complete_days=3).status_code] == [201, 409]
    path = api.policy(severity="SEV2").headers["Location"].removeprefix("/api/v1")
    assert api("PUT", path, json=PLAIN).status_code == 409


# (what is said, the field that is refused)
BAD = [
    ({"severity": "SEV9"}, "/severity"),
    ({"severity": "sev1"}, "/severity"),
    ({"kind": "bug"}, "/kind"),
    ({"priority": "P7"}, "/priority"),
    ({"team": "nobody"}, "/team"),
    ({"calendar": "nobody"}, "/calendar"),
    ({"zone": "Europe/Atlantis"}, "/zone"),
    ({"zone": "../etc/passwd"}, "/zone"),
    ({"zone": ""}, "/zone"),
    ({"counting": "weeks"}, "/counting"),
    ({"begins": "birth"}, "/begins"),
    ({"assign_days": None, "complete_days": None}, "/complete_days"),
    ({"complete_days": -1}, "/complete_days"),
    ({"complete_days": 3651}, "/complete_days"),
    ({"complete_days": 1.5}, "/complete_days"),
    ({"complete_days": "14"}, "/complete_days"),
    ({"complete_days": True}, "/complete_days"),
    ({"warn_before": [0]}, "/warn_before/0"),
    ({"warn_before": [7, 7]}, "/warn_before"),
    ({"warn_after": list(range(1, 12))}, "/warn_after"),
    ({"warns_at": "yes"}, "/warns_at"),
    ({"lead_after": 0}, "/lead_after"),
    ({"lead_after": 9, "admin_after": 3}, "/admin_after"),
    ({"colour": "red"}, "/colour"),
]


@pytest.mark.parametrize("said, field", BAD)
def test_a_policy_that_makes_no_sense_is_refused_at_its_field(
    client: FlaskClient, world: World, said: dict[str, Any], field: str
) -> None:
    refused = Api(client, world).policy(**said)

    assert refused.status_code == 422
    assert field in [each["pointer"] for each in refused.json["errors"]]


@pytest.mark.parametrize("who", ["ada", "cy"])
def test_only_admins_make_policies_and_calendars(client: FlaskClient, world: World, who: str) -> None:
    api = Api(client, world)

    assert api("POST", "/policies/due-dates", who, json={}).status_code == 403
    assert api("POST", "/holidays", who, json={}).status_code == 403
    assert api("GET", "/holidays", who).status_code == 200


def test_a_policy_for_a_team_goes_with_the_team(api: Api) -> None:
    api("POST", "/teams", json={"id": "platform", "name": "Platform"})
    api.policy(team="platform")

    api("DELETE", "/teams/platform")

    assert api("GET", "/policies/due-dates").json["policies"] == []


def test_a_calendar_has_the_days_of_its_country_and_ones_own(api: Api) -> None:
    made = api.calendar(country="DE", subdivision="BY", days=["2026-12-24"])
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/holidays/munich-office")
    shown = api("GET", "/holidays/munich-office", "cy").json
    assert (shown["days"], shown["weekend"]) == (["2026-12-24"], [5, 6])
    assert "2026-06-04" in shown["holidays"]
    [line] = api("GET", "/holidays").json["calendars"]
    assert line["count"] == len(shown["days"]) + len(shown["holidays"])


def test_a_calendar_takes_a_file_and_another_weekend(api: Api) -> None:
    made = api.calendar(weekend=[4, 5], ical=ical("DTSTART;VALUE=DATE:20261224").decode())

    assert (made.json["days"], made.json["weekend"], made.json["known_until"]) == (
        ["2026-12-24"],
        [4, 5],
        None,
    )


def test_a_changed_calendar_forgets_the_days_that_it_had(api: Api) -> None:
    api.calendar(country="DE", days=["2026-12-24"])
    sent = {"name": "Office", "days": ["2026-12-31"], "version": 1}
    changed = api("PUT", "/holidays/munich-office", json=sent)
    assert (changed.json["days"], changed.json["holidays"], changed.json["version"]) == (
        ["2026-12-31"],
        [],
        2,
    )
    assert api("PUT", "/holidays/munich-office", json=sent).status_code == 409
    assert api("DELETE", "/holidays/munich-office").status_code == 204
    assert verbs("holidays") == ["holidays.created", "holidays.changed", "holidays.deleted"]


def test_a_calendar_that_a_policy_counts_in_cannot_go(api: Api) -> None:
    api.calendar()
    api.policy(calendar="munich-office", counting="business")

    refused = api("DELETE", "/holidays/munich-office")

    assert refused.status_code == 409
    assert "SEV1" in refused.json["detail"]


# (what is said, the field that is refused)
BAD_CALENDARS = [
    ({"name": ""}, "/name"),
    ({"name": "  "}, "/name"),
    ({"country": "XX"}, "/country"),
    ({"country": "Germany"}, "/country"),
    ({"country": "DE", "subdivision": "XX"}, "/subdivision"),
    ({"subdivision": "BY"}, "/country"),
    ({"weekend": [0, 1, 2, 3, 4, 5, 6]}, "/weekend"),
    ({"weekend": [7]}, "/weekend/0"),
    ({"days": ["24.12.2026"]}, "/days/0"),
    ({"days": [f"2026-01-{1 + n % 28:02}" for n in range(10_000)]}, "/days"),
    ({"ical": "BEGIN:VCARD\r\nEND:VCARD\r\n"}, "/ical"),
]


@pytest.mark.parametrize("said, field", BAD_CALENDARS)
def test_a_calendar_that_makes_no_sense_is_refused_at_its_field(
    client: FlaskClient, world: World, said: dict[str, Any], field: str
) -> None:
    refused = Api(client, world).calendar(**said)

    assert refused.status_code == 422
    assert field in [each["pointer"] for each in refused.json["errors"]]


def test_a_preview_counts_dates_after_the_years_whose_holidays_are_known(api: Api) -> None:
    path = api.policy().headers["Location"].removeprefix("/api/v1")
    sections = [{"heading": "Items", "blocks": [{"type": "item", "text": "Do it"}]}]
    api("POST", "/incidents", json={"title": "It broke", "severity": "SEV1", "sections": sections})
    office = api.calendar(name="Colombo", country="LK").json
    sent = PLAIN | {"id": int(path.rpartition("/")[2]), "calendar": "colombo", "counting": "business"}

    shown = {
        days: api("POST", "/policies/due-dates/preview", json=sent | {"complete_days": days}).json["unsure"]
        for days in (100, 300)
    }

    assert (office["known_until"], shown) == (2026, {100: 0, 300: 1})


def test_what_would_change_is_shown_done_and_taken_back(api: Api) -> None:
    path = api.policy().headers["Location"].removeprefix("/api/v1")
    number = int(path.rpartition("/")[2])
    item = {"type": "item", "text": "Do it"}
    sections = [{"heading": "Items", "blocks": [item]}]
    sent = {"title": "It broke", "severity": "SEV1", "sections": sections}
    assert api("POST", "/incidents", json=sent).status_code == 201
    assert api("GET", "/action-items/AI-1").json["due"] == "2026-03-16"
    changed = PLAIN | {"complete_days": 7}
    shown = api("POST", "/policies/due-dates/preview", json=changed | {"id": number}).json
    assert (shown["moved"], shown["late"], shown["is_whole"]) == (1, 0, True)
    assert [(row["id"], row["due"], row["new_due"]) for row in shown["items"]] == [
        ("AI-1", "2026-03-16", "2026-03-09")
    ]
    redated = api("PUT", path, json=changed | {"redate": True}).json["redated"]
    assert (redated["state"], redated["done"]) == ("done", 1)
    assert api("GET", "/action-items/AI-1").json["due"] == "2026-03-09"
    run = f"/policies/due-dates/redates/{redated['id']}"
    assert api("POST", f"{run}/undo").json["undone"] == 1
    assert api("POST", f"{run}/undo").status_code == 409
    assert api("GET", run).json["state"] == "undone"
    assert api("GET", "/action-items/AI-1").json["due"] == "2026-03-16"
    assert api("GET", path).json["complete_days"] == 14
    assert [each["id"] for each in api("GET", "/policies/due-dates/redates").json["redates"]] == [
        redated["id"]
    ]
    assert api("POST", "/policies/due-dates/preview", "ada", json=changed).status_code == 403


def test_an_item_is_excepted_until_a_day_and_for_a_reason(api: Api) -> None:
    api.policy()
    sections = [{"heading": "Items", "blocks": [{"type": "item", "text": "Do it"}]}]
    api("POST", "/incidents", json={"title": "It broke", "severity": "SEV1", "sections": sections})
    granted = {"due": "2026-06-01", "until": "2026-06-30", "reason": "The vendor ships in May"}
    shown = api("PUT", "/action-items/AI-1/exception", "ada", json=granted).json
    assert (shown["due"], shown["policy_due"], shown["assign_by"]) == (
        "2026-06-01",
        "2026-03-16",
        "2026-03-04",
    )
    assert shown["exception"] | {"at": ""} == {
        "until": "2026-06-30",
        "reason": "The vendor ships in May",
        "by": "ada",
        "at": "",
    }
    assert api("GET", "/action-items/AI-1/deadline", "cy").json == shown
    assert api("PUT", "/action-items/AI-1/exception", json=granted | {"reason": " "}).status_code == 422
    assert api("PUT", "/action-items/AI-1/exception", "cy", json=granted).status_code == 403
    ended = api("DELETE", "/action-items/AI-1/exception", "ada").json
    assert (ended["due"], ended["exception"]) == ("2026-03-16", None)
    assert api("DELETE", "/action-items/AI-1/exception", "ada").status_code == 409
    assert api("GET", "/action-items/AI-9/deadline").status_code == 404
