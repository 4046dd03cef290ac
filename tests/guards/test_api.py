"""Services, guards and evidence over HTTP: every answer's shape, every refusal's pointer."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from postmortems.db import session as db
from postmortems.guards import operations
from postmortems.guards.kinds.registry import KINDS
from postmortems.guards.models import Evidence
from tests.artifacts import commit, digest
from tests.guards.conftest import LAB_HOURS, SYSTEM, add_guard, add_incident
from tests.loopback import http, listening
from tests.runtimes import VAULT
from tests.world import World

ATTESTATION = {
    "predicate": "staging-validated",
    "subject": {"digest": digest("51f1")},
    "service": "data8",
    "target": "staging",
    "result": "passed",
}
DEPLOY = {"service": "data8", "target": "prod", "artifact": {"sha": commit("abc")}, "outcome": "succeeded"}
MANY = [f"test {number}" for number in range(1001)]
PLACE = {"service": "data8", "target": "staging"}


class Api:
    """The API as one person's token reaches it."""

    def __init__(self, client: FlaskClient, world: World, name: str) -> None:
        self.client, self.headers = client, world.headers(name)

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        options = {} if body is None else {"json": body}
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.open(f"/api/v1{path}", method=method, headers=sent, **options)


@pytest.fixture
def ada(client: FlaskClient, world: World) -> Api:
    return Api(client, world, "ada")


@pytest.fixture
def ben(client: FlaskClient, world: World) -> Api:
    return Api(client, world, "ben")


def pointers(answer: Any) -> set[str]:
    assert answer.content_type == "application/problem+json"
    return {wrong["pointer"] for wrong in answer.json["errors"]}


# Guards.


def test_a_guard_is_made_read_edited_and_removed(ada: Api) -> None:
    made = ada("POST", "/guards", LAB_HOURS)
    assert made.status_code == 201
    assert made.json["level"] == "shadow"
    assert made.json["config"]["runway_s"] == 900
    assert made.json["targets"] == ["data8/prod"]
    assert made.headers["Location"].endswith("/api/v1/guards/lab-hours")

    read = ada("GET", "/guards/lab-hours")
    assert read.headers["ETag"] == '"1"'
    assert read.json == made.json

    edited = ada("PATCH", "/guards/lab-hours", {"title": "Labs", "revision": 1})
    assert (edited.status_code, edited.json["title"], edited.json["revision"]) == (200, "Labs", 2)
    again = ada("PATCH", "/guards/lab-hours", {"title": "Lab hours"}, If_Match=edited.headers["ETag"])
    assert again.json["revision"] == 3

    assert ada("DELETE", "/guards/lab-hours").status_code == 204
    assert ada("GET", "/guards/lab-hours").status_code == 404


def test_a_guard_tells_why_it_exists_and_its_newest_verdict(ada: Api) -> None:
    with db.transaction():
        add_guard()
        add_incident("Merge", "lab-hours")
    ada("POST", "/guards/lab-hours/evaluations", {})

    guard = ada("GET", "/guards").json["guards"][0]
    assert guard["because"][0]["incident"]["title"] == "Merge"
    assert guard["because"][0]["action_item"]["id"] == "AI-1"
    assert guard["newest"]["purpose"] == "test"


def test_a_stale_edit_gets_both_texts(ada: Api) -> None:
    ada("POST", "/guards", LAB_HOURS)
    ada("PATCH", "/guards/lab-hours", {"title": "Theirs", "revision": 1})

    stale = ada("PATCH", "/guards/lab-hours", {"title": "Mine", "revision": 1})
    assert stale.status_code == 409
    assert stale.json["version"] == 2
    assert "Mine" in stale.json["mine"]
    assert "Theirs" in stale.json["theirs"]
    assert ada("PATCH", "/guards/lab-hours", {"title": "Mine"}, If_Match='"1"').status_code == 412
    assert ada("PATCH", "/guards/lab-hours", {"title": "Mine"}, If_Match="*").status_code == 200


def test_an_edit_without_a_revision_is_refused(ada: Api) -> None:
    ada("POST", "/guards", LAB_HOURS)

    assert pointers(ada("PATCH", "/guards/lab-hours", {"title": "x"})) == {"/revision"}


@pytest.mark.parametrize("level", ["soft", "hard"])
def test_a_level_that_blocks_needs_a_drill(level: str, ada: Api) -> None:
    assert pointers(ada("POST", "/guards", {**LAB_HOURS, "level": level})) == {"/level"}
    assert ada("GET", "/guards").json["guards"] == []


