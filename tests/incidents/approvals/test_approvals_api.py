"""Reviews before publishing by HTTP: asked, approved, stale, published, re-opened, skipped, and the rules."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from postmortems.accounts import operations as accounts
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.markdown import parser
from postmortems.errors import Invalid
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.world import World

DOCUMENT: dict[str, Any] = {
    "title": "The lab was down",
    "date": "2026-03-01",
    "severity": "SEV1",
    "status": "draft",
    "sections": [{"heading": "Summary", "blocks": [{"type": "prose", "text": "Nobody could log in."}]}],
}


class Report:
    """An incident of Ada's, and requests about its review."""

    def __init__(self, client: FlaskClient, world: World, **changes: Any) -> None:
        self.client, self.world = client, world
        answer = self.api("POST", "/incidents", json=DOCUMENT | changes)
        assert answer.status_code == 201, answer.text
        self.slug: str = answer.json["slug"]

    def api(self, method: str, path: str, who: str = "ada", **sent: Any) -> TestResponse:
        return self.client.open(f"/api/v1{path}", method=method, headers=self.world.headers(who), **sent)

    def __call__(self, method: str, path: str = "", who: str = "ada", **sent: Any) -> TestResponse:
        return self.api(method, f"/incidents/{self.slug}/review{path}", who, **sent)

    def review(self) -> dict[str, Any]:
        return dict(self("GET").json)

    def ask(self, *names: str) -> TestResponse:
        return self("POST", json={"reviewers": list(names)})

    def approve(self, who: str = "ben", **sent: Any) -> TestResponse:
        return self("POST", "/approval", who, json=sent)

    def save(self, who: str = "ada", text: str = "", **changes: Any) -> TestResponse:
        now = self.api("GET", f"/incidents/{self.slug}").json
        if text:
            now["sections"][0]["blocks"][0]["text"] = text
        return self.api("PUT", f"/incidents/{self.slug}", who, json=now | changes)

    def rule(self, severity: str = "SEV1", approvals: int = 1, due_days: int | None = 5) -> TestResponse:
        body = {"approvals": approvals, "due_days": due_days}
        return self.api("PUT", f"/publish-rules/{severity}", "ben", json=body)


@pytest.fixture
def report(any_database: str, client: FlaskClient, world: World, clock: Clock) -> Report:
    return Report(client, world)


def test_a_report_is_reviewed_approved_published_and_opened_again(report: Report) -> None:
    assert report.review()["state"] == "draft"
    asked = report.ask("ben", "@cy").json
    assert (asked["state"], [each["name"] for each in asked["reviewers"]]) == ("in_review", ["ben", "cy"])
    approved = report.approve("cy", version=1).json
    assert approved["approvals_current"] == 1
    assert report.save(status="published").status_code == 200
    now = report.review()
    assert (now["state"], now["reviewers"], now["approvals_current"]) == ("published", [], 1)
    assert report.save(status="draft").json["state"] == "reopened"
    with db.reading():
        verbs = [event.verb for event in session().query(Event).order_by(Event.id)]
    assert [verb for verb in verbs if verb.startswith("review.")] == ["review.requested", "review.approved"]


def test_an_approval_is_of_a_text_and_says_how_many_changes_came_since(report: Report) -> None:
    report.ask("ben")
    report.approve(version=1)
    report.save(text="Nobody could log in for an hour.")
    report.save(text="Nobody could log in for two hours.")

    (stale,) = report.review()["approvals"]
    assert (stale["version"], stale["is_current"], stale["changes_since"]) == (1, False, 2)
    report.save(text="Nobody could log in.")
    assert report.review()["approvals_current"] == 1
    assert report("DELETE", "/approval", "ben").json["approvals"] == []
    assert report("DELETE", "/approval", "ben").status_code == 404


