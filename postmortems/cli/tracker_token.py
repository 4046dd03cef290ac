"""The token for a tracker, from a variable that the command names, and what is read with it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from postmortems.egress.client import Egress
from postmortems.exchange.imports.files import ImportFile
from postmortems.exchange.tracker_imports import files, place, tracker_request
from postmortems.exchange.tracker_imports.fetch import Patience

# A command may wait for a limit to end, which is an hour at most for GitHub.
WAITS_S = 3_700.0


def found(
    given: str, *, way_out: Egress, label: str, query: str, account: str, token_env: str
) -> Iterator[ImportFile]:
    """The reports of a tracker. Raises `Refusal`, and `BadParameter` where there is no token."""
    token = os.environ.get(token_env, "") if token_env else ""
    if not token:
        told = f"the variable {token_env} is not set" if token_env else "name the variable with the token"
        raise click.BadParameter(told, param_hint="--token-env")
    where = place.place_of(given, label=label, query=query, account=account)
    yield from files.in_tracker(
        where, tracker_request.checked(token), way_out=way_out, patience=Patience(WAITS_S)
    )
