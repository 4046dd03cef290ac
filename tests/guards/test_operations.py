"""Services and guards are made, edited and deleted, each with an event that says what changed."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound, Stale
from postmortems.guards import operations, queries
from postmortems.guards.models import Evaluation, Evidence
from postmortems.vault import operations as vault_operations
from tests.artifacts import commit
from tests.conftest import Clock
from tests.guards.conftest import AUTHOR, LAB_HOURS, SYSTEM, VIEWER, add_guard
from tests.runtimes import VAULT

pytestmark = pytest.mark.usefixtures("data8")


def test_a_guard_starts_at_shadow_with_every_default_written_out() -> None:
    with db.transaction():
        operations.create(LAB_HOURS, actor=AUTHOR, vault=VAULT)

    with db.reading():
        guard = queries.by_slug("lab-hours")
        assert (guard.level, guard.on_error, guard.revision, guard.is_enabled) == ("shadow", "block", 1, True)
        assert guard.config["runway_s"] == 900
        assert [target.full_name for target in guard.targets] == ["data8/prod"]
        assert audit.of("guard", "lab-hours")[0].verb == "guard.created"


def test_an_edit_changes_what_is_named_and_moves_the_revision(clock: Clock) -> None:
    with db.transaction():
        made_at = add_guard().edited_at
    clock.advance(hours=1)
    with db.transaction():
        guard = operations.edit(
            "lab-hours", {"title": "Labs", "targets": ["biology/prod"]}, 1, actor=AUTHOR, vault=VAULT
        )
        assert guard.revision == 2

    with db.reading():
        guard = queries.by_slug("lab-hours")
        assert (guard.title, guard.edited_at > made_at, guard.kind) == ("Labs", True, "window")
        assert [target.full_name for target in guard.targets] == ["biology/prod"]
        event = audit.of("guard", "lab-hours")[0]
        assert event.data["changed"] == {
            "title": ["No deploys in lab hours", "Labs"],
            "targets": [["data8/prod"], ["biology/prod"]],
        }


def test_an_edit_of_targets_alone_moves_the_revision_too() -> None:
    with db.transaction():
        add_guard()
    with db.transaction():
        operations.edit(
            "lab-hours", {"targets": ["data8/prod", "data8/staging"]}, 1, actor=AUTHOR, vault=VAULT
        )

    with db.reading():
        assert queries.by_slug("lab-hours").revision == 2


def test_an_edit_that_changes_nothing_leaves_no_trace() -> None:
    with db.transaction():
        guard = add_guard()
        fields = operations.as_fields(guard)
    with db.transaction():
        assert operations.edit("lab-hours", fields, 1, actor=AUTHOR, vault=VAULT).revision == 1

    with db.reading():
        assert [event.verb for event in audit.of("guard", "lab-hours")] == ["guard.created"]


def test_an_edit_of_an_older_revision_is_stale_and_shows_both() -> None:
    with db.transaction():
        add_guard()
    with db.transaction():
        operations.edit("lab-hours", {"title": "Theirs"}, 1, actor=AUTHOR, vault=VAULT)

    with db.transaction(), pytest.raises(Stale) as told:
        operations.edit("lab-hours", {"title": "Mine"}, 1, actor=AUTHOR, vault=VAULT)
    assert told.value.version == 2
    assert '"Mine"' in told.value.mine
    assert '"Theirs"' in told.value.theirs


def test_a_deleted_guard_leaves_its_verdicts_behind(clock: Clock) -> None:
    from postmortems.guards.judgement import Judgement

    with db.transaction():
        guard = add_guard()
        verdict = Judgement("pass", "open", "open")
        operations.record_evaluation(guard, verdict, purpose="test", at=clock.now())
        operations.record_observation(guard.id, {"status": 200}, clock.now())
    with db.transaction():
        operations.delete("lab-hours", actor=AUTHOR)

    with db.reading():
        kept = session().scalars(select(Evaluation)).one()
        assert (kept.guard_id, kept.guard_slug) == (None, "lab-hours")
        assert session().scalars(select(Evidence)).all() == []
        with pytest.raises(NotFound):
            queries.by_slug("lab-hours")


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"slug": "Lab Hours"}, "/slug"),
        ({"slug": "lab--hours"}, "/slug"),
        ({"slug": "lab-hours\n"}, "/slug"),
        ({"slug": ""}, "/slug"),
        ({"slug": "x" * 101}, "/slug"),
        ({"kind": "magic"}, "/kind"),
        ({"config": {"tz": "Nowhere"}}, "/config/tz"),
        ({"config": []}, "/config"),
        ({"level": "certain"}, "/level"),
        ({"on_error": "ignore"}, "/on_error"),
        ({"max_age_s": -1}, "/max_age_s"),
        ({"targets": []}, "/targets"),
        ({"targets": ["data8"]}, "/targets/0"),
        ({"targets": ["data8/prod", "data8/qa"]}, "/targets/1"),
        ({"targets": ["DATA8/prod"]}, "/targets/0"),
        ({"surprise": 1}, "/surprise"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], pointer: str) -> None:
    with db.transaction(), pytest.raises(Invalid) as told:
        operations.create({**LAB_HOURS, **fields}, actor=AUTHOR, vault=VAULT)

    assert {problem.pointer for problem in told.value.problems} == {pointer}


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"slug": "another"}, "/slug"),
        ({"kind": "target"}, "/kind"),
        ({"config": {"confirm": "param"}}, "/config/confirm"),
        ({"level": ""}, "/level"),
        ({"targets": ["data8/qa"]}, "/targets/0"),
    ],
)
def test_a_wrong_edit_is_named(fields: dict[str, Any], pointer: str) -> None:
    with db.transaction():
        add_guard()
    with db.transaction(), pytest.raises(Invalid) as told:
        operations.edit("lab-hours", fields, 1, actor=AUTHOR, vault=VAULT)

    assert pointer in {problem.pointer for problem in told.value.problems}


def test_a_taken_slug_is_a_conflict() -> None:
    with db.transaction():
        add_guard()
    with db.transaction(), pytest.raises(Conflict, match="already a guard"):
        add_guard()


def test_a_viewer_changes_nothing() -> None:
    with db.transaction():
        add_guard()
    with db.transaction():
        for refused in (
            lambda: operations.create(LAB_HOURS, actor=VIEWER, vault=VAULT),
            lambda: operations.edit("lab-hours", {"title": "x"}, 1, actor=VIEWER, vault=VAULT),
            lambda: operations.delete("lab-hours", actor=VIEWER),
            lambda: operations.save_service("new", "", ["prod"], actor=AUTHOR),
            lambda: operations.delete_service("data8", actor=AUTHOR),
        ):
            with pytest.raises(NotAllowed):
                refused()


def test_a_service_keeps_its_targets_in_promotion_order() -> None:
    with db.transaction():
        staging = queries.target_named("data8/staging")
        assert staging is not None
        operations.save_service("data8", "Data 8", ["qa", "staging", "prod"], actor=SYSTEM)

    with db.reading():
        service = queries.service("data8")
        assert [target.name for target in service.targets] == ["qa", "staging", "prod"]
        assert service.targets[1].id == staging.id


def test_a_target_that_a_guard_covers_cannot_go() -> None:
    with db.transaction():
        add_guard()
    with db.transaction(), pytest.raises(Conflict, match="lab-hours"):
        operations.save_service("data8", "", ["staging"], actor=SYSTEM)
    with db.transaction(), pytest.raises(Conflict, match="lab-hours"):
        operations.delete_service("data8", actor=SYSTEM)


def test_a_service_goes_with_its_targets_and_evidence() -> None:
    with db.transaction():
        deploy = {
            "service": "data8",
            "target": "prod",
            "artifact": {"sha": commit("abc")},
            "outcome": "started",
        }
        operations.record_deploy(deploy, actor=SYSTEM)
        operations.delete_service("data8", actor=SYSTEM)

    with db.reading():
        assert [service.name for service in queries.services()] == ["biology"]
        assert session().scalars(select(Evidence)).all() == []


@pytest.mark.parametrize(
    "name, targets, pointer",
    [
        ("", ["prod"], "/name"),
        ("data/8", ["prod"], "/name"),
        ("data8 ", ["prod"], "/name"),
        ("data  8", ["prod"], "/name"),
        ("data\n8", ["prod"], "/name"),
        ("..", ["prod"], "/name"),
        ("x" * 101, ["prod"], "/name"),
        ("-data8", ["prod"], "/name"),
        ("new", [], "/targets"),
        ("new", ["prod", "prod"], "/targets"),
        ("new", ["prod", "a/b"], "/targets/1"),
    ],
)
def test_a_service_is_named_so_that_full_names_stay_clear(
    name: str, targets: list[str], pointer: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as told:
        operations.add_service(name, "", targets, actor=SYSTEM)

    assert {problem.pointer for problem in told.value.problems} == {pointer}


def test_a_service_is_added_once() -> None:
    with db.transaction(), pytest.raises(Conflict, match="already a service"):
        operations.add_service("data8", "", ["prod"], actor=SYSTEM)


def test_of_two_who_edit_at_once_one_is_told() -> None:
    with db.transaction():
        add_guard()
    outcome: list[BaseException | None] = []

    def edit() -> None:
        try:
            with db.transaction():
                operations.edit("lab-hours", {"title": "Second"}, 1, actor=AUTHOR, vault=VAULT)
            outcome.append(None)
        except BaseException as raised:
            outcome.append(raised)

    second = threading.Thread(target=edit)
    with db.transaction():
        operations.edit("lab-hours", {"title": "First"}, 1, actor=AUTHOR, vault=VAULT)
        second.start()
    second.join()

    assert isinstance(outcome[0], Conflict)
    with db.reading():
        assert (queries.by_slug("lab-hours").title, queries.by_slug("lab-hours").revision) == ("First", 2)


# A guard's secrets are for one origin.


STAGING: dict[str, Any] = {
    "slug": "staging-up",
    "kind": "http",
    "config": {
        "url": "https://staging.example.org/health",
        "headers": ["Authorization: Bearer ${store:staging-token}"],
    },
    "targets": ["data8/prod"],
}


@pytest.fixture
def kept_secret() -> None:
    """store:staging-token, for https://staging.example.org alone."""
    with db.transaction():
        vault_operations.keep(
            "staging-token", "https://staging.example.org", "tok-123456", actor=SYSTEM, vault=VAULT
        )