@pytest.mark.parametrize(
    "change, status, pointer",
    [
        ({"config": {"tz": "Nowhere", "rrule": "FREQ=DAILY"}}, 422, "/config/tz"),
        ({"config": {"tz": "UTC", "rrule": "FREQ=SECONDLY"}}, 422, "/config/rrule"),
        ({"kind": "magic"}, 422, "/kind"),
        ({"slug": "Lab Hours"}, 422, "/slug"),
        ({"targets": ["data8/qa"]}, 422, "/targets/0"),
        ({"targets": "data8/prod"}, 422, "/targets"),
        ({"is_enabled": "yes"}, 422, "/is_enabled"),
        ({"is_enabled": 1}, 422, "/is_enabled"),
        ({"surprise": True}, 422, "/surprise"),
    ],
)
def test_a_wrong_guard_is_a_problem_that_names_the_field(
    change: dict[str, Any], status: int, pointer: str, ada: Api
) -> None:
    answer = ada("POST", "/guards", {**LAB_HOURS, **change})

    assert answer.status_code == status
    assert pointers(answer) == {pointer}


def test_a_taken_slug_is_a_conflict(ada: Api) -> None:
    ada("POST", "/guards", LAB_HOURS)

    assert ada("POST", "/guards", LAB_HOURS).status_code == 409


def test_guards_are_filtered_and_paged(ada: Api) -> None:
    with db.transaction():
        for number in range(3):
            add_guard(slug=f"guard-{number}")

    first = ada("GET", "/guards?service=data8&limit=2").json
    assert [guard["slug"] for guard in first["guards"]] == ["guard-0", "guard-1"]
    rest = ada("GET", f"/guards?limit=2&after={first['next']}").json
    assert ([guard["slug"] for guard in rest["guards"]], rest["next"]) == (["guard-2"], "")
    assert ada("GET", "/guards?service=biology").json["guards"] == []
    assert ada("GET", "/guards?is_enabled=false").json["guards"] == []


@pytest.mark.parametrize("query", ["level=certain", "limit=0", "limit=1000", "limit=x", "colour=red"])
def test_a_wrong_filter_is_refused(query: str, ada: Api) -> None:
    assert ada("GET", f"/guards?{query}").status_code == 422


# Kinds.


def test_each_kind_comes_with_a_schema_that_takes_its_sample(ada: Api) -> None:
    kinds = {kind["kind"]: kind for kind in ada("GET", "/guard-kinds").json["kinds"]}

    assert set(kinds) == set(KINDS)
    for kind in kinds.values():
        Draft202012Validator(kind["schema"]).validate(kind["sample"])


# Tests and verdicts.


def test_a_guard_is_tested_now_and_its_verdict_is_kept(ada: Api) -> None:
    config = {"slug": "confirmed", "kind": "target", "config": {}, "targets": ["data8/prod"]}
    ada("POST", "/guards", config)

    red = ada("POST", "/guards/confirmed/evaluations", {"declared_target": "biology/prod"})
    green = ada("POST", "/guards/confirmed/evaluations", {"declared_target": "data8/prod"})
    assert (red.status_code, red.json["verdict"], red.json["reason_code"]) == (201, "fail", "wrong_target")
    assert green.json["verdict"] == "pass"

    page = ada("GET", "/guards/confirmed/evaluations?limit=1").json
    assert [verdict["verdict"] for verdict in page["evaluations"]] == ["pass"]
    page = ada("GET", f"/guards/confirmed/evaluations?limit=1&after={page['next']}").json
    assert [verdict["verdict"] for verdict in page["evaluations"]] == ["fail"]
    assert page["next"] == ""


def test_a_test_of_an_address_that_is_not_allowed_is_an_error_and_nobody_hears_of_it(ada: Api) -> None:
    with listening(http()) as place:
        config = {"slug": "online", "kind": "http", "config": {"url": place.url()}, "targets": ["data8/prod"]}
        ada("POST", "/guards", config)
        verdict = ada("POST", "/guards/online/evaluations", {}).json

    assert (verdict["verdict"], verdict["reason_code"]) == ("error", "egress_refused")
    assert place.visits == []


def test_a_test_on_a_target_that_the_guard_does_not_cover_is_refused(ada: Api) -> None:
    ada("POST", "/guards", LAB_HOURS)

    answer = ada("POST", "/guards/lab-hours/evaluations", {"target": "data8/staging"})
    assert pointers(answer) == {"/target"}


