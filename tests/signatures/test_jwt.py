"""Our signed tokens: what was signed before stays valid, and the published key checks what is signed now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt as pyjwt
import pytest

from postmortems.config import Settings
from postmortems.signatures.jwt import Signer

SECRET = "a secret that is only for tests"
# Signed by the code before this one, and the key that it published.
CLAIMS = {"jti": "d-1", "decision": "block", "iat": 1516900000, "exp": 1516900900}
EARLIER = (
    "eyJhbGciOiAiRWREU0EiLCAidHlwIjogIkpXVCIsICJraWQiOiAiY2Q2MDk1NjY5NWNkYjBiOCJ9"
    ".eyJqdGkiOiJkLTEiLCJkZWNpc2lvbiI6ImJsb2NrIiwiaWF0IjoxNTE2OTAwMDAwLCJleHAiOjE1MTY5MDA5MDB9"
    ".hK_EObacn8iwVDDJFDsIZgX5A7fGTvPQFbBZhQtHzHMjxvuEp0Ds6KOGO-nNJLEv6IqRd6mbGuV-gM5FbpZ-Aw"
)
KEY = {
    "kty": "OKP",
    "crv": "Ed25519",
    "use": "sig",
    "alg": "EdDSA",
    "kid": "cd60956695cdb0b8",
    "x": "UNJUOCYds6pQHJL8FORuAKpxwRCv8VuZX0RDvYczptQ",
}


def signer(secret: str = SECRET) -> Signer:
    """A signer beside a database of its own, where nobody makes a secret for it."""
    return Signer(Settings(database_url="sqlite:///elsewhere.db", secret_key=secret))


def claims_in(token: str, key: Mapping[str, str]) -> dict[str, Any]:
    return pyjwt.decode(
        token,
        pyjwt.PyJWK(dict(key)),
        algorithms=["EdDSA"],
        options={"verify_exp": False, "verify_iat": False},
    )


def test_the_published_key_of_a_secret_stays() -> None:
    assert signer().public_keys() == [KEY]


def test_what_was_signed_before_stays_valid() -> None:
    assert claims_in(EARLIER, signer().public_keys()[0]) == CLAIMS


@pytest.mark.parametrize(
    "claims",
    [
        {},
        CLAIMS,
        {"artifact": {"digest": "", "components": {"a": "b"}}, "list": [1, 2.5, None, True]},
        {"target": "b\u00fccher/prod \U0001f989"},
    ],
)
def test_what_is_signed_now_says_its_key_and_is_checked_by_the_one_published_before(
    claims: dict[str, Any],
) -> None:
    token = signer().sign(claims)

    assert claims_in(token, KEY) == claims
    assert pyjwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT", "kid": KEY["kid"]}


def test_the_claims_stand_in_the_token_as_they_did_before() -> None:
    assert signer().sign(CLAIMS).split(".")[1] == EARLIER.split(".")[1]


def test_another_secret_is_another_key() -> None:
    with pytest.raises(pyjwt.InvalidSignatureError):
        claims_in(EARLIER, signer(SECRET + "!").public_keys()[0])


def test_without_a_secret_nothing_is_signed_and_no_key_published() -> None:
    assert (signer("").sign(CLAIMS), signer("").public_keys()) == ("", [])


@pytest.mark.parametrize(
    "claims",
    [{}, CLAIMS, {"target": "überwacht/日本", "artifact": {"components": {"a": "1"}}, "dry_run": True}],
)
def test_it_is_letter_by_letter_what_the_library_makes(claims: dict[str, Any]) -> None:
    made = signer()
    key = made._key
    assert key is not None
    expected = pyjwt.encode(claims, key, "EdDSA", headers={"kid": KEY["kid"]})
    assert made.sign(claims) == expected