def test_a_severity_can_ask_for_approvals_of_the_very_text(report: Report) -> None:
    assert report.rule(approvals=2).status_code == 200
    report.ask("ben", "cy")
    report.approve("ben")

    refused = report.save(status="published")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/status")
    report.approve("cy")
    assert report.save(text="Something else.", status="published").status_code == 422
    assert report.save(severity="SEV4", status="published").status_code == 422
    assert report.save(status="published").status_code == 200
    assert report.save(text="What is published may be mended.").status_code == 200


def test_what_is_published_does_not_become_what_needs_approvals(report: Report) -> None:
    report.api("PUT", "/publish-rules/SEV1", "ben", json={"approvals": 1, "due_days": 5})
    place, codes = f"/incidents/{report.slug}", []
    for change in ({"severity": "SEV4"}, {"status": "published"}, {"severity": "SEV1"}, {"severity": "SEV3"}):
        now = report.api("GET", place).json or {}
        codes.append(report.api("PUT", place, json=now | change).status_code)

    assert codes == [200, 200, 422, 200]


def test_what_needs_approvals_does_not_begin_published_but_a_file_may(report: Report) -> None:
    report.rule()
    published = DOCUMENT | {"status": "published"}

    begun = report.api("POST", "/incidents", json=published)
    brought = report.api("POST", "/incidents?name=2020-01-01-old.md", json=published)

    assert (begun.status_code, brought.status_code) == (422, 201)


def test_an_import_does_not_publish_a_draft_that_lacks_approvals(report: Report, world: World) -> None:
    report.rule()
    document = parser.parse("---\ntitle: Now published\n---\n\n## Summary\n\nWords\n")

    with pytest.raises(Invalid, match="needs 1 approval"):
        save(document, report.slug, actor=world.ada, name="file.md")

    assert report.review()["state"] == "draft"


# Who is asked, and what is said of it.
REFUSED: list[tuple[Any, str]] = [
    (["nobody"], "there is no account named 'nobody'"),
    (["ada"], "you cannot review what you ask others to review"),
    (["off"], "switched off"),
    (["ben", ""], "Length"),
    ([], "Shorter"),
    (["x" * 101], "Length"),
    ([f"u{n}" for n in range(21)], "more than 20"),
    ("ben", "Not a valid list"),
    (None, "may not be null"),
    ([None], "may not be null"),
    ([7], "Not a valid string"),
    ({"ben": 1}, "Not a valid list"),
]


@pytest.mark.parametrize("names, told", REFUSED, ids=[str(names)[:30] for names, _ in REFUSED])
def test_who_cannot_review_is_refused_by_name(
    client: FlaskClient, world: World, clock: Clock, names: Any, told: str
) -> None:
    report = Report(client, world)
    with db.transaction():
        accounts.add_user("off", "author", actor=world.system)
        accounts.change_user("off", role="author", is_active=False, actor=world.ben)

    answer = report("POST", json={"reviewers": names})

    assert answer.status_code == 422
    assert told in answer.text
    assert report.review()["state"] == "draft"


def test_who_may_not_see_a_restricted_incident_is_not_asked_and_reads_nothing(report: Report) -> None:
    report.save(restricted=["ada"])

    refused = report.ask("cy")

    assert "cy may not see this incident" in refused.json["errors"][0]["detail"]
    answers = [
        report("GET", who="cy"),
        report.approve("cy"),
        report("POST", who="ben", json={"reviewers": ["cy"]}),
        report("PUT", "/skip", "ben", json={"reason": "a"}),
        report("DELETE", "/skip", "ben"),
        report("DELETE", "/approval", "ben"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert report.save(restricted=["ada", "cy"]).status_code == 200
    assert report.ask("cy").status_code == 200


def test_only_who_is_asked_approves_what_somebody_else_wrote_last(report: Report) -> None:
    assert report.approve("ben").status_code == 403
    report.ask("ben", "cy")
    assert report.approve("ada").status_code == 403
    report.save("ben", text="Ben wrote this.")
    assert report.approve("ben").status_code == 403
    assert report.approve("cy", version=1).status_code == 409
    assert report("POST", "/approval", "cy").status_code == 200


@pytest.mark.parametrize(
    "sent", [{"version": 0}, {"version": "1"}, {"version": True}, {"version": 2**31}, {"x": 1}]
)
def test_an_approval_of_no_version_is_refused(
    client: FlaskClient, world: World, clock: Clock, sent: Any
) -> None:
    report = Report(client, world)
    report.ask("ben")

    assert report.approve(**sent).status_code == 422


def test_a_published_report_is_not_reviewed_before_it_is_opened_again(report: Report) -> None:
    report.save(status="published")

    answers = [report.ask("ben"), report.approve(), report("PUT", "/skip", json={"reason": "No"})]

    assert [answer.status_code for answer in answers] == [409, 409, 409]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, None, 7, ["a"], "a\0b"])
