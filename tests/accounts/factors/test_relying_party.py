"""At which addresses passkeys work, and under which name."""

from __future__ import annotations

import pytest

from postmortems.accounts.factors import relying_party
from postmortems.accounts.factors.relying_party import RelyingParty


@pytest.mark.parametrize(
    "url, name, origin",
    [
        ("https://pm.example.org", "pm.example.org", "https://pm.example.org"),
        ("https://pm.example.org:443", "pm.example.org", "https://pm.example.org"),
        ("https://pm.example.org:8443", "pm.example.org", "https://pm.example.org:8443"),
        ("https://PM.Example.org", "pm.example.org", "https://pm.example.org"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://pm.localhost", "pm.localhost", "http://pm.localhost"),
        ("http://127.0.0.1:8000", "localhost", "http://localhost:8000"),
        ("http://[::1]:8000", "localhost", "http://localhost:8000"),
    ],
)
def test_a_name_over_https_and_this_machine_have_passkeys(url: str, name: str, origin: str) -> None:
    assert relying_party.of(url) == RelyingParty(name, origin)


@pytest.mark.parametrize(
    "url", ["http://pm.example.org", "https://192.0.2.7", "https://[2001:db8::1]", "http://10.0.0.1:8000", ""]
)
def test_other_addresses_have_none(url: str) -> None:
    assert relying_party.of(url) is None
