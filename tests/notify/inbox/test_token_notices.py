"""Who hears that a token ends, once, and who need not."""

from __future__ import annotations

import pytest

from postmortems.accounts import operations as accounts
from postmortems.accounts.models import User
from postmortems.accounts.programs import operations as programs
from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.notify.inbox import texts, token_notices
from postmortems.notify.inbox.models import Notification
from postmortems.notify.inbox.queries import Told
from tests.conftest import Clock
from tests.world import World

DAY_S = 86_400


def told(clock: Clock) -> dict[str, list[str]]:
    """By name, what they were told of tokens."""
    token_notices.tell_all(clock.now(), sends_mail=False)
    found: dict[str, list[str]] = {}
    with db.reading():
        for one in session().query(Notification).order_by(Notification.id):
            name = session().get_one(User, one.user_id).name
            line = texts.headline(Told(one, None, None), clock.now().date())
            found.setdefault(name, []).append(line or "")
    return found


def test_its_owner_hears_a_week_before_and_once(any_database: str, world: World, clock: Clock) -> None:
    with db.transaction():
        accounts.add_token("ada", "deploys", ["read"], 90 * DAY_S, actor=world.ada)
    clock.advance(days=82)
    assert told(clock) == {}

    clock.advance(days=2)
    assert told(clock) == {"ada": ["The token “deploys” ends on 2026-05-31: replace it"]}
    clock.advance(days=1)
    assert len(told(clock)["ada"]) == 1


@pytest.mark.parametrize("days, is_revoked", [(10, False), (None, False), (90, True)])
def test_of_one_for_days_an_endless_one_and_a_revoked_one_nobody_hears(
    world: World, clock: Clock, days: int | None, is_revoked: bool
) -> None:
    with db.transaction():
        seconds = None if days is None else days * DAY_S
        token, _ = accounts.add_token("ada", "deploys", ["read"], seconds, actor=world.ada)
        if is_revoked:
            accounts.revoke_token(token.id, actor=world.ada)
    clock.advance(days=(days or 90) - 5)

    assert told(clock) == {}


@pytest.mark.parametrize("owner, hears", [({"owner": "cy"}, ["cy"]), ({"team": "lab"}, ["ada"])])
def test_of_a_programs_hears_who_answers_for_it(
    world: World, clock: Clock, owner: dict[str, str], hears: list[str]
) -> None:
    with db.transaction():
        teams.create("lab", "Lab", {"ada": True, "cy": False}, actor=world.ben)
        programs.add({"name": "ci", "role": "viewer", **owner}, actor=world.ben)
        accounts.add_token("ci", "runner", ["gate:read"], 90 * DAY_S, actor=world.ben)
    clock.advance(days=85)

    found = told(clock)
    assert list(found) == hears
    assert found[hears[0]] == ["The token “runner” of ci ends on 2026-05-31: replace it"]


def test_where_nobody_answers_for_it_any_more_admins_hear(world: World, clock: Clock) -> None:
    with db.transaction():
        teams.create("lab", "Lab", {}, actor=world.ben)
        programs.add({"name": "ci", "role": "viewer", "team": "lab"}, actor=world.ben)
        accounts.add_token("ci", "runner", ["gate:read"], 90 * DAY_S, actor=world.ben)
        teams.delete("lab", actor=world.ben)
    clock.advance(days=85)

    assert list(told(clock)) == ["ben"]
