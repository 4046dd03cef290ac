"""What a browser was asked to sign, kept in its signed cookie; and whether passkeys are taken here at all."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from flask import current_app, session

from postmortems import clock
from postmortems.accounts.factors import passkeys, relying_party
from postmortems.accounts.factors.passkeys import Challenge
from postmortems.accounts.factors.relying_party import RelyingParty
from postmortems.errors import NotAllowed

KEPT = "passkey"


def are_taken() -> bool:
    """Whether one signs in here by a passkey alone: where the company alone signs people in, one does not."""
    settings = current_app.extensions["settings"]
    return relying_party.of(settings.url) is not None and not settings.oidc_only


def party() -> RelyingParty:
    """Who we are to passkeys. Raises `NotAllowed` where browsers give none to our address."""
    found = relying_party.of(current_app.extensions["settings"].url)
    if found is None:
        raise NotAllowed(
            "browsers use passkeys at an https address with a name alone; POSTMORTEMS_URL is none"
        )
    return found


def fresh(purpose: str) -> Challenge:
    """A challenge for this browser; it takes the place of an earlier one."""
    made = passkeys.challenge(purpose, clock.now())
    session[KEPT] = [urlsafe_b64encode(made.value).decode("ascii"), purpose, made.until.isoformat()]
    return made


def kept(purpose: str) -> Challenge:
    """What this browser was asked last. Raises `NotAllowed` where that was nothing, or for something else."""
    value, asked_for, until = session.pop(KEPT, ("", "", ""))
    if asked_for != purpose:
        raise NotAllowed("this browser was not asked for a passkey; load the page again")
    return Challenge(urlsafe_b64decode(value), purpose, datetime.fromisoformat(until))
