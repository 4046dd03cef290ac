"""All four trackers through one set of functions: what is read, created once, changed and refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from postmortems.egress.client import Secret
from postmortems.trackers.issue import DONE, DROPPED, OPEN, Change, Draft
from postmortems.trackers.services import SERVICES, Service
from postmortems.trackers.wire import Failed, Host
from tests.runtimes import LOCAL
from tests.trackers.desk import TOKEN, Desk, desk

MARK = str(UUID(int=5, version=4))
WAY_OUT = LOCAL.egress


@pytest.fixture(params=["github", "gitlab", "jira", "jira-server", "linear"])
def there(request: pytest.FixtureRequest) -> Iterator[Desk]:
    name, _, server = request.param.partition("-")
    with desk(name) as found:
        found.is_server = bool(server)
        yield found


def service(there: Desk) -> Service:
    return SERVICES[there.service]


def host(there: Desk, token: str = TOKEN) -> Host:
    account = "ops@example.org" if there.service == "jira" and not there.is_server else ""
    return Host(there.api, there.place, Secret(token), account)


def draft(**said: object) -> Draft:
    return Draft("Alert on certificates", f"From AI-1.\n\n{MARK}", MARK, **said)  # type: ignore[arg-type]


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def test_an_issue_is_created_with_its_fields(there: Desk) -> None:
    made = service(there).create(host(there), draft(assignee="ada", due=date(2026, 4, 1)), WAY_OUT)

    assert (made.title, made.state, made.key) == ("Alert on certificates", OPEN, there.key(there.rows[1]))
    assert [who.account for who in made.assignees] == ["ada"]
    assert made.due == (date(2026, 4, 1) if made.has_due else None)
    assert MARK in there.rows[1].body


def test_an_issue_that_was_created_is_found_by_its_mark(there: Desk) -> None:
    assert service(there).created(host(there), MARK, a_while_ago(), WAY_OUT) is None

    made = service(there).create(host(there), draft(), WAY_OUT)
    there.add("Another one")

    assert service(there).created(host(there), MARK, a_while_ago(), WAY_OUT) == made


@pytest.mark.parametrize("state", [DONE, DROPPED])
def test_a_state_is_changed_and_changed_back(there: Desk, state: str) -> None:
    row = there.add("Alert on certificates")
    before = service(there).read(host(there), there.key(row), WAY_OUT)

    closed = service(there).change(host(there), before, Change(state=state), WAY_OUT)
    again = service(there).change(host(there), closed, Change(state=OPEN), WAY_OUT)

    # GitLab does not say how an issue was closed.
    assert closed.state == (DONE if there.service == "gitlab" else state)
    assert again.state == OPEN


def test_fields_are_changed_and_others_left(there: Desk) -> None:
    row = there.add("Alert on certificates", people=["ada"], due="2026-04-01")
    before = service(there).read(host(there), there.key(row), WAY_OUT)

    titled = service(there).change(host(there), before, Change(title="Alert early"), WAY_OUT)
    given = service(there).change(host(there), titled, Change(assignee="ben", replaced="ada"), WAY_OUT)
    freed = service(there).change(host(there), given, Change(assignee="", replaced="ben"), WAY_OUT)
    dated = Change(due=date(2026, 5, 1), is_due_changed=True)
    last = service(there).change(host(there), freed, dated, WAY_OUT)

    assert (titled.title, titled.assignees) == ("Alert early", before.assignees)
    assert [who.account for who in given.assignees] == ["ben"]
    assert freed.assignees == ()
    assert last.due == (date(2026, 5, 1) if last.has_due else None)
    assert row.title == "Alert early"


def test_of_several_people_only_the_one_that_is_meant_gives_way() -> None:
    with desk("github") as there:
        row = there.add("Alert", people=["kim", "ada"])
        before = SERVICES["github"].read(host(there), "1", WAY_OUT)

        SERVICES["github"].change(host(there), before, Change(assignee="ben", replaced="ada"), WAY_OUT)

    assert row.people == ["ben", "kim"]


def test_what_changed_is_listed(there: Desk) -> None:
    there.add("One")
    there.add("Two", state="done")

    found = list(service(there).changed(host(there), a_while_ago(), WAY_OUT))

    assert [(issue.title, issue.state) for issue in found] == [("One", OPEN), ("Two", DONE)]


def test_what_is_deleted_while_pages_are_read_hides_no_other() -> None:
    with desk("jira") as there:
        there.is_server = True
        for number in range(230):
            there.add(f"Alert {number}")
        there.before_answer = lambda _: there.rows.pop(min(there.rows)) and None

        found = {issue.title for issue in service(there).changed(host(there), a_while_ago(), WAY_OUT)}

    assert {f"Alert {number}" for number in range(10, 230)} <= found


def test_what_is_not_there_is_gone(there: Desk) -> None:
    with pytest.raises(Failed) as failed:
        service(there).read(host(there), "99", WAY_OUT)

    assert failed.value.is_gone
    assert failed.value.is_final


def test_a_creation_is_never_asked_twice_by_itself(there: Desk) -> None:
    there.answers += [(502, {})] * 3

    with pytest.raises(Failed) as failed:
        service(there).create(host(there), draft(), WAY_OUT)

    # Linear's team is asked for first.
    assert (len(there.calls), failed.value.is_final, failed.value.status) == (1, False, 502)


@pytest.mark.parametrize(
    "status, headers, after, resets",
    [
        (429, {"Retry-After": "17"}, "17", None),
        (403, {"Retry-After": "60"}, "60", None),
        (503, {"Retry-After": "5"}, "5", None),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772445600"}, "", 1772445600),
        (429, {"RateLimit-Reset": "1772445600"}, "", 1772445600),
        (429, {"X-RateLimit-Requests-Reset": "1772445600000"}, "", 1772445600),
        (429, {"RateLimit-Reset": "soon"}, "", None),
        (502, {"X-RateLimit-Reset": "1772445600"}, "", None),
    ],
)
def test_a_limit_says_when_to_come_back(
    there: Desk, status: int, headers: dict[str, str], after: str, resets: int | None
) -> None:
    there.answers.append((status, headers))

    with pytest.raises(Failed) as failed:
        service(there).read(host(there), "1", WAY_OUT)

    wanted = None if resets is None else datetime.fromtimestamp(resets, UTC)
    assert (failed.value.is_final, failed.value.retry_after, failed.value.reset_at) == (False, after, wanted)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_who_may_not_is_not_asked_again(there: Desk, status: int) -> None:
    there.answers.append((status, {}))

    with pytest.raises(Failed) as failed:
        service(there).read(host(there), "1", WAY_OUT)

    assert failed.value.is_final
    assert "as the test says" in failed.value.told


def test_a_pull_request_is_no_issue() -> None:
    with desk("github") as there:
        told = there.github_issue(there.add("A change")) | {"pull_request": {"url": "x"}}
        there.github_issue = lambda row: told  # type: ignore[method-assign]

        with pytest.raises(Failed, match="pull request"):
            SERVICES["github"].read(host(there), "1", WAY_OUT)
        assert list(SERVICES["github"].changed(host(there), a_while_ago(), WAY_OUT)) == []


def test_a_workflow_without_a_step_there_says_so() -> None:
    with desk("jira") as there:
        row = there.add("Alert")
        there.steps = ("To Do", "In Progress")
        before = SERVICES["jira"].read(host(there), there.key(row), WAY_OUT)

        with pytest.raises(Failed, match="no step from here that closes it"):
            SERVICES["jira"].change(host(there), before, Change(state=DONE), WAY_OUT)


@pytest.mark.parametrize(
    "name, said, key",
    [
        ("github", "12", "12"),
        ("github", "#12", "12"),
        ("github", "https://github.com/data8/infra/issues/12#issuecomment-1", "12"),
        ("gitlab", "https://gitlab.com/data8/infra/-/issues/12", "12"),
        ("gitlab", "https://gitlab.com/data8/infra/-/work_items/12", "12"),
        ("jira", "OPS-12", "OPS-12"),
        ("jira", "https://data8.atlassian.net/browse/OPS-12?focusedId=1", "OPS-12"),
        ("linear", "https://linear.app/data8/issue/ENG-12/alert-early", "ENG-12"),
        ("linear", "ENG-12", "ENG-12"),
        ("github", "https://github.com/data8/infra/pull/12", None),
        ("github", "0", None),
        ("github", "12/../../x", None),
        ("jira", "ops-12", None),
        ("jira", "OPS-12/transitions", None),
        ("linear", "ENG", None),
        ("gitlab", "!12", None),
    ],
)
def test_an_issue_is_named_by_number_key_or_address(name: str, said: str, key: str | None) -> None:
    found = SERVICES[name].key.fullmatch(said)

    assert (found[1] if found else None) == key


@pytest.mark.parametrize(
    "name, place, is_one",
    [
        ("github", "data8/infra", True),
        ("github", "data8", False),
        ("github", "data8/infra/../../user", False),
        ("gitlab", "data8/tools/infra", True),
        ("gitlab", "30", True),
        ("gitlab", "infra", False),
        ("jira", "OPS", True),
        ("jira", 'OPS" OR project = "HR', False),
        ("linear", "ENG", True),
        ("linear", "eng", False),
    ],
)
def test_a_place_is_written_as_the_service_writes_it(name: str, place: str, is_one: bool) -> None:
    assert bool(SERVICES[name].place.fullmatch(place)) is is_one
