"""`/postmortem` in both chats: who is linked does as themselves, and nobody else learns anything."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from postmortems.accounts import operations as accounts
from postmortems.audit.models import Event
from postmortems.capture.chats import commands, operations
from postmortems.db import session as db
from tests.capture.chats.requests import SECRET, TOKEN, mattermost, slack
from tests.capture.test_api import begun
from tests.conftest import Clock
from tests.world import World

ITEMS = (
    "---\ntitle: Hub down\ndate: 2026-03-02\ntimezone: UTC\n---\n\n## Timeline\n\n### 08:50 - down\n\n"
    "## Action items\n\n### Process\n\n- Ask *before* <!channel> @all. Owner: @ada. Due: 2026-02-01\n"
)
CHATS = {"slack": slack, "mattermost": mattermost}


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"slack_secrets": (SECRET,), "mattermost_tokens": (TOKEN,), "chat_account": "ben"}


def code_of(world: World, name: str = "ada") -> str:
    with db.transaction():
        return operations.make_code(actor=getattr(world, name))


def link(client: FlaskClient, world: World, name: str = "ada", **sent: Any) -> None:
    told = slack(client, f"link {code_of(world, name)}", **sent)
    assert told.startswith(f"Linked: here you are {name}")


@pytest.mark.usefixtures("any_database", "clock")
@pytest.mark.parametrize("chat", sorted(CHATS))
def test_a_code_links_a_chat_account_once(client: FlaskClient, world: World, chat: str) -> None:
    code = code_of(world)

    first = CHATS[chat](client, f"link {code.lower()}", once="1")
    second = CHATS[chat](client, f"link {code}", once="2")

    assert first.startswith("Linked: here you are ada")
    assert second.startswith("That was not done: that code is unknown, used up or older")
    assert CHATS[chat](client, "items", once="3") == "ada has no open action item."


def test_a_code_is_good_for_ten_minutes_and_replaces_the_one_before(
    client: FlaskClient, world: World, clock: Clock
) -> None:
    replaced, late = code_of(world), code_of(world)
    told = slack(client, f"link {replaced}")
    clock.advance(minutes=10, seconds=1)

    assert "unknown, used up" in told
    assert "unknown, used up" in slack(client, f"link {late}", once="2")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "text", ["items", "overdue", "gate", "gate data8", "new Hub down", "note x", "help", ""]
)
def test_who_is_not_linked_gets_help_and_no_data(client: FlaskClient, world: World, text: str) -> None:
    begun(client, world, ITEMS)

    told = slack(client, text)

    assert told.startswith(f"- `{commands.NAME} new TITLE`")
    assert "First say who you are" in told
    assert "AI-1" not in told
    assert "Hub" not in told.replace("new Hub", "")


@pytest.mark.usefixtures("clock")
def test_the_same_id_in_another_workspace_is_somebody_else(client: FlaskClient, world: World) -> None:
    link(client, world)

    assert "First say who you are" in slack(client, "items", team="T2", once="2")
    assert "First say who you are" in mattermost(client, "items", user="U1", once="3")


@pytest.mark.usefixtures("clock")
def test_an_account_that_is_off_is_nobody(client: FlaskClient, world: World) -> None:
    link(client, world)
    with db.transaction():
        accounts.change_user("ada", role="author", is_active=False, actor=world.ben)

    assert "First say who you are" in slack(client, "items", once="2")


@pytest.mark.usefixtures("any_database", "clock")
def test_a_report_is_begun_and_noted_in_as_who_typed_it(client: FlaskClient, world: World) -> None:
    link(client, world)

    begun_ = slack(client, "new Hub <down>", once="2")
    noted = slack(client, "note 08:55 mitigation: rolled back", once="3")

    slug = re.search(r"/incidents/([\w-]+)", begun_)
    assert slug is not None
    assert begun_.startswith("Begun: Hub &lt;down&gt; ")
    assert noted.startswith("Noted at 2026-03-02 08:55 UTC in Hub &lt;down&gt;: ")
    whole = client.get(f"/api/v1/incidents/{slug[1]}", headers=world.headers()).get_json()
    assert (whole["created_by"], whole["status"]) == ("ada", "draft")
    with db.reading() as session:
        made = session.scalars(select(Event).where(Event.subject == slug[1]))
        assert {(event.actor_kind, event.actor) for event in made} == {("token", "ada")}


@pytest.mark.usefixtures("clock")
def test_a_viewer_begins_nothing(client: FlaskClient, world: World) -> None:
    link(client, world, "cy")

    told = slack(client, "new Hub down", once="2")

    assert told == "That was not done: this needs the role author; cy is viewer."


@pytest.mark.usefixtures("any_database", "clock")
@pytest.mark.parametrize("text", ["items", "items @ada", "overdue"])
def test_items_are_listed_without_markup_or_mentions(client: FlaskClient, world: World, text: str) -> None:
    begun(client, world, ITEMS)
    link(client, world)

    told = slack(client, text, once="2")

    assert told.startswith("- AI-1 Ask ")
    assert "due 2026-02-01" in told
    assert "<!channel>" not in told
    assert "@all" not in told


@pytest.mark.usefixtures("clock")
def test_long_lists_end_with_where_the_rest_is(client: FlaskClient, world: World) -> None:
    begun(client, world, ITEMS + "".join(f"- Item {n}. Owner: @ada\n" for n in range(12)))
    link(client, world)

    lines = slack(client, "items", once="2").splitlines()

    assert len(lines) == commands.ROWS + 1
    assert "/action-items?owner=ada" in lines[-1]


@pytest.mark.usefixtures("any_database", "clock")
@pytest.mark.parametrize("text", ["items", "overdue", "note #{} x", "note x", "items @ada"])
def test_a_restricted_incident_is_never_told_to_a_chat(client: FlaskClient, world: World, text: str) -> None:
    slug = begun(client, world, ITEMS.replace("timezone: UTC", "timezone: UTC\nrestricted: [ada]"))
    link(client, world)

    told = slack(client, text.format(slug), once="2")

    assert "AI-1" not in told
    assert "Hub down" not in told


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("name", ["", "data8", "data8/prod", "nothing"])
def test_the_gates_last_answers(client: FlaskClient, world: World, name: str) -> None:
    link(client, world)
    body = {"service": "data8", "target": "prod", "dry_run": True}
    client.post("/api/v1/gate/decisions", json=body, headers=world.headers())

    told = slack(client, f"gate {name}", once="2")

    if name == "nothing":
        assert told == "The gate was not asked about nothing yet."
    else:
        assert re.match(r"- [\w ]+: data8/prod, 2026-03-02 09:00 UTC, dry run http", told)


@pytest.mark.usefixtures("clock")
def test_the_other_command_notes_as_before(client: FlaskClient, world: World) -> None:
    begun(client, world, ITEMS)

    assert slack(client, "rolled back", command="/note").startswith("Noted at ")


@pytest.mark.usefixtures("clock")
def test_a_command_is_taken_once(client: FlaskClient, world: World, clock: Clock) -> None:
    link(client, world)

    first, again = slack(client, "new Hub down", once="2"), slack(client, "new Hub down", once="2")

    assert first.startswith("Begun")
    assert again == "403"


def test_codes_are_made_by_people_alone(client: FlaskClient, world: World) -> None:
    page = world.browser().send("/settings/chat/codes")

    assert re.search(r"/postmortem link [2-9A-Z]{10}\b", page.text)
    assert world.browser("cy").send("/settings/chat/codes").status_code == 200


@pytest.mark.usefixtures("clock")
def test_links_are_seen_and_taken_away_by_their_owner_and_by_admins(
    client: FlaskClient, world: World
) -> None:
    link(client, world)
    own, admin, other = (world.browser(name) for name in ("ada", "ben", "cy"))

    assert "sam" in own.get("/settings/chat").text
    assert "sam" in admin.get("/settings/chat").text
    assert "sam" not in other.get("/settings/chat").text
    assert other.send("/settings/chat/accounts/1/unlink").status_code == 404
    assert admin.send("/settings/chat/accounts/1/unlink").status_code == 303
    assert "First say who you are" in slack(client, "items", once="2")
    assert own.send("/settings/chat/accounts/1/unlink").status_code == 404


def test_a_code_lasts_as_long_as_the_page_says() -> None:
    assert timedelta(minutes=10) == operations.LASTS


NOBODY = [("", "without an id"), ("x" * 81, "with what is none")]


@pytest.mark.parametrize("user", [user for user, _ in NOBODY], ids=[why for _, why in NOBODY])
@pytest.mark.parametrize("chat", sorted(CHATS))
def test_who_has_no_id_is_nobody(client: FlaskClient, world: World, chat: str, user: str) -> None:
    """Two who have none would be the same person."""
    told = CHATS[chat](client, f"link {code_of(world)}", user=user)

    assert "does not say whose account this is" in told
    assert "First say who you are" in CHATS[chat](client, "items", user="", once="2")


MENTIONS = [
    ("items <@U1>", "AI-1 Ask"),
    ("items <@U1|sam>", "AI-1 Ask"),
    ("items <@U2|kim>", "kim has no open action item"),
    ("items <@U2>", "U2 has no open action item"),
    ("note <@U1|sam> restarts it", "Noted at"),
]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("text, said", MENTIONS)
def test_who_is_mentioned_is_known(client: FlaskClient, world: World, text: str, said: str) -> None:
    """Slack sends people by their ids where the command escapes names."""
    begun(client, world, ITEMS)
    link(client, world)

    assert said in slack(client, text, once="2")


def test_where_the_rest_is_keeps_what_was_asked(client: FlaskClient, world: World) -> None:
    for number in range(11):
        begun(client, world, ITEMS.replace("Hub down", f"Hub {number}").replace("@ada", "Ada & Co"))
    link(client, world)

    assert slack(client, "items Ada & Co", once="2").endswith("action-items?owner=Ada+%26+Co")


def test_a_title_that_is_too_long_is_said_to_be(client: FlaskClient, world: World) -> None:
    link(client, world)

    assert "at most 500 characters" in slack(client, f"new {'x' * 501}", once="2")
    assert slack(client, f"new {'x' * 500}", once="3").startswith("Begun")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    "text, told",
    [
        ("tiems @ada", "There is no command `tiems`.\n- `/postmortem new TITLE`"),
        ("<!channel>", "There is no command `&lt;!channel&gt;`.\n"),
        ("help", "- `/postmortem new TITLE`"),
        ("overdue", "Nothing is overdue."),
        ("overdue platfrom", "Nothing is overdue of platfrom."),
    ],
)
def test_what_is_not_known_is_named(client: FlaskClient, world: World, text: str, told: str) -> None:
    link(client, world)

    assert slack(client, text, once="2").startswith(told)


@pytest.mark.usefixtures("any_database", "clock")
@pytest.mark.parametrize("text", ["items @a\0", "overdue \0", "gate \0", "note \0", "link \0"])
def test_words_that_cannot_be_stored_are_refused(client: FlaskClient, world: World, text: str) -> None:
    link(client, world)

    assert slack(client, text, once="2") == "422"
