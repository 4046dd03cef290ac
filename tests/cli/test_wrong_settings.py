"""Every setting in every wrong way: the start ends with one sentence that names it and says what to do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from postmortems.cli import cli
from postmortems.config import ELSEWHERE, Settings
from postmortems.errors import Misconfigured
from tests import forked
from tests.cli.conftest import Run
from tests.tables import put_migrated

ROOT = Path(__file__).parents[2]
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WEB = "write an address such as https://"

WRONG = [
    ("SECRET_KEY", "short", "32 are the least; make one with"),
    ("SECRET_KEY", "x" * 31, "has 31 characters"),
    ("SECRETS_KEY", "x", "what is no key; make one with"),
    ("SECRETS_KEY", "x" * 44, "what is no key; make one with"),
    ("SECRETS_KEY", KEY[:-4], "what is no key"),
    ("SECRETS_KEY", "schlüssel", "what is no key"),
    ("SECRETS_KEY", f"{KEY},x", "key 2 of POSTMORTEMS_SECRETS_KEY"),
    ("SECRETS_ALLOW", "env:STAGING_TOKEN", "write what may be sent and where to"),
    ("SECRETS_ALLOW", "STAGING_TOKEN@https://staging.internal", "write what may be sent and where to"),
    ("SECRETS_ALLOW", "env:A@ftp://staging.internal", "write what may be sent and where to"),
    ("SECRETS_ALLOW", "file:run/secrets@https://hub.internal", "write what may be sent and where to"),
    ("SECRETS_ALLOW", "file:/run/../etc/shadow@https://hub.internal", "write what may be sent"),
    ("SECRETS_ALLOW", "store:x@https://hub.internal", "write what may be sent and where to"),
    ("EGRESS_CA_FILE", "no-such.pem", "no such file"),
    ("EGRESS_CA_FILE", "folder", "is no file"),
    ("EGRESS_CA_FILE", "text", "holds no certificate"),
    ("EGRESS_CA_FILE", "empty", "holds no certificate"),
    ("EGRESS_CA_FILE", "cut.pem", "a certificate that is broken"),
    ("EGRESS_CA_FILE", "pipe", "is no file"),
    ("EGRESS_ALLOW", "10.0.0.0/33", "write networks and hosts such as"),
    ("EGRESS_ALLOW", "10.0.0.1/8", "write networks and hosts such as"),
    ("EGRESS_ALLOW", "300.1.1.1", "write networks and hosts such as"),
    ("EGRESS_ALLOW", "https://staging.internal", "write networks and hosts such as"),
    ("EGRESS_ALLOW", "staging.internal:0", "write networks and hosts such as"),
    ("EGRESS_ALLOW", "staging.internal:70000", "write networks and hosts such as"),
    ("EGRESS_ALLOW", "10.0.0.0/8 192.168.0.0/16", "write networks and hosts such as"),
    ("URL", "example.org", WEB),
    ("URL", "ftp://example.org", WEB),
    ("URL", "https://", WEB),
    ("URL", "https://example.org:port", WEB),
    ("URL", "https://example.org:99999", WEB),
    ("URL", "https://example.org:0", WEB),
    ("URL", "https://exa mple.org", WEB),
    ("URL", "https://[::1", WEB),
    ("URL", "https://ada:hunter2@example.org", "has a name or password in it"),
    ("URL", "https://example.org/postmortems", "more than a host and a port"),
    ("URL", "https://example.org?x=1", "more than a host and a port"),
    ("CONTROL_URL", "example.org", WEB),
    ("CONTROL_URL", "https://example.org:99999", WEB),
    ("CONTROL_URL", "https://ada:hunter2@example.org", "has a name or password in it"),
    ("SMTP_URL", "mail.example.org", "write it as smtp://user:password@host:587?starttls=true"),
    ("SMTP_URL", "smtp://ada:hunter2@mail.example.org", "it would send the password in clear"),
    ("SMTP_URL", "smtp://127.0.0.1", "set POSTMORTEMS_MAIL_FROM="),
    ("MAIL_FROM", "Postmortems", "write an address"),
    ("SLACK_SECRETS", "hunter2", "is no secret of a chat"),
    ("SLACK_SECRETS", "0123456789abcdef0123456789abcdef,hunter2", "entry 2 of POSTMORTEMS_SLACK_SECRETS"),
    ("MATTERMOST_TOKENS", "hunter2 and so on and on", "is no secret of a chat"),
    ("CHAT_ACCOUNT", "two words", "write the name of an account such as chat"),
    ("PUBLIC_NAME", "x" * 101, "write one line of at most 100 characters"),
    ("PUBLIC_HOSTS", "https://status.example.com", "write names such as status.example.com"),
    ("PUBLIC_HOSTS", "status.example.com, *", "write names such as status.example.com"),
    ("PUBLIC_HOSTS", "*.com", "write names such as status.example.com"),
    ("TRACES_URL", "collector:4318", "write an address such as http://127.0.0.1:4318/v1/traces"),
    ("TRACES_URL", "http://ada:hunter2@collector/v1/traces", "has a name or password in it"),
    ("TRACES_URL", "http://ada:hunter2@collector:port/", "it has a password in it"),
    ("SENTRY_DSN", "https://sentry.example.org/1", "in the form https://KEY@HOST/NUMBER"),
    ("SENTRY_DSN", "https://key@sentry.example.org/project", "in the form https://KEY@HOST/NUMBER"),
    ("SENTRY_DSN", "key", "in the form https://KEY@HOST/NUMBER"),
    ("SENTRY_DSN", "ftp://hunter2@sentry.example.org/1", "in the form https://KEY@HOST/NUMBER"),
    ("METRICS_TOKEN", "prometheus", "32 are the least; make one with"),
    ("LIMITS_PERCENT", "many", "write a number such as 100, from 0 to 100000"),
    ("LIMITS_PERCENT", "50%", "write a number such as 100"),
    ("LOG_FORMAT", "yaml", "write text or json"),
    ("LOG_FORMAT", "JSON", "write text or json"),
    ("METRICS_ALLOW", "prometheus.internal", "write networks such as 10.0.0.0/8"),
    ("METRICS_ALLOW", "10.0.0.0/8, 10.0.0.1/8", "which is no network"),
    ("SECURITY_CONTACT", "security@example.org", "write such as mailto:security@example.org"),
    ("SECURITY_CONTACT", "http://example.org/report", "which is no contact"),
    ("SECURITY_CONTACT", "https://example.org, mailto:", "which is no contact"),
    ("SECURITY_CONTACT", "mailto:a@example.org\nContact: mailto:b@example.org", "which is no contact"),
    ("BADGES", "yes", "write key or public"),
    ("GIT_MAIL", "nobody", "write an address such as {name}@example.org"),
    ("GIT_MAIL", "{user}@example.org", "write an address such as {name}@example.org"),
    ("GIT_MAIL", "{name@example.org", "write an address such as {name}@example.org"),
    ("GIT_MAIL", "Ada <{name}@example.org>", "write an address such as {name}@example.org"),
    ("TRUSTED_PROXIES", "yes", "write a number such as 1"),
    ("TRUSTED_PROXIES", "-1", "write a number such as 1"),
    ("TRUSTED_PROXIES", "1.5", "write a number such as 1"),
    ("TRUSTED_PROXIES", "21", "from 0 to 20"),
    ("TRUSTED_PROXIES", "١", "write a number such as 1"),
    ("TRUSTED_PROXIES", "10.0.0.0/8", "write a number such as 1"),
    ("PROXY_USER_HEADER", "X-Forwarded-User", "set POSTMORTEMS_PROXY_NETWORKS to the proxy's address"),
    ("PROXY_USER_HEADER", "X_Forwarded_User", "write the name of a header such as X-Forwarded-User"),
    ("PROXY_USER_HEADER", "X-User: ada", "write the name of a header such as X-Forwarded-User"),
    ("PROXY_USER_HEADER", "cookie", "write the name of a header such as X-Forwarded-User"),
    ("PROXY_USER_HEADER", "X-Forwarded-For", "write the name of a header such as X-Forwarded-User"),
    ("PROXY_NETWORKS", "proxy.internal", "write networks such as 10.0.0.0/8"),
    ("PROXY_NETWORKS", "10.0.0.7", "no header to believe: set POSTMORTEMS_PROXY_USER_HEADER"),
    ("SECOND_FACTOR", "yes", "write optional or admins or all"),
    ("SECOND_FACTOR", "Admins", "write optional or admins or all"),
    ("PROXY_ROLE", "admin", "write none or viewer or reviewer or author"),
    ("PROXY_ROLE", "viewer", "no header to believe: set POSTMORTEMS_PROXY_USER_HEADER"),
    ("SCIM_TOKEN", "too short", "has 9 characters, and 32 are the least"),
    ("SCIM_ROLE", "admin", "write viewer or author"),
    ("OIDC_ISSUER", "id.example.org", "write the provider's address as it calls itself"),
    ("OIDC_ISSUER", "https://id.example.org/?x=1", "write the provider's address as it calls itself"),
    ("OIDC_ISSUER", "https://ada:hunter2@id.example.org", "write the provider's address as it calls itself"),
    ("OIDC_ISSUER", "https://id.example.org:99999", "write the provider's address as it calls itself"),
    ("OIDC_ISSUER", "http://id.example.org", "must begin with https://"),
    ("OIDC_ISSUER", "https://id.example.org", "POSTMORTEMS_OIDC_CLIENT_ID is not"),
    ("OIDC_CLIENT_ID", "postmortems", "no provider: set POSTMORTEMS_OIDC_ISSUER"),
    ("OIDC_CLIENT_SECRET", "hunter2", "no provider: set POSTMORTEMS_OIDC_ISSUER"),
    ("OIDC_NAME", "x" * 101, "write one line of at most 100 characters"),
    ("OIDC_SCOPES", "profile email", "write openid and what else it takes"),
    ("OIDC_CLAIM", "two words", "write the name of a claim, such as preferred_username"),
    ("OIDC_GROUPS_CLAIM", "ä", "write the name of a claim, such as preferred_username"),
    ("OIDC_ROLE", "admin", "write none or viewer or reviewer or author"),
    ("OIDC_GROUPS", "sre", "write what a group gives, such as sre=admin"),
    ("OIDC_GROUPS", "sre=root", "write what a group gives, such as sre=admin"),
    ("OIDC_GROUPS", "dev=author, =admin", "write what a group gives, such as sre=admin"),
    ("OIDC_GROUPS", "payments=team:", "write what a group gives, such as sre=admin"),
    ("OIDC_GROUPS", "payments=team:payments:operator", "a role in a team is reviewer, author, admin"),
    ("OIDC_GROUPS", "payments=team:payments:", "a role in a team is reviewer, author, admin"),
    ("OIDC_GROUPS", "payments=team:payments:admin:author", "a role in a team is reviewer, author, admin"),
    ("OIDC_GROUPS", "=team:payments:admin", "write what a group gives, such as sre=admin"),
    ("OIDC_GROUPS", "payments=team:Pay ments", "write what a group gives, such as sre=admin"),
    ("OIDC_SESSION_HOURS", "8h", "without a unit"),
    ("OIDC_SESSION_HOURS", "337", "from 0 to 336"),
    ("OIDC_ONLY", "true", "write yes or no"),
    ("OIDC_ONLY", "yes", "nobody could sign in; set POSTMORTEMS_OIDC_ISSUER"),
    ("KEEP_DAYS", "400d", "without a unit"),
    ("KEEP_EVENTS_DAYS", "2y", "without a unit"),
    ("KEEP_ADDRESSES_DAYS", "-1", "write a number such as 90"),
    ("KEEP_DAYS", "forever", "write a number such as 400"),
    ("KEEP_DAYS", "99999999", "write a number such as 400"),
    ("READ_DATABASE_URL", "postgresql://127.0.0.1/reports", "is for a replica of PostgreSQL"),
    ("READ_DATABASE_URL", "sqlite:///reports.db", "is for a replica of PostgreSQL"),
    ("READ_DATABASE_URL", "mysql://127.0.0.1/reports", "must begin with sqlite:/// or postgresql+psycopg://"),
    ("FILES_DIR", "files", "write the path of a folder such as /var/lib/postmortems/files"),
    ("FILES_DIR", "/dev/null", "is no folder"),
    ("FILES_DIR", "/" + "x" * 300, "which is no path"),
    ("FILE_MB", "10MB", "without a unit"),
    ("FILE_MB", "61", "from 0 to 60"),
    ("INCIDENT_FILES_MB", "-1", "write a number such as 200"),
    ("IMAGE_MEGAPIXELS", "50000000", "from 0 to 100"),
    ("KEEP_UPLOADS_DAYS", "never", "write a number such as 90"),
    ("DATABASE_URL", "postmortems.db", "must begin with sqlite:///"),
    ("DATABASE_URL", "mysql://ada:hunter2@db/x", "must begin with sqlite:///"),
    ("DATABASE_URL", "sqlite://", "must begin with sqlite:///"),
    ("DATABASE_URL", "sqlite:///", "names no file"),
    ("DATABASE_URL", "sqlite:///:memory:", "nothing would be kept"),
    ("DATABASE_URL", "sqlite:///folder", "is a folder"),
    ("DATABASE_URL", "sqlite:///text/x.db", "is no folder"),
    ("DATABASE_URL", "sqlite:///text", "is no SQLite database"),
    ("DATABASE_URL", "sqlite:////dev/null", "is no file"),
    ("DATABASE_URL", "sqlite:///pipe", "is no file"),
    ("DATABASE_URL", "sqlite:///x.db?hunter2=1", "more than a path"),
    ("DATABASE_URL", "sqlite:///" + "x" * 300, "cannot be read (File name too long)"),
    ("DATABASE_URL", "postgresql://ada:hunter2@db:port/x", "no right host or port"),
    ("DATABASE_URL", "postgresql://ada:hun/ter2@db/x", "no right host or port"),
    ("DATABASE_URL", "postgresql://ada:12#hunter2@db/x", "no right host or port"),
    ("DATABASE_URL", "postgresql://ada:12?hunter2=@db/x", "no right host or port"),
    ("SECRT_KEY", "x" * 40, "did you mean POSTMORTEMS_SECRET_KEY?"),
    ("DB_URL", "sqlite:///x.db", "did you mean POSTMORTEMS_"),
    ("DATABASE", "sqlite:///x.db", "did you mean POSTMORTEMS_DATABASE_URL?"),
    ("KEEP_DAY", "1", "did you mean POSTMORTEMS_KEEP_DAYS?"),
    ("PORT", "8000", "say it as `serve --port`"),
    ("HOST", "0.0.0.0", "say it as `serve --host`"),
    ("FRUIT", "pear", "the README lists them"),
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to start in, with a folder, a text, an empty file, half a certificate and a pipe."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("This is no database, and no certificate either.")
    (tmp_path / "empty").touch()
    (tmp_path / "cut.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name, value, told", WRONG)
def test_a_wrong_setting_is_refused_in_one_sentence(place: Path, name: str, value: str, told: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        Settings.from_env({f"POSTMORTEMS_{name}": value})

    sentence = str(refused.value)
    assert f"POSTMORTEMS_{name}" in sentence
    assert told in sentence
    assert "\n" not in sentence
    assert not {"hunter2", "hun/ter2"} & set(sentence.replace("@", " ").replace(":", " ").split())
    assert {path.name for path in place.iterdir()} == {"folder", "text", "empty", "cut.pem", "pipe"}


def test_each_setting_is_tried_in_a_wrong_way() -> None:
    assert {name.lower() for name, _, _ in WRONG} >= set(Settings.__dataclass_fields__)


RIGHT = [
    ("SECRET_KEY", "x" * 32),
    ("SECRETS_KEY", f"{KEY}, {KEY}"),
    ("SECRETS_ALLOW", "env:A@https://staging.internal, file:/run/secrets/@https://hub.internal:8443"),
    ("EGRESS_ALLOW", "10.0.0.0/8, staging.internal:443+8000-8999, *.hub.internal@[fd12::/16]:443"),
    ("URL", "https://example.org/"),
    ("URL", "http://[::1]:8000"),
    ("CONTROL_URL", "https://example.org/a?b=c"),
    ("PUBLIC_NAME", "Example Cloud, Ltd."),
    ("SECURITY_CONTACT", "mailto:security+pm@example.org, https://example.org:8443/report?a=b"),
    ("PUBLIC_HOSTS", "Status.example.com, *.docs.example.com"),
    ("GIT_MAIL", "{name}@example.org"),
    ("GIT_MAIL", "team+{name}@example.org"),
    ("GIT_MAIL", "bot@example.org"),
    ("TRUSTED_PROXIES", " 2 "),
    ("KEEP_DAYS", "0"),
    ("KEEP_EVENTS_DAYS", "730"),
    ("KEEP_ADDRESSES_DAYS", "0"),
    ("DATABASE_URL", "sqlite:///new/folder/x.db"),
    ("DATABASE_URL", "sqlite:///empty"),
    ("DATABASE_URL", "postgresql://ada:hunter%402@db:5432/x?sslmode=require"),
    ("DATABASE_URL", "postgresql+psycopg:///x?host=/tmp"),
    ("DATABASE_URL", ""),
    *((name, "x") for name in ELSEWHERE),
    ("TEST_DATABASE_URL", "x"),
    # A service called `postmortems` beside the pod.
    ("SERVICE_HOST", "10.0.0.1"),
    ("SERVICE_PORT", "80"),
    ("SERVICE_PORT_HTTP", "80"),
    ("PORT", "tcp://10.0.0.1:80"),
    ("PORT_80_TCP", "tcp://10.0.0.1:80"),
    ("PORT_80_TCP_PROTO", "tcp"),
    ("PORT_80_TCP_ADDR", "10.0.0.1"),
]


@pytest.mark.parametrize("name, value", RIGHT)
def test_a_right_setting_is_taken(place: Path, name: str, value: str) -> None:
    Settings.from_env({f"POSTMORTEMS_{name}": value})


@pytest.mark.parametrize("name", ["POSTMORTEM_URL", "postmortems_url", "Postmortems_Url"])
def test_a_name_that_is_nearly_one_is_told(name: str) -> None:
    with pytest.raises(Misconfigured, match=f"no setting {name}; did you mean POSTMORTEMS_URL"):
        Settings.from_env({name: "https://example.org"})


COMMANDS = [
    "serve --port 0",
    "worker",
    "db upgrade",
    "db downgrade base",
    "db current",
    "db held",
    "db copy sqlite:///a.db sqlite:///b.db",
    "backup out",
    "restore text",
    "recount --check",
    "audit seal",
    "audit verify",
    "audit export x",
    "digest --dry-run",
    "demo load",
    "demo remove",
    "users add x --role admin",
    "users link x",
    "users list",
    "users disable x",
    "users enable x",
    "users reset x",
    "users rename x y",
    "users connect x --subject y",
    "users disconnect x",
    "tokens add --user x --name y --scope read",
    "tokens list",
    "tokens rotate 1",
    "secrets set x --origin https://example.org",
    "secrets list",
    "secrets rotate",
    "import .",
    "export out",
    "sync .",
    "guards export out",
    "guards import .",
    "parse text",
    "fmt text",
    "public export out",
    "publish x --to y",
]
# These ask another machine's server, and `doctor` tells what is wrong of all it looks at.
ELSEWISE = {"gate", "draft", "items", "note", "policies", "trackers", "tickets", "mcp", "doctor"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "name, value", [("SECRET_KEY", "short"), ("URLS", "x"), ("DATABASE_URL", "sqlite:///text")]
)
def test_every_command_says_it_alike(run: Run, place: Path, command: str, name: str, value: str) -> None:
    (place / "x.yaml").write_text("{}")

    settings = {"POSTMORTEMS_PUBLIC_NAME": "Example Cloud", f"POSTMORTEMS_{name}": value}
    code, out, err = run(*command.split(), **settings)

    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    assert f"POSTMORTEMS_{name}" in err


def test_every_command_is_tried() -> None:
    def ends(command: click.Command, *path: str) -> Iterator[str]:
        if not isinstance(command, click.Group):
            yield " ".join(path)
            return
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from ends(found, *path, name)

    untried = {path for path in ends(cli) if not any(line.startswith(path) for line in COMMANDS)}

    assert {path.partition(" ")[0] for path in untried} == ELSEWISE


@pytest.mark.parametrize(
    "name, value", [("SECRET_KEY", "short"), ("URLS", "x"), ("DATABASE_URL", "sqlite:///text")]
)
def test_doctor_tells_a_wrong_setting_once(run: Run, place: Path, name: str, value: str) -> None:
    code, out, err = run("doctor", **{f"POSTMORTEMS_{name}": value})

    assert (code, err) == (1, "")
    assert out.startswith("WRONG settings: ")
    assert out.count(f"POSTMORTEMS_{name}") == 1


@pytest.mark.parametrize(
    "name, meant", [("URLS", "URL"), ("TOKN", "TOKEN"), ("API_TOKEN", "TOKEN"), ("API_URL", "URL")]
)
@pytest.mark.parametrize("command", ["check --service a --target b", "ping x"])
def test_the_gate_asks_after_a_name_that_is_nearly_one_of_its_own(
    run: Run, place: Path, command: str, name: str, meant: str
) -> None:
    code, out, err = run("gate", *command.split(), **{f"POSTMORTEMS_{name}": "x"})

    assert (code, out) == (21, "")
    assert err == f"Error: there is no setting POSTMORTEMS_{name}; did you mean POSTMORTEMS_{meant}?\n"


SERVERS = {
    "gunicorn": ["gunicorn", "--log-level", "error", "--bind", "127.0.0.1:0", "--workers", "2", "app:app"],
    "flask": ["flask", "--app", "app", "run", "--port", "0"],
}
SECRET = {"POSTMORTEMS_SECRET_KEY": "x" * 40}
UNUSABLE = {
    "a short secret": ({"POSTMORTEMS_SECRET_KEY": "short"}, "POSTMORTEMS_SECRET_KEY has 5 characters"),
    "no secret": ({"POSTMORTEMS_DATABASE_URL": "sqlite:///{place}/ours.db"}, "POSTMORTEMS_SECRET_KEY is not"),
    "a newer database": (
        SECRET | {"POSTMORTEMS_DATABASE_URL": "sqlite:///{place}/newer.db"},
        "30010101_0000, which this version does not know",
    ),
    "a database that is away": (
        SECRET | {"POSTMORTEMS_DATABASE_URL": "postgresql://ada:hunter2@127.0.0.1:1/x"},
        "the database does not answer",
    ),
}


@pytest.mark.parametrize("wrong", UNUSABLE)
@pytest.mark.parametrize("server", SERVERS)
def test_other_servers_say_it_before_they_serve(place: Path, server: str, wrong: str) -> None:
    newer(place / "newer.db")
    if wrong == "no secret":
        put_migrated(place / "ours.db")
    settings, told = UNUSABLE[wrong]
    environ = {name: value.format(place=place) for name, value in settings.items()}

    done = forked.run(
        [sys.executable, "-m", *SERVERS[server]], cwd=ROOT, env=environ, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert "hunter2" not in done.stderr


def newer(path: Path) -> None:
    """The database of a version to come."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.execute("INSERT INTO alembic_version VALUES ('30010101_0000')")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("command", ["serve --port 0", "worker", "users list", "db upgrade", "db current"])
