"""Runtimes for tests that pass one on themselves, with the keys of the application in `tests.apps`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from postmortems.config import Settings
from postmortems.egress.client import Egress
from postmortems.vault.runtime import Runtime
from tests.apps import KEY, LOOPBACK


def runtime_of(**settings: Any) -> Runtime:
    """A runtime by these settings, with keys of its own database where they say nothing."""
    elsewhere = {"database_url": "sqlite:///elsewhere.db", "secret_key": "for tests", "secrets_key": (KEY,)}
    return Runtime.of(Settings(**(elsewhere | settings)))


# One that may call what everybody may, and one that may call this machine.
RUNTIME = runtime_of()
LOCAL = runtime_of(egress_allow=LOOPBACK)
VAULT = RUNTIME.vault


def with_egress(egress: Egress) -> Runtime:
    """A runtime that calls by this egress."""
    return replace(RUNTIME, egress=egress)
