"""`db held`: messages that waited in a database that was restored."""

from __future__ import annotations

import click

from postmortems.actor import Actor


@click.command("held")
@click.option("--send", is_flag=True, help="Send all of them now.")
@click.option("--drop", is_flag=True, help="Send none of them, ever.")
def held(send: bool, drop: bool) -> None:
    """Say how many messages are held since a restore; send them, or drop them.

    They waited when the copy was made. Where the database that it was made of went on, they were sent since.

    \b
    Example:
      python -m postmortems db held
      python -m postmortems db held --drop
    """
    if send and drop:
        raise click.UsageError("--send and --drop are two answers; give one")
    from postmortems.cli.database import opened
    from postmortems.notify import held_messages

    with opened():
        if send or drop:
            decide = held_messages.send if send else held_messages.drop
            count = decide(actor=Actor.system("cli"))
            click.echo(f"{count:,} messages {'go out now' if send else 'are dropped'}.")
            return
        counts = held_messages.counts()
    for channel, count in counts.items():
        click.echo(f"{channel}\t{count}")
    if not counts:
        click.echo("No message is held.")