# Services.


def test_a_service_belongs_to_a_team(ada: Api, ben: Api, world: World) -> None:
    ben("POST", "/teams", {"id": "platform", "name": "Platform", "members": []})
    targets = {"title": "", "targets": ["staging", "prod"]}
    assert ada("GET", "/services/data8").json["team"] == ""

    assert ben("PUT", "/services/data8", {**targets, "team": "platform"}).json["team"] == "platform"
    assert ben("PUT", "/services/data8", targets).json["team"] == "platform"
    refused = ben("PUT", "/services/data8", {**targets, "team": "nobody"})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/team")
    assert "Platform" in world.browser("cy").get("/services").text
    page = world.browser("ben").get("/services/data8").text
    assert "answers for it" in page
    assert '<option value="platform" selected>' in page
    form = {"title": "", "targets": "staging\nprod", "team": ""}
    assert world.browser("ben").send("/services/data8", form).status_code == 303
    assert ada("GET", "/services/data8").json["team"] == ""


def test_services_are_listed_with_their_targets(ada: Api, ben: Api) -> None:
    added = ben("POST", "/services", {"name": "biology", "title": "Biology", "targets": ["staging", "prod"]})
    assert added.status_code == 201

    page = ada("GET", "/services?limit=1").json
    assert (page["services"][0]["name"], page["next"]) == ("biology", "biology")
    rest = ada("GET", "/services?limit=1&after=biology").json
    assert (rest["services"][0]["name"], rest["next"]) == ("data8", "")
    one = ada("GET", "/services/data8").json
    assert [target["full_name"] for target in one["targets"]] == ["data8/staging", "data8/prod"]


def test_a_service_is_edited_and_removed_by_an_admin_only(ada: Api, ben: Api) -> None:
    change = {"title": "Data 8", "targets": ["staging", "canary", "prod"]}

    assert ada("PUT", "/services/data8", change).status_code == 403
    assert ada("POST", "/services", {"name": "new", "targets": ["prod"]}).status_code == 403
    assert ada("DELETE", "/services/data8").status_code == 403
    edited = ben("PUT", "/services/data8", change)
    assert [target["name"] for target in edited.json["targets"]] == ["staging", "canary", "prod"]
    assert ben("PUT", "/services/nowhere", change).status_code == 404
    assert ben("POST", "/services", {"name": "data8", "targets": ["prod"]}).status_code == 409
    assert ben("DELETE", "/services/data8").status_code == 204


def test_a_target_that_a_guard_covers_stays(ben: Api) -> None:
    with db.transaction():
        add_guard()

    answer = ben("PUT", "/services/data8", {"title": "", "targets": ["staging"]})
    assert answer.status_code == 409
    assert "lab-hours" in answer.json["detail"]


# Evidence.


def test_evidence_is_taken_in(ada: Api) -> None:
    attestation = ada("POST", "/evidence/attestations", ATTESTATION)
    assert attestation.status_code == 201
    assert attestation.json["issuer"] == "ada"
    assert attestation.json["target"] == "data8/staging"

    deploy = ada("POST", "/evidence/deploys", {**DEPLOY, "observed_at": "2018-01-25T15:30:00-08:00"})
    assert (deploy.status_code, deploy.json["result"]) == (201, "succeeded")
    assert deploy.json["observed_at"].startswith("2018-01-25T23:30:00")


@pytest.mark.parametrize(
    "path, body, pointer",
    [
        ("/evidence/attestations", {**ATTESTATION, "service": "nowhere"}, "/service"),
        ("/evidence/attestations", {**ATTESTATION, "target": "qa"}, "/target"),
        ("/evidence/attestations", {**ATTESTATION, "observed_at": "2999-01-01T00:00:00Z"}, "/observed_at"),
        ("/evidence/attestations", {**ATTESTATION, "subject": {}}, "/subject"),
        ("/evidence/deploys", {**DEPLOY, "outcome": "gone"}, "/outcome"),
        ("/evidence/deploys", {**DEPLOY, "artifact": {}}, "/artifact"),
        ("/evidence/facts", {**PLACE, "facts": {}}, "/facts"),
        ("/evidence/resolutions", {**PLACE, "target": "qa"}, "/target"),
        ("/evidence/deploys", {**DEPLOY, "outcome": "x" * 1_000_000}, "/outcome"),
        (
            "/evidence/attestations",
            {**ATTESTATION, "tests": dict.fromkeys(MANY, "passed")},
            "/tests",
        ),
    ],
)
def test_evidence_that_cannot_be_placed_names_the_field(
    path: str, body: dict[str, Any], pointer: str, ada: Api
) -> None:
    answer = ada("POST", path, body)

    assert answer.status_code == 422
    assert pointers(answer) == {pointer}


