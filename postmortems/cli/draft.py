"""`draft`: one's own drafts on a server, by the API. Imports no server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import GateClient, Refused
from postmortems.cli.gate.options import ALLOW, server

ID = re.compile(r"[0-9a-f]{32}")
KINDS = {".md": "text/markdown", ".markdown": "text/markdown", ".json": "application/json"}


@click.group(help="Your drafts on a server: what is typed and not saved, seen by nobody else.")
def draft() -> None:
    pass


@draft.command("list")
@server
def list_(client: GateClient) -> int:
    """List your drafts, newest first: id, incident, the version it began from, when it was kept, title.

    \b
    Example:
      POSTMORTEMS_URL=https://postmortems.example.org python -m postmortems draft list
    """
    for one in client.get("/drafts")["drafts"]:
        row = (one["id"], one["incident"] or "new", one["version"], one["saved_at"], one["title"])
        click.echo("\t".join(text.plain(part) for part in row))
    return ALLOW


@draft.command("show")
@click.argument("name", metavar="SLUG|ID")
@server
def show(client: GateClient, name: str) -> int:
    """Print your newest draft of the incident SLUG, or the draft ID, as Markdown.

    What is half-filled makes no Markdown: it is said what, and the exit code is 21.

    \b
    Example:
      python -m postmortems draft show 2018-01-25-accidental-merge-to-prod > draft.md
    """
    found = client.get(_path(name))
    if problems := found["problems"]:
        told = "; ".join(f"{wrong['pointer']}: {wrong['detail']}" for wrong in problems)
        raise Refused(f"the draft is half-filled: {told}")
    click.echo(found["text"], nl=False)
    return ALLOW


@draft.command("save")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--of", "name", default="", metavar="SLUG|ID", help="The incident, or the draft to replace.")
@click.option("--version", type=click.IntRange(1), help="The incident's version that FILE began from.")
@server
def save(client: GateClient, file: Path, name: str, version: int | None) -> int:
    """Keep FILE, Markdown or JSON, as a draft, in place of your newest of that incident; prints its id.

    Without --of it is a draft of a new incident. Nothing is published by it, and no version made.

    \b
    Example:
      python -m postmortems draft save draft.md --of 2018-01-25-accidental-merge-to-prod --version 3
      python -m postmortems draft save new.md
    """
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise Refused(f"{file} is neither .md nor .json")
    query = f"?version={version}" if version else ""
    method, path = ("PUT", _path(name) + query) if name else ("POST", "/drafts")
    kept: dict[str, Any] = client.send(method, path, file.read_bytes(), kind)
    click.echo(text.plain(kept["id"]))
    return ALLOW


@draft.command("discard")
@click.argument("name", metavar="SLUG|ID")
@server
def discard(client: GateClient, name: str) -> int:
    """Discard your drafts of the incident SLUG, or the draft ID.

    \b
    Example:
      python -m postmortems draft discard 2018-01-25-accidental-merge-to-prod
    """
    client.send("DELETE", _path(name))
    click.echo("Discarded.")
    return ALLOW


def _path(name: str) -> str:
    return f"/drafts/{name}" if ID.fullmatch(name) else f"/incidents/{quote(name, safe='')}/draft"
