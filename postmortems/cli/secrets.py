"""`secrets`: store, list and delete the secrets that guards send."""

from __future__ import annotations

import sys

import click

from postmortems.actor import Actor


@click.group(help="Secrets that guards send: kept encrypted, never shown.")
def secrets() -> None:
    pass


@secrets.command("set")
@click.argument("name")
@click.option("--origin", required=True, help="The only place it is sent to: scheme, host and port.")
def set_secret(name: str, origin: str) -> None:
    """Keep the secret on standard input as store:NAME, or replace it.

    \b
    Example:
      pass show staging | python -m postmortems secrets set staging-token --origin https://staging.example.org
    """
    from postmortems.cli.database import opened
    from postmortems.vault import operations as vault_operations
    from postmortems.vault.encryption import Vault

    value = sys.stdin.readline().rstrip("\r\n")
    with opened() as settings:
        row = vault_operations.keep(name, origin, value, actor=Actor.system("cli"), vault=Vault(settings))
    click.echo(f"store:{row.name} is kept, for {row.origin} alone.")


@secrets.command("list")
def list_secrets() -> None:
    """List the secrets: name, where it may be sent, when it was set.

    \b
    Example:
      python -m postmortems secrets list
    """
    from postmortems.cli.database import opened
    from postmortems.vault import operations as vault_operations

    with opened():
        page = vault_operations.listing()
        while page:
            for row in page:
                click.echo(f"store:{row.name}\t{row.origin}\t{row.edited_at:%Y-%m-%d}")
            page = vault_operations.listing(after=page[-1].name)


@secrets.command("rotate")
def rotate() -> None:
    """Encrypt every secret with the first key of POSTMORTEMS_SECRETS_KEY; the others can then be removed.

    \b
    Example:
      POSTMORTEMS_SECRETS_KEY=NEW,OLD python -m postmortems secrets rotate
    """
    from postmortems.cli.database import opened
    from postmortems.vault import operations as vault_operations
    from postmortems.vault.encryption import Vault

    with opened() as settings:
        count = vault_operations.rotate(actor=Actor.system("cli"), vault=Vault(settings))
    click.echo(f"{count} {'secret is' if count == 1 else 'secrets are'} under the first key now.")
