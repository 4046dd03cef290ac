"""`items`: action items on a server, by the API: list, show, assign, date, close. Imports no server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import click

from postmortems.cli.gate import options, text
from postmortems.cli.gate.client import GateClient, Refused
from postmortems.cli.gate.options import ALLOW, FAILED, server

OPEN = "proposed,open,in_progress"
PAGE = 200
AS_JSON = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line, as the API gives them."
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Only say what would change.")
REFERENCE = re.compile("AI-[1-9][0-9]{0,8}")

Row = dict[str, Any]


def _references(_context: click.Context, _argument: click.Parameter, said: Any) -> Any:
    """The references as they are. Said here, as the server's answer has places where one wrote words."""
    for ref in (said,) if isinstance(said, str) else said:
        if not REFERENCE.fullmatch(ref):
            raise click.BadParameter(f"{ref!r} is no reference such as AI-2")
    return said


def _day(_context: click.Context, _option: click.Parameter, said: str) -> str:
    try:
        return said and date.fromisoformat(said).isoformat()
    except ValueError:
        raise click.BadParameter(f"{said!r} is no day; write it as 2026-03-31") from None


REFS = click.argument("refs", metavar="AI-N...", nargs=-1, required=True, callback=_references)


@click.group(help="Action items on a server: list, show, assign, close them and set due dates.")
def items() -> None:
    pass


@items.command("list")
@click.option("--status", default=OPEN, show_default=True, help="One or more by comma, or `any`.")
@click.option("--owner", default="", help="Whose.")
@click.option("--service", default="", help="`data8`, `data8/prod`, or `-` for none.")
@click.option("--priority", default="", help="One or more by comma, such as P0,P1.")
@click.option("--kind", default="", help="One or more by comma, such as process.")
@click.option("--protection", default="", help="One or more by comma, such as unguarded.")
@click.option("--team", default="", help="Named as team or as owner, by any of its names.")
@click.option("--tag", default="", help="Of the incident; one of several by comma.")
@click.option("--age", type=click.IntRange(0), default=None, help="Opened at least so many days ago.")
@click.option("--ticket", default="", help="How its ticket stands: unproven, disputed, any, or `-` for none.")
@click.option("--overdue", is_flag=True, help="Open and past their due date.")
@click.option("--unowned", is_flag=True, help="Open and without an owner.")
@click.option("-q", "words", default="", help="Words that occur in them.")
@click.option("--sort", default="", help="By a column such as priority or owner; -age is the oldest first.")
@click.option("--limit", type=click.IntRange(1), default=None, help="At most so many; all without it.")
@AS_JSON
@server
def list_(client: GateClient, limit: int | None, as_json: bool, **said: Any) -> int:
    """List action items, by due date or as --sort says: reference, status, owner, due date, priority, text.

    \b
    Example:
      python -m postmortems items list --overdue --json
    """
    if said["status"] == "any":
        said["status"] = ""
    query = {("q" if name == "words" else name): value for name, value in said.items() if value}
    for row in _all({name: "1" if value is True else value for name, value in query.items()}, client, limit):
        _print(row, as_json=as_json)
    return ALLOW


def _all(query: dict[str, str], client: GateClient, limit: int | None) -> Iterator[Row]:
    after, left = "", limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        asked = query | {"limit": str(size)} | ({"after": after} if after else {})
        page = client.get(f"/action-items?{urlencode(asked)}")
        with options.reading():
            rows, after = page["action_items"], page["next"]
            yield from rows
        if not after:
            return
        left = None if left is None else left - len(rows)


