"""A logout token: what it has to be, so that sessions end."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.accounts.company import logout_token
from postmortems.accounts.oidc_claims import Unproven
from tests.accounts.company.test_signed_person import CLIENT, ISSUER, NOW, right, signed
from tests.issuer import public

Claims = dict[str, Any]
SAID: Claims = {"events": {logout_token.EVENT: {}}, "jti": "j1", "sid": "s1", "nonce": None}


def read(claims: Claims, typ: str | None = "logout+jwt") -> logout_token.Ended:
    token = signed(right(**{**SAID, **claims}), typ=typ)
    return logout_token.ended(token, [public("one")], CLIENT, NOW)


@pytest.mark.parametrize("typ", ["logout+jwt", "JWT", "application/logout+jwt", "LOGOUT+JWT"])
def test_it_says_whose_session_has_ended(typ: str) -> None:
    ended = read({}, typ)

    assert (ended.issuer, ended.subject, ended.sid, ended.token_id) == (ISSUER, "248289", "s1", "j1")


@pytest.mark.parametrize("claims", [{"sub": None}, {"sid": None}, {"events": {logout_token.EVENT: {"x": 1}}}])
def test_it_names_a_session_or_a_person(claims: Claims) -> None:
    assert read(claims)


@pytest.mark.parametrize(
    "claims, told",
    [
        ({"nonce": "n"}, "has a nonce"),
        ({"nonce": ""}, "has a nonce"),
        ({"events": None}, "of no session"),
        ({"events": {}}, "of no session"),
        ({"events": [logout_token.EVENT]}, "of no session"),
        ({"events": {logout_token.EVENT: None}}, "of no session"),
        ({"events": {"https://schemas.example/other": {}}}, "of no session"),
        ({"sub": None, "sid": None}, "neither who it was"),
        ({"sub": "", "sid": ""}, "neither who it was"),
        ({"sid": 7}, "neither who it was"),
        ({"sid": "x" * 256}, "neither who it was"),
        ({"jti": None}, "no number of its own"),
        ({"jti": 7}, "signature is not that of"),
        ({"jti": ""}, "no number of its own"),
        ({"aud": "another"}, "meant for another"),
        ({"iat": None}, "lacks the claim iat"),
        ({"exp": None}, "lacks the claim exp"),
        ({"exp": -60}, "it expired"),
        ({"iat": 61}, "is a clock wrong"),
        ({"exp": 25 * 3600}, "longer than a day"),
    ],
    ids=str,
)
def test_what_says_something_else_ends_nothing(claims: Claims, told: str) -> None:
    with pytest.raises(Unproven, match=told):
        read(claims)


@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", "x"])
def test_a_token_of_another_kind_ends_nothing(typ: str) -> None:
    with pytest.raises(Unproven, match="of another kind"):
        read({}, typ)
