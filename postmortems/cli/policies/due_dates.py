"""`policies due-dates`: due-date policies on a server, by the API: list, show, preview. Imports no server."""

from __future__ import annotations

import json
from typing import Any

import click

from postmortems.cli.gate import options, text
from postmortems.cli.gate.client import GateClient
from postmortems.cli.gate.options import ALLOW, server

AS_JSON = click.option("--json", "as_json", is_flag=True, help="JSON as the API gives it, one object a line.")
COUNTS = ("moved", "dated", "late", "unsure", "by_hand", "undated", "excepted")
# Of a policy that is there, what the server says of it and no change of it can say.
ABOUT = ("id", "title", "version", "saved_by", "saved_at", "redated")

Row = dict[str, Any]


@click.group(help="Due-date policies on a server: list and show them, and what a change would do.")
def policies() -> None:
    pass


@policies.group("due-dates", help="Due-date policies: how long items may take, and what a change would do.")
def due_dates() -> None:
    pass


@due_dates.command("list")
@AS_JSON
@server
def list_(client: GateClient, as_json: bool) -> int:
    """List the policies, the most specific first: number, for which items, days to assign and to finish.

    \b
    Example:
      python -m postmortems policies due-dates list --json
    """
    answer = client.get("/policies/due-dates")
    with options.reading():
        for row in answer["policies"]:
            _print(row, as_json=as_json)
    return ALLOW


@due_dates.command()
@click.argument("number", type=click.IntRange(1))
@AS_JSON
@server
def show(client: GateClient, number: int, as_json: bool) -> int:
    """Show one policy, a field a line.

    \b
    Example:
      python -m postmortems policies due-dates show 3
    """
    row = client.get(f"/policies/due-dates/{number}")
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return ALLOW
    for name, value in row.items():
        if value not in (None, "", []):
            said = ", ".join(map(str, value)) if isinstance(value, list) else value
            click.echo(text.plain(f"{name}: {said}"))
    return ALLOW


@due_dates.command()
@click.option("--id", "number", type=click.IntRange(1), default=None, help="Of this one, changed so.")
@click.option("--severity", help="For items of incidents of this severity.")
@click.option("--priority", help="For items of this priority.")
@click.option("--kind", help="For items of this kind, such as process.")
@click.option("--team", help="For items of this team, by its id.")
@click.option("--assign-days", type=click.IntRange(0), help="Days in which somebody has to own it.")
@click.option("--complete-days", type=click.IntRange(0), help="Days in which it has to be done.")
@click.option("--counting", help="calendar or business: which days count.")
@click.option("--begins", help="commitment or incident: what days count from.")
@click.option("--zone", help="Whose day it is, such as Europe/Berlin.")
@click.option("--calendar", help="Id of a holiday calendar.")
@click.option("--with-undated", is_flag=True, help="Open items without a date get one, too.")
@AS_JSON
@server
def preview(client: GateClient, number: int | None, with_undated: bool, as_json: bool, **said: Any) -> int:
    """Say what a new or changed policy would do to the dates of items that there are; changes nothing.

    \b
    Example:
      python -m postmortems policies due-dates preview --severity SEV1 --complete-days 14
      python -m postmortems policies due-dates preview --id 3 --complete-days 7 --json
    """
    before = client.get(f"/policies/due-dates/{number}") if number is not None else {}
    body = {name: value for name, value in before.items() if name not in ABOUT}
    body |= {name: value for name, value in said.items() if value is not None}
    answer = client.post("/policies/due-dates/preview", {**body, "id": number, "with_undated": with_undated})
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return ALLOW
    with options.reading():
        for row in answer["items"]:
            cells = (row["id"], row["due"] or "-", row["new_due"] or "-", " ".join(str(row["text"]).split()))
            click.echo("\t".join(map(text.plain, cells)))
        looked_at = "" if answer["is_whole"] else f", of the first {answer['looked_at']} looked at"
        counts = ", ".join(f"{name.replace('_', ' ')} {answer[name]}" for name in COUNTS)
        click.echo(f"{counts}{looked_at}")
    return ALLOW


def _print(row: Row, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    days = ("-" if row[name] is None else row[name] for name in ("assign_days", "complete_days"))
    cells = (row["id"], row["title"], *days, row["counting"])
    click.echo("\t".join(map(text.plain, cells)))