def _print(row: Row, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return
    with options.reading():
        line = " ".join(str(row["text"]).split())
        cells = (
            row["id"],
            row["status"],
            row["owner"] or "nobody",
            row["due"] or "-",
            row["priority"] or "-",
        )
    click.echo("\t".join(text.plain(cell) for cell in (*cells, line)))


@items.command("show")
@click.argument("ref", metavar="AI-N", callback=_references)
@AS_JSON
@server
def show(client: GateClient, ref: str, as_json: bool) -> int:
    """Print one action item, a field a line.

    \b
    Example:
      python -m postmortems items show AI-2
    """
    row = client.get(f"/action-items/{quote(ref, safe='')}")
    if as_json:
        click.echo(json.dumps(row, ensure_ascii=False))
        return ALLOW
    with options.reading():
        said = row | {"incident": row["incident"]["slug"]}
    for name, value in said.items():
        if value not in (None, "", [], False):
            shown = ", ".join(value) if isinstance(value, list) else value
            click.echo(text.plain(f"{name}: {shown}"))
    return ALLOW


@items.command("assign")
@REFS
@click.option("--to", "owner", required=True, metavar="NAME", help='A person or a team; "" for nobody.')
@DRY_RUN
@AS_JSON
@server
def assign(client: GateClient, refs: tuple[str, ...], owner: str, dry_run: bool, as_json: bool) -> int:
    """Give action items an owner.

    \b
    Example:
      python -m postmortems items assign AI-2 AI-3 --to @kim
    """
    return _edit(client, refs, {"owner": owner}, dry_run=dry_run, as_json=as_json)


@items.command("due")
@REFS
@click.option(
    "--on", "due", required=True, metavar="DAY", callback=_day, help='Such as 2026-03-31; "" for none.'
)
@DRY_RUN
@AS_JSON
@server
def due(client: GateClient, refs: tuple[str, ...], due: str, dry_run: bool, as_json: bool) -> int:
    """Set the due date of action items.

    \b
    Example:
      python -m postmortems items due AI-2 AI-3 --on 2026-03-31
    """
    return _edit(client, refs, {"due": due or None}, dry_run=dry_run, as_json=as_json)


@items.command("close")
@REFS
@click.option("--wont-do", is_flag=True, help="It will not be done; needs --reason.")
@click.option("--reason", default="", help="Why it will not be done, or is closed without proof by an admin.")
@click.option("--outcome", default="", help="What it led to, for one that asks a question.")
@click.option("--evidence", default="", help="What shows that it is done: a link, or words.")
@DRY_RUN
@AS_JSON
@server
def close(
    client: GateClient,
    refs: tuple[str, ...],
    wont_do: bool,
    reason: str,
    outcome: str,
    evidence: str,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Close action items by the rules: those that may not be closed are said with the reason, and exit is 12.

    \b
    Example:
      python -m postmortems items close AI-2 --evidence https://example.org/change/7
      python -m postmortems items close AI-4 --outcome "the rack is watched now"
      python -m postmortems items close AI-3 --wont-do --reason "the rack is gone"
    """
    wanted: Row = {"status": "wont_do" if wont_do else "done"}
    said = {"reason": reason, "outcome": outcome, "evidence": evidence}
    wanted |= {name: words for name, words in said.items() if words}
    return _edit(client, refs, wanted, dry_run=dry_run, as_json=as_json)


def _edit(client: GateClient, refs: tuple[str, ...], wanted: Row, *, dry_run: bool, as_json: bool) -> int:
    """Edit them all at once; the exit code is 12 where one is refused, was changed or is not there."""
    if len(refs) > PAGE:
        raise Refused(f"name at most {PAGE} items at a time")
    body = {"items": list(refs), "set": wanted, "dry_run": dry_run}
    answer = client.post("/action-items/bulk", body)
    with options.reading():
        rows, missing, number = answer["rows"], answer["missing"], answer["id"]
        is_whole = not missing and all(row["state"] in {"done", "same", "waiting"} for row in rows)
        for row in rows:
            if as_json:
                click.echo(json.dumps(row, ensure_ascii=False))
            else:
                state = "would change" if dry_run and row["state"] == "waiting" else row["state"]
                click.echo("\t".join(text.plain(cell) for cell in (row["id"], state, row["detail"])).rstrip())
        for ref in missing:
            click.echo(text.plain(f"Error: there is no action item {ref}"), err=True)
        for remark in answer["remarks"]:
            click.echo(text.plain(f"Note: {remark}"), err=True)
    if number is not None and not as_json:
        click.echo(f"Bulk edit {number}; it can be undone on its page, /action-items/bulk/{number}", err=True)
    return ALLOW if is_whole else FAILED
