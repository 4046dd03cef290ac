"""Trackers through each door: the page, the API and the command, with a token that is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from postmortems.cli.import_files import import_
from postmortems.db import session as db
from postmortems.db.session import Base, session
from postmortems.exchange.models import Source
from postmortems.incidents.models import Incident
from tests.apps import KEY, LOOPBACK
from tests.cli.import_folder import in_database
from tests.exchange.tracker_imports.hub import TOKEN, Hub, hub
from tests.tables import put_migrated
from tests.world import World


@pytest.fixture
def there() -> Iterator[Hub]:
    with hub("github") as found:
        found.add("Hub down", labels=["postmortem"])
        found.add("Not a report")
        yield found


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"egress_allow": LOOPBACK, "secrets_key": (KEY,)}


def place(there: Hub) -> str:
    return f"github:{there.api}/acme/hub"


def incidents() -> int:
    with db.reading():
        return session().scalar(select(func.count()).select_from(Incident)) or 0


def is_anywhere(words: str) -> bool:
    """Whether any cell of any table holds these words."""
    with db.reading():
        return any(
            words in str(row)
            for table in Base.metadata.tables
            for row in session().execute(text(f"select * from {table}"))
        )


def asked(world: World, name: str = "ada", **body: Any) -> Any:
    assert world.app is not None
    return world.app.test_client().post("/api/v1/imports", json=body, headers=world.headers(name))


def test_the_api_takes_a_tracker_and_again_it_is_the_same(world: World, there: Hub) -> None:
    body = {"tracker": place(there), "label": "postmortem", "token": TOKEN}

    first, again = asked(world, **body), asked(world, **body)

    assert (first.status_code, first.json["results"]) == (202, {"new": 1})
    assert again.json["results"] == {"same": 1}
    with db.reading():
        source = session().scalars(select(Source)).one()
        assert (source.format, source.identity) == ("github", "github:acme/hub#1")
    assert not is_anywhere(TOKEN)


def test_a_dry_run_stores_nothing(world: World, there: Hub) -> None:
    told = asked(world, tracker=place(there), token=TOKEN, dry_run=True).json

    assert told["results"] == {"new": 2}
    assert incidents() == 0


def test_the_page_takes_a_tracker(world: World, there: Hub) -> None:
    browser = world.browser()

    given = browser.send("/import", {"tracker": place(there), "token": TOKEN}, follow_redirects=True)

    assert "github-acme-hub-1.json" in given.text
    assert "Nothing is stored yet" in given.text
    assert TOKEN not in given.text


def test_a_refused_form_does_not_show_the_token_again(world: World, there: Hub) -> None:
    there.answers = [(403, {}, {"message": "Resource not accessible by personal access token"})]

    given = world.browser().send("/import", {"tracker": place(there), "token": TOKEN})

    assert given.status_code == 422
    assert "GitHub answered 403" in given.text
    assert "a fine-grained token needs" in given.text
    assert place(there) in given.text
    assert TOKEN not in given.text


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no token": ({}, "give a token"),
    "a token of two lines": ({"token": "a\nb"}, "this is no token"),
    "a token in a file": ({"secret": "file:/etc/token"}, "is named as store:name"),
    "no place": ({"tracker": "github:acme", "token": "x"}, "names no place of github"),
    "http": ({"tracker": "github:http://example.com/acme/hub", "token": "x"}, "over https alone"),
}


@pytest.mark.parametrize("body, words", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_asked_for_is_refused_with_its_reason(
    world: World, there: Hub, body: dict[str, str], words: str
) -> None:
    told = asked(world, **{"tracker": place(there), **body})

    assert told.status_code == 422
    assert words in told.text
    assert incidents() == 0


def test_a_token_in_the_store_is_for_admins(world: World, there: Hub) -> None:
    assert world.app is not None
    kept = world.app.test_client().put(
        "/api/v1/secrets/hub", json={"origin": there.api, "value": TOKEN}, headers=world.headers("ben")
    )
    assert kept.status_code < 300, kept.json

    by_ada = asked(world, "ada", tracker=place(there), secret="store:hub")
    by_ben = asked(world, "ben", tracker=place(there), secret="store:hub")

    assert by_ada.status_code == 403
    assert (by_ben.status_code, by_ben.json["results"]) == (202, {"new": 2})


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = put_migrated(tmp_path / "cli.db")
    monkeypatch.setenv("POSTMORTEMS_DATABASE_URL", url)
    monkeypatch.setenv("POSTMORTEMS_EGRESS_ALLOW", ",".join(LOOPBACK))
    monkeypatch.setenv("HUB_TOKEN", TOKEN)
    return url


def test_the_command_takes_a_tracker(url: str, there: Hub) -> None:
    words = [place(there), "--label", "postmortem", "--token-env", "HUB_TOKEN"]

    looked = CliRunner().invoke(import_, [*words, "--dry-run"])
    first = CliRunner().invoke(import_, words)
    again = CliRunner().invoke(import_, words)

    assert "1 new, 0 changed, 0 same, 0 failed (dry run" in looked.output
    assert first.output.endswith("1 new, 0 changed, 0 same, 0 failed\n")
    assert again.output.endswith("0 new, 0 changed, 1 same, 0 failed\n")
    assert in_database(url, incidents) == 1


def test_the_command_says_which_variable_is_missing(url: str, there: Hub) -> None:
    unnamed = CliRunner().invoke(import_, [place(there)])
    unset = CliRunner().invoke(import_, [place(there), "--token-env", "NO_SUCH_TOKEN"])

    assert "name the variable with the token" in unnamed.output
    assert "the variable NO_SUCH_TOKEN is not set" in unset.output
