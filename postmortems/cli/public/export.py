"""`public export`: what is published for customers, as a static site in a folder or a zip."""

from __future__ import annotations

from pathlib import Path

import click


@click.group("public")
def public() -> None:
    """Public reports: what is published of incidents for customers, as a folder of files."""


@public.command("export")
@click.argument(
    "folder", metavar="[FOLDER]", required=False, type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--zip", "zip_", metavar="FILE", type=click.Path(path_type=Path), help="Into a zip.")
@click.option("--url", default="", metavar="ADDRESS", help="Where it will be served, for the feed.")
def export(folder: Path | None, zip_: Path | None, url: str) -> None:
    """Write everything that is public as pages, feed and pictures with relative links.

    \b
    Example:
      python -m postmortems public export /srv/www/incidents --url https://status.example.com/incidents
      python -m postmortems public export --zip incidents.zip

    FOLDER is replaced as a whole, so that what was withdrawn is gone from it; one that holds anything else is
    left alone.
    """
    from postmortems.cli.public import site_files

    site_files.run(folder, zip_, url)