def test_the_database_of_something_else_is_left_alone(run: Run, place: Path, command: str) -> None:
    connection = sqlite3.connect(place / "other.db")
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()

    secret = {"POSTMORTEMS_SECRET_KEY": "x" * 40}
    code, _, err = run(*command.split(), POSTMORTEMS_DATABASE_URL="sqlite:///other.db", **secret)

    assert code == 2
    assert "belongs to something else: it has the table songs" in err
    connection = sqlite3.connect(place / "other.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]
    connection.close()


@pytest.mark.parametrize("command", ["serve --port 0", "users list", "db upgrade", "db current"])
def test_a_database_of_a_version_to_come_is_left_alone(run: Run, place: Path, command: str) -> None:
    newer(place / "other.db")

    code, _, err = run(*command.split(), POSTMORTEMS_DATABASE_URL="sqlite:///other.db")

    assert code == 2
    assert "30010101_0000, which this version does not know" in err


def test_a_folder_that_cannot_be_written_is_one_sentence(run: Run, place: Path) -> None:
    # A file where the folder should be: nobody can write there, root neither.
    (place / "instance").write_text("")

    code, _, err = run("serve", "--port", "0")

    assert code == 2
    assert err.count("\n") == 1
    assert "instance" in err


def test_a_key_that_was_cut_short_is_one_sentence(run: Run, place: Path) -> None:
    (place / "instance").mkdir()
    (place / "instance" / "secret_key").write_text("")

    code, _, err = run("serve", "--port", "0")

    assert code == 2
    assert "instance/secret_key is cut short" in err


def test_a_server_that_is_started_by_name_says_it_too(place: Path) -> None:
    environ = {"POSTMORTEMS_DATABASE_URL": "sqlite:///text", "PYTHONPATH": str(Path(__file__).parents[2])}

    done = subprocess.run(
        [sys.executable, "-m", "postmortems", "serve"], env=environ, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
