"""`users` and `tokens`: accounts and API tokens."""

from __future__ import annotations

import re
import sys

import click

from postmortems.actor import ROLES, SCOPES, Actor
from postmortems.errors import Invalid

UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
SPAN = re.compile(r"(\d{1,9})([smhdw])")
# A time that none is.
NEVER = -1
# Of the items that stay, so many are named.
SHOWN_REFS = 10


class Span(click.ParamType[int]):
    """A length of time such as `90d` or `12h`, in seconds."""

    name = "span"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = SPAN.fullmatch(value)
        if found is None:
            self.fail(f"{value!r} is no length of time; write 90d, 12h, 30m, 45s or 2w", param, ctx)
        return int(found[1]) * UNITS_S[found[2]]


class Lifetime(Span):
    """A length of time, or `never`."""

    name = "span|never"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        return NEVER if value == "never" else super().convert(value, param, ctx)


@click.group(help="Accounts: who may sign in, and as what.")
def users() -> None:
    pass


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the account may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--mail", "address", default="", help="Where an invitation goes, to choose a password.")
@click.option("--service", "is_service", is_flag=True, help="For a program: nobody signs in as it.")
@click.option("--owner", default="", help="Who answers for a service account.")
@click.option("--team", default="", help="Or which team does, by short name.")
@click.option("--purpose", default="", help="What a service account is for.")
def add_user(
    name: str,
    role: str,
    password_stdin: bool,
    address: str,
    is_service: bool,
    owner: str,
    team: str,
    purpose: str,
) -> None:
    """Add an account. Without a password, sign in by a link: see `users link`.

    With --service it is a program's, which has tokens alone: see `tokens add`.

    \b
    Example:
      python -m postmortems users add ada --role author
      python -m postmortems users add ada --role author --mail ada@example.org
      pass show ada | python -m postmortems users add ada --role author --password-stdin
      python -m postmortems users add data8-deploys --role author --service --team platform
    """
    from postmortems.accounts import operations as accounts_operations
    from postmortems.cli.database import opened

    if is_service:
        if password_stdin or address:
            raise Invalid("nobody signs in as a service account: leave --password-stdin and --mail out")
        _add_service({"name": name, "role": role, "owner": owner, "team": team, "purpose": purpose})
        return
    if owner or team or purpose:
        raise Invalid("--owner, --team and --purpose are of service accounts: add --service")
    if address:
        _invite(name, role, address, password_stdin=password_stdin)
        return
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with opened():
        accounts_operations.add_user(name, role, password, actor=Actor.system("cli"))
    click.echo(f"{name} has an account with the role {role}.")


def _add_service(fields: dict[str, str]) -> None:
    from postmortems.accounts.programs import operations as programs
    from postmortems.cli.database import opened

    with opened():
        programs.add(fields, actor=Actor.system("cli"))
    told = f"{fields['name']} is a service account with the role {fields['role']}"
    click.echo(f"{told}. Make a token of it: see `tokens add`.")


def _invite(name: str, role: str, address: str, *, password_stdin: bool) -> None:
    from postmortems import clock
    from postmortems.cli.database import opened
    from postmortems.notify.access import operations as access

    if password_stdin:
        raise Invalid("with --mail the person chooses the password: leave --password-stdin out")
    with opened() as settings:
        actor, sends_mail = Actor.system("cli"), bool(settings.smtp_url)
        access.invite(name, role, address, clock.now(), actor=actor, sends_mail=sends_mail)
    click.echo(f"{name} has an account with the role {role}; an invitation to {address} is on its way.")


@users.command("link")
@click.argument("name")
def link(name: str) -> None:
    """Print a link that signs NAME in, once, within the hour.

    \b
    Example:
      python -m postmortems users link ada
    """
    from postmortems import clock
    from postmortems.accounts import queries as accounts_queries
    from postmortems.accounts import sign_in
    from postmortems.cli.database import opened

    with opened() as settings:
        user = accounts_queries.account(name)
        secret = sign_in.make_sign_in_link(user, clock.now(), actor=Actor.system("cli"))
    click.echo(f"{settings.url}/sign-in/link/{secret}")


