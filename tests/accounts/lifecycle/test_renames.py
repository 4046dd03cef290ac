"""Renames: what is somebody's stays theirs under the new name, and the old one means nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import String, select

from postmortems import clock, visibility
from postmortems.accounts import ci_identities, operations, queries, sign_in
from postmortems.accounts.lifecycle import name_columns
from postmortems.accounts.teams import operations as teams
from postmortems.accounts.teams import queries as team_queries
from postmortems.actor import Actor
from postmortems.audit import queries as audit
from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.document.model import Document, Item, Prose, Section
from postmortems.errors import Conflict, Invalid, NotAllowed, NotFound
from postmortems.followup.bulk.models import BulkEdit
from postmortems.gate.enforcement import departures, save_incident
from postmortems.guards.models import Guard
from postmortems.incidents import queries as incidents
from postmortems.incidents import rows
from postmortems.incidents.approvals.models import Approval, ReviewRequest
from postmortems.incidents.comments import operations as comments
from postmortems.incidents.items import owners
from postmortems.incidents.mentions import queries as mentions
from postmortems.incidents.mentions.models import Mention
from postmortems.incidents.models import Admitted, Incident, Revision
from postmortems.visibility import Viewer
from postmortems.web import application
from tests.incidents.documents import save
from tests.world import World, build

OUTAGE = Document(
    title="Outage",
    sections=(
        Section("Summary", (Prose("It went down."),)),
        Section("Action items", (Item("Patch it", owner="@Ada"), Item("Watch it", owner="Countess"))),
    ),
)
SECRET = replace(OUTAGE, title="Secret", restricted=("ada", "@cy"))
# Columns as long as names of accounts that hold something else, or what stays as it was said: who did it
# in events and decisions (whose claims last for seconds), and owners as reports write them.
STAY: dict[str, tuple[str, ...]] = {
    "action_items": ("owner", "owner_key", "team"),
    "affected": ("service", "target"),
    "change_keys": ("key",),
    "chat_channels": ("name",),
    "ci_identities": ("name",),
    "claims": ("asked_by", "idempotency_key"),
    "confirmations": ("guard",),
    "conflicts": ("service", "timezone"),
    "decisions": ("service", "artifact", "asked_by", "idempotency_key"),
    "digest_schedules": ("zone",),
    "due_policies": ("key", "zone"),
    "duties": ("name", "holder"),
    "evaluations": ("guard_slug",),
    "events": ("subject", "actor"),
    "evidence": ("predicate", "subject", "event_id"),
    "findings": ("guard", "artifact"),
    "github_environments": ("repository",),
    "github_requests": ("delivery",),
    "gitlab_requests": ("about",),
    "gitlab_servers": ("name",),
    "guards": ("slug", "owner"),
    "holiday_calendars": ("name",),
    "import_files": ("slug",),
    "import_runs": ("given", "service", "timezone"),
    "incidents": ("slug", "timezone", "recurrence_of"),
    "item_guards": ("slug",),
    "note_keys": ("key",),
    "notification_settings": ("zone",),
    "notifications": ("key",),
    "outbox": ("receiver", "about", "holder"),
    "outlets": ("name",),
    "overrides": ("artifact",),
    "owner_names": ("key", "name"),
    "policies": ("slug", "title"),
    "public_reports": ("slug",),
    "publications": ("key",),
    "redates": ("title",),
    "remotes": ("branch", "service", "timezone", "secret", "holder"),
    "scenarios": ("name",),
    "search_entries": ("ref",),
    "service_accounts": ("purpose",),
    "services": ("name",),
    "sign_in_attempts": ("name",),
    "sources": ("service", "timezone"),
    "stored_secrets": ("name",),
    "tally_guards": ("slug",),
    "targets": ("name",),
    "team_changes": ("key",),
    "teams": ("name", "name_key"),
    "templates": ("slug",),
    "ticket_policies": ("service",),
    "tickets": ("key",),
    "tokens": ("name",),
    "tracker_accounts": ("theirs",),
    "tracker_deliveries": ("delivery",),
    "trackers": ("name", "issue_type"),
    "users": ("name", "small_name", "password_hash"),
    "waivers": ("guard", "owner", "zone"),
    "webhooks": ("name",),
}


@pytest.fixture
def world(any_database: str) -> World:
    world = build()
    with db.transaction():
        teams.name_owner("Countess", account="ada", actor=world.ben)
    return world


def rename(world: World, old: str = "ada", new: str = "grace") -> Actor:
    """Rename as an admin does; the person as they act from then on."""
    with visibility.seen_by(Viewer("ben")), db.transaction():
        user = owners.rename_account(old, new, actor=world.ben)
        return Actor("person", user.name, user.role, user_id=user.id)


def test_who_is_renamed_stays_signed_in_with_password_and_tokens(world: World) -> None:
    with db.transaction():
        secret = sign_in.open_session(queries.account("ada"), clock.now())

    rename(world)

    with db.reading():
        assert queries.actor_of_session(secret, clock.now()).name == "grace"
        assert queries.actor_of_token(world.tokens["ada"], clock.now()).name == "grace"
        assert queries.account("grace").small_name == "grace"
        event = audit.latest(limit=1)[0]
    assert (event.verb, event.subject, event.data["before"]) == ("user.renamed", "grace", "ada")


def test_items_stay_theirs_whichever_name_they_are_written_with(world: World) -> None:
    save(OUTAGE)

    rename(world)

    with db.reading():
        assert [facts.said["owner"] for facts in departures.owned("grace")] == ["@Ada", "Countess"]
        assert [facts.number for facts in departures.owned("ada")] == [1, 2]
        assert team_queries.strangers(["@Ada", "grace"]) == {}


def test_what_they_wrote_is_theirs_to_edit(world: World) -> None:
    save(OUTAGE, actor=world.ada)
    with db.reading():
        slug = session().scalars(select(Incident.slug)).one()
    with db.transaction():
        number = comments.add(slug, "Hm.", actor=world.ada).id

    grace = rename(world)

    with db.transaction():
        comments.edit(slug, number, "Hm, hm.", actor=grace)
        incident = session().scalars(select(Incident)).one()
        assert incident.created_by == "grace"
        assert set(session().scalars(select(Revision.author))) == {"grace"}


def test_who_asked_still_needs_a_second_person(world: World) -> None:
    """Under a new name nobody approves what they wrote, or approves twice."""
    save(OUTAGE, actor=world.ada)
    with db.transaction():
        incident = session().scalars(select(Incident)).one()
        db.insert(
            ReviewRequest(incident_id=incident.id, reviewer="ada", asked_by="ben", asked_at=clock.now())
        )
        db.insert(Approval(incident_id=incident.id, name="ada", version=1, digest="x", at=clock.now()))

    rename(world)

    with db.reading():
        assert session().scalars(select(ReviewRequest.reviewer)).all() == ["grace"]
        assert session().scalars(select(Approval.name)).all() == ["grace"]


def test_a_restricted_incident_stays_shown_to_them_and_hidden_from_others(world: World) -> None:
    slug = save(SECRET).slug

    rename(world)

    for name, sees in (("grace", True), ("cy", True), ("ada", False), ("ben", False)):
        with visibility.seen_by(Viewer(name)), db.reading():
            assert (session().scalars(select(Incident)).first() is not None) is sees, name
    with visibility.seen_by(visibility.EVERYTHING), db.reading():
        assert rows.to_document(incidents.by_slug(slug, world.system)).restricted == ("grace", "@cy")


def test_a_text_that_names_them_by_the_old_name_restricts_to_the_same_person(world: World) -> None:
    slug = save(SECRET).slug
    grace = rename(world)

    with visibility.seen_by(Viewer("grace")), db.transaction():
        after = replace(rows.to_document(incidents.for_saving(slug)), title="Hush", restricted=("@ada", "cy"))
        save_incident.save(slug, after, version=None, actor=grace)

    with db.reading():
        shown = session().scalars(select(Admitted.name).order_by(Admitted.name)).all()
    assert shown == ["cy", "grace"]


def test_somebody_whom_a_file_named_before_they_came_is_not_there_twice(world: World) -> None:
    save(replace(SECRET, restricted=("ada", "grace")))

    rename(world)

    with db.reading():
        assert session().scalars(select(Admitted.name)).all() == ["grace"]


def test_guards_go_on_asking_for_their_approval(world: World) -> None:
    config = {"people": ["@ada", "ben"], "min_approvers": 1}
    with db.transaction():
        made = {"created_at": clock.now(), "edited_at": clock.now()}
        session().add(Guard(slug="two", title="Two", kind="signoff", config=config, level="hard", **made))

    rename(world)

    with db.reading():
        config = session().scalars(select(Guard.config)).one()
    assert config["people"] == ["@grace", "ben"]


def test_what_the_service_did_under_the_same_name_stays_its_own(world: World) -> None:
    save(OUTAGE)
    with db.transaction():
        operations.add_user("cli", "author", actor=world.ben)
    with visibility.seen_by(visibility.EVERYTHING), db.transaction():
        departures.switch_off("ada", to="cy", actor=Actor.system("cli"))

    rename(world, "cli", "robot")

    with db.reading():
        assert session().scalars(select(BulkEdit.by)).all() == ["cli"]


def test_the_old_name_is_nobody_elses_before_an_admin_has_forgotten_it(world: World) -> None:
    rename(world)

    with db.transaction():
        with pytest.raises(Conflict, match="means somebody already"):
            operations.add_user("Ada", "author", actor=world.ben)
        with pytest.raises(Conflict, match="grace was called ada"):
            teams.name_owner("@ada", account="cy", actor=world.ben)
    with pytest.raises(Conflict, match="means somebody already"):
        rename(world, "cy", "ada")
    with db.transaction():
        owners.forget_owner("ada", actor=world.ben)
        operations.add_user("ada", "author", actor=world.ben)


def test_names_go_there_and_back_and_change_their_capitals(world: World) -> None:
    save(OUTAGE)

    rename(world)
    rename(world, "grace", "Grace")
    rename(world, "Grace", "ada")

    with db.reading():
        assert [each.number for each in departures.owned("ada")] == [1, 2]
        names = [(row.name, row.former_since is not None) for row in team_queries.owner_names()]
    assert names == [("Countess", False), ("Grace", True)]


@pytest.mark.parametrize(
    "new, refusal, told",
    [
        ("", Invalid, "a name has letters"),
        (" grace", Invalid, "a name has letters"),
        ("g h", Invalid, "a name has letters"),
        ("-grace", Invalid, "a name has letters"),
        ("g/h", Invalid, "a name has letters"),
        ("gräce", Invalid, "a name has letters"),
        ("grace\n", Invalid, "a name has letters"),
        ("x" * 101, Invalid, "at most 100"),
        ("ada", Conflict, "is called ada already"),
        ("cy", Conflict, "an account named 'cy'"),
        ("CY", Conflict, "means somebody already"),
        ("platform", Conflict, "means somebody already"),
        ("Infra", Conflict, "means somebody already"),
        ("boss", Conflict, "means somebody already"),
        ("ci-data8", Conflict, "a CI identity is called"),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_changed(
    world: World, new: str, refusal: type[Exception], told: str
) -> None:
    claims = {"repository_id": "1", "environment": "prod"}
    issuer = "https://token.actions.githubusercontent.com"
    with db.transaction():
        teams.create("platform", "Infra", {}, actor=world.ben)
        teams.name_owner("boss", account="ben", actor=world.ben)
        ci_identities.add("ci-data8", issuer, claims, target="", scopes=["gate:read"], actor=world.ben)

    with pytest.raises(refusal, match=told):
        rename(world, "ada", new)

    with db.reading():
        assert queries.account("ada").small_name == "ada"
        assert audit.latest(limit=1)[0].verb != "user.renamed"


def test_only_admins_rename_and_only_who_is_there(world: World) -> None:
    with pytest.raises(NotAllowed), db.transaction():
        owners.rename_account("cy", "eve", actor=world.ada)
    with pytest.raises(NotFound), db.transaction():
        owners.rename_account("dora", "eve", actor=world.ben)


def test_every_column_that_could_hold_a_name_is_decided_on() -> None:
    assert application.PAGES
    known = {f"{table}.{name}" for table, names in name_columns.COLUMNS.items() for name in names}

    there = set(_as_long_as_names())

    assert known <= there
    assert there - known == {f"{table}.{name}" for table, names in STAY.items() for name in names}
    for table, keys in name_columns.KEYS.items():
        primary = {column.name for column in Base.metadata.tables[table].primary_key}
        assert {name_columns.COLUMNS[table][0], *keys} == primary


def _as_long_as_names() -> Iterator[str]:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, String) and column.type.length in {100, 200}:
                yield f"{table.name}.{column.name}"


def test_whoever_asks_by_the_old_name_is_told_the_new_one(world: World) -> None:
    rename(world)

    with db.reading(), pytest.raises(NotFound, match="since it was renamed it is called grace"):
        queries.account("ada")


def test_a_text_that_mentions_them_by_the_old_name_goes_on_mentioning_them(world: World) -> None:
    save(OUTAGE)
    with db.transaction():
        slug = session().scalars(select(Incident.slug)).one()
        comments.add(slug, "Ask @ada and @CY.", actor=world.ben)

    rename(world)

    with db.transaction():
        assert {name: user.name for name, user in mentions.accounts(["ada", "Ada", "CY", "eve"]).items()} == {
            **{"ada": "grace", "Ada": "grace", "CY": "cy"}
        }
        comments.add(slug, "And @ada again.", actor=world.ben)
        grace = queries.account("grace")
        told = session().scalars(select(Mention.place).where(Mention.user_id == grace.id)).all()
    assert len(told) == 2