# Who may.

WRITES = [
    ("POST", "/guards", LAB_HOURS),
    ("PATCH", "/guards/kept", {"title": "x", "revision": 1}),
    ("DELETE", "/guards/kept", None),
    ("POST", "/guards/kept/evaluations", {}),
    ("POST", "/evidence/attestations", ATTESTATION),
    ("POST", "/evidence/deploys", DEPLOY),
    ("POST", "/evidence/facts", {**PLACE, "facts": {"kubernetes": "1.9"}}),
    ("POST", "/evidence/resolutions", PLACE),
    ("POST", "/services", {"name": "new", "targets": ["prod"]}),
    ("PUT", "/services/data8", {"title": "", "targets": ["prod", "staging"]}),
    ("DELETE", "/services/data8", None),
]


@pytest.mark.parametrize("method, path, body", WRITES)
def test_a_viewer_and_a_reading_token_change_nothing(
    method: str, path: str, body: Any, client: FlaskClient, world: World
) -> None:
    with db.transaction():
        operations.create({**LAB_HOURS, "slug": "kept"}, actor=SYSTEM, vault=VAULT)

    assert Api(client, world, "cy")(method, path, body).status_code == 403
    reading = Api(client, world, "ben")
    reading.headers = {"Authorization": f"Bearer {world.token('ben', 'read', 'gate:read')}"}
    assert reading(method, path, body).status_code == 403


def test_a_pipelines_token_writes_evidence_and_nothing_else(client: FlaskClient, world: World) -> None:
    pipeline = Api(client, world, "ada")
    pipeline.headers = {"Authorization": f"Bearer {world.token('ada', 'evidence:write')}"}

    assert pipeline("POST", "/evidence/deploys", DEPLOY).status_code == 201
    assert pipeline("POST", "/evidence/resolutions", PLACE).status_code == 403
    assert pipeline("POST", "/guards", LAB_HOURS).status_code == 403
    assert pipeline("GET", "/guards").status_code == 403


# Statements.

TESTED = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "hub", "digest": {"sha256": digest("51f1")[7:], "gitCommit": commit("abc")}}],
    "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
    "predicate": {"result": "PASSED", "configuration": [], "passedTests": ["kernel-starts"]},
}
VERIFIED = {
    **TESTED,
    "predicateType": "https://slsa.dev/verification_summary/v1",
    "predicate": {
        "verifier": {"id": "https://example.org/verifier"},
        "timeVerified": "2018-01-25T18:40:00Z",
        "resourceUri": "pkg:docker/hub",
        "policy": {"uri": "https://example.org/policy"},
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3"],
    },
}
THERE = "/evidence/statements?service=data8&target=staging"


@pytest.mark.parametrize(
    "statement, predicate, tests",
    [
        (TESTED, "test-result", {"kernel-starts": "passed"}),
        (VERIFIED, "slsa-verified", {"SLSA_BUILD_LEVEL_3": "passed"}),
    ],
)
def test_a_statement_is_taken_as_an_attestation(
    statement: dict[str, Any], predicate: str, tests: dict[str, str], ada: Api
) -> None:
    answer = ada("POST", THERE, statement)

    assert answer.status_code == 201
    (kept,) = answer.json["evidence"]
    assert (kept["predicate"], kept["subject"], kept["sha"]) == (predicate, digest("51f1"), commit("abc"))
    assert kept["result"] == "passed"
    with db.reading() as session:
        row = session.get(Evidence, kept["id"])
        assert row is not None
        assert row.data["tests"] == tests


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "/_type"),
        ({"predicateType": "https://in-toto.io/attestation/svr/v0.1"}, "/predicateType"),
        ({"subject": []}, "/subject"),
        ({"subject": [{"name": "hub", "digest": {}}]}, "/subject/0/digest"),
        ({"subject": TESTED["subject"] * 21}, "/subject"),
        ({"predicate": {"result": "passed"}}, "/predicate/result"),
        ({"predicate": {}}, "/predicate/result"),
        ({"predicate": {"result": "PASSED", "failedTests": ["kernel"]}}, "/predicate/result"),
        ({"predicate": {"result": "PASSED", "passedTests": MANY}}, "/predicate/passedTests"),
        ({"payload": "e30="}, "/payload"),
    ],
)
def test_a_wrong_statement_names_the_field(changes: dict[str, Any], pointer: str, ada: Api) -> None:
    answer = ada("POST", THERE, {**TESTED, **changes})

    assert answer.status_code == 422
    assert pointers(answer) == {pointer}