@users.command("list")
def list_users() -> None:
    """List the accounts: name, role, whether they are switched off, and roles in teams, such as web:author.

    Of a service account the last column says that it is one.

    \b
    Example:
      python -m postmortems users list
    """
    from postmortems.accounts import queries as accounts_queries
    from postmortems.accounts.programs import queries as programs
    from postmortems.accounts.teams import queries as teams
    from postmortems.cli.database import opened

    with opened():
        page = accounts_queries.accounts()
        while page:
            held = teams.held_by([user.id for user in page])
            for user in page:
                given = "".join(f" {one.slug}:{one.role}" for one in held.get(user.id, ()))
                line = f"{user.name}\t{user.role}\t{'active' if user.is_active else 'off'}"
                click.echo(f"{line}\t{given.strip()}" if given else line)
            page = accounts_queries.accounts(after=page[-1].name)
        services = programs.listing()
        while services:
            for service in services:
                user = service.user
                click.echo(f"{user.name}\t{user.role}\t{'active' if user.is_active else 'off'}\tservice")
            services = programs.listing(after=services[-1].user.name)


@users.command("disable")
@click.argument("name")
@click.option("--hand-over-to", "to", default="", help="Account or team that gets their open action items.")
def disable(name: str, to: str) -> None:
    """Switch NAME's account off: signed out everywhere, tokens revoked and chats unlinked for good.

    Without --hand-over-to, open action items keep NAME as their owner, are shown as left behind, and their
    team's leads are told what is due. With it, service accounts that NAME answered for go along.

    \b
    Example:
      python -m postmortems users disable ada --hand-over-to platform
    """
    from postmortems import visibility
    from postmortems.cli.database import opened
    from postmortems.gate.enforcement import departures

    with opened(), visibility.seen_by(visibility.EVERYTHING):
        gone = departures.switch_off(name, to=to, actor=Actor.system("cli"))
        handed = gone.edit.total if gone.edit is not None else 0
    click.echo(f"{name} is switched off: signed out everywhere, tokens revoked, chats unlinked.")
    if handed:
        click.echo(f"Handed to {to}: {handed} open action item{'' if handed == 1 else 's'}.")
    if gone.programs:
        answers = f"{to} answers" if to else f"{name} still answers"
        click.echo(f"{answers} for service accounts: {_some(gone.programs)}.")
    if gone.stay:
        click.echo(f"Still with {name}: {_some(gone.stay)}.")


def _some(refs: list[str]) -> str:
    more = len(refs) - SHOWN_REFS
    return ", ".join(refs[:SHOWN_REFS]) + (f" and {more} more" if more > 0 else "")


@users.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Switch NAME's account on again, with the role and password it had; its old tokens stay revoked.

    \b
    Example:
      python -m postmortems users enable ada
    """
    from postmortems.accounts import operations as accounts_operations
    from postmortems.accounts import queries as accounts_queries
    from postmortems.cli.database import opened

    with opened():
        role = accounts_queries.account(name).role
        accounts_operations.change_user(name, role=role, is_active=True, actor=Actor.system("cli"))
    click.echo(f"{name} is switched on.")


@users.command("rename")
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Give OLD's account the name NEW: it keeps its role, password and tokens, and all that is theirs.
    OLD goes on meaning the same person wherever a report names them, and is nobody else's name.

    \b
    Example:
      python -m postmortems users rename ada ada.lovelace
    """
    from postmortems import visibility
    from postmortems.cli.database import opened
    from postmortems.gate.tallies import changes as changes  # The sums by owner follow.
    from postmortems.incidents.items import owners

    with opened(), visibility.seen_by(visibility.EVERYTHING):
        owners.rename_account(old, new, actor=Actor.system("cli"))
    click.echo(f"{old} is called {new} from now on.")


@users.command("reset")
@click.argument("name")
def reset(name: str) -> None:
    """Forget NAME's password and second step, end sessions and tokens, and print a link that signs in, once.

    \b
    Example:
      python -m postmortems users reset ada
    """
    from postmortems import clock
    from postmortems.accounts import operations as accounts_operations
    from postmortems.accounts import sign_in
    from postmortems.cli.database import opened

    actor = Actor.system("cli")
    with opened() as settings:
        user = accounts_operations.reset(name, actor=actor)
        secret = sign_in.make_sign_in_link(user, clock.now(), actor=actor)
    click.echo(f"{settings.url}/sign-in/link/{secret}")


