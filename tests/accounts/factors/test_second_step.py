"""The second step: which codes count, how often, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from postmortems import clock as db_clock
from postmortems.accounts import operations as account_operations
from postmortems.accounts import queries as accounts
from postmortems.accounts import sign_in
from postmortems.accounts.factors import apps, operations, queries, second_step, totp
from postmortems.accounts.factors.models import Authenticator, PendingSignIn, RecoveryCode
from postmortems.accounts.models import User
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.errors import Conflict, Invalid, NotAllowed, Unavailable
from postmortems.vault.encryption import Vault
from tests.accounts.factors import phones
from tests.runtimes import VAULT
from tests.world import World


def ada() -> User:
    return accounts.account("ada")


def take(typed: str, clock: Any, cipher: apps.Cipher = VAULT) -> None:
    with db.transaction():
        second_step.take(typed, ada(), clock.now(), cipher=cipher)


def refused(typed: str, clock: Any, cipher: apps.Cipher = VAULT) -> str:
    with pytest.raises(NotAllowed) as refusal:
        take(typed, clock, cipher)
    return refusal.value.detail


def test_a_code_of_the_app_is_taken_once(any_database: str, world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    code = phone.code(clock)
    take(code, clock)

    assert "used already" in refused(code, clock)
    take(phone.code(clock), clock)


def test_the_code_that_set_the_app_up_does_not_sign_in(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)

    assert "used already" in refused(pyotp.TOTP(phone.secret).at(clock.now()), clock)


def test_no_older_code_counts_after_a_newer_one(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    older = phone.code(clock)
    take(phone.code(clock), clock)

    assert "used already" in refused(older, clock)


def test_a_recovery_code_is_taken_once(any_database: str, world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    take(phone.codes[3].upper(), clock)

    assert "not one of your unused recovery codes" in refused(phone.codes[3], clock)
    with db.reading():
        assert queries.of(ada().id).codes_left == 9
        event = session().scalars(select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert (event.verb, event.data) == ("user.recovery_code_used", {"left": 9})


def test_new_recovery_codes_end_the_old_ones(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    with db.transaction():
        fresh = operations.renew_recovery_codes(ada(), actor=world.ada)

    refused(phone.codes[0], clock)
    take(fresh[0], clock)


def test_anothers_codes_do_not_count(world: World, clock: Any) -> None:
    phones.set_up(world.ada)
    bens = phones.set_up(world.ben)

    refused(bens.codes[0], clock)
    refused(bens.code(clock), clock)


@pytest.mark.parametrize("typed", ["", "0", "000000", "abcdef", "x" * 100, "\ud800", "７７７７７７"])
def test_what_is_no_code_of_theirs_is_refused(world: World, clock: Any, typed: str) -> None:
    phones.set_up(world.ada)

    assert "neither the code" in refused(typed, clock)


def test_who_has_no_app_has_no_codes(world: World, clock: Any) -> None:
    refused("123456", clock)


def test_after_fifty_wrong_codes_in_a_row_only_a_recovery_code_helps(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    for _ in range(apps.MOST_REFUSED):
        with db.transaction():
            apps.note_refused(ada())

    assert "50 codes in a row" in refused(phone.code(clock), clock)
    take(phone.codes[0], clock)
    take(phone.code(clock), clock)


def test_a_right_code_makes_wrong_ones_good(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    with db.transaction():
        apps.note_refused(ada())
    take(phone.code(clock), clock)

    with db.reading():
        assert session().scalars(select(Authenticator.refused)).all() == [0]


def test_of_secrets_and_codes_nothing_is_kept_in_the_clear(
    any_database: str, world: World, clock: Any
) -> None:
    phone = phones.set_up(world.ada)

    with db.reading():
        kept = [
            vars(row)
            for table in (Authenticator, RecoveryCode, Event)
            for row in session().scalars(select(table))
        ]
    for secret in (phone.secret, *phone.codes, *(code.replace("-", "") for code in phone.codes)):
        assert secret not in str(kept)


def test_an_app_whose_key_is_gone_says_what_helps(world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    key = Fernet.generate_key().decode()
    other = Vault(Settings(database_url="sqlite:///x.db", secrets_key=(key,)))

    told = refused(phone.code(clock), clock, other)
    assert "key that its secret was encrypted with is gone; use a recovery code" in told
    take(phone.codes[0], clock, other)


def test_an_app_is_set_up_with_a_right_code_alone(world: World, clock: Any) -> None:
    with db.transaction(), pytest.raises(Invalid, match="another code now"):
        apps.add(ada(), totp.fresh_secret(), "000000", clock.now(), actor=world.ada, cipher=VAULT)
    with db.reading():
        assert not queries.of(ada().id).any


def test_a_second_app_does_not_take_the_place_of_the_first(world: World, clock: Any) -> None:
    phones.set_up(world.ada)

    with pytest.raises(Conflict, match="has an app already"):
        phones.set_up(world.ada)


def test_a_proposed_secret_comes_back_to_its_person_alone(world: World) -> None:
    with db.reading():
        secret, sealed = apps.propose(ada(), cipher=VAULT)
        assert secret not in sealed
        assert apps.proposed(sealed, ada(), cipher=VAULT) == secret
        with pytest.raises(Conflict):
            apps.proposed(sealed, accounts.account("ben"), cipher=VAULT)


def test_what_was_not_proposed_is_refused(world: World) -> None:
    for sealed in ("", "x", VAULT.encrypt("hunter2"), VAULT.encrypt("a:b:c"), "\ud800"):
        with db.reading(), pytest.raises(Conflict, match="no longer good"):
            apps.proposed(sealed, ada(), cipher=VAULT)


def test_without_a_key_no_app_is_proposed(world: World) -> None:
    without = Vault(Settings(database_url="postgresql+psycopg://db/x", secret_key="x"))
    with db.reading(), pytest.raises(Unavailable, match="POSTMORTEMS_SECRETS_KEY"):
        apps.propose(ada(), cipher=without)


def test_only_the_owner_in_person_changes_factors(world: World) -> None:
    token = Actor(
        kind="token", name="ada", role="author", user_id=world.ada.user_id, scopes=frozenset({"admin"})
    )
    acts: tuple[Callable[[Actor], object], ...] = (
        lambda actor: apps.add(ada(), "", "", db_clock.now(), actor=actor, cipher=VAULT),
        lambda actor: operations.remove_app(ada(), actor=actor),
        lambda actor: operations.renew_recovery_codes(ada(), actor=actor),
    )
    for act in acts:
        for actor in (token, world.system, world.ben):
            with db.transaction(), pytest.raises(NotAllowed, match="their own account"):
                act(actor)


def test_with_the_app_the_recovery_codes_go(any_database: str, world: World, clock: Any) -> None:
    phone = phones.set_up(world.ada)
    with db.transaction():
        operations.remove_app(ada(), actor=world.ada)
        operations.remove_app(ada(), actor=world.ada)

    refused(phone.codes[0], clock)
    with db.reading():
        assert not second_step.is_needed(ada(), "optional")


def test_an_admin_resets_and_nobody_else(any_database: str, world: World) -> None:
    phones.set_up(world.ada)
    with db.transaction(), pytest.raises(NotAllowed):
        operations.reset("ada", actor=world.cy)
    with db.transaction():
        assert operations.reset("ada", actor=world.ben)
        assert not operations.reset("ada", actor=world.ben)

    with db.reading():
        assert not queries.of(ada().id).any
        verbs = session().scalars(select(Event.verb).where(Event.verb == "user.factors_reset")).all()
    assert len(verbs) == 1


@pytest.mark.parametrize(
    "way, is_vouched", [("password", False), ("passkey", False), ("provider", True), ("proxy", True)]
)
def test_a_reset_leaves_no_browser_proven_by_what_is_gone(
    any_database: str, world: World, clock: Any, way: str, is_vouched: bool
) -> None:
    phones.set_up(world.ada)
    with db.transaction():
        theirs = sign_in.open_session(ada(), clock.now(), has_second_factor=True, way=way)
        others = sign_in.open_session(accounts.account("cy"), clock.now(), has_second_factor=True, way=way)
    with db.transaction():
        operations.reset("ada", actor=world.ben)

    with db.reading():
        now = clock.now()
        assert sign_in.has_second_factor(theirs, now) is sign_in.is_fresh(theirs, now) is is_vouched
        assert sign_in.has_second_factor(others, now)
        assert sign_in.is_fresh(others, now)


def test_resetting_an_account_resets_its_factors(world: World) -> None:
    phones.set_up(world.ada)
    with db.transaction():
        account_operations.reset("ada", actor=world.ben)

    with db.reading():
        assert not queries.of(ada().id).any


def test_a_waiting_sign_in_ends_by_itself(any_database: str, world: World, clock: Any) -> None:
    with db.transaction():
        secret = second_step.begin(ada(), clock.now())
    with db.reading():
        assert second_step.waiting(secret, clock.now()) is not None
        assert accounts.actor_of_session(secret, clock.now()).kind == "nobody"

    clock.advance(seconds=second_step.LASTS.total_seconds())
    with db.reading():
        assert second_step.waiting(secret, clock.now()) is None
    with db.transaction():
        second_step.begin(ada(), clock.now())
    with db.reading():
        assert len(session().scalars(select(PendingSignIn)).all()) == 1


@pytest.mark.parametrize("how", ["password", "off", "reset"])
def test_a_waiting_sign_in_ends_with_what_it_rests_on(
    any_database: str, world: World, clock: Any, how: str
) -> None:
    with db.transaction():
        secret = second_step.begin(ada(), clock.now())
    with db.transaction():
        if how == "password":
            account_operations.set_password("", "a new long password", actor=world.ada, is_proven=True)
        elif how == "off":
            account_operations.change_user("ada", role="author", is_active=False, actor=world.ben)
        else:
            account_operations.reset("ada", actor=world.ben)

    with db.reading():
        assert second_step.waiting(secret, clock.now()) is None


def test_a_waiting_sign_in_goes_on_once(any_database: str, world: World, clock: Any) -> None:
    with db.transaction():
        secret = second_step.begin(ada(), clock.now())
    with db.transaction():
        pending = second_step.waiting(secret, clock.now())
        assert pending is not None
        assert second_step.end(pending).name == "ada"
    with db.transaction(), pytest.raises(NotAllowed, match="another tab"):
        second_step.end(pending)


def test_a_session_without_the_factor_that_its_role_takes_is_none(
    any_database: str, world: World, clock: Any
) -> None:
    with db.transaction():
        without = sign_in.open_session(accounts.account("ben"), clock.now())
        with_one = sign_in.open_session(accounts.account("ben"), clock.now(), has_second_factor=True)

    with db.reading():
        assert accounts.actor_of_session(without, clock.now(), "optional").is_person
        assert not accounts.actor_of_session(without, clock.now(), "admins").is_person
        assert accounts.actor_of_session(with_one, clock.now(), "admins").is_person
