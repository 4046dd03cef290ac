"""`digest`: what digests would say now, or tell those that are due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click


@click.command("digest")
@click.option("--dry-run", is_flag=True, help="Send nothing: print what each digest would say now.")
@click.option("--person", default="", metavar="NAME", help="With --dry-run: of this account alone.")
@click.option("--json", "as_json", is_flag=True, help="With --dry-run: one JSON object a line.")
def digest(dry_run: bool, person: str, as_json: bool) -> None:
    """Send the digests that are due, as the worker does; or print what they would say.

    \b
    Example:
      python -m postmortems digest --dry-run
      python -m postmortems digest --dry-run --person ada --json
    """
    from postmortems import clock
    from postmortems.cli.database import connected
    from postmortems.db import session as db
    from postmortems.notify.digests import operations

    now = clock.now()
    if not dry_run:
        if person or as_json:
            raise click.UsageError("--person and --json go with --dry-run")
        with connected() as settings:
            count = operations.tell_due(now, sends_mail=bool(settings.smtp_url))
        click.echo(f"{count} told.")
        return
    with connected(), db.reading():
        for row in _rows(person, now):
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def _rows(person: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Everybody's digest, or one person's, by name: each as its reader would see it."""
    from postmortems.accounts import queries as accounts
    from postmortems.notify.digests import contents, operations, queries, texts

    page = [accounts.account(person)] if person else accounts.accounts()
    while page:
        people = queries.people([user.id for user in page])
        digests = operations.for_people(people, now)
        for user in (people[user.id] for user in page if user.id in people):
            found = digests[user.id]
            counts = {name: found[name].count for name in contents.SECTIONS}
            items = {name: [f"AI-{number}" for number in found[name].numbers] for name in contents.SECTIONS}
            yield {"person": user.name, "title": texts.title(found), "counts": counts, "items": items}
        page = [] if person else accounts.accounts(after=page[-1].name)


def _line(row: dict[str, Any]) -> str:
    shown = "; ".join(f"{name}: {', '.join(refs)}" for name, refs in row["items"].items() if refs)
    return "\t".join(filter(None, (row["person"], row["title"], shown)))