@users.command("connect")
@click.argument("name")
@click.option("--subject", required=True, help="Who that is at the identity provider: its `sub`.")
def connect(name: str, subject: str) -> None:
    """Say who NAME is at the identity provider of the settings: from then on they sign in as NAME.

    \b
    Example:
      python -m postmortems users connect ada --subject=248289761001
    """
    from postmortems.accounts.company import operations as company_operations
    from postmortems.cli.database import opened

    with opened() as settings:
        if not settings.oidc_issuer:
            raise Invalid("there is no identity provider: set POSTMORTEMS_OIDC_ISSUER")
        company_operations.connect(name, settings.oidc_issuer, subject, actor=Actor.system("cli"))
    click.echo(f"{name} signs in as {subject} at {settings.oidc_issuer}.")


@users.command("disconnect")
@click.argument("name")
def disconnect(name: str) -> None:
    """Forget who NAME is at identity providers, and end the sessions that they opened.

    \b
    Example:
      python -m postmortems users disconnect ada
    """
    from postmortems.accounts.company import operations as company_operations
    from postmortems.cli.database import opened

    with opened():
        company_operations.disconnect(name, actor=Actor.system("cli"))
    click.echo(f"{name} is connected with nobody at an identity provider any more.")


@click.group(help="Tokens: keys with which programs use the API.")
def tokens() -> None:
    pass


@tokens.command("add")
@click.option("--user", "user_name", required=True, help="Whose token: it can do no more than they may.")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, help=f"Of {', '.join(SCOPES)}; several are fine."
)
@click.option(
    "--expires", type=Lifetime(), default="90d", show_default=True, help="After how long, or `never`."
)
@click.option(
    "--network", "networks", multiple=True, help="Accept it from there alone: 10.0.0.0/8; several are fine."
)
@click.argument("more_scopes", nargs=-1, metavar="[SCOPE]...")
def add_token(
    user_name: str,
    name: str,
    scopes: tuple[str, ...],
    expires: int,
    networks: tuple[str, ...],
    more_scopes: tuple[str, ...],
) -> None:
    """Make a token and print it, alone, on standard output. It is shown only once.

    \b
    Example:
      python -m postmortems tokens add --user ci --name "deploys of data8" --scope gate:read --scope evidence:write --expires 90d
    """  # noqa: E501 - an example is one line, so that it can be copied
    from postmortems.accounts import operations as accounts_operations
    from postmortems.cli.database import opened

    with opened():
        _, secret = accounts_operations.add_token(
            user_name,
            name,
            [*scopes, *more_scopes],
            None if expires == NEVER else expires,
            networks=networks,
            actor=Actor.system("cli"),
        )
    click.echo(secret)


@tokens.command("list")
@click.option(
    "--show",
    type=click.Choice(("live", "unused", "expiring", "endless")),
    default="live",
    show_default=True,
    help="Which: all that work, not used for 30 days, that end within 14 days, that never end.",
)
def list_tokens(show: str) -> None:
    """List everybody's tokens: number, account, name, scopes, when they end, and when they were used last.

    \b
    Example:
      python -m postmortems tokens list --show unused
    """
    from postmortems import clock
    from postmortems.accounts.tokens import queries
    from postmortems.cli.database import opened

    with opened():
        now, before = clock.now(), None
        while page := queries.listing(show, now, before=before):
            for token in page:
                ends = f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never"
                used = f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never"
                scopes = ",".join(token.scopes)
                click.echo(f"{token.id}\t{token.user.name}\t{token.name}\t{scopes}\t{ends}\t{used}")
            before = page[-1].id


@tokens.command("rotate")
@click.argument("number", type=int)
@click.option("--keep", type=Span(), default="7d", show_default=True, help="How long the old one works on.")
def rotate_token(number: int, keep: int) -> None:
    """Make a token like NUMBER (see `tokens list`) and print it, alone; the old one ends after --keep.

    \b
    Example:
      python -m postmortems tokens rotate 7 --keep 2d
    """
    from datetime import timedelta

    from postmortems.accounts.tokens import operations
    from postmortems.cli.database import opened

    with opened():
        _, secret = operations.rotate(number, timedelta(seconds=keep), actor=Actor.system("cli"))
    click.echo(secret)
