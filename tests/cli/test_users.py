"""`users` and `tokens` on the server's own terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from postmortems.accounts import credentials, sign_in
from postmortems.accounts import queries as accounts_queries
from postmortems.cli.users import UNITS_S
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.notify.models import Message
from tests.cli.conftest import Run
from tests.incidents.documents import save

pytestmark = pytest.mark.usefixtures("begun")


@pytest.fixture
def stored(begun: Path) -> Callable[[], None]:
    """Look into the database that the commands wrote."""

    def connect() -> None:
        db.connect(f"sqlite:///{begun}")

    return connect


def test_an_account_is_opened_with_the_password_from_standard_input(
    run: Run, stored: Callable[[], None]
) -> None:
    code, out, _ = run(
        "users", "add", "ada", "--role", "author", "--password-stdin", stdin="a long enough password\nmore\n"
    )

    assert (code, out) == (0, "ada has an account with the role author.\n")
    stored()
    with db.reading():
        assert credentials.is_right("a long enough password", accounts_queries.account("ada").password_hash)
    db.disconnect()


def test_a_link_is_printed_alone_and_signs_in(run: Run, stored: Callable[[], None]) -> None:
    run("users", "add", "ada", "--role", "author")

    code, out, _ = run("users", "link", "ada")

    found = re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/link/([\w-]{43})\n", out)
    assert code == 0
    assert found is not None
    stored()
    with db.transaction():
        assert sign_in.use_link(found[1], datetime.now(UTC)).name == "ada"
    db.disconnect()


def test_a_link_leads_to_where_people_find_the_service(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("users", "add", "ada", "--role", "author")
    monkeypatch.setenv("POSTMORTEMS_URL", "https://pm.example.org/")

    assert run("users", "link", "ada")[1].startswith("https://pm.example.org/sign-in/link/")


def test_accounts_are_listed_by_name(run: Run) -> None:
    run("users", "add", "ben", "--role", "admin")
    run("users", "add", "ada", "--role", "author")

    assert run("users", "list")[1] == "ada\tauthor\tactive\nben\tadmin\tactive\n"


def test_an_account_is_switched_off_and_on_with_its_role_and_password(
    run: Run, stored: Callable[[], None]
) -> None:
    run("users", "add", "ada", "--role", "author", "--password-stdin", stdin="a long enough password\n")

    off = run("users", "disable", "ada")
    listed = run("users", "list")[1]
    on = run("users", "enable", "ada")

    assert (off[0], off[1]) == (
        0,
        "ada is switched off: signed out everywhere, tokens revoked, chats unlinked.\n",
    )
    assert listed == "ada\tauthor\toff\n"
    assert (on[0], on[1]) == (0, "ada is switched on.\n")
    stored()
    with db.reading():
        user = accounts_queries.account("ada")
    assert (user.role, user.is_active) == ("author", True)
    assert credentials.is_right("a long enough password", user.password_hash)
    db.disconnect()


def test_a_disabled_account_keeps_no_token(run: Run, stored: Callable[[], None]) -> None:
    run("users", "add", "ada", "--role", "author")
    token = run("tokens", "add", "--user", "ada", "--name", "x", "--scope", "read")[1].strip()

    run("users", "disable", "ada")
    run("users", "enable", "ada")

    stored()
    with db.reading():
        assert accounts_queries.live_token(token, datetime.now(UTC)) is None
    db.disconnect()


def test_a_reset_forgets_the_password_and_leaves_one_link(run: Run, stored: Callable[[], None]) -> None:
    run("users", "add", "ada", "--role", "author", "--password-stdin", stdin="a long enough password\n")
    token = run("tokens", "add", "--user", "ada", "--name", "x", "--scope", "read")[1].strip()
    earlier = run("users", "link", "ada")[1].strip().rpartition("/")[2]

    code, out, _ = run("users", "reset", "ada")

    assert code == 0
    now, secret = datetime.now(UTC), out.strip().rpartition("/")[2]
    stored()
    with db.transaction():
        assert accounts_queries.account("ada").password_hash is None
        assert accounts_queries.live_token(token, now) is None
        assert accounts_queries.link(earlier, now) is None
        assert sign_in.use_link(secret, now).name == "ada"
    db.disconnect()


def test_a_refused_reset_changes_nothing(run: Run, stored: Callable[[], None]) -> None:
    run("users", "add", "ada", "--role", "author", "--password-stdin", stdin="a long enough password\n")
    run("users", "disable", "ada")

    code, out, err = run("users", "reset", "ada")

    assert (code, out) == (2, "")
    assert "ada is switched off; switch it on first" in err
    stored()
    with db.reading():
        assert accounts_queries.account("ada").password_hash is not None
    db.disconnect()


def test_the_only_admin_is_not_switched_off(run: Run) -> None:
    run("users", "add", "ben", "--role", "admin")

    code, _, err = run("users", "disable", "ben")

    assert code == 2
    assert "ben is the only admin" in err
    assert run("users", "list")[1] == "ben\tadmin\tactive\n"


@pytest.mark.parametrize(
    "scopes", [["--scope", "read", "--scope", "gate:read"], ["--scope", "read", "gate:read"]]
)
def test_a_token_is_printed_alone_and_works(run: Run, stored: Callable[[], None], scopes: list[str]) -> None:
    run("users", "add", "ci", "--role", "author")

    code, out, err = run("tokens", "add", "--user", "ci", "--name", "deploys", *scopes, "--expires", "90d")

    assert (code, err) == (0, "")
    assert re.fullmatch(r"pm_[\w-]{43}\n", out)
    stored()
    with db.reading():
        now = datetime.now(UTC)
        token = accounts_queries.live_token(out.strip(), now)
        assert token is not None
        assert token.scopes == ["read", "gate:read"]
        assert token.expires_at is not None
        assert timedelta(days=89) < token.expires_at - now <= timedelta(days=90)
    db.disconnect()


def test_who_is_invited_has_an_account_and_a_mail_on_its_way(
    run: Run, stored: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTMORTEMS_SMTP_URL", "smtp://127.0.0.1:25")
    monkeypatch.setenv("POSTMORTEMS_MAIL_FROM", "pm@example.org")

    code, out, _ = run("users", "add", "dora", "--role", "author", "--mail", "dora@example.org")

    assert code == 0
    assert "an invitation to dora@example.org is on its way" in out
    stored()
    with db.reading():
        (message,) = session().scalars(select(Message)).all()
    assert message.payload["to"] == "dora@example.org"
    db.disconnect()


@pytest.mark.parametrize(
    "argv, word",
    [
        (["users", "add", "a b", "--role", "author"], "a name has letters"),
        (["users", "add", "ada", "--role", "author"], "already"),
        (["users", "add", "dora"], "--role"),
        (["users", "add", "dora", "--role", "owner"], "owner"),
        (["users", "add", "dora", "--role", "author", "--password-stdin"], "password has 12"),
        (["users", "add", "dora", "--role", "author", "--mail", "dora@example.org"], "POSTMORTEMS_SMTP_URL"),
        (
            ["users", "add", "dora", "--role", "author", "--mail", "x@y.org", "--password-stdin"],
            "chooses the password",
        ),
        (["users", "link", "nobody"], "no account named 'nobody'"),
        (["users", "disable", "nobody"], "no account named 'nobody'"),
        (["users", "enable", "nobody"], "no account named 'nobody'"),
        (["users", "reset", "nobody"], "no account named 'nobody'"),
        (["users", "reset"], "NAME"),
        (["users", "remove", "ada"], "remove"),
        (["tokens", "add", "--user", "nobody", "--name", "x", "--scope", "read"], "no account"),
        (["tokens", "add", "--user", "ada", "--name", "x"], "--scope"),
        (["tokens", "add", "--user", "ada", "--name", "x", "--scope", "all"], "no scope 'all'"),
        (["tokens", "add", "--user", "ada", "--name", "", "--scope", "read"], "what the token is for"),
        (["tokens", "add", "--user", "ada", "--name", "x", "--scope", "read", "--expires", "soon"], "90d"),
        (["tokens", "add", "--user", "ada", "--name", "x", "--scope", "read", "--expires", "0d"], "expires"),
        (["tokens", "add", "--user", "ada", "--name", "x", "--scope", "read", "--expires", "99999d"], "ten"),
        (
            ["tokens", "add", "--user", "ada", "--name", "x", "--scope", "read", "--network", "x"],
            "no network",
        ),
        (["tokens", "rotate", "99"], "no such token"),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_reason(run: Run, argv: list[str], word: str) -> None:
    run("users", "add", "ada", "--role", "author")

    code, out, err = run(*argv)

    assert (code, out) == (2, "")
    assert word in err
    assert err.count("Error: ") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "argv", [["users"], ["users", "add"], ["users", "link"], ["users", "list"], ["tokens", "add"]]
)
def test_help_says_what_it_does_with_an_example(run: Run, argv: list[str]) -> None:
    code, out, _ = run(*argv, "--help")

    assert code == 0
    assert len(argv) == 1 or f"python -m postmortems {' '.join(argv)}" in out


def test_units_of_time_are_the_usual_ones() -> None:
    assert UNITS_S == {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


OUTAGE = Document(title="Outage", sections=(Section("Action items", (Item("Patch it", owner="ada"),)),))


def test_whoever_leaves_hands_items_over_or_is_told_which_stay(run: Run, stored: Callable[[], None]) -> None:
    run("users", "add", "ada", "--role", "author")
    run("users", "add", "cy", "--role", "author")
    stored()
    save(OUTAGE)
    db.disconnect()

    stays = run("users", "disable", "ada")
    refused = run("users", "disable", "ada", "--hand-over-to", "dora")
    handed = run("users", "disable", "ada", "--hand-over-to", "cy")

    assert stays[1].endswith("Still with ada: AI-1.\n")
    assert refused[0] == 2
    assert "there is no account and no team named 'dora'" in refused[2]
    assert handed[1].endswith("Handed to cy: 1 open action item.\n")


def test_an_admin_says_who_somebody_is_at_the_provider(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("users", "add", "ada", "--role", "author")
    assert "set POSTMORTEMS_OIDC_ISSUER" in run("users", "connect", "ada", "--subject", "1")[2]
    for name, value in {"ISSUER": "https://id.example.org", "CLIENT_ID": "x", "CLIENT_SECRET": "y"}.items():
        monkeypatch.setenv(f"POSTMORTEMS_OIDC_{name}", value)

    assert (
        run("users", "connect", "ada", "--subject=-1")[1] == "ada signs in as -1 at https://id.example.org.\n"
    )
    assert run("users", "disconnect", "ada")[0] == 0
    assert "ada is connected with nobody" in run("users", "disconnect", "ada")[2]


def test_an_account_is_renamed_or_stays_what_it_was(run: Run) -> None:
    run("users", "add", "ada", "--role", "author")

    refused = run("users", "rename", "ada", "a b")
    renamed = run("users", "rename", "ada", "grace")

    assert refused[0] == 2
    assert "a name has letters" in refused[2]
    assert (renamed[0], renamed[1]) == (0, "ada is called grace from now on.\n")
    assert run("users", "list")[1] == "grace\tauthor\tactive\n"
    assert "there is no account named 'ada'" in run("users", "rename", "ada", "eve")[2]


def test_a_service_account_is_opened_with_who_answers_for_it(run: Run) -> None:
    run("users", "add", "ada", "--role", "author")

    made = run("users", "add", "deploys", "--role", "author", "--service", "--owner", "ada")
    token = run("tokens", "add", "--user", "deploys", "--name", "runner", "--scope", "gate:read")
    link = run("users", "link", "deploys")

    assert (made[0], made[1].partition(".")[0]) == (0, "deploys is a service account with the role author")
    assert (token[0], token[1][:3]) == (0, "pm_")
    assert link[0] != 0
    assert "nobody signs in as it" in link[2]
    assert run("users", "list")[1] == "ada\tauthor\tactive\ndeploys\tauthor\tactive\tservice\n"


@pytest.mark.parametrize(
    "more, said",
    [
        (("--service",), "name the person or the team that answers for it"),
        (("--service", "--owner", "nobody"), "there is no person with an account named 'nobody'"),
        (("--service", "--team", "nobody"), "there is no team 'nobody'"),
        (("--service", "--password-stdin"), "leave --password-stdin and --mail out"),
        (("--owner", "ada"), "add --service"),
    ],
)
def test_what_a_service_account_lacks_is_said(run: Run, more: tuple[str, ...], said: str) -> None:
    code, out, err = run("users", "add", "deploys", "--role", "viewer", *more, stdin="a long password\n")

    assert (code, out) == (2, "")
    assert said in err


def test_a_token_ends_after_90_days_unless_it_is_to_last(run: Run) -> None:
    run("users", "add", "ada", "--role", "author")
    for more in ((), ("--expires", "never"), ("--expires", "10d", "--network", "10.0.0.0/8")):
        assert run("tokens", "add", "--user", "ada", "--name", "x", "--scope", "read", *more)[0] == 0

    rows = [line.split("\t") for line in run("tokens", "list")[1].splitlines()]
    today = datetime.now(UTC).date()
    assert [row[4] for row in rows] == [
        f"{today + timedelta(days=10)}",
        "never",
        f"{today + timedelta(days=90)}",
    ]
    assert [row[:4] for row in rows] == [[number, "ada", "x", "read"] for number in ("3", "2", "1")]
    assert run("tokens", "list", "--show", "endless")[1].count("\n") == 1


def test_a_token_is_replaced_while_the_old_one_works_on(run: Run) -> None:
    run("users", "add", "ada", "--role", "author")
    old = run("tokens", "add", "--user", "ada", "--name", "x", "--scope", "read")[1]

    code, new, _ = run("tokens", "rotate", "1", "--keep", "2d")

    assert (code, new[:3], new != old) == (0, "pm_", True)
    assert run("tokens", "list", "--show", "expiring")[1].startswith("1\tada\tx\t")
    assert run("tokens", "rotate", "1", "--keep", "60d")[0] == 2
