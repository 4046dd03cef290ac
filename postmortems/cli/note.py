"""`note`: a timeline entry from the command line while the incident runs."""

from __future__ import annotations

import sys
import uuid
from urllib.parse import quote

import click

from postmortems.cli.gate import options, text
from postmortems.cli.gate.client import GateClient, Refused

# The newest draft that the token's owner began; the server knows which it is.
MINE = "-"
KINDS = ("trigger", "detection", "escalation", "change", "mitigation", "recovery", "note")
# What the server takes of a text, in bytes at the most.
LARGEST = 80_000


@click.command()
@click.argument("words", metavar="TEXT")
@click.option(
    "--incident",
    "slug",
    metavar="SLUG",
    envvar="POSTMORTEMS_INCIDENT",
    default="",
    help="Which incident; or POSTMORTEMS_INCIDENT; else the newest draft that you began.",
)
@click.option(
    "--at", metavar="TIME", default="", help="When it was: 14:05, 10m ago, 2026-03-02T14:05:00Z; now."
)
@click.option("--kind", type=click.Choice(KINDS), default=None, help="What it was.")
@options.server
def note(client: GateClient, words: str, slug: str, at: str, kind: str | None) -> int:
    """Append TEXT to an incident's timeline, through the server; `-` reads it from standard input.

    \b
    Example:
      python -m postmortems note "Rolled back to 1.4.2" --kind mitigation --at "5m ago"
    """
    body = {"text": _read() if words == "-" else words, "at": at, "kind": kind or ""}
    if not body["text"].strip():
        raise Refused("there is nothing to note: write the text behind the command, or send it and say -")
    path = f"/incidents/{quote(slug or MINE, safe='')}/entries"
    answer = client.ask(path, body, key=str(uuid.uuid4())).answer
    with options.reading():
        title = answer["title_of_incident"] or answer["incident"]
        told = f"{answer['written']} noted in {title}: {answer['url']}"
    click.echo(text.plain(told))
    return options.ALLOW


def _read() -> str:
    """What comes on standard input, as UTF-8."""
    try:
        return sys.stdin.buffer.read(LARGEST).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"the text is not UTF-8: byte {error.start} cannot be read") from None