def test_skipping_takes_a_reason(client: FlaskClient, world: World, clock: Clock, reason: Any) -> None:
    report = Report(client, world)

    assert report("PUT", "/skip", json={"reason": reason}).status_code in {400, 422}
    assert report.review()["skipped"] is None


def test_a_skipped_report_says_why_and_can_be_taken_up_again(report: Report) -> None:
    skipped = report("PUT", "/skip", json={"reason": "A drill."}).json

    assert (skipped["state"], skipped["skipped"]["reason"], skipped["skipped"]["by"]) == (
        "skipped",
        "A drill.",
        "ada",
    )
    assert report.ask("ben").status_code == 409
    assert report("DELETE", "/skip").json["state"] == "draft"
    assert report("DELETE", "/skip").status_code == 404


def listed(report: Report, state: str) -> list[str]:
    rows = report.api("GET", f"/incidents?state={state}").json["incidents"]
    return [row["slug"] for row in rows]


def test_lists_say_what_is_unwritten_in_review_skipped_and_overdue(report: Report, clock: Clock) -> None:
    client, world = report.client, report.world
    unwritten = Report(client, world, title="Nothing yet", sections=[{"heading": "Summary", "blocks": []}])
    review = Report(client, world, title="In review", severity="SEV4")
    review.ask("ben")
    left = Report(client, world, title="Left")
    left("PUT", "/skip", json={"reason": "A drill."})
    done = Report(client, world, title="Done", status="published")

    assert listed(report, "unwritten") == [unwritten.slug]
    assert listed(report, "in_review") == [review.slug]
    assert listed(report, "skipped") == [left.slug]
    assert listed(report, "published") == [done.slug]
    assert set(listed(report, "draft")) == {report.slug, unwritten.slug}
    assert listed(report, "overdue") == []
    clock.advance(days=6)
    assert set(listed(report, "overdue")) == {report.slug, unwritten.slug}
    assert (report.review()["due_on"], report.review()["is_overdue"]) == ("2026-03-06", True)
    report.rule(due_days=None, approvals=0)
    assert listed(report, "overdue") == []
    assert report.api("GET", "/incidents?state=nonsense").status_code == 422


@pytest.mark.parametrize(
    "severity, sent, status",
    [
        ("SEV1", {"approvals": -1, "due_days": 1}, 422), ("SEV1", {"approvals": 11, "due_days": 1}, 422),
        ("SEV1", {"approvals": "1", "due_days": 1}, 422), ("SEV1", {"approvals": 1}, 422),
        ("SEV1", {"approvals": 1, "due_days": 3651}, 422), ("SEV1", {"approvals": 1, "due_days": 1.5}, 422),
        ("SEV9", {"approvals": 1, "due_days": 1}, 404), ("none", {"approvals": 1, "due_days": None}, 200),
        ("SEV2", {"approvals": 0, "due_days": 0}, 200),
    ],
)  # fmt: skip
def test_the_rule_of_a_severity_takes_small_numbers(
    client: FlaskClient, world: World, clock: Clock, severity: str, sent: Any, status: int
) -> None:
    report = Report(client, world)

    assert report.api("PUT", f"/publish-rules/{severity}", "ben", json=sent).status_code == status
    assert report.api("PUT", f"/publish-rules/{severity}", "ada", json=sent).status_code == 403
    assert len(report.api("GET", "/publish-rules").json["rules"]) == 5
