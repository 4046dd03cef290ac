"""`trackers` and `tickets`: what is linked where, on a server, by the API. Imports no server."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import click

from postmortems.cli.gate import options, text
from postmortems.cli.gate.client import GateClient
from postmortems.cli.gate.options import ALLOW, FAILED, server
from postmortems.cli.items.commands import AS_JSON

Row = dict[str, Any]
REF = click.argument("ref", metavar="AI-N")
TRACKER = click.option("--tracker", required=True, help="Its name or number, as `trackers` prints them.")
SHOWN = ("id", "service", "name", "place", "trouble")
SHOWN_OF_TICKET = ("id", "tracker_name", "ticket", "standing", "state", "url", "trouble")


@click.command("trackers")
@AS_JSON
@server
def trackers(client: GateClient, as_json: bool) -> int:
    """List the trackers of a server: number, service, name, place, and why the last call failed.

    \b
    Example:
      python -m postmortems trackers
    """
    for row in _trackers(client):
        _print(row, SHOWN, as_json=as_json)
    return ALLOW


@click.group(help="Tickets of action items on a server: list, create, link, decide and unlink them.")
def tickets() -> None:
    pass


@tickets.command("list")
@REF
@AS_JSON
@server
def list_(client: GateClient, ref: str, as_json: bool) -> int:
    """List the tickets of an action item, and what both sides changed.

    \b
    Example:
      python -m postmortems tickets list AI-2
    """
    answer = client.get(_path(ref))
    with options.reading():
        rows = answer["tickets"]
    for row in rows:
        _print(row, SHOWN_OF_TICKET, as_json=as_json)
        for each in [] if as_json else row["disagreements"]:
            told = f"{each['field']}: here {each['ours']!r}, there {each['theirs']!r}"
            click.echo(text.plain(told))
    return ALLOW


@tickets.command("create")
@click.argument("refs", metavar="AI-N...", nargs=-1, required=True)
@TRACKER
@AS_JSON
@server
def create(client: GateClient, refs: tuple[str, ...], tracker: str, as_json: bool) -> int:
    """Have an issue created for each of these action items; those that have one keep it.

    \b
    Example:
      python -m postmortems tickets create AI-2 AI-3 --tracker infra-issues
    """
    number = _number(client, tracker)
    answer = client.post(f"/trackers/{number}/tickets", {"items": list(refs)})
    with options.reading():
        made, left = answer["tickets"], answer["left_out"]
    for row in made:
        _print(row, ("action_item", *SHOWN_OF_TICKET), as_json=as_json)
    for row in left:
        click.echo(text.plain(f"{row['action_item']}: {row['reason']}"), err=True)
    return FAILED if left else ALLOW


@tickets.command("link")
@REF
@click.argument("issue", metavar="ISSUE")
@TRACKER
@AS_JSON
@server
def link(client: GateClient, ref: str, issue: str, tracker: str, as_json: bool) -> int:
    """Link an action item to an issue that is there, by its number, key or address.

    \b
    Example:
      python -m postmortems tickets link AI-2 '#12' --tracker infra-issues
    """
    body = {"tracker": _number(client, tracker), "issue": issue}
    _print(client.post(_path(ref), body), SHOWN_OF_TICKET, as_json=as_json)
    return ALLOW


@tickets.command("decide")
@REF
@click.argument("ticket", type=click.IntRange(1))
@click.argument("field", type=click.Choice(["title", "state", "assignee", "due"]))
@click.argument("choice", type=click.Choice(["ours", "theirs", "apart"]))
@AS_JSON
@server
def decide(client: GateClient, ref: str, ticket: int, field: str, choice: str, as_json: bool) -> int:
    """Decide a field that both sides changed: ours is sent, theirs is taken, apart leaves both.

    \b
    Example:
      python -m postmortems tickets decide AI-2 7 title ours
    """
    row = client.post(f"{_path(ref)}/{ticket}/decision", {"field": field, "choice": choice})
    _print(row, SHOWN_OF_TICKET, as_json=as_json)
    return ALLOW


@tickets.command("unlink")
@REF
@click.argument("ticket", type=click.IntRange(1))
@server
def unlink(client: GateClient, ref: str, ticket: int) -> int:
    """Stop synchronising an action item and a ticket; the issue stays.

    \b
    Example:
      python -m postmortems tickets unlink AI-2 7
    """
    client.send("DELETE", f"{_path(ref)}/{ticket}")
    return ALLOW


def _path(ref: str) -> str:
    return f"/action-items/{quote(ref, safe='')}/tickets"


def _trackers(client: GateClient) -> list[Row]:
    answer = client.get("/trackers")
    with options.reading():
        rows: list[Row] = answer["trackers"]
    return rows


def _number(client: GateClient, named: str) -> int:
    for row in _trackers(client):
        if named in {str(row["id"]), row["name"]}:
            return int(row["id"])
    raise click.BadParameter(f"there is no tracker {named!r}; `trackers` lists them", param_hint="--tracker")


def _print(row: Row, names: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    with options.reading():
        cells = [str(row[name] or "-") for name in names]
    click.echo("\t".join(text.plain(cell) for cell in cells))
