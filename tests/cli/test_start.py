"""A command starts fast: it imports what it needs, and its help next to nothing. Counts, not times."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from postmortems.cli import LazyGroup, cli
from postmortems.cli.export import LAYOUTS
from postmortems.exchange.exports import layouts

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("alembic", "argon2", "cryptography", "docutils", "dulwich", "flask", "httpx", "icalendar", "markdown"),
    *("markdown_it", "marshmallow", "nh3", "psycopg", "sqlalchemy", "waitress", "yaml", "zxcvbn"),
}
# Of the standard library what takes longest to load, and no help needs.
SLOW = {"asyncio", "difflib", "email", "http", "ssl", "unittest", "zipfile"}
# One after another in a process: what is there after a command, it or one before it imported.
SCRIPT = """
import sys
from postmortems.cli import main
for line in sys.argv[1:]:
    try:
        main(line.split())
    except SystemExit:
        pass
    print("imported:", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def groups(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command's path, groups first."""
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from groups(found, *path, name)


def imported(folder: Path, *commands: str) -> dict[str, set[str]]:
    """By command, what of all that is heavy or slow there is after it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    environ |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *commands], cwd=folder, env=environ, capture_output=True, text=True
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("imported:")]
    found = (set(line.split()) & (HEAVY | SLOW) for line in lines)
    return dict(zip(commands, found, strict=True))


@pytest.fixture(scope="module")
def after_help(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    folder = tmp_path_factory.mktemp("help")
    return imported(folder, *(" ".join((*path, "--help")) for path in groups(cli)))


@pytest.mark.parametrize("path", list(groups(cli)), ids=" ".join)
def test_the_help_of_no_command_imports_a_library(
    after_help: dict[str, set[str]], path: tuple[str, ...]
) -> None:
    assert after_help[" ".join((*path, "--help"))] == set()


TABLES = {"alembic", "sqlalchemy"}
TEXT = {"docutils", "markdown_it", "yaml"}
# Whoever saves a report may need approvals, and those who give them are accounts.
GUARDS = {"argon2", "cryptography", "icalendar", "markdown_it", "marshmallow", "yaml"}
# What each command imports of what is heavy, on a database that is there.
NEEDS = {
    "serve --port x": set(),
    "db current": TABLES,
    # A migration reads documents.
    "db upgrade": TABLES | {"markdown_it", "yaml"},
    "db held": TABLES | {"argon2"},
    # It is refused here: there is no such database.
    "db copy sqlite:///none.db sqlite:///other.db": TABLES,
    "backup out.backup": TABLES,
    # It is refused here without a file.
    "restore nothing": TABLES,
    "recount": TABLES | GUARDS,
    "audit seal": TABLES,
    "audit verify": TABLES,
    "audit export x": TABLES,
    "demo remove": TABLES | GUARDS,
    "doctor": TABLES,
    "users add x --role viewer": TABLES | {"argon2"},
    "users link nobody": TABLES | {"argon2"},
    "users list": TABLES | {"argon2"},
    # What they leave behind is handed over under the closing rules.
    "users disable nobody": TABLES | GUARDS,
    "users enable nobody": TABLES | {"argon2"},
    "users rename nobody x": TABLES | TEXT | GUARDS,
    "users reset nobody": TABLES | {"argon2"},
    "users connect nobody --subject x": TABLES | {"argon2"},
    "users disconnect nobody": TABLES | {"argon2"},
    "tokens add --user nobody --name y --scope read": TABLES | {"argon2"},
    "tokens list": TABLES | {"argon2"},
    "tokens rotate 1": TABLES | {"argon2"},
    "secrets list": TABLES | {"cryptography"},
    "secrets rotate": TABLES | {"cryptography"},
    "secrets set x --origin https://example.org": TABLES | {"cryptography", "httpx"},
    "parse nothing.md": TEXT,
    "fmt nothing.md": TEXT,
    "import nothing": TABLES | TEXT | GUARDS | {"dulwich"},
    "export out": TABLES | TEXT,
    # It is refused here without a name to publish under.
    "public export out": {"sqlalchemy"},
    "sync nothing": TABLES | TEXT | GUARDS | {"dulwich"},
    "guards export out": TABLES | GUARDS,
    "guards import nothing": TABLES | GUARDS,
    "digest --dry-run": TABLES | GUARDS,
    "draft list": set(),
    "draft show x": set(),
    "draft save nothing.md": set(),
    "draft discard x": set(),
    "items list": set(),
    "items show x": set(),
    "items assign x --to y": set(),
    "items due x --on y": set(),
    "items close x": set(),
    # They speak to a server.
    "trackers": set(),
    "tickets list x": set(),
    "tickets create x": set(),
    "tickets link x y": set(),
    "tickets unlink x y": set(),
    "tickets decide x y": set(),
    "publish nothing --to x": TABLES | TEXT | GUARDS,
    "policies due-dates list": set(),
    "policies due-dates show 1": set(),
    "policies due-dates preview": set(),
    "note x": set(),
    # It is refused here without a token.
    "mcp": set(),
    "gate check --service a --target b": set(),
    "gate verify x": set(),
    "gate attest --predicate x --service a --target b": set(),
    "gate deploy --service a --target b": set(),
    "gate drill": set(),
    "gate override x": set(),
    "gate ping x": set(),
    "gate run-command x": set(),
    "gate client --output gate.pyz": set(),
}
# They begin as another does: the worker as `serve`, the others as their neighbours.
BEGIN_ALIKE = {"worker", "db downgrade", "demo load"}


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    imported(folder, "users list")
    return folder


@pytest.fixture(scope="module")
def after(furnished: Path) -> Callable[[str], set[str]]:
    """What there is after a command, in a process of those that may import the same."""

    @cache
    def together(needs: frozenset[str]) -> dict[str, set[str]]:
        return imported(furnished, *(argv for argv, its in NEEDS.items() if its == needs))

    return lambda argv: together(frozenset(NEEDS[argv]))[argv]


@pytest.mark.parametrize("argv", NEEDS)
def test_a_command_imports_what_it_needs(after: Callable[[str], set[str]], argv: str) -> None:
    assert after(argv) & HEAVY <= NEEDS[argv]


def test_every_command_is_in_the_table() -> None:
    ends = {" ".join(path) for path in groups(cli)}
    ends -= {end for end in ends if not end or any(other.startswith(f"{end} ") for other in ends)}

    assert {end for end in ends if not any(f"{line} ".startswith(f"{end} ") for line in NEEDS)} == BEGIN_ALIKE


def tables() -> Iterator[tuple[LazyGroup, str]]:
    context = click.Context(cli)
    for group in (cli, cli.get_command(context, "gate")):
        assert isinstance(group, LazyGroup)
        yield from ((group, name) for name in group.places)


@pytest.mark.parametrize("group, name", list(tables()))
def test_the_list_of_commands_says_what_each_says_itself(group: LazyGroup, name: str) -> None:
    command = group.get_command(click.Context(group), name)

    assert command is not None
    assert group.places[name][1] == command.get_short_help_str(limit=300)


def test_the_layouts_that_the_help_names_are_those_there_are() -> None:
    assert tuple(layouts.LAYOUTS) == LAYOUTS
