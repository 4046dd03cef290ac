"""`gate override`: request an override of named guards. A person grants it, never a token."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from postmortems.cli.gate import text
from postmortems.cli.gate.client import GateClient
from postmortems.cli.gate.options import ALLOW, Span, reading, server


@click.command()
@click.option("--decision", required=True, metavar="ID")
@click.option("--guard", "guards", multiple=True, required=True, metavar="SLUG", help="Again for each.")
@click.option("--reason", required=True, help="Why, in 20 characters at least.")
@click.option("--ticket", default="", help="Where it is discussed.")
@click.option(
    "--expires", type=Span(), default="1h", help="How long it lasts from being granted: 4h at most."
)
@server
def override(
    client: GateClient, decision: str, guards: tuple[str, ...], reason: str, ticket: str, expires: float
) -> int:
    """Ask to override guards of a decision once; prints who may grant it.

    \b
    Example:
      python -m postmortems gate override --decision dec_… --guard lab-hours \\
        --reason "The hub is down, and this is the fix" --ticket OPS-7
    """
    path = f"/gate/decisions/{quote(decision, safe='')}"
    body = {"guards": guards, "reason": reason, "ticket": ticket, "expires_s": int(expires)}
    made = client.post(f"{path}/overrides", body)
    answer = client.get(path)
    with reading():
        click.echo("\n".join(_told(made, answer, client.base)))
    return ALLOW


def _told(made: dict[str, Any], answer: dict[str, Any], base: str) -> list[str]:
    named = ", ".join(str(one) for one in made["guards"])
    lines = [f"{made['target']}  override {made['id']} of {named}: {made['state']}"]
    lines.append(text.passing(answer["override"]))
    if page := text.place(answer["id"], base):
        lines.append(f"there: {page}#overrides")
    return [text.plain(line) for line in lines]
