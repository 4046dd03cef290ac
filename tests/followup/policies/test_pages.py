"""The pages of due-date policies: made, shown before they change anything, taken back; and exceptions."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.document.model import Document, Item, Section
from postmortems.followup.policies import calendars, holiday_days, operations, queries
from postmortems.followup.policies.operations import PolicyValues
from postmortems.gate.enforcement import save_incident
from postmortems.guards import operations as guards
from tests.conftest import Clock
from tests.followup.policies.test_holiday_days import ical
from tests.statements import counted
from tests.world import Browser, World

FORM: dict[str, Any] = {
    **{"severity": "SEV2", "complete_days": "14", "counting": "calendar", "begins": "commitment"},
    **{"zone": "UTC", "warn_before": "7, 1", "warns_at": "true", "lead_after": "3", "do": "save"},
}


@pytest.fixture
def admin(world: World, clock: Clock) -> Browser:
    return world.browser("ben")


def item(world: World, **said: Any) -> None:
    document = Document(
        title="It broke", severity="SEV2", sections=(Section("Items", (Item("Do it", **said),)),)
    )
    with db.transaction():
        save_incident.save(None, document, version=None, actor=world.ada)


def test_a_policy_is_made_by_the_form_and_stands_in_the_list(admin: Browser, world: World) -> None:
    assert admin.send("/settings/due-dates/new", FORM).status_code == 303

    page = world.browser("cy").get("/settings/due-dates").text
    for said in ("SEV2", "14 days", "7, 1 before; on the day", "lead after 3"):
        assert said in page
    assert "New policy" not in page
    assert 'value="7, 1"' in admin.get("/settings/due-dates/1").text


# (what is posted, what the page says of it)
BAD = [
    ({"complete_days": "soon"}, "write a number of days such as 14"),
    ({"complete_days": "-3"}, "write a number of days such as 14"),
    ({"complete_days": ""}, "in how many days"),
    ({"complete_days": "9999999999"}, "write a number of days such as 14"),
    ({"warn_before": "a week"}, "numbers of days by comma"),
    ({"warn_before": "1, 1"}, "stands here once"),
    ({"zone": "Mars"}, "no zone of the tz database"),
    ({"lead_after": "9", "admin_after": "3"}, "admins hear after"),
]


@pytest.mark.parametrize("posted, said", BAD)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(
    admin: Browser, posted: dict[str, str], said: str
) -> None:
    refused = admin.send("/settings/due-dates/new", FORM | posted)

    assert (refused.status_code, said in refused.text) == (422, True)
    assert 'value="3"' in refused.text or "lead_after" in posted
    with db.reading():
        assert queries.policies() == []


def test_a_change_is_shown_then_done_then_undone(admin: Browser, world: World) -> None:
    admin.send("/settings/due-dates/new", FORM)
    item(world)
    changed = FORM | {"complete_days": "7", "version": "1"}

    seen = admin.send("/settings/due-dates/1", changed | {"do": "preview"})
    assert "<strong>1 item</strong> would get another date" in seen.text
    for said in ("2026-03-16", "2026-03-09", "Save and date 1 item anew"):
        assert said in seen.text
    assert admin.send("/settings/due-dates/1", changed | {"do": "redate"}).status_code == 303
    assert "2026-03-09" in admin.get("/action-items/AI-1").text
    assert "Items dated anew" in admin.get("/settings/due-dates").text
    assert admin.send("/settings/due-dates/redates/1/undo").status_code == 303
    assert 'datetime="2026-03-16"' in admin.get("/action-items/AI-1").text
    assert "1 put back" in admin.get("/settings/due-dates").text


def test_to_which_year_holidays_are_known_is_said_where_dates_lie_after_it(
    admin: Browser, world: World
) -> None:
    admin.send("/settings/holidays/new", {"name": "Colombo", "country": "LK"})
    admin.send("/settings/holidays/new", {"name": "Munich", "country": "DE"})
    admin.send("/settings/due-dates/new", FORM)
    item(world)
    far = FORM | {"calendar": "colombo", "counting": "business", "complete_days": "300", "do": "preview"}

    seen = admin.send("/settings/due-dates/1", far | {"version": "1"}).text
    near = admin.send("/settings/due-dates/1", far | {"version": "1", "complete_days": "20"}).text

    told = "1 new date lies after 2026"
    assert (told in seen, told in near) == (True, False)
    pages = [admin.get(f"/settings/holidays/{name}").text for name in ("colombo", "munich")]
    assert "known to the end of 2026: later dates" in pages[0]
    assert "known to the end of 2036." in pages[1]


def test_a_preview_keeps_nobody_from_writing(admin: Browser, world: World) -> None:
    admin.send("/settings/due-dates/new", FORM)
    item(world)
    assert world.app is not None
    api, headers = world.app.test_client(), world.headers("ben")
    begun = []
    for do in ("preview", "redate"):
        with counted() as statements:
            admin.send("/settings/due-dates/1", FORM | {"complete_days": "7", "version": "1", "do": do})
        begun.append(statements.count("BEGIN IMMEDIATE"))
    # When a token was used is noted once a while.
    assert api.get("/api/v1/policies/due-dates", headers=headers).status_code == 200
    with counted() as statements:
        seen = api.post("/api/v1/policies/due-dates/preview", json={"complete_days": 7}, headers=headers)
    begun.append(statements.count("BEGIN IMMEDIATE"))

    assert (seen.status_code, begun) == (200, [0, 1, 0])


def test_an_undo_says_what_it_left_alone_and_that_a_new_policy_stays(admin: Browser, world: World) -> None:
    item(world)
    item(world)
    given = FORM | {"with_undated": "true", "do": "redate"}
    admin.send("/settings/due-dates/new", given)
    headers = world.headers("ben")
    later = admin.patch("/api/v1/action-items/AI-1", json={"due": "2027-01-04"}, headers=headers)
    assert later.status_code == 200

    admin.send("/settings/due-dates/redates/1/undo")

    said = admin.get("/settings/due-dates").text
    assert "1 put back; 1 left alone, changed by others since." in said
    assert "The policy stays: delete it if it is not wanted." in said


def test_a_policy_for_what_another_is_for_is_refused_at_what_they_share(admin: Browser) -> None:
    admin.send("/settings/due-dates/new", FORM)

    refused = admin.send("/settings/due-dates/new", FORM)

    assert refused.status_code == 422
    (field,) = re.findall(r'<select[^>]*name="severity"[^>]*>', refused.text)
    assert 'aria-invalid="true"' in field


def test_a_form_that_somebody_saved_over_is_refused(admin: Browser) -> None:
    admin.send("/settings/due-dates/new", FORM)
    admin.send("/settings/due-dates/1", FORM | {"complete_days": "7", "version": "1"})

    refused = admin.send("/settings/due-dates/1", FORM | {"complete_days": "3", "version": "1"})

    assert (refused.status_code, "somebody else changed" in refused.text) == (422, True)


def test_a_policy_is_deleted(admin: Browser) -> None:
    admin.send("/settings/due-dates/new", FORM)

    admin.send("/settings/due-dates/1", {"do": "delete"})

    assert "There is no policy yet" in admin.get("/settings/due-dates").text


@pytest.mark.parametrize("path", ["/settings/due-dates/new", "/settings/holidays/new"])
@pytest.mark.parametrize("who", ["ada", "cy"])
def test_only_admins_make_policies_and_calendars(world: World, path: str, who: str) -> None:
    assert world.browser(who).get(path).status_code == 403
    assert world.browser(who).send(path, FORM | {"name": "x"}).status_code == 403


def test_a_calendar_is_made_of_a_country_a_list_and_a_file(admin: Browser) -> None:
    file = (io.BytesIO(ical("DTSTART;VALUE=DATE:20261231")), "days.ics")
    form = {"name": "Office", "country": "de", "subdivision": "BY", "days": "2026-12-24 half", "ical": file}
    assert admin.send("/settings/holidays/new", form).status_code == 303
    page = admin.get("/settings/holidays/office").text
    assert "2026-12-24\n2026-12-31</textarea>" in page
    assert 'datetime="2026-06-04"' in page
    changed = admin.send("/settings/holidays/office", {"name": "Office", "version": "1", "days": "soon"})
    assert (changed.status_code, "line 1: begin it with a day" in changed.text) == (422, True)
    assert admin.send("/settings/holidays/office", {"do": "delete"}).status_code == 303
    assert "Office" not in admin.get("/settings/due-dates").text.split("calendars")[-1]


@pytest.mark.parametrize("by", ["form", "API"])
def test_a_calendars_file_is_read_while_others_write(
    any_database: str, world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    held: list[int] = []
    read, file = holiday_days.from_ical, ical("DTSTART;VALUE=DATE:20261231")

    def noting(data: bytes, this_year: int) -> set[date]:
        held.append(sum(pool.checkedout() for pool in db.pools()))
        return read(data, this_year)

    monkeypatch.setattr(holiday_days, "from_ical", noting)
    said = {"name": "Office", "version": 1}
    if by == "form":
        for path in ("new", "office"):
            form = said | {"ical": (io.BytesIO(file), "days.ics")}
            assert world.browser("ben").send(f"/settings/holidays/{path}", form).status_code == 303
    else:
        api = {"json": said | {"ical": file.decode()}, "headers": world.headers("ben")}
        first = {**api, "json": {name: value for name, value in api["json"].items() if name != "version"}}
        tag = client.post("/api/v1/holidays", **first).headers["ETag"]
        api["headers"] |= {"If-Match": tag}
        assert client.put("/api/v1/holidays/office", **api).status_code == 200

    assert held == [0, 0]


def test_a_calendar_in_use_is_not_deleted(admin: Browser, world: World) -> None:
    with db.transaction():
        calendars.create(calendars.CalendarValues("Office"), actor=world.ben)
        values = PolicyValues(complete_days=3, calendar="office", counting="business")
        operations.create(values, actor=world.ben)

    admin.send("/settings/holidays/office", {"do": "delete"})

    assert admin.get("/settings/holidays/office").status_code == 200


def test_an_exception_dates_an_item_apart_until_it_ends(admin: Browser, world: World) -> None:
    admin.send("/settings/due-dates/new", FORM | {"assign_days": "2"})
    item(world)
    page = admin.get("/action-items/AI-1").text
    assert "Assign by" in page

    granted = {"due": "2026-06-01", "until": "2026-06-30", "reason": "The vendor ships in May"}
    admin.send("/action-items/AI-1/exception", granted)
    page = admin.get("/action-items/AI-1").text
    for said in ("The vendor ships in May", "2026-06-01", "2026-06-30", "exception"):
        assert said in page
    preview = {"do": "preview", "complete_days": "7", "version": "1"}
    assert "1 have an exception" in admin.send("/settings/due-dates/1", FORM | preview).text
    admin.send("/action-items/AI-1/exception", {"do": "end"})
    page = admin.get("/action-items/AI-1").text
    assert "The vendor ships in May" not in page.split("History")[0]
    assert 'datetime="2026-03-16"' in page


# (what is posted, what is said)
BAD_EXCEPTIONS = [
    ({"due": "2026-03-01", "until": "2026-03-30", "reason": "x"}, "is past"),
    ({"due": "2026-06-01", "until": "2026-05-30", "reason": "x"}, "to the due date at least"),
    ({"due": "2026-06-01", "until": "2026-06-30", "reason": " "}, "say why"),
    ({"due": "soon", "until": "2026-06-30", "reason": "x"}, "write a day"),
    ({"do": "end"}, "has no exception"),
]


@pytest.mark.parametrize("posted, said", BAD_EXCEPTIONS)
def test_an_exception_that_makes_no_sense_is_refused(
    admin: Browser, world: World, posted: dict[str, str], said: str
) -> None:
    item(world, due=None)

    assert said in admin.send("/action-items/AI-1/exception", posted, follow_redirects=True).text


def test_a_closed_item_gets_no_exception(admin: Browser, world: World) -> None:
    item(world, status="wont_do", reason="no")
    posted = {"due": "2026-06-01", "until": "2026-06-30", "reason": "x"}

    assert (
        "only an open item" in admin.send("/action-items/AI-1/exception", posted, follow_redirects=True).text
    )


# What the author does with the date that is filled in, and the priority: the date that is saved, and whether
# the policy's it is from then on.
FILLED_IN = [
    ({}, "2026-03-16", True),
    ({"priority": "P0"}, "2026-03-05", True),
    ({"due": "2026-04-01"}, "2026-04-01", False),
    ({"due": "2026-04-01", "priority": "P0"}, "2026-04-01", False),
    ({"due": ""}, "2026-03-16", True),
]


@pytest.mark.parametrize("typed, due, is_policys", FILLED_IN)
def test_the_form_of_an_incident_fills_in_a_date_that_the_author_may_change(
    admin: Browser, world: World, typed: dict[str, str], due: str, is_policys: bool
) -> None:
    admin.send("/settings/due-dates/new", FORM | {"severity": ""})
    admin.send("/settings/due-dates/new", FORM | {"severity": "", "complete_days": "3", "priority": "P0"})
    browser, stem = world.browser("ada"), "sections.0.blocks.0"
    page = browser.get("/incidents/new").text
    suggested = re.search(r'name="[^"]+\.due_suggested" value="([^"]+)"', page)
    assert suggested is not None
    assert f'value="{suggested[1]}"' in page.split(suggested[0])[0].rsplit('type="date"', 1)[1]

    item = {"type": "item", "text": "Do it", "due": suggested[1], "due_suggested": suggested[1]} | typed
    sent = {f"{stem}.{name}": value for name, value in item.items()}
    form = {
        "title": "It broke",
        "severity": "SEV2",
        "sections.0.heading": "Action items",
        **sent,
        "do": "save",
    }
    assert browser.send("/incidents/new", form | sent).status_code == 303

    told = browser.get("/api/v1/action-items/AI-1/deadline", headers=world.headers()).json
    assert told["due"] == due
    assert (told["policy_due"] == due) is is_policys


def test_the_date_that_is_filled_in_is_that_of_the_items_team(admin: Browser, world: World) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {}, actor=world.system)
        guards.save_service("data8", "", ["staging", "prod"], team="platform", actor=world.system)
    admin.send("/settings/due-dates/new", FORM | {"severity": "", "team": "platform", "complete_days": "3"})
    form = {
        "title": "It broke",
        "services": "data8/prod",
        "sections.0.heading": "Action items",
        "do": "add-item-0",
    }

    page = world.browser("ada").send("/incidents/new", form).text

    assert 'due_suggested" value="2026-03-05"' in page
