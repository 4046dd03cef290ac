"""What an id_token has to be, so that it says who somebody is: a table of those that are not taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from postmortems.accounts.company import signed_person
from postmortems.accounts.oidc_claims import Unproven
from tests.issuer import public, rsa_key

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ISSUER, CLIENT, NONCE, ACCESS = "https://id.example.org", "postmortems", "the-nonce", "an-access-token"
Claims = dict[str, Any]


def right(**changed: Any) -> Claims:
    """The claims of a right token; times are in seconds from now, and None leaves one out."""
    claims = {"iss": ISSUER, "aud": CLIENT, "sub": "248289", "nonce": NONCE, "iat": 0, "exp": 300, **changed}
    at = int(NOW.timestamp())
    times = {name: at + claims[name] for name in ("iat", "exp", "nbf") if isinstance(claims.get(name), int)}
    return {name: value for name, value in (claims | times).items() if value is not None}


def signed(claims: Claims, key_id: str = "one", **head: Any) -> str:
    return jwt.encode(claims, rsa_key(key_id), algorithm="RS256", headers={"kid": key_id, **head})


def read(token: str, keys: list[Claims] | None = None) -> Claims:
    keys = [public("one")] if keys is None else keys
    return signed_person.claims_of(token, ACCESS, keys, client_id=CLIENT, nonce=NONCE, now=NOW)


WRONG: list[tuple[Claims, str]] = [
    ({"nonce": None}, "not made for this sign-in"),
    ({"nonce": "of another"}, "not made for this sign-in"),
    ({"nonce": ""}, "not made for this sign-in"),
    ({"nonce": [NONCE]}, "not made for this sign-in"),
    ({"aud": "another-client"}, "meant for another"),
    ({"aud": []}, "lacks the claim aud"),
    ({"aud": None}, "lacks the claim aud"),
    ({"aud": [CLIENT, "another-client"]}, "azp"),
    ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, "azp"),
    ({"azp": "another-client"}, "azp"),
    ({"sub": None}, "sub"),
    ({"sub": ""}, "subject is no text"),
    ({"sub": 7}, "signature is not that of"),
    ({"sub": "x" * 256}, "subject is no text"),
    ({"sub": "a\nb"}, "subject is no text"),
    ({"exp": None}, "lacks the claim exp"),
    ({"iat": None}, "lacks the claim iat"),
    ({"iss": None}, "names no issuer"),
    ({"exp": "soon"}, "exp is no time"),
    ({"exp": -60}, "it expired at"),
    ({"iat": 61}, "is a clock wrong"),
    ({"nbf": 61}, "is a clock wrong"),
    ({"exp": 25 * 3600}, "longer than a day"),
    ({"at_hash": "of-another-token"}, "at_hash"),
]


@pytest.mark.parametrize("changed, told", WRONG, ids=[str(changed)[:40] for changed, _ in WRONG])
def test_what_was_not_signed_for_this_sign_in_is_not_taken(changed: Claims, told: str) -> None:
    with pytest.raises(Unproven, match=told):
        read(signed(right(**changed)))


@pytest.mark.parametrize(
    "changed",
    [
        *({"exp": -59}, {"iat": 60}, {"nbf": 60}, {"exp": 24 * 3600}),
        *({"aud": [CLIENT]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"azp": CLIENT}),
        {"at_hash": base64.urlsafe_b64encode(hashlib.sha256(ACCESS.encode()).digest()[:16]).decode()[:-2]},
    ],
    ids=str,
)
def test_a_minute_between_the_clocks_does_no_harm_nor_what_is_right_besides(changed: Claims) -> None:
    assert read(signed(right(**changed)))["sub"] == "248289"


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_nobody(claims: Claims) -> str:
    return f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}."


def by_the_public_key(claims: Claims) -> str:
    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    made = hmac.new(json.dumps(public("one")).encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def by_a_stranger(claims: Claims) -> str:
    return jwt.encode(claims, rsa_key("stranger"), algorithm="RS256", headers={"kid": "one"})


def by_its_own_key(claims: Claims) -> str:
    head = {"kid": "one", "jwk": public("stranger"), "jku": "https://evil.example/keys"}
    return jwt.encode(claims, rsa_key("stranger"), algorithm="RS256", headers=head)


def by_an_unknown_key(claims: Claims) -> str:
    return jwt.encode(claims, rsa_key("stranger"), algorithm="RS256", headers={"kid": "unknown"})


def by_another_algorithm(claims: Claims) -> str:
    return jwt.encode(claims, rsa_key("one"), algorithm="RS512", headers={"kid": "one"})


def in_pieces(claims: Claims) -> str:
    return "ey.ey.ey"


def cut_short(claims: Claims) -> str:
    return signed(claims)[:-10]


@pytest.mark.parametrize(
    "forge",
    [
        *(by_nobody, by_the_public_key, by_a_stranger, by_its_own_key, by_an_unknown_key),
        *(by_another_algorithm, in_pieces, cut_short),
    ],
)
def test_what_the_provider_did_not_sign_is_not_taken(forge: Callable[[Claims], str]) -> None:
    with pytest.raises(Unproven):
        read(forge(right()))


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()]
)
def test_other_kinds_of_keys_are_as_good(key: Any) -> None:
    is_curve = isinstance(key, ec.EllipticCurvePrivateKey)
    kind = jwt.algorithms.ECAlgorithm if is_curve else jwt.algorithms.OKPAlgorithm
    known = {**kind.to_jwk(key.public_key(), as_dict=True), "kid": "two"}
    # The hash is that of the signature's algorithm: of Ed25519, SHA-512.
    made = (hashlib.sha256 if is_curve else hashlib.sha512)(ACCESS.encode()).digest()
    half = base64.urlsafe_b64encode(made[: len(made) // 2]).rstrip(b"=").decode()
    token = jwt.encode(
        right(at_hash=half), key, algorithm="ES256" if is_curve else "EdDSA", headers={"kid": "two"}
    )

    assert read(token, [public("one"), known])["sub"] == "248289"


@pytest.mark.parametrize(
    "claims, groups",
    [
        ({"groups": ["sre", "dev"]}, {"sre", "dev"}),
        ({"groups": "sre"}, {"sre"}),
        ({"groups": ["sre", 7, None, ["dev"]]}, {"sre"}),
        ({"groups": {"sre": True}}, set()),
        ({"groups": None}, set()),
        ({}, set()),
    ],
)
def test_groups_come_as_a_list_or_alone(claims: Claims, groups: set[str]) -> None:
    assert signed_person.person(right() | claims, "preferred_username", "groups").groups == groups


def test_groups_that_are_not_all_there_are_not_judged() -> None:
    elsewhere = right(_claim_names={"groups": "src1"}, _claim_sources={"src1": {"endpoint": "https://graph"}})
    with pytest.raises(Unproven, match="let it list only those that matter"):
        signed_person.person(elsewhere, "preferred_username", "groups")
    with pytest.raises(Unproven, match="more than 2,000 groups"):
        signed_person.person(right(groups=["x"] * 2001), "preferred_username", "groups")

    # Where groups give nothing, they do not matter.
    assert signed_person.person(elsewhere, "preferred_username", "").groups == set()
