"""`parse` and `fmt`: what a postmortem file holds, and its canonical Markdown. Opens no database."""

from __future__ import annotations

import json
import sys

import click

from postmortems.config import Settings


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--as",
    "as_format",
    default="",
    metavar="FORMAT",
    help="What the files are, where extension and content do not tell it.",
)
def parse(files: tuple[str, ...], as_format: str) -> None:
    """Print what is in postmortem files: one JSON object a line, in the order given.

    \b
    Example:
      python -m postmortems parse incidents/2018-01-25-merge.qmd incidents/*.md

    A file, zip or folder of several reports gives an object for each. A file that cannot be read is named on
    standard error, as are those that are no reports; the others are still printed. Exit code 2 then.
    """
    Settings.from_env()
    from postmortems.cli import parse_output

    failed = False
    for told in parse_output.all_told(files, as_format):
        if isinstance(told, parse_output.Unreadable):
            click.echo(str(told), err=True)
            failed = failed or not told.is_left
        else:
            click.echo(json.dumps(told, ensure_ascii=False))
    if failed:
        sys.exit(2)


@click.command()
@click.argument("file", metavar="FILE")
def fmt(file: str) -> None:
    """Write a postmortem file as canonical Markdown on standard output.

    \b
    Example:
      python -m postmortems fmt incidents/2018-01-25-merge.qmd > merge.md
    """
    Settings.from_env()
    from postmortems.cli import parse_output
    from postmortems.document.markdown import parser

    try:
        click.echo(parser.write(parse_output.document(file)), nl=False)
    except parse_output.Unreadable as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(2)
