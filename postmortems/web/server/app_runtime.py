"""The runtime of the application, for doors to read and pass on."""

from __future__ import annotations

from flask import current_app

from postmortems.vault.runtime import Runtime


def runtime() -> Runtime:
    """The egress, vault and signer that this application was attached to."""
    found: Runtime = current_app.extensions["runtime"]
    return found