@pytest.mark.parametrize("wrapped", ["payload", "dsseEnvelope"])
def test_a_signed_envelope_is_told_to_be_opened(wrapped: str, ada: Api) -> None:
    answer = ada("POST", THERE, {wrapped: {}, "mediaType": "x"})

    assert answer.status_code == 422
    assert pointers(answer) == {f"/{wrapped}"}
    assert "envelope" in answer.text


# Artifacts.

ASKED = {"service": "data8", "target": "prod", "declared_target": "data8/prod"}
COMMAND = {"guard": "x", **PLACE, "definition_sha256": "a" * 64, "exit_code": 0}
SIGNED_OFF = {"guard": "x", **PLACE, "result": "approved"}


@pytest.mark.parametrize(
    "path, body, name",
    [
        ("/gate/decisions", ASKED, "artifact"),
        ("/guards/lab-hours/evaluations", {}, "artifact"),
        ("/evidence/attestations", ATTESTATION, "subject"),
        ("/evidence/deploys", DEPLOY, "artifact"),
        ("/evidence/commands", COMMAND, "artifact"),
        ("/evidence/signoffs", SIGNED_OFF, "artifact"),
    ],
)
@pytest.mark.parametrize(
    "named, field",
    [
        ({"digest": "latest"}, "digest"),
        ({"digest": "v1.2.3"}, "digest"),
        ({"digest": "sha256:xyz"}, "digest"),
        ({"digest": "sha256:8c0a6f6d5b2f"}, "digest"),
        ({"sha": "main"}, "sha"),
        ({"sha": "0123abc"}, "sha"),
    ],
)
def test_what_can_be_moved_names_no_artifact_at_any_door(
    path: str, body: dict[str, Any], name: str, named: dict[str, str], field: str, ada: Api
) -> None:
    ada("POST", "/guards", LAB_HOURS)
    answer = ada("POST", path, {**body, name: named})

    assert answer.status_code == 422
    assert f"/{name}/{field}" in pointers(answer)


def test_an_artifact_is_the_same_in_capitals(ada: Api) -> None:
    sent = {**ATTESTATION, "subject": {"digest": digest("51f1").upper(), "sha": commit("abc").upper()}}
    kept = ada("POST", "/evidence/attestations", sent).json

    assert (kept["subject"], kept["sha"]) == (digest("51f1"), commit("abc"))


@pytest.mark.parametrize(
    "digests, named",
    [
        ({"sha256": "AB" * 32}, ["sha256:" + "ab" * 32]),
        ({"sha512": "ab" * 64, "sha256": "cd" * 32}, ["sha256:" + "cd" * 32, "sha512:" + "ab" * 64]),
        # What is not fit to tell contents apart is passed over, beside what is.
        ({"md5": "ab" * 16, "sha256": "cd" * 32}, ["sha256:" + "cd" * 32]),
        ({"gitCommit": "AB" * 20}, [""]),
        # A SHA-1 is a digest, and by older statements the commit.
        ({"sha1": "AB" * 20}, ["sha1:" + "ab" * 20]),
        ({"sha3_224": "ab" * 28, "sm3": "cd" * 32}, ["sha3_224:" + "ab" * 28, "sm3:" + "cd" * 32]),
    ],
)
def test_a_statement_names_its_artifact_by_each_of_its_digests(
    digests: dict[str, str], named: list[str], ada: Api
) -> None:
    answer = ada("POST", THERE, {**TESTED, "subject": [{"name": "hub", "digest": digests}]})

    assert [one["subject"] for one in answer.json["evidence"]] == named


@pytest.mark.parametrize(
    "digests",
    [
        {"sha256": "xyz"},
        {"sha256": "ab"},
        {"md5": "ab" * 16},
        {"gitCommit": "main"},
        {"sha1": "ab"},
        {"sha1": "ab" * 32},
    ],
)
def test_a_statement_about_no_artifact_is_refused(digests: dict[str, str], ada: Api) -> None:
    answer = ada("POST", THERE, {**TESTED, "subject": [{"name": "hub", "digest": digests}]})

    assert answer.status_code == 422
    assert pointers(answer) == {"/subject/0/digest"}
