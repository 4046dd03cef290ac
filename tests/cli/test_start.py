"""A command starts fast: it imports what it needs, and its help next to nothing. Counts, not times."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from postmortems.cli import LazyGroup, cli
from postmortems.cli.exporting import LAYOUTS
from postmortems.exchange import layouts

ROOT = Path(__file__).parents[2]
HEAVY = {
    *("alembic", "argon2", "cryptography", "docutils", "dulwich", "flask", "httpx", "icalendar", "markdown"),
    *("markdown_it", "marshmallow", "nh3", "psycopg", "sqlalchemy", "waitress", "yaml"),
}
SCRIPT = """
import sys
from postmortems.cli import main
try:
    main(sys.argv[1:])
finally:
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


def imported(folder: Path, *argv: str) -> set[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEMS_")}
    environ |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *argv], cwd=folder, env=environ, capture_output=True, text=True
    )
    line = next(line for line in done.stderr.splitlines() if line.startswith("imported:"))
    return set(line.split()) & HEAVY


@pytest.mark.parametrize("path", list(groups(cli)), ids=" ".join)
def test_the_help_of_no_command_imports_a_library(tmp_path: Path, path: tuple[str, ...]) -> None:
    assert imported(tmp_path, *path, "--help") == set()


@pytest.mark.parametrize(
    "argv, needs",
    [
        ("gate check --service a --target b", set()),
        ("gate ping --key x", set()),
        ("parse nothing.md", {"docutils", "markdown_it", "yaml"}),
        ("serve --port x", set()),
        ("db current", {"alembic", "sqlalchemy"}),
        # The tables are made here, and a migration reads documents.
        ("users list", {"alembic", "argon2", "markdown_it", "sqlalchemy", "yaml"}),
    ],
)
def test_a_command_imports_what_it_needs(tmp_path: Path, argv: str, needs: set[str]) -> None:
    assert imported(tmp_path, *argv.split()) <= needs


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