def test_a_guard_names_a_secret_of_its_origin(kept_secret: None) -> None:
    with db.transaction():
        operations.create(STAGING, actor=AUTHOR, vault=VAULT)

    with db.reading():
        assert "tok-123456" not in str(operations.as_fields(queries.by_slug("staging-up")))


@pytest.mark.parametrize(
    "config, told",
    [
        ({"url": "https://evil.example.org/"}, "alone"),
        ({"url": "http://staging.example.org/health"}, "alone"),
        ({"url": "https://staging.example.org:8443/health"}, "alone"),
        ({"headers": ["Authorization: ${store:other}"]}, "no stored secret"),
        ({"headers": ["Authorization: ${env:PATH}"]}, "operator allows"),
        ({"headers": ["Authorization: ${file:/etc/passwd}"]}, "operator allows"),
        ({"headers": ["Authorization: ${nonsense}"]}, "a secret is named"),
    ],
)
def test_a_secret_goes_nowhere_else_however_the_guard_is_edited(
    kept_secret: None, config: dict[str, Any], told: str
) -> None:
    with db.transaction():
        operations.create(STAGING, actor=AUTHOR, vault=VAULT)
    changed = {**STAGING["config"], **config}

    with db.transaction(), pytest.raises(Invalid, match=told) as refused:
        operations.edit("staging-up", {"config": changed}, 1, actor=AUTHOR, vault=VAULT)
    assert [problem.pointer for problem in refused.value.problems] == ["/config/headers/0"]
    with db.transaction(), pytest.raises(Invalid, match=told):
        operations.create({**STAGING, "slug": "another", "config": changed}, actor=AUTHOR, vault=VAULT)


@pytest.mark.parametrize(
    "kind, config, pointer",
    [
        ("http", {"url": "https://staging.example.org/health?token=abc"}, "/config/url"),
        ("webhook", {"url": "https://oracle.example.org/ask?apikey=abc"}, "/config/url"),
        ("window", {"tz": "UTC", "ics_url": "https://calendar.example.org/x.ics?sig=abc"}, "/config/ics_url"),
        (
            "prometheus",
            {"url": "https://prometheus.example.org/?key=abc", "query": "up", "expect": "== 1"},
            "/config/url",
        ),
        (
            "scm_check",
            {
                "provider": "github",
                "repo": "data8/hub",
                "contexts": ["build"],
                "api_url": "https://github.example.org/api/v3?access_token=abc",
            },
            "/config/api_url",
        ),
    ],
)
def test_a_secret_in_an_address_is_refused_with_the_way_to_send_it(
    kind: str, config: dict[str, Any], pointer: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as refused:
        operations.configured(kind, config, vault=VAULT)

    told = {problem.pointer: problem.detail for problem in refused.value.problems}
    assert "Authorization: Bearer ${store:its-name}" in told[pointer]
    assert "abc" not in told[pointer]
