"""The command line: a table of commands, each imported only when it is called.

`gate` must start fast in a pipeline and `parse` must work without a server, so nothing here imports one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from postmortems.errors import Misconfigured, Refusal

COMMANDS = {
    "serve": "postmortems.cli.server:serve",
    "worker": "postmortems.cli.server:worker",
    "db": "postmortems.cli.server:db",
    "demo": "postmortems.cli.server:demo",
    "doctor": "postmortems.cli.doctor:doctor",
    "users": "postmortems.cli.people:users",
    "tokens": "postmortems.cli.people:tokens",
    "secrets": "postmortems.cli.secrets:secrets",
    "parse": "postmortems.cli.document:parse",
    "fmt": "postmortems.cli.document:fmt",
    "import": "postmortems.cli.exchange:import_",
    "export": "postmortems.cli.exporting:export",
    "sync": "postmortems.cli.syncing:sync",
    "guards": "postmortems.cli.guards:guards",
    "gate": "postmortems.cli.gate:gate",
}


class LazyGroup(click.Group):
    """A group that knows where its commands are, by name, and imports the one that is called."""

    def __init__(self, *arguments: Any, places: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *self.places]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.places[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(
    cls=LazyGroup, places=COMMANDS, help="Postmortems, their action items, and the gate that keeps them true."
)
def cli() -> None:
    pass


def main(argv: list[str] | None = None) -> None:
    """Run a command; a refusal is one line on standard error and exit code 2."""
    try:
        cli.main(args=argv, prog_name="python -m postmortems", standalone_mode=True)
    except (Refusal, Misconfigured) as refusal:
        click.echo(f"Error: {' '.join(str(refusal).split())}", err=True)
        sys.exit(2)
