"""The runtime of a process: its parts belong together, and two in one process do not mix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from postmortems.actor import Actor
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.egress.client import NoSecret, Refused
from postmortems.vault import operations as vault_operations
from postmortems.web import application
from tests.apps import LOOPBACK
from tests.loopback import Listening, http, listening
from tests.runtimes import RUNTIME, runtime_of

STAGING = "https://staging.example.org"


@pytest.fixture
def place() -> Iterator[Listening]:
    with listening(http()) as found:
        yield found


def test_its_egress_sends_what_its_own_vault_reveals(any_database: str) -> None:
    other = runtime_of(secrets_key=(Fernet.generate_key().decode(),))
    with db.transaction():
        vault_operations.keep("token", STAGING, "tok-123456", actor=Actor.system("test"), vault=RUNTIME.vault)

    assert RUNTIME.egress.secret("store:token", f"{STAGING}/health").reveal() == "tok-123456"
    with pytest.raises(NoSecret, match="key that is gone"):
        other.egress.secret("store:token", f"{STAGING}/health")


def test_a_second_application_leaves_the_first_its_own_rules_and_key(database: str, place: Listening) -> None:
    first, second = Flask("first"), Flask("second")
    application.attach(first, Settings(database, secret_key="the first one", egress_allow=LOOPBACK))
    application.attach(second, Settings(database, secret_key="the second one"))
    ours, theirs = first.extensions["runtime"], second.extensions["runtime"]

    assert ours.egress.get(place.url()).status == 200
    with pytest.raises(Refused):
        theirs.egress.get(place.url())
    assert ours.signer.public_keys() != theirs.signer.public_keys()


def test_nobody_replaces_a_part_of_it() -> None:
    with pytest.raises(FrozenInstanceError):
        RUNTIME.vault = runtime_of().vault  # type: ignore[misc]
