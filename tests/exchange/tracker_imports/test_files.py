"""Reports of trackers by their APIs: pages, comments, limits, refusals, and what is deleted meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from postmortems.document.readers.records import tools
from postmortems.egress.client import Secret
from postmortems.errors import Refusal
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.tracker_imports import files
from postmortems.exchange.tracker_imports.fetch import Patience
from postmortems.exchange.tracker_imports.place import TrackerPlace
from tests.exchange.tracker_imports.hub import TOKEN, Hub, hub
from tests.runtimes import LOCAL

PLACES = {"github": "acme/hub", "gitlab": "acme/hub", "jira": "OPS", "pagerduty": ""}


@pytest.fixture(params=list(PLACES))
def there(request: pytest.FixtureRequest) -> Iterator[Hub]:
    with hub(request.param) as found:
        yield found


@pytest.fixture
def github() -> Iterator[Hub]:
    with hub("github") as found:
        yield found


def fetched(there: Hub, *, token: str = TOKEN, patience: float = 0.0, **said: str) -> list[ImportFile]:
    waits: list[float] = []
    place = TrackerPlace(there.service, there.api, said.pop("place", PLACES[there.service]), **said)
    found = files.in_tracker(
        place, Secret(token), way_out=LOCAL.egress, patience=Patience(patience, waits.append)
    )
    there.calls += [f"waited {seconds:g}" for seconds in waits]
    return list(found)


def waits(there: Hub, patience: float = 1_000.0) -> list[float]:
    said: list[float] = []
    place = TrackerPlace(there.service, there.api, PLACES[there.service])
    list(
        files.in_tracker(place, Secret(TOKEN), way_out=LOCAL.egress, patience=Patience(patience, said.append))
    )
    return said


def markdown(there: Hub, file: ImportFile) -> str:
    return tools.FORMATS[there.service].to_markdown(file.content.decode())


def test_each_issue_is_a_file_of_its_own_with_what_was_said(there: Hub) -> None:
    first, second = there.add("Hub down"), there.add("Disk full")
    there.say(first, "14:05 UTC rolled back")

    found = fetched(there)

    assert [file.trouble for file in found] == ["", ""]
    assert "title: Hub down" in markdown(there, found[0])
    assert "rolled back" in markdown(there, found[0])
    assert "title: Disk full" in markdown(there, found[second - 1])
    assert len({file.name for file in found}) == 2


def test_every_page_is_read_once(there: Hub) -> None:
    for number in range(1, 231):
        there.add(f"Incident {number}")

    found = fetched(there)

    assert len(found) == 230
    assert len({file.name for file in found}) == 230


def test_what_moves_up_a_page_while_somebody_deletes_is_still_read(github: Hub) -> None:
    for number in range(1, 231):
        github.add(f"Incident {number}")

    def delete(page: int) -> None:
        if page == 1:
            github.rows.pop(7, None)

    github.meanwhile = delete
    found = fetched(github)

    assert {f"github-acme-hub-{number}.json" for number in range(1, 231)} == {file.name for file in found}


def test_an_issue_that_is_deleted_before_its_comments_are_read_is_told(github: Hub) -> None:
    github.add("Stays")
    github.add("Goes", says=1)
    github.meanwhile = lambda _page: github.rows.pop(2, None)

    found = {file.shown: file.trouble for file in fetched(github)}

    assert found == {
        "github:acme/hub: github-acme-hub-2.json": "was deleted while it was read",
        "github:acme/hub: github-acme-hub-1.json": "",
    }


def test_pull_requests_are_no_reports(github: Hub) -> None:
    github.add("A change", is_pull=True)
    github.add("A report")

    assert [file.name for file in fetched(github)] == ["github-acme-hub-2.json"]


def test_labels_and_queries_are_asked_for_there(github: Hub) -> None:
    github.add("One", labels=["postmortem"])
    github.add("Other")

    assert [file.name for file in fetched(github, label="postmortem")] == ["github-acme-hub-1.json"]
    assert [file.name for file in fetched(github, query="Other")] == ["github-acme-hub-2.json"]


def test_sub_issues_come_with_their_issue(github: Hub) -> None:
    below = github.add("Add an alert", state="closed")
    github.add("Hub down", sub=[below])

    found = {file.name: file for file in fetched(github)}

    assert "Add an alert\n   - Status: done" in markdown(github, found["github-acme-hub-2.json"])


def test_a_jira_server_is_asked_by_its_own_address() -> None:
    with hub("jira") as there:
        there.is_server = True
        for number in range(1, 61):
            there.add(f"Incident {number}")

        assert len(fetched(there)) == 60


def test_all_comments_of_a_jira_issue_are_read() -> None:
    with hub("jira") as there:
        number = there.add("Hub down")
        for said in ("first", "second", "third", "fourth"):
            there.say(number, said)

        text = markdown(there, fetched(there)[0])

    assert [word for word in ("first", "second", "third", "fourth") if word in text] == [
        "first",
        "second",
        "third",
        "fourth",
    ]


LIMITS: dict[str, tuple[tuple[int, dict[str, str], object], float]] = {
    "seconds": ((429, {"Retry-After": "7"}, {"message": "slow down"}), 7.0),
    "seconds with 403": ((403, {"Retry-After": "60"}, {"message": "secondary rate limit"}), 60.0),
    "a server that stumbles": ((502, {}, {}), 1.0),
    "seconds with 503": ((503, {"Retry-After": "3"}, {}), 3.0),
}


@pytest.mark.parametrize("answer, seconds", LIMITS.values(), ids=LIMITS.keys())
def test_a_limit_is_waited_for(
    there: Hub, answer: tuple[int, dict[str, str], object], seconds: float
) -> None:
    there.add("Hub down")
    there.answers = [answer]

    assert waits(there) == [seconds]


def test_a_date_to_wait_for_is_waited_for(github: Hub) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    github.answers = [(429, {"Retry-After": until}, {})]

    assert 60 < waits(github)[0] <= 90


def test_a_limit_that_ends_too_late_is_told_with_its_length(there: Hub) -> None:
    there.answers = [(429, {"Retry-After": "600"}, {"message": "limit"})]

    with pytest.raises(Refusal, match="asks to wait 10 min: import again then") as refusal:
        fetched(there, patience=30)

    assert TOKEN not in refusal.value.detail


REFUSED: dict[str, tuple[tuple[int, dict[str, str], object], str]] = {
    "a wrong token": ((401, {}, {"message": "Bad credentials"}), "does not take this token"),
    "a token without scope": ((403, {}, {"message": "Resource not accessible"}), "needs"),
    "a place that is not there": ((404, {}, {"message": "Not Found"}), "has no"),
    "a query that is none": ((422, {}, {"message": "Validation Failed"}), "Validation Failed"),
}


@pytest.mark.parametrize("answer, words", REFUSED.values(), ids=REFUSED.keys())
def test_a_refusal_says_what_to_do(
    there: Hub, answer: tuple[int, dict[str, str], object], words: str
) -> None:
    there.answers = [answer, answer]

    with pytest.raises(Refusal, match=words) as refusal:
        fetched(there)

    assert TOKEN not in refusal.value.detail


def test_a_server_that_never_answers_well_is_given_up(github: Hub) -> None:
    github.answers = [(502, {}, {})] * 5

    with pytest.raises(Refusal, match="GitHub answered 502; import again"):
        fetched(github, patience=100)


def test_a_page_in_place_of_an_answer_is_told(github: Hub) -> None:
    github.answers = [(200, {}, {"message": "welcome"})]

    assert fetched(github) == []
