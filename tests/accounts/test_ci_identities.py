"""CI jobs that come in by a signed identity, from an issuer that runs here: who is let in, and who is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from flask import Flask

from postmortems.accounts import ci_identities
from postmortems.accounts import operations as accounts
from postmortems.audit import queries as audit
from postmortems.audit.operations import MOST_IN_A_MINUTE
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import issuer as issuers
from tests.apps import LOOPBACK
from tests.conftest import Clock
from tests.issuer import Issuer, issuing
from tests.runtimes import LOCAL
from tests.world import World, build

ASK = {"service": "data8", "target": "prod", "declared_target": "data8/prod", "artifact": {"sha": "a" * 40}}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as found:
        yield found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    """The application, allowed to ask the issuer."""
    return {"egress_allow": LOOPBACK}


@pytest.fixture
def known(app: Flask, clock: Clock, issuer: Issuer) -> World:
    """A world in which jobs of repository 123 in the environment prod speak of data8/prod alone."""
    world = build(app)
    with db.transaction():
        ci_identities.add(
            "data8-prod",
            issuer.url,
            {"repository_id": "123", "environment": "prod"},
            list(ci_identities.SCOPES),
            "data8/prod",
            actor=world.ben,
        )
    return world


def asked(app: Flask, token: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return app.test_client().post("/api/v1/gate/decisions", json=body or ASK, headers=headers)


def test_jobs_and_people_never_share_a_name(database: str, world: World) -> None:
    said = ("https://ci.example.org", {"project": "1"}, ["gate:read"])
    with pytest.raises(Conflict), db.transaction():
        ci_identities.add("ada", *said, actor=world.ben)
    with db.transaction():
        ci_identities.add("deploys", *said, actor=world.ben)
    with pytest.raises(Conflict), db.transaction():
        accounts.add_user("deploys", "author", actor=world.ben)


def refusals() -> list[dict[str, Any]]:
    with db.reading():
        return [event.data for event in audit.latest() if event.verb == "identity.refused"]


def test_a_job_asks_the_gate_with_what_its_ci_signed(
    any_database: str, known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    answer = asked(app, issuer.sign(issuer.claims(clock.now())))

    assert answer.status_code == 200
    assert answer.json["decision"] == "allow_with_warnings"
    with db.reading():
        assert ci_identities.listing()[0].last_used_at == clock.now()


def test_the_keys_are_asked_for_once(known: World, app: Flask, issuer: Issuer, clock: Clock) -> None:
    for _ in range(3):
        assert asked(app, issuer.sign(issuer.claims(clock.now()))).status_code == 200

    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]


def test_a_new_key_is_asked_for_but_not_again_and_again(
    known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    asked(app, issuer.sign(issuer.claims(clock.now())))
    issuer.keys.append(issuers.public("two"))
    clock.advance(minutes=1)

    assert asked(app, issuer.sign(issuer.claims(clock.now()), "two")).status_code == 200
    for _ in range(3):
        assert asked(app, issuer.sign(issuer.claims(clock.now()), "three", by="two")).status_code == 401
    assert issuer.asked.count("/keys") == 2


def test_an_issuer_that_is_down_stops_no_job_whose_key_is_known(
    known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    asked(app, issuer.sign(issuer.claims(clock.now())))
    issuer.is_down = True

    clock.advance(days=1)
    assert asked(app, issuer.sign(issuer.claims(clock.now()))).status_code == 200
    clock.advance(days=7)
    answer = asked(app, issuer.sign(issuer.claims(clock.now())))
    assert answer.status_code == 503
    assert "could not be fetched" in answer.json["detail"]


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://somebody.example"},
        {"jwks_uri": None},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"jwks_uri": "http://169.254.169.254/keys"},
        {"jwks_uri": "http://127.0.0.1:1/keys"},
    ],
)
def test_a_description_that_leads_elsewhere_is_not_followed(
    known: World, app: Flask, issuer: Issuer, clock: Clock, description: dict[str, Any]
) -> None:
    issuer.description = description

    assert asked(app, issuer.sign(issuer.claims(clock.now()))).status_code == 503
    assert "/keys" not in issuer.asked


# What is changed of a right identity, and what is said about it.
WRONG_CLAIMS: list[tuple[dict[str, Any], str, str]] = [
    ({"aud": "https://other.example"}, "audience", "ask for that audience"),
    ({"aud": ["https://a.example", "https://b.example"]}, "audience", "ask for that audience"),
    ({"aud": None}, "malformed", "lacks the claim aud"),
    ({"exp": None}, "malformed", "lacks the claim exp"),
    ({"iat": None}, "malformed", "lacks the claim iat"),
    ({"exp": 1_000_000_000}, "expired", "expired at 2001"),
    ({"exp": "soon"}, "malformed", "exp is no time"),
    ({"exp": 1e300}, "malformed", "exp is no time"),
    ({"nbf": 2_000_000_000}, "early", "is a clock wrong"),
    ({"iat": 2_000_000_000}, "early", "is a clock wrong"),
    ({"iat": 1_000_000_000}, "lifetime", "longer than a day"),
    ({"repository_id": "124"}, "no_identity", "another repository_id"),
    ({"repository_id": 123.0}, "no_identity", "another repository_id"),
    ({"environment": "staging"}, "no_identity", "another environment"),
    ({"environment": "Prod"}, "no_identity", "another environment"),
    ({"environment": None}, "no_identity", "another environment"),
    ({"repository_id": "124", "environment": ["prod"]}, "no_identity", "environment and repository_id"),
]


@pytest.mark.parametrize("changed, code, detail", WRONG_CLAIMS)
def test_an_identity_that_says_something_else_is_refused_and_recorded(
    known: World,
    app: Flask,
    issuer: Issuer,
    clock: Clock,
    changed: dict[str, Any],
    code: str,
    detail: str,
) -> None:
    answer = asked(app, issuer.sign(issuer.claims(clock.now(), **changed)))

    assert answer.status_code == 401
    assert detail in answer.json["detail"]
    assert [refusal["code"] for refusal in refusals()] == [code]


def _none(issuer: Issuer, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})


def _hmac_by_the_public_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    def part(value: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part({"alg": "HS256", "typ": "JWT", "kid": "one"}) + b"." + part(claims)
    made = hmac.new(json.dumps(issuer.keys[0]).encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()


def _by_another_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.sign(claims, "one", by="stranger")


def _by_an_unknown_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.sign(claims, "stranger")


def _by_a_short_key(issuer: Issuer, claims: dict[str, Any]) -> str:
    key = issuers.rsa_key("short", 1024)
    issuer.keys.append(issuers.public("short", key))
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "short"})


def _another_algorithm_than_the_keys(issuer: Issuer, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, issuers.rsa_key("one"), algorithm="RS512", headers={"kid": "one"})


def _a_key_for_encryption(issuer: Issuer, claims: dict[str, Any]) -> str:
    issuer.keys.append({**issuers.public("enc"), "use": "enc"})
    return issuer.sign(claims, "enc")


def _changed_afterwards(issuer: Issuer, claims: dict[str, Any]) -> str:
    head, _, signature = issuer.sign({**claims, "environment": "staging"}).split(".")
    return ".".join([head, issuer.sign(claims).split(".")[1], signature])


def _signature_cut(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.sign(claims)[:-22]


def _no_signature(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.sign(claims).rpartition(".")[0] + "."


def _another_issuer(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.sign({**claims, "iss": "https://gitlab.example"})


def _a_number_for_issuer(issuer: Issuer, claims: dict[str, Any]) -> str:
    raw = json.dumps({**claims, "iss": 5}).encode()
    return jwt.api_jws.encode(raw, issuers.rsa_key("one"), algorithm="RS256", headers={"kid": "one"})


def _too_long(issuer: Issuer, claims: dict[str, Any]) -> str:
    return issuer.sign({**claims, "padding": "x" * 20_000})


def _garbage(issuer: Issuer, claims: dict[str, Any]) -> str:
    return "eyJ.eyJ.eyJ"


def _a_list_for_claims(issuer: Issuer, claims: dict[str, Any]) -> str:
    return jwt.api_jws.encode(b"[1]", issuers.rsa_key("one"), algorithm="RS256")


def _nested_deeply(issuer: Issuer, claims: dict[str, Any]) -> str:
    return jwt.api_jws.encode(b"[" * 5_000, issuers.rsa_key("one"), algorithm="RS256")


Forgery = Callable[[Issuer, dict[str, Any]], str]
FORGERIES: list[tuple[Forgery, str]] = [
    (_none, "signed by 'none'"),
    (_hmac_by_the_public_key, "signed by 'HS256'"),
    (_by_another_key, "not that of"),
    (_by_an_unknown_key, "publishes no key"),
    (_by_a_short_key, "not that of"),
    (_another_algorithm_than_the_keys, "not that of"),
    (_a_key_for_encryption, "not that of"),
    (_changed_afterwards, "not that of"),
    (_signature_cut, "not that of"),
    (_no_signature, "not that of"),
    (_another_issuer, "signed by this issuer"),
    (_a_number_for_issuer, "names no issuer"),
    (_too_long, "at most"),
    (_garbage, "can be read"),
    (_a_list_for_claims, "can be read"),
    (_nested_deeply, "can be read"),
]


@pytest.mark.parametrize("forge, detail", FORGERIES, ids=[forge.__name__ for forge, _ in FORGERIES])
def test_a_forged_identity_proves_nothing(
    known: World, app: Flask, issuer: Issuer, clock: Clock, forge: Forgery, detail: str
) -> None:
    answer = asked(app, forge(issuer, issuer.claims(clock.now())))

    assert answer.status_code == 401
    assert detail in answer.json["detail"]


def test_a_flood_of_forgeries_is_recorded_a_few_times(
    known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    for _ in range(20):
        asked(app, _by_another_key(issuer, issuer.claims(clock.now())))

    assert len(refusals()) == MOST_IN_A_MINUTE


def test_a_token_of_an_unknown_issuer_makes_nobody_call_anybody(
    known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    with issuing() as stranger:
        asked(app, stranger.sign(stranger.claims(clock.now())))

        assert stranger.asked == []
    assert refusals() == []


def test_a_job_can_do_nothing_but_ask_and_tell(
    known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    headers = {"Authorization": f"Bearer {issuer.sign(issuer.claims(clock.now()))}"}
    client = app.test_client()

    assert client.get("/api/v1/incidents", headers=headers).status_code == 403
    assert client.post("/api/v1/guards", json={}, headers=headers).status_code in {403, 422}
    assert client.get("/api/v1/ci-identities", headers=headers).status_code == 403
    assert client.get("/", headers=headers).status_code == 303


def test_the_most_telling_identity_is_taken(known: World, app: Flask, issuer: Issuer, clock: Clock) -> None:
    with db.transaction():
        ci_identities.add("all", issuer.url, {"repository_id": "123"}, ["gate:read"], actor=known.ben)
    claims = issuer.claims(clock.now())

    def named(**changed: Any) -> str:
        token = issuer.sign({**claims, **changed})
        return ci_identities.actor_of(token, issuers.AUDIENCE, clock.now(), LOCAL.egress).name

    assert named() == "data8-prod"
    assert named(environment="staging") == "all"


@pytest.mark.parametrize(
    "changed, pointer",
    [
        ({"name": ""}, "/name"),
        ({"name": "Data 8"}, "/name"),
        ({"issuer": "token.actions.githubusercontent.com"}, "/issuer"),
        ({"issuer": "http://gitlab.example"}, "/issuer"),
        ({"issuer": "https://ada:pw@gitlab.example"}, "/issuer"),
        ({"issuer": "https://gitlab.example?token=x"}, "/issuer"),
        ({"issuer": "https://gitlab.example#x"}, "/issuer"),
        ({"issuer": "https://" + "x" * 600}, "/issuer"),
        ({"issuer": "https://[::1"}, "/issuer"),
        ({"claims": {}}, "/claims"),
        ({"claims": {"repository": "data8/infrastructure"}}, "/claims"),
        ({"claims": {"project_path": "data8/infrastructure"}}, "/claims"),
        ({"claims": {"repository id": "1"}}, "/claims"),
        ({"claims": {"repository_id": ""}}, "/claims"),
        ({"claims": {f"c{number}": "1" for number in range(11)}}, "/claims"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["admin"]}, "/scopes"),
        ({"target": "prod"}, "/target"),
        ({"target": "data8/prod/x"}, "/target"),
    ],
)
def test_a_wrong_identity_is_not_added(known: World, changed: dict[str, Any], pointer: str) -> None:
    fields = {
        "name": "another",
        "issuer": "https://gitlab.com",
        "claims": {"project_id": "7"},
        "scopes": ["gate:read"],
    }
    with pytest.raises(Invalid) as refused, db.transaction():
        ci_identities.add(**{**fields, **changed}, actor=known.ben)

    assert pointer in {problem.pointer for problem in refused.value.problems}


def test_only_admins_add_and_forget_identities(known: World) -> None:
    with pytest.raises(NotAllowed), db.transaction():
        ci_identities.add("x", "https://gitlab.com", {"project_id": "7"}, ["gate:read"], actor=known.ada)
    with pytest.raises(NotAllowed), db.transaction():
        ci_identities.remove("data8-prod", actor=known.ada)
    with pytest.raises(Conflict), db.transaction():
        ci_identities.add(
            "data8-prod", "https://gitlab.com", {"project_id": "7"}, ["gate:read"], actor=known.ben
        )
    with pytest.raises(NotFound), db.transaction():
        ci_identities.remove("nobody", actor=known.ben)


def test_the_page_adds_and_forgets(known: World, app: Flask, issuer: Issuer, clock: Clock) -> None:
    ben = known.browser("ben")
    form = {
        "name": "biology-prod",
        "issuer": "https://gitlab.com",
        "claims": "project_id: 7\n\nenvironment: production",
        "scopes": "gate:read",
        "target": "biology/prod",
    }
    assert ben.send("/settings/ci", form).status_code == 303
    assert "environment: production" in ben.get("/settings/ci").text

    wrong = ben.send("/settings/ci", {**form, "name": "two", "claims": "project_id 7"})
    assert (wrong.status_code, "line 1 is not written as name: value" in wrong.text) == (422, True)
    assert "line 2 says a claim twice" in ben.send("/settings/ci", {**form, "claims": "a: 1\na: 2"}).text
    assert ben.send("/settings/ci", form).status_code == 422

    assert ben.send("/settings/ci/data8-prod/forget").status_code == 303
    assert asked(app, issuer.sign(issuer.claims(clock.now()))).status_code == 401
    assert known.browser("ada").get("/settings/ci").status_code == 403


def test_the_api_adds_lists_and_removes(known: World, app: Flask) -> None:
    client, headers = app.test_client(), known.headers("ben")
    body = {"name": "x", "issuer": "https://gitlab.com", "claims": {"project_id": "7"}}

    assert client.post("/api/v1/ci-identities", json=body, headers=headers).status_code == 201
    listed = client.get("/api/v1/ci-identities", headers=headers).json["identities"]
    assert [one["name"] for one in listed] == ["data8-prod", "x"]
    assert client.delete("/api/v1/ci-identities/x", headers=headers).status_code == 204
    assert client.post("/api/v1/ci-identities", json=body, headers=known.headers("ada")).status_code == 403


def test_the_gate_knows_what_a_jobs_credential_is_for(
    known: World, app: Flask, issuer: Issuer, clock: Clock
) -> None:
    """A pipeline whose identity is for production cannot say that it deploys to staging."""
    guard = {
        "slug": "target-confirmed",
        "title": "Right target",
        "kind": "target",
        "config": {},
        "targets": ["data8/staging", "data8/prod"],
    }
    made = app.test_client().post("/api/v1/guards", json=guard, headers=known.headers("ben"))
    assert made.status_code == 201, made.json

    body = {**ASK, "target": "staging", "declared_target": "data8/staging"}
    told = asked(app, issuer.sign(issuer.claims(clock.now())), body).json["guards"][0]

    assert (told["verdict"], told["reason_code"]) == ("fail", "bound_elsewhere")
