"""`guards`: export and import services, guards and scenarios as YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from postmortems.actor import Actor
from postmortems.errors import Invalid

SYSTEM = Actor.system("cli")


@click.group(help="Services, guards and scenarios as YAML text.")
def guards() -> None:
    pass


@guards.command("export")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    """Write services.yaml, guards.yaml and scenarios/ to DIR; other files there are left alone.

    \b
    Example:
      python -m postmortems guards export guarding/
    """
    from postmortems.cli.database import opened
    from postmortems.gate.as_code import sync_yaml

    with opened():
        files = list(sync_yaml.written())
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(f"{len(files)} {'file' if len(files) == 1 else 'files'} in {folder}.")


@guards.command("import")
@click.argument("place", metavar="FILE|DIR", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", is_flag=True, help="Only say what would come of it.")
def import_(place: Path, dry_run: bool) -> None:
    """Make or change what FILE, or the YAML files in DIR, hold: all of it, or on any error nothing.

    The same again changes nothing. A guard gets to soft or hard once a drill proves it; else a line says why
    it did not.

    \b
    Example:
      python -m postmortems guards import guarding/
    """
    from postmortems.cli.database import opened
    from postmortems.gate.as_code import sync_yaml
    from postmortems.vault.encryption import Vault

    files = list(_files(place))
    with opened() as settings:
        brought = sync_yaml.bring(files, actor=SYSTEM, vault=Vault(settings), is_dry_run=dry_run)
    for name in brought.made:
        click.echo(f"made: {name}")
    for name in brought.changed:
        click.echo(f"changed: {name}")
    for note in brought.notes:
        click.echo(f"note: {note}", err=True)
    counts = f"{len(brought.made)} made, {len(brought.changed)} changed, {brought.same} as they were"
    click.echo(f"{counts}{' (dry run: nothing was changed)' if dry_run else ''}.")


def _files(place: Path) -> Iterator[tuple[str, str]]:
    inside = sorted(path for path in place.rglob("*") if path.suffix in {".yaml", ".yml", ".json"})
    paths = [place] if place.is_file() else inside
    if not paths:
        raise Invalid(f"{place} holds no YAML file")
    for path in paths:
        name = str(path if place.is_file() else path.relative_to(place))
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError as wrong:
            raise Invalid(f"{name}: byte {wrong.start} is not UTF-8") from wrong
        except OSError as wrong:
            raise Invalid(f"{name}: cannot be read: {wrong.strerror}") from wrong
