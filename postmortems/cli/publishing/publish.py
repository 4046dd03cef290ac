"""`publish`: an incident as a page of another system."""

from __future__ import annotations

import click

from postmortems.actor import Actor


@click.command("publish")
@click.argument("slug")
@click.option("--to", "outlet", required=True, metavar="OUTLET", help="The outlet's name, as in Settings.")
@click.option("--overwrite", is_flag=True, help="Whatever somebody changed there since.")
@click.option("--anew", is_flag=True, help="Create the page again where it is gone.")
def publish(slug: str, outlet: str, overwrite: bool, anew: bool) -> None:
    """Publish a postmortem at an outlet, such as a Confluence space, or update its page.

    \b
    Example:
      python -m postmortems publish 2018-01-25-accidental-merge-to-prod --to wiki

    What somebody changed there since is not overwritten: the command says where to look, --overwrite decides.
    Drafts and restricted incidents are never published.
    """
    from postmortems.cli.database import connect
    from postmortems.config import Settings
    from postmortems.db import session as db
    from postmortems.exchange.publishing import publish as publishing
    from postmortems.vault.runtime import Runtime

    settings = Settings.from_env()
    connect(settings)
    try:
        number = publishing.publish(
            slug,
            outlet,
            actor=Actor.system("cli"),
            runtime=Runtime.of(settings),
            overwrite=overwrite,
            anew=anew,
        )
        with db.reading():
            row = publishing.one(number)
            click.echo(f"published  {row.url or row.key}  version {row.version}")
    finally:
        db.disconnect()
