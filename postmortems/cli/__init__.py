"""The command line: a thin door to the same operations that pages and API call."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from postmortems.errors import Misconfigured, Refusal

COMMANDS = {
    "serve": ("postmortems.cli.server:serve", "Run the web application, and with it the background work."),
    "worker": (
        "postmortems.cli.server:worker",
        "Run the background work alone, beside web processes that were started with --no-worker.",
    ),
    "db": ("postmortems.cli.server:db", "The tables of the database."),
    "demo": (
        "postmortems.cli.server:demo",
        "The demo: ten incidents, four services and fourteen guards to look at.",
    ),
    "doctor": (
        "postmortems.cli.doctor:doctor",
        "Say whether settings, database, disk, clock, worker, mail and network are as they should be.",
    ),
    "backup": (
        "postmortems.cli.data.backup:backup",
        "Write the whole database, as of this moment, to FILE, while the service runs.",
    ),
    "restore": (
        "postmortems.cli.data.restore:restore",
        "Load a backup into an empty database, all or nothing.",
    ),
    "recount": (
        "postmortems.cli.server:recount",
        "Check the numbers that are stored for reports against a recount, and repair them.",
    ),
    "audit": (
        "postmortems.cli.audit.commands:audit",
        "The record of who did what: seal it, verify that nobody changed it, export it.",
    ),
    "users": ("postmortems.cli.users:users", "Accounts: who may sign in, and as what."),
    "tokens": ("postmortems.cli.users:tokens", "Tokens: keys with which programs use the API."),
    "secrets": ("postmortems.cli.secrets:secrets", "Secrets that guards send: kept encrypted, never shown."),
    "digest": (
        "postmortems.cli.notify.digest:digest",
        "Send the digests that are due, as the worker does; or print what they would say.",
    ),
    "parse": (
        "postmortems.cli.parse:parse",
        "Print what is in postmortem files: one JSON object a line, in the order given.",
    ),
    "fmt": (
        "postmortems.cli.parse:fmt",
        "Write a postmortem file as canonical Markdown on standard output.",
    ),
    "draft": (
        "postmortems.cli.draft:draft",
        "Your drafts on a server: what is typed and not saved, seen by nobody else.",
    ),
    "import": (
        "postmortems.cli.import_files:import_",
        "Import postmortems: files, folders, zips, Git repositories and issue trackers.",
    ),
    "publish": (
        "postmortems.cli.publishing.publish:publish",
        "Publish a postmortem at an outlet, such as a Confluence space, or update its page.",
    ),
    "export": (
        "postmortems.cli.export:export",
        "Write postmortems to DIR, where they are new or have changed; other files there are left alone.",
    ),
    "public": (
        "postmortems.cli.public.export:public",
        "Public reports: what is published of incidents for customers, as a folder of files.",
    ),
    "sync": (
        "postmortems.cli.sync:sync",
        "Synchronise a Git repository with the incidents here, both ways.",
    ),
    "note": (
        "postmortems.cli.note:note",
        "Append TEXT to an incident's timeline, through the server; `-` reads it from standard input.",
    ),
    "items": (
        "postmortems.cli.items.commands:items",
        "Action items on a server: list, show, assign, close them and set due dates.",
    ),
    "trackers": (
        "postmortems.cli.tickets.commands:trackers",
        "List the trackers of a server: number, service, name, place, and why the last call failed.",
    ),
    "tickets": (
        "postmortems.cli.tickets.commands:tickets",
        "Tickets of action items on a server: list, create, link, decide and unlink them.",
    ),
    "policies": (
        "postmortems.cli.policies.due_dates:policies",
        "Due-date policies on a server: list and show them, and what a change would do.",
    ),
    "guards": ("postmortems.cli.guards:guards", "Services, guards and scenarios as YAML text."),
    "mcp": (
        "postmortems.cli.assistants.mcp:mcp",
        "Let an assistant search, read and change postmortems, over standard input and output.",
    ),
    "gate": ("postmortems.cli.gate.check:gate", "Ask whether a deploy may happen, and say what happened."),
}


class LazyGroup(click.Group):
    """A group that knows where its commands are and what they do, and imports the one that is called."""

    def __init__(self, *arguments: Any, places: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *self.places]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.places[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what the table says of them: to read it off them, all would be imported."""
        told = {name: sentence for name, (_, sentence) in self.places.items()}
        rows = [(name, told.get(name) or _sentence(self.commands[name])) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _sentence(command: click.Command) -> str:
    return command.get_short_help_str(limit=200)


@click.group(
    cls=LazyGroup, places=COMMANDS, help="Postmortems, their action items, and the gate that keeps them true."
)
def cli() -> None:
    pass


def main(argv: list[str] | None = None) -> None:
    """Run a command; a refusal is one line on standard error and exit code 2."""
    # Not above: the one file of the gate's commands has no audit trail with it.
    from postmortems.audit import origin

    with one_sentence(), origin.coming_from(origin.Origin("command")):
        cli.main(args=argv, prog_name="python -m postmortems", standalone_mode=True)


@contextmanager
def one_sentence() -> Iterator[None]:
    """End the process with a line on standard error and exit code 2 where what is within is refused."""
    try:
        yield
    except (Refusal, Misconfigured) as refusal:
        click.echo(f"Error: {' '.join(str(refusal).split())}", err=True)
        sys.exit(2)
