"""What follows from what a provider says: roles and teams by groups, connections, sessions that end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from postmortems.accounts import operations as accounts
from postmortems.accounts import queries as accounts_queries
from postmortems.accounts.company import operations, queries
from postmortems.accounts.teams import operations as teams
from postmortems.accounts.teams import placements
from postmortems.accounts.teams import queries as teams_queries
from postmortems.accounts.teams.placements import Placement
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.accounts.company.conftest import GROUPS, IN_TEAMS, come_back, leave
from tests.conftest import Clock
from tests.identity_provider import IdentityProvider
from tests.world import Browser, World

SignIn = Callable[..., TestResponse]


def role_of(name: str) -> str:
    with db.reading():
        user = accounts_queries.account(name)
        return user.role if user.is_active else "off"


def members(slug: str) -> dict[str, bool]:
    with db.reading():
        return {each.user.name: each.is_lead for each in teams_queries.team(slug).members}


def held(name: str) -> dict[str, tuple[str, str]]:
    """By team the role that somebody holds there, and the group that gives it."""
    with db.reading():
        user = accounts_queries.account(name)
        return {one.slug: (one.role, one.group) for one in teams_queries.held_by([user.id]).get(user.id, ())}


def events(verb: str) -> list[Event]:
    with db.reading():
        return list(db.session().scalars(select(Event).where(Event.verb == verb).order_by(Event.id)))


def is_in(browser: Browser) -> bool:
    return browser.get("/settings").status_code == 200


class TestGroups:
    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_groups": GROUPS, "oidc_role": "none"}

    def test_each_sign_in_judges_anew(
        self, any_database: str, provider: IdentityProvider, sign_in: SignIn, browser: Browser
    ) -> None:
        for groups, role in [(["dev"], "author"), (["sre", "dev"], "admin"), (["dev"], "author")]:
            provider.person["groups"] = groups
            assert sign_in().status_code == 303
            assert role_of("eve") == role
            browser.send("/sign-out")
        assert [event.data["role"] for event in events("user.changed")] == ["admin", "author"]
        assert {event.actor for event in events("user.changed")} == {"identity provider"}

    def test_a_lower_role_holds_at_once_for_all_that_acts_for_them(
        self, app: Flask, client: FlaskClient, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        provider.person["groups"] = ["sre"]
        earlier = Browser(app)
        sign_in(by=earlier)
        with db.transaction():
            secret = accounts.add_token("eve", "all", ["admin"], None, actor=operations.PROVIDER)[1]
        assert earlier.get("/settings/people").status_code == 200
        provider.person["groups"] = ["dev"]
        sign_in()

        assert earlier.get("/settings/people").status_code == 403
        asked = client.get("/api/v1/users", headers={"Authorization": f"Bearer {secret}"})
        assert asked.status_code in {403, 404}

    def test_without_a_group_the_account_is_switched_off_and_all_ends(
        self, any_database: str, app: Flask, client: FlaskClient, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        provider.person["groups"] = ["dev"]
        earlier = Browser(app)
        sign_in(by=earlier)
        with db.transaction():
            secret = accounts.add_token("eve", "all", ["read"], None, actor=operations.PROVIDER)[1]
        provider.person["groups"] = []
        answer = sign_in()

        assert answer.status_code == 403
        assert "The account eve is switched off" in answer.text
        assert role_of("eve") == "off"
        assert not is_in(earlier)
        headers = {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/incidents", headers=headers).status_code == 401
        provider.person["groups"] = ["sre"]
        assert sign_in().status_code == 403

    def test_nobody_without_a_group_has_an_account(self, sign_in: SignIn) -> None:
        assert "None of your groups gives you a role here" in sign_in().text
        with db.reading():
            assert accounts_queries.named("eve") is None

    def test_the_last_admin_stays_one(
        self, world: World, browser: Browser, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        with db.transaction():
            operations.connect("ben", provider.url, "248289", actor=world.ben)
        provider.person["groups"] = ["dev"]

        assert sign_in().status_code == 303
        assert role_of("ben") == "admin"
        assert events("user.role_kept")[0].subject == "ben"

    def test_teams_follow_the_groups_that_rules_name(
        self, any_database: str, world: World, browser: Browser, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        with db.transaction():
            teams.create("payments", "Payments", {"ada": True}, actor=world.ben)
            teams.create("other", "Other", {}, actor=world.ben)
        provider.person["groups"] = ["dev", "payments"]
        sign_in()
        browser.send("/sign-out")
        sign_in()

        assert members("payments") == {"ada": True, "eve": False}
        with db.transaction():
            teams.change("other", "Other", {"eve": True}, actor=world.ben)
        provider.person["groups"] = ["dev"]
        browser.send("/sign-out")
        sign_in()

        assert members("payments") == {"ada": True}
        assert members("other") == {"eve": True}
        assert [event.data["account"] for event in events("team.joined") + events("team.left")] == [
            "eve",
            "eve",
        ]

    def test_a_team_that_is_not_there_stops_nobody(self, provider: IdentityProvider, sign_in: SignIn) -> None:
        provider.person["groups"] = ["dev", "payments"]

        assert sign_in().status_code == 303
        assert events("team.missing")[0].subject == "payments"

    def test_groups_that_the_token_lacks_are_asked_for(
        self, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        provider.info = {"sub": "248289", "groups": ["dev"]}

        assert sign_in().status_code == 303
        assert role_of("eve") == "author"


class TestRolesInTeams:
    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_groups": IN_TEAMS, "oidc_role": "viewer"}

    @pytest.fixture
    def as_member_of(
        self, world: World, provider: IdentityProvider, sign_in: SignIn, browser: Browser
    ) -> Callable[..., dict[str, tuple[str, str]]]:
        """Sign in as somebody in these groups; says what they then hold in teams."""
        with db.transaction():
            teams.create("payments", "Payments", {"ada": True}, {"ada": "author"}, actor=world.ben)
            teams.create("other", "Other", {}, actor=world.ben)

        def signed_in(*groups: str) -> dict[str, tuple[str, str]]:
            provider.person["groups"] = list(groups)
            assert sign_in().status_code == 303
            found = held("eve")
            browser.send("/sign-out")
            return found

        return signed_in

    def test_groups_give_them_with_the_first_sign_in_and_take_them_with_the_next(
        self, any_database: str, as_member_of: Callable[..., dict[str, tuple[str, str]]]
    ) -> None:
        assert as_member_of("payments-devs") == {"payments": ("author", "payments-devs")}
        assert as_member_of("payments-devs", "payments-leads") == {"payments": ("admin", "payments-leads")}
        assert as_member_of("payments") == {}
        assert members("payments") == {"ada": True, "eve": False}
        assert as_member_of("payments-devs") == {"payments": ("author", "payments-devs")}
        assert as_member_of() == {}
        assert members("payments") == {"ada": True}
        assert role_of("eve") == "viewer"
        said = [(event.data["account"], event.data["role"]) for event in events("team.role_changed")]
        assert said == [("eve", "admin"), ("eve", ""), ("eve", "author")]
        # Whom nobody at the provider is, keeps what was given here.
        assert held("ada") == {"payments": ("author", "")}

    def test_what_other_browsers_and_tokens_may_ends_with_it(
        self,
        app: Flask,
        clock: Clock,
        provider: IdentityProvider,
        sign_in: SignIn,
        as_member_of: Callable[..., dict[str, tuple[str, str]]],
    ) -> None:
        earlier = Browser(app)
        provider.person["groups"] = ["payments-devs"]
        sign_in(by=earlier)
        with db.transaction():
            secret = accounts.add_token("eve", "all", ["read", "write"], None, actor=operations.PROVIDER)[1]

        def may() -> tuple[int, list[str]]:
            with db.reading():
                bearer = accounts_queries.actor_of_token(secret, clock.now())
            return earlier.get("/incidents/new").status_code, list(bearer.team_roles.values())

        assert may() == (200, ["author"])
        as_member_of()
        assert may() == (403, [])

    def test_a_role_that_was_given_here_gives_way_where_groups_decide_and_stays_elsewhere(
        self, world: World, as_member_of: Callable[..., dict[str, tuple[str, str]]]
    ) -> None:
        as_member_of("payments")
        with db.transaction():
            given = {"ada": True, "eve": False}
            teams.change("payments", "Payments", given, {"eve": "admin"}, actor=world.ben)
            teams.change("other", "Other", {"eve": False}, {"eve": "author"}, actor=world.ben)

        assert as_member_of("payments") == {"other": ("author", "")}

    def test_a_save_of_the_team_leaves_what_groups_gave(
        self, world: World, as_member_of: Callable[..., dict[str, tuple[str, str]]]
    ) -> None:
        as_member_of("payments-leads")
        with db.transaction():
            teams.change("payments", "Pay", {"ada": False, "eve": True}, actor=world.ben)

        assert held("eve") == {"payments": ("admin", "payments-leads")}
        assert as_member_of("payments") == {}

    def test_the_persons_own_page_and_that_of_admins_say_which_group_gives_it(
        self,
        world: World,
        browser: Browser,
        sign_in: SignIn,
        as_member_of: Callable[..., dict[str, tuple[str, str]]],
    ) -> None:
        as_member_of("payments-devs")
        sign_in()

        assert "(by the group payments-devs)" in browser.get("/settings").text
        assert "by the group payments-devs" in world.browser("ben").get("/settings/people").text


def test_what_a_rule_gave_in_a_team_goes_with_the_rule(
    any_database: str, world: World, provider: IdentityProvider
) -> None:
    with db.transaction():
        teams.create("payments", "Payments", {"ada": True}, actor=world.ben)
        teams.create("lab", "Lab", {"cy": False}, {"cy": "author"}, actor=world.ben)
        cy = accounts_queries.account("cy")
        placements.place("payments", cy, Placement(True, "admin", "leads"), actor=operations.PROVIDER)
        placements.place(
            "lab", cy, Placement(True, "admin", "leads"), actor=operations.PROVIDER, is_sole=False
        )
    assert held("cy") == {"payments": ("admin", "leads"), "lab": ("admin", "leads")}

    with db.transaction():
        placements.withdraw(accounts_queries.account("cy"), (), actor=operations.PROVIDER)

    assert held("cy") == {}
    assert members("payments") == {"ada": True}
    assert members("lab") == {"cy": False}


def test_without_roles_among_the_rules_an_admins_choice_stays(
    browser: Browser, world: World, sign_in: SignIn
) -> None:
    sign_in()
    with db.transaction():
        accounts.change_user("eve", role="admin", is_active=True, actor=world.ben)
    browser.send("/sign-out")
    sign_in()

    assert role_of("eve") == "admin"


class TestBesideADirectory:
    """Accounts are kept by SCIM, which has roles and teams, too (`test_directory.py` has who is who)."""

    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_groups": GROUPS, "oidc_role": "none", "scim_token": "x" * 32}

    @pytest.fixture(autouse=True)
    def listed(self, world: World) -> None:
        with db.transaction():
            accounts_queries.account("ada").external_id = "248289"
            teams.create("payments", "Payments", {"ada": False}, actor=world.ben)

    @pytest.mark.parametrize("more", [{}, {"_claim_names": {"groups": "src1"}}])
    def test_where_nothing_is_said_of_groups_its_word_stands(
        self, provider: IdentityProvider, sign_in: SignIn, more: dict[str, Any]
    ) -> None:
        provider.person |= more

        assert sign_in().status_code == 303
        assert role_of("ada") == "author"
        assert members("payments") == {"ada": False}

    def test_groups_that_are_said_decide(self, provider: IdentityProvider, sign_in: SignIn) -> None:
        provider.person["groups"] = ["sre"]

        assert sign_in().status_code == 303
        assert role_of("ada") == "admin"
        assert members("payments") == {}

    def test_a_second_subject_is_left_to_an_admin(
        self, world: World, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        with db.transaction():
            operations.connect("ada", provider.url, "another", actor=world.ben)

        assert sign_in().status_code == 403


class TestConnecting:
    def test_an_admin_says_whose_an_account_is(
        self, any_database: str, world: World, browser: Browser, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        provider.person["preferred_username"] = "ada"
        assert sign_in().status_code == 403
        with db.transaction():
            operations.connect("ada", provider.url, "248289", actor=world.ben)
            operations.connect("ada", provider.url, "248289", actor=world.ben)

        assert sign_in().status_code == 303
        assert "ada" in browser.get("/settings").text
        assert len(events("user.connected")) == 1

    def test_forgetting_it_ends_what_it_opened(
        self, any_database: str, world: World, provider: IdentityProvider, browser: Browser, sign_in: SignIn
    ) -> None:
        with db.transaction():
            operations.connect("ada", provider.url, "248289", actor=world.ben)
        own = world.browser("ada")
        sign_in()
        with db.transaction():
            assert operations.disconnect("ada", actor=world.ben) == 1

        assert (is_in(browser), is_in(own)) == (False, True)
        assert sign_in().status_code == 303
        assert "eve" in browser.get("/settings").text

    def test_what_cannot_be_is_refused_in_words(self, world: World, provider: IdentityProvider) -> None:
        def connect(name: str, subject: str, actor: Any = None) -> None:
            with db.transaction():
                operations.connect(name, provider.url, subject, actor=actor or world.ben)

        connect("ada", "248289")
        with pytest.raises(Conflict, match="connected with ada"):
            connect("cy", "248289")
        with pytest.raises(NotFound, match="no account named 'nobody'"):
            connect("nobody", "1")
        with pytest.raises(NotAllowed, match="the role admin"):
            connect("ada", "1", world.ada)
        for subject in ("", "x" * 256, "a\nb"):
            with pytest.raises(Invalid, match="1 to 255 characters"):
                connect("ada", subject)
        with pytest.raises(NotFound, match="connected with nobody"), db.transaction():
            operations.disconnect("cy", actor=world.ben)


def test_after_a_day_the_provider_is_asked_anew(
    any_database: str, world: World, browser: Browser, sign_in: SignIn, clock: Clock
) -> None:
    own = world.browser("ada")
    sign_in()
    clock.advance(hours=23, minutes=59)
    assert is_in(browser)
    clock.advance(minutes=1)

    assert (is_in(browser), is_in(own)) == (False, True)


def test_a_new_password_makes_the_session_no_longer(browser: Browser, sign_in: SignIn, clock: Clock) -> None:
    sign_in()
    form = {"password": "three words nobody expects", "again": "three words nobody expects"}
    assert browser.send("/settings/password", form).status_code == 303
    clock.advance(hours=23, minutes=59)
    assert is_in(browser)
    clock.advance(minutes=1)

    assert not is_in(browser)


def test_a_first_password_is_chosen_soon_after_signing_in(
    browser: Browser, sign_in: SignIn, clock: Clock
) -> None:
    sign_in()
    clock.advance(minutes=15)
    form = {"password": "three words nobody expects", "again": "three words nobody expects"}
    refused = browser.send("/settings/password", form)

    assert refused.status_code == 422
    assert "sign out, sign in again" in refused.text
    assert is_in(browser)


class TestAsLongAsAnyOther:
    @pytest.fixture
    def besides(self) -> dict[str, Any]:
        return {"oidc_role": "viewer", "oidc_session_hours": 0}

    def test_a_session_lasts_14_days(self, browser: Browser, sign_in: SignIn, clock: Clock) -> None:
        sign_in()
        clock.advance(days=13)
        assert is_in(browser)


class TestTheEndOfASession:
    """The provider says that a session has ended (back-channel logout)."""

    def tell(self, client: FlaskClient, token: str) -> TestResponse:
        return client.post("/auth/oidc/backchannel-logout", data={"logout_token": token})

    @pytest.mark.parametrize(
        "claims", [{"sub": "248289"}, {"sub": None}, {"sid": None, "sub": "248289"}], ids=str
    )
    def test_what_it_opened_is_signed_out(
        self,
        any_database: str,
        client: FlaskClient,
        world: World,
        browser: Browser,
        provider: IdentityProvider,
        sign_in: SignIn,
        claims: dict[str, Any],
    ) -> None:
        with db.transaction():
            operations.connect("ada", provider.url, "248289", actor=world.ben)
        own = world.browser("ada")
        sign_in()
        answer = self.tell(client, provider.logout_token(**claims))

        assert (answer.status_code, answer.json) == (200, {"ended": 1})
        assert answer.headers["Cache-Control"] == "no-store"
        assert (is_in(browser), is_in(own)) == (False, True)
        ended = events("user.session_ended")[-1]
        assert (ended.subject, ended.actor) == ("ada", "identity provider")

    def test_a_session_that_took_its_place_is_signed_out_too(
        self,
        any_database: str,
        client: FlaskClient,
        browser: Browser,
        provider: IdentityProvider,
        sign_in: SignIn,
    ) -> None:
        sign_in()
        form = {"password": "three words nobody expects", "again": "three words nobody expects"}
        assert browser.send("/settings/password", form).status_code == 303
        assert is_in(browser)

        assert self.tell(client, provider.logout_token()).json == {"ended": 1}
        assert not is_in(browser)

    @pytest.mark.parametrize("claims", [{"sid": "s2"}, {"sub": "248290"}, {"sid": None, "sub": "x"}], ids=str)
    def test_what_others_opened_stays(
        self,
        client: FlaskClient,
        browser: Browser,
        provider: IdentityProvider,
        sign_in: SignIn,
        claims: dict[str, Any],
    ) -> None:
        sign_in()

        assert self.tell(client, provider.logout_token(**claims)).json == {"ended": 0}
        assert is_in(browser)

    def test_a_token_counts_once(
        self, any_database: str, client: FlaskClient, browser: Browser, provider: IdentityProvider,
        sign_in: SignIn, clock: Clock,
    ) -> None:  # fmt: skip
        token = provider.logout_token(sid=None, sub="248289")
        assert self.tell(client, token).status_code == 200
        sign_in()
        answer = self.tell(client, token)

        assert answer.status_code == 400
        assert answer.json["error_description"] == "this logout token was used before"
        clock.advance(minutes=2, seconds=59)
        assert "used before" in self.tell(client, token).text
        clock.advance(minutes=10)
        assert "expired" in self.tell(client, token).text
        assert is_in(browser)

    @pytest.mark.parametrize("token", ["", "x", "ey.ey.ey", "x" * 20_000])
    def test_what_is_no_token_ends_nothing(
        self, client: FlaskClient, provider: IdentityProvider, token: str
    ) -> None:
        answer = self.tell(client, token)

        assert answer.status_code == 400
        assert answer.json["error"] == "invalid_request"

    def test_what_the_provider_did_not_sign_ends_nothing(
        self, client: FlaskClient, browser: Browser, provider: IdentityProvider, sign_in: SignIn
    ) -> None:
        sign_in()
        provider.signs_with = "stranger"

        assert "publishes no key" in self.tell(client, provider.logout_token()).text
        other = provider.logout_token(iss="https://evil.example")
        assert "of another issuer" in self.tell(client, other).text
        assert is_in(browser)
        assert "logout token" in events("user.sign_in_failed")[-1].data["why"]

    def test_who_is_on_the_way_back_is_not_signed_in_by_it(
        self, any_database: str, client: FlaskClient, browser: Browser, provider: IdentityProvider
    ) -> None:
        address = provider.authorize(leave(browser))
        self.tell(client, provider.logout_token())
        answer = come_back(browser, address)

        assert answer.status_code == 403
        assert "signed out of Example ID meanwhile" in answer.text

    def test_an_id_token_ends_nothing(self, client: FlaskClient, provider: IdentityProvider) -> None:
        assert self.tell(client, provider.id_token("n")).status_code == 400


def test_what_is_used_up_is_forgotten_in_time(any_database: str, clock: Clock) -> None:
    key, now = operations.state_key("a"), clock.now()
    clock.advance(minutes=1)
    with db.transaction():
        assert operations.use_up(key, clock.now(), now)
        assert not operations.use_up(key, clock.now(), now)
    with db.transaction():
        assert queries.is_used(key, now)
        assert operations.use_up(key, clock.now(), clock.now())
