"""A person's phone with an authenticator app, for tests that sign in with a second step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyotp

from postmortems import clock
from postmortems.accounts import queries as accounts
from postmortems.accounts.factors import apps, totp
from postmortems.actor import Actor
from postmortems.db import session as db
from tests.runtimes import VAULT


@dataclass
class Phone:
    """What an app keeps: the secret; and the recovery codes that were shown beside it."""

    secret: str
    codes: list[str]

    def code(self, the_clock: Any) -> str:
        """A code that was not used yet: of the step after the last."""
        the_clock.advance(seconds=30)
        return pyotp.TOTP(self.secret).at(the_clock.now())


def set_up(actor: Actor) -> Phone:
    """Give this person an app."""
    secret = totp.fresh_secret()
    now = clock.now()
    with db.transaction():
        user = accounts.account(actor.name)
        code = pyotp.TOTP(secret).at(now)
        codes = apps.add(user, secret, code, now, actor=actor, cipher=VAULT)
    return Phone(secret, codes)
