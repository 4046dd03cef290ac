"""Settings are read once, checked, and refused with a sentence that says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from postmortems.config import Settings, secret_key
from postmortems.errors import Misconfigured


def test_without_any_variable_the_embedded_database_is_used() -> None:
    settings = Settings.from_env({})

    assert settings.is_embedded
    assert settings.url == "http://127.0.0.1:8000"


def test_the_plain_postgresql_schemes_mean_the_driver_we_have() -> None:
    for url in ("postgres://db/x", "postgresql://db/x", "postgresql+psycopg://db/x"):
        settings = Settings.from_env({"POSTMORTEMS_DATABASE_URL": url})

        assert settings.database_url == "postgresql+psycopg://db/x"


def test_networks_that_probes_may_reach_are_split_at_commas() -> None:
    settings = Settings.from_env({"POSTMORTEMS_EGRESS_ALLOW": " 10.0.0.0/8, staging.internal:443 ,"})

    assert settings.egress_allow == ("10.0.0.0/8", "staging.internal:443")


def test_a_password_in_a_wrong_database_url_is_not_repeated() -> None:
    with pytest.raises(Misconfigured) as refused:
        Settings.from_env({"POSTMORTEMS_DATABASE_URL": "mysql://me:hunter2@db/x"})

    assert "hunter2" not in str(refused.value)


def test_the_embedded_default_makes_its_secret_key_once_and_keeps_it_private(tmp_path: Path) -> None:
    first = secret_key(Settings(), tmp_path)

    assert secret_key(Settings(), tmp_path) == first
    assert len(first) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_any_other_database_without_a_secret_key_is_refused(tmp_path: Path) -> None:
    settings = Settings(database_url="postgresql+psycopg://db/x")

    with pytest.raises(Misconfigured, match="POSTMORTEMS_SECRET_KEY is not set"):
        secret_key(settings, tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rule", ["admins", "all"])
def test_a_second_factor_that_is_a_must_needs_a_key_for_its_secrets(rule: str) -> None:
    elsewhere = {"POSTMORTEMS_DATABASE_URL": "postgresql://db/x", "POSTMORTEMS_SECOND_FACTOR": rule}
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

    with pytest.raises(Misconfigured, match="set POSTMORTEMS_SECRETS_KEY, made with"):
        Settings.from_env(elsewhere)
    assert Settings.from_env({**elsewhere, "POSTMORTEMS_SECRETS_KEY": key}).second_factor == rule
    assert Settings.from_env({"POSTMORTEMS_SECOND_FACTOR": rule}).second_factor == rule
