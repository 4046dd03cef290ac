"""A process of the release before goes on while the tables become those of this one, and nothing is lost."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import select

from postmortems import clock
from postmortems.audit import sealer, verification
from postmortems.audit.models import Event
from postmortems.db import migrations
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.gate.models import Decision
from postmortems.jobs.models import JobLease
from tests import system_packages
from tests.apps import app_on
from tests.deploy import releases
from tests.deploy.topology import Browser
from tests.faults.serving import Process, question, until
from tests.world import PASSWORD, World, build

PLACE = "/api/v1/incidents"
REPORT = "# The disk is full\n\n## Summary\n\nIt is full.\n\n## Action items\n\n- Watch the disk\n"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    system_packages.require(releases.why_missing())
    return releases.unpack(tmp_path_factory.mktemp("before") / "release")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the tables of the release before."""
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path / 'test.db'}"
    else:
        found = request.getfixturevalue("postgres").fresh_database()
    migrations.upgrade(db.connect(found), releases.REVISION)
    yield found
    db.disconnect()


def test_the_release_before_reads_saves_asks_and_works_on_the_tables_of_this_one(
    release: Path, url: str
) -> None:
    with (
        releases.running(release, url, "serve", "--port", "0", "--no-worker") as web,
        releases.running(release, url, "worker") as worker,
    ):
        assert web.send("GET", "/sign-in").status == 200
        migrations.upgrade(db.engine())
        assert migrations.is_current(db.engine())
        world = build()
        saved = used(web, world)
        began = clock.now()
        until(lambda: has_worked(began))
        assert worker.process.poll() is None
    said = (release.parent / "said").read_text()
    assert said[said.find("Traceback") :] == said[-1:], said[said.find("Traceback") :]
    read_by_this_one(url, world, saved)


def used(web: Process, world: World) -> str:
    """A day of that release: somebody signs in, saves twice, closes an item; a pipeline asks the gate."""
    browser = Browser(web)
    form = {"csrf_token": browser.form_token("/sign-in"), "name": "ada", "password": PASSWORD}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.send("POST", "/sign-in", urlencode(form), **kind).status == 303
    token = browser.form_token("/incidents")

    headers = {"Content-Type": "text/markdown", "X-CSRFToken": token}
    made = browser.send("POST", PLACE, REPORT, **headers)
    assert made.status == 201, made
    place = f"{PLACE}/{made['slug']}"
    text = web.send("GET", place, headers=world.headers() | {"Accept": "text/markdown"})
    headers["If-Match"] = text.headers["ETag"]
    assert browser.send("PUT", place, text.body.replace("It is", "It was"), **headers).status == 200
    for page in ("/", "/incidents", f"/incidents/{made['slug']}", "/action-items", "/search?q=disk"):
        assert browser.send("GET", page).status in (200, 303), page

    asked = web.send("POST", "/api/v1/gate/decisions", question(), world.headers())
    assert (asked.status, asked["decision"]) == (200, "allow_with_warnings")
    return str(made["slug"])


def has_worked(since: object) -> bool:
    """Whether every periodic job was done at least once and none is held."""
    with db.reading():
        found = session().scalars(select(JobLease)).all()
        return bool(found) and all(job.holder == "" and job.due_at > since for job in found)  # type: ignore[operator]


def read_by_this_one(url: str, world: World, slug: str) -> None:
    headers = world.headers() | {"Accept": "text/markdown"}
    answer = app_on(url).test_client().get(f"{PLACE}/{slug}", headers=headers)
    assert "It was full." in answer.text
    with db.reading():
        verbs = set(session().scalars(select(Event.verb)).all())
        assert len(session().scalars(select(Decision.id)).all()) == 1
    assert {"incident.created", "incident.saved"} <= verbs
    sealer.seal_all(world.system)
    with db.reading(at_one_moment=True):
        found = verification.of_database()
    # The seal's own event is the one that no seal covers yet.
    assert (found.faults, found.unsealed <= 1) == ([], True)


def steps_since() -> list[Script]:
    """The steps of the tables that this release adds."""
    config = Config()
    config.set_main_option("script_location", str(migrations.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    return list(scripts.iterate_revisions("head", releases.REVISION))


STEPS = steps_since()
TAKES_AWAY = {"drop_column", "drop_table", "rename_table"}
IN_SQL = re.compile(r"\b(DROP\s+(TABLE|COLUMN)|RENAME)\b", re.IGNORECASE)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.revision)
def test_a_step_only_adds_to_what_the_release_before_reads_and_writes(step: Script) -> None:
    assert not getattr(step.module, "contracts", False), "what contracts belongs to a later release"
    tree = ast.parse(Path(step.path).read_text())
    [upgrade] = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "upgrade"]
    assert taken_away(upgrade) == []


def taken_away(upgrade: ast.AST) -> list[str]:
    """What the release before would miss, or could not fill."""
    found = []
    for node in ast.walk(upgrade):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL.search(node.value):
            found.append(node.value)
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name, options = node.func.attr, {word.arg: word.value for word in node.keywords}
        if name in TAKES_AWAY:
            found.append(name)
        if name == "alter_column" and ("new_column_name" in options or _is(options.get("nullable"), False)):
            found.append(ast.unparse(node))
        if name == "add_column":
            found += [ast.unparse(column) for column in node.args if _has_to_be_filled(column)]
    return found


def _has_to_be_filled(column: ast.expr) -> bool:
    """Whether it is a column that must not be empty and is not filled by itself."""
    if not isinstance(column, ast.Call):
        return False
    options = {word.arg: word.value for word in column.keywords}
    return _is(options.get("nullable"), False) and "server_default" not in options


def _is(found: ast.expr | None, value: object) -> bool:
    return isinstance(found, ast.Constant) and found.value is value


@pytest.mark.parametrize(
    "line, is_told",
    [
        ('op.add_column("incidents", sa.Column("mood", sa.Text()))', False),
        (
            'op.add_column("incidents", sa.Column("mood", sa.Text(), nullable=False, server_default=""))',
            False,
        ),
        ('op.create_table("moods", sa.Column("id", sa.Integer(), nullable=False))', False),
        ('op.drop_index("ix_incidents_slug")', False),
        ('op.add_column("incidents", sa.Column("mood", sa.Text(), nullable=False))', True),
        ('op.drop_column("incidents", "slug")', True),
        ('op.drop_table("incidents")', True),
        ('op.rename_table("incidents", "outages")', True),
        ('op.alter_column("incidents", "slug", new_column_name="name")', True),
        ('op.alter_column("incidents", "slug", nullable=False)', True),
        ('op.execute("ALTER TABLE incidents RENAME TO outages")', True),
        ('op.execute("alter table incidents drop column slug")', True),
        ('table.drop_column("slug")', True),
    ],
)
def test_what_takes_something_away_is_told_from_what_adds(line: str, is_told: bool) -> None:
    assert bool(taken_away(ast.parse(line))) is is_told
