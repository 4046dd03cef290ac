"""Values of the settings about an identity provider: those that are right (`tests/cli/test_wrong_settings.py`
has the others)."""

from __future__ import annotations

import pytest

from postmortems import oidc_values
from postmortems.config import Settings
from postmortems.oidc_values import GroupRule


def test_all_of_them_are_read_together() -> None:
    given = {
        "ISSUER": "https://id.example.org/realms/staff/",
        "CLIENT_ID": "postmortems",
        "CLIENT_SECRET": "s~e.c-r_t/+=",
        "NAME": "Example ID",
        "SCOPES": " openid  profile groups ",
        "CLAIM": "https://example.org/claims/login",
        "ROLE": "viewer",
        "GROUPS_CLAIM": "roles",
        "GROUPS": "sre=admin, /dev ops = author, cn=pay=team:payments, sre=team:platform",
        "ONLY": "yes",
    }
    read = Settings.from_env({f"POSTMORTEMS_OIDC_{name}": value for name, value in given.items()})

    # A slash at the end is part of the name.
    assert read.oidc_issuer == given["ISSUER"]
    assert (read.oidc_client_id, read.oidc_client_secret) == ("postmortems", "s~e.c-r_t/+=")
    assert (read.oidc_scopes, read.oidc_only) == ("openid profile groups", True)
    assert read.oidc_groups == (
        GroupRule("sre", role="admin"),
        GroupRule("/dev ops", role="author"),
        GroupRule("cn=pay", team="payments"),
        GroupRule("sre", team="platform"),
    )


@pytest.mark.parametrize(
    "issuer, rule",
    [
        ("https://id.example.org/realms/staff", "id.example.org:443"),
        ("https://id.example.org:8443", "id.example.org:8443"),
        ("http://127.0.0.1:5000", "127.0.0.1:5000"),
        ("http://[::1]:5000", "[::1]:5000"),
        ("http://localhost", "localhost:80"),
    ],
)
def test_the_issuer_may_be_called_because_it_is_set(issuer: str, rule: str) -> None:
    assert oidc_values.issuer("X", issuer) == issuer
    assert oidc_values.address_rule(issuer) == rule
