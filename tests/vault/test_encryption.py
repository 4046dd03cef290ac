"""Secrets: kept encrypted, told to nobody, and sent to one origin alone."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts.factors.models import Authenticator
from postmortems.accounts.models import StoredSecret
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.egress.client import NoSecret
from postmortems.errors import Conflict, Invalid, Misconfigured, NotAllowed, NotFound, Unavailable
from postmortems.vault import operations as vault_operations
from postmortems.vault.encryption import Vault
from tests.world import World

SYSTEM = Actor.system("test")
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
STAGING, VALUE = "https://staging.example.org:443", "tok-5e55c8"


def kept_by(*keys: str) -> Vault:
    return Vault(Settings(database_url="sqlite:///elsewhere.db", secrets_key=keys))


VAULT = kept_by(OLD)


def allowing(*entries: str, **settings: Any) -> Vault:
    return Vault(Settings(secrets_allow=entries, **settings))


def keep(
    name: str = "staging-token", address: str = "https://staging.example.org/health", vault: Vault = VAULT
) -> None:
    with db.transaction():
        vault_operations.keep(name, address, VALUE, actor=SYSTEM, vault=vault)


def test_a_stored_secret_is_revealed_to_its_origin_alone(any_database: str) -> None:
    keep()

    assert VAULT.reveal("store:staging-token", STAGING).reveal() == VALUE
    for other in (
        "http://staging.example.org:80",
        "https://staging.example.org:8443",
        "https://evil.org:443",
    ):
        with pytest.raises(NoSecret, match=r"for https://staging\.example\.org:443 alone"):
            VAULT.reveal("store:staging-token", other)


def test_a_stored_secret_stands_nowhere_in_the_clear(
    any_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keep()
    secret = VAULT.reveal("store:staging-token", STAGING)

    with db.reading():
        row = session().get(StoredSecret, "staging-token")
        assert row is not None
        told = [str(vars(row)), str([event.data for event in audit.of("secret", "staging-token")])]
    assert not any(VALUE in text for text in [*told, caplog.text, repr(secret), f"{secret}"])
    assert [row.origin, row.name] == [STAGING, "staging-token"]


def test_replacing_a_secret_replaces_its_origin_too(any_database: str) -> None:
    keep()
    keep(address="https://hub.example.org")

    with pytest.raises(NoSecret):
        VAULT.reveal("store:staging-token", STAGING)
    with db.reading():
        verbs = [event.verb for event in audit.of("secret", "staging-token")]
    assert verbs == ["secret.replaced", "secret.added"]


def test_a_forgotten_secret_is_gone(any_database: str) -> None:
    keep()
    with db.transaction():
        vault_operations.forget("staging-token", actor=SYSTEM)

    with pytest.raises(NoSecret, match="no stored secret"):
        VAULT.reveal("store:staging-token", STAGING)
    with db.transaction(), pytest.raises(NotFound):
        vault_operations.forget("staging-token", actor=SYSTEM)


def test_keys_are_replaced_one_after_the_other(any_database: str) -> None:
    keep()
    keep("other")
    with db.transaction():
        assert vault_operations.rotate(actor=SYSTEM, vault=kept_by(NEW, OLD)) == 2

    assert kept_by(NEW).reveal("store:other", STAGING)
    with pytest.raises(NoSecret, match="key that is gone"):
        kept_by(OLD).reveal("store:other", STAGING)
    with db.transaction(), pytest.raises(Conflict, match="key that is gone"):
        vault_operations.rotate(actor=SYSTEM, vault=kept_by(OLD))


def test_the_secrets_of_peoples_apps_are_encrypted_anew_too(any_database: str) -> None:
    with db.transaction():
        user = accounts.add_user("ada", "author", actor=SYSTEM)
        app = Authenticator(
            user_id=user.id, encrypted=VAULT.encrypt("x"), last_step=1, created_at=clock.now()
        )
        session().add(app)
    with db.transaction():
        assert vault_operations.rotate(actor=SYSTEM, vault=kept_by(NEW, OLD)) == 1

    with db.reading():
        app = session().scalars(select(Authenticator)).one()
        assert kept_by(NEW).decrypt(app.encrypted, "the app") == "x"


def test_without_a_key_nothing_is_kept_except_on_the_embedded_database(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = Vault(Settings(database_url="postgresql+psycopg://db/x", secret_key="x"))
    with db.transaction(), pytest.raises(Unavailable, match="POSTMORTEMS_SECRETS_KEY is not set"):
        vault_operations.keep("a", STAGING, VALUE, actor=SYSTEM, vault=without)

    monkeypatch.chdir(tmp_path)
    keep(vault=Vault(Settings()))
    assert Vault(Settings()).reveal("store:staging-token", STAGING).reveal() == VALUE


@pytest.mark.parametrize("key", ["hunter2", "A" * 44, ""])
def test_a_broken_key_is_named_but_not_repeated(database: str, key: str) -> None:
    with db.transaction(), pytest.raises(Misconfigured, match="SECRETS_KEY") as told:
        vault_operations.keep("a", STAGING, VALUE, actor=SYSTEM, vault=kept_by(key))
    assert not key or key not in str(told.value)


@pytest.mark.parametrize(
    "name, address, value, pointer",
    [
        ("", STAGING, VALUE, "/name"),
        ("Staging Token", STAGING, VALUE, "/name"),
        ("a" * 101, STAGING, VALUE, "/name"),
        ("a", "", VALUE, "/origin"),
        ("a", "staging.example.org", VALUE, "/origin"),
        ("a", "ftp://staging.example.org", VALUE, "/origin"),
        ("a", "https://ada:pw@staging.example.org", VALUE, "/origin"),
        ("a", STAGING, "", "/value"),
        ("a", STAGING, " tok", "/value"),
        ("a", STAGING, "tok\r\nX-Injected: 1", "/value"),
        ("a", STAGING, "t\N{SNOWMAN}k", "/value"),
        ("a", STAGING, "t" * 4001, "/value"),
    ],
)
def test_a_wrong_secret_names_the_field_and_not_the_value(
    database: str, name: str, address: str, value: str, pointer: str
) -> None:
    with db.transaction(), pytest.raises(Invalid) as told:
        vault_operations.keep(name, address, value, actor=SYSTEM, vault=VAULT)

    assert [problem.pointer for problem in told.value.problems] == [pointer]
    assert not value.strip() or value not in str(told.value)


def test_only_admins_keep_secrets(world: World) -> None:
    for actor in (world.ada, world.cy):
        with db.transaction(), pytest.raises(NotAllowed):
            vault_operations.keep("a", STAGING, VALUE, actor=actor, vault=VAULT)


# What the operator allows.


def test_a_variable_is_sent_where_the_operator_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGING_TOKEN", VALUE)
    found = allowing("env:STAGING_TOKEN@https://staging.example.org")

    assert found.reveal("env:STAGING_TOKEN", STAGING).reveal() == VALUE
    with pytest.raises(NoSecret, match="alone"):
        found.reveal("env:STAGING_TOKEN", "https://evil.org:443")
    monkeypatch.delenv("STAGING_TOKEN")
    with pytest.raises(NoSecret, match="not there"):
        found.reveal("env:STAGING_TOKEN", STAGING)


@pytest.mark.parametrize("name", ["PATH", "POSTMORTEMS_SECRET_KEY", "STAGING_TOKEN2", "staging_token"])
def test_no_other_variable_is_sent(name: str) -> None:
    with pytest.raises(NoSecret, match="operator allows"):
        allowing("env:STAGING_TOKEN@https://staging.example.org").reveal(f"env:{name}", STAGING)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """`secrets/` with a token, a link inside, links out, a folder and a binary file."""
    secrets, outside = tmp_path / "secrets", tmp_path / "outside"
    secrets.mkdir()
    outside.write_text("top secret")
    (secrets / "token").write_text(f"{VALUE}\n")
    (secrets / "inside").symlink_to(secrets / "token")
    (secrets / "leads-out").symlink_to(outside)
    (secrets / "down").mkdir()
    (secrets / "binary").write_bytes(b"\xff\x00")
    (secrets / "lines").write_text("a\nb\n")
    (secrets / "empty").write_text("\n")
    return secrets


@pytest.mark.parametrize("name", ["token", "inside"])
def test_a_file_below_the_operators_folder_is_sent(folder: Path, name: str) -> None:
    found = allowing(f"file:{folder}/@https://staging.example.org")

    assert found.reveal(f"file:{folder}/{name}", STAGING).reveal() == VALUE


@pytest.mark.parametrize("name", ["leads-out", "down", "binary", "lines", "empty", "nothing"])
def test_what_is_no_line_of_a_file_in_there_is_not_sent(folder: Path, name: str) -> None:
    with pytest.raises(NoSecret, match="not there"):
        allowing(f"file:{folder}/@https://staging.example.org").reveal(f"file:{folder}/{name}", STAGING)


@pytest.mark.parametrize("path", ["../outside", "token/../../outside", ".."])
def test_no_path_climbs_out_of_the_folder(folder: Path, path: str) -> None:
    with pytest.raises(NoSecret):
        allowing(f"file:{folder}/@https://staging.example.org").reveal(f"file:{folder}/{path}", STAGING)


def test_a_single_file_allows_no_other(folder: Path) -> None:
    found = allowing(f"file:{folder}/token@https://staging.example.org")

    assert found.reveal(f"file:{folder}/token", STAGING).reveal() == VALUE
    with pytest.raises(NoSecret, match="operator allows"):
        found.reveal(f"file:{folder}/inside", STAGING)


@pytest.mark.parametrize("reference", ["", "token", "env:", "env:A B", "file:relative", "store:", "vault:x"])
def test_what_is_no_reference_is_refused(reference: str) -> None:
    with pytest.raises(NoSecret, match="a secret is named"):
        allowing().reveal(reference, STAGING)


@pytest.mark.parametrize(
    "entry",
    ["", "STAGING", "env:STAGING", "env:A@nowhere", "store:a@https://a.org", "file:a@https://a.org",
     "file:/a/../b@https://a.org", "env:A@ftp://a.org"],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_stops_the_start(entry: str) -> None:
    with pytest.raises(Misconfigured, match="POSTMORTEMS_SECRETS_ALLOW"):
        allowing(entry)


# The doors.


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"secrets_key": (OLD,)}


def test_the_page_keeps_and_forgets_and_never_shows(world: World) -> None:
    browser = world.browser("ben")
    form = {"name": "staging-token", "origin": "https://staging.example.org/x", "value": VALUE}

    assert browser.send("/settings/secrets", form).status_code == 303
    page = browser.get("/settings/secrets").text
    assert "store:staging-token" in page
    assert STAGING in page
    assert VALUE not in page
    assert VALUE not in browser.get("/settings/audit").text

    assert browser.send("/settings/secrets/staging-token/forget").status_code == 303
    assert "No secrets yet" in browser.get("/settings/secrets").text


def test_the_page_says_what_is_wrong_and_does_not_repeat_the_secret(world: World) -> None:
    answer = world.browser("ben").send(
        "/settings/secrets", {"name": "A B", "origin": "nowhere", "value": VALUE}
    )

    assert answer.status_code == 422
    assert "write a name such as staging-token" in answer.text
    assert VALUE not in answer.text


def test_the_api_keeps_lists_and_forgets_and_never_tells(world: World) -> None:
    assert world.app is not None
    client, headers = world.app.test_client(), world.headers("ben")
    body = {"origin": "https://staging.example.org", "value": VALUE}

    put = client.put("/api/v1/secrets/staging-token", json=body, headers=headers)
    listed = client.get("/api/v1/secrets?limit=1", headers=headers)

    assert (put.status_code, put.json["origin"], put.json.keys()) == (
        200,
        STAGING,
        {"name", "origin", "created_at", "edited_at"},
    )
    assert [row["name"] for row in listed.json["secrets"]] == ["staging-token"]
    assert VALUE not in put.text + listed.text
    assert client.delete("/api/v1/secrets/staging-token", headers=headers).status_code == 204
    assert client.delete("/api/v1/secrets/staging-token", headers=headers).status_code == 404


@pytest.mark.parametrize("name", ["ada", "cy"])
def test_others_see_nothing_of_them(world: World, name: str) -> None:
    assert world.app is not None
    client = world.app.test_client()
    assert world.browser(name).get("/settings/secrets").status_code == 403
    assert client.get("/api/v1/secrets", headers=world.headers(name)).status_code == 403
