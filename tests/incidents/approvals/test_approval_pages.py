"""Reviews on the pages: the card beside a report, the list on the home page, the rules in the settings."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.incidents.approvals.test_approvals_api import Report
from tests.world import World


@pytest.fixture
def report(any_database: str, client: FlaskClient, world: World, clock: Clock) -> Report:
    return Report(client, world)


def test_a_report_goes_its_whole_way_by_buttons(report: Report, world: World) -> None:
    ada, ben, place = world.browser(), world.browser("ben"), f"/incidents/{report.slug}"
    report.rule()

    early = ada.send(f"{place}/review/publish", {"version": "1"}, follow_redirects=True)
    assert "its text needs 1 approval" in early.text
    ada.send(f"{place}/review", {"reviewers": "ben, cy"})
    assert "Reviews asked of you" in ben.get("/").text
    assert "Approve version 1" in ben.get(place).text
    ben.send(f"{place}/review/approval", {"version": "1"})
    assert "Reviews asked of you" not in ben.get("/").text
    assert "ben approved version 1" in ada.get(place).text
    ada.send(f"{place}/review/publish", {"version": "1"})
    assert report.review()["state"] == "published"
    ada.send(f"{place}/review/publish", {"version": "2", "do": "reopen"})
    assert report.review()["state"] == "reopened"


def test_the_card_says_how_many_changes_came_since_an_approval(report: Report, world: World) -> None:
    report.ask("ben")
    report.approve()
    report.save(text="Something else.")

    page = world.browser().get(f"/incidents/{report.slug}").text

    assert "ben approved version 1; 1 change since" in page


@pytest.mark.parametrize(
    "path, form, told",
    [
        ("/review", {"reviewers": "nobody"}, "There is no account named"),
        ("/review/approval", {"version": "1"}, "You are not asked to review this report"),
        ("/review/approval", {"do": "withdraw"}, "You have not approved"),
        ("/review/publish", {"version": "7"}, "Version 1 was saved since you looked"),
        ("/review/publish", {}, "Version 1 was saved since you looked"),
        ("/review/skip", {"reason": " "}, "Say why no report will be written"),
        ("/review/skip", {"do": "take_up"}, "is not skipped"),
    ],
)
def test_what_is_refused_is_said_beside_the_report(
    client: FlaskClient, world: World, clock: Clock, path: str, form: dict[str, str], told: str
) -> None:
    report = Report(client, world)

    answer = world.browser().send(f"/incidents/{report.slug}{path}", form, follow_redirects=True)

    assert told in answer.text
    assert report.review()["state"] == "draft"


def test_a_skipped_report_shows_its_reason_and_a_late_one_stands_on_the_home_page(
    report: Report, world: World, clock: Clock
) -> None:
    ada = world.browser()
    clock.advance(days=6)
    assert "Reports overdue" in ada.get("/").text

    ada.send(f"/incidents/{report.slug}/review/skip", {"reason": "It was a drill."})

    assert "Reports overdue" not in ada.get("/").text
    assert "It was a drill." in ada.get(f"/incidents/{report.slug}").text
    assert "skipped" in ada.get("/incidents?state=skipped").text


def test_an_admin_sets_the_rules_all_at_once_or_none_of_them(report: Report, world: World) -> None:
    ben, form = world.browser("ben"), {}
    for severity in ("SEV1", "SEV2", "SEV3", "SEV4", "none"):
        form |= {f"approvals.{severity}": "1", f"due_days.{severity}": ""}

    wrong = ben.send("/settings/publishing", form | {"approvals.SEV2": "many", "due_days.SEV3": "-1"})
    assert (wrong.status_code, wrong.text.count("must be a whole number")) == (422, 4)
    assert report.api("GET", "/publish-rules").json["rules"][0]["approvals"] == 0
    assert ben.send("/settings/publishing", form).status_code == 303
    rules = report.api("GET", "/publish-rules").json["rules"]
    assert {(rule["approvals"], rule["due_days"]) for rule in rules} == {(1, None)}
    assert world.browser().get("/settings/publishing").status_code == 403
