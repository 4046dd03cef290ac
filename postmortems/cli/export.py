"""`export`: write incidents as Markdown files, in their own layout or a site generator's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from postmortems.document.model import DOCUMENT_STATUSES

# The names of `exports.layouts`, and those of `export_formats`, whose libraries the help need not wait for.
LAYOUTS = ("plain", "quarto", "jekyll", "hugo", "mkdocs", "confluence", "notion", "gdocs", "docx", "sphinx")
FORMS = ("csv", "ical", "atom", "html", "json", "pdf")


@click.command("export")
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--style",
    type=click.Choice(["source", "canonical"]),
    help="As the files came, with only what was edited changed (the default), or in the house layout.",
)
@click.option(
    "--layout", type=click.Choice(LAYOUTS), help="The house layout, or for a site generator or wiki."
)
@click.option("--format", "form", type=click.Choice(FORMS), help="Other than Markdown.")
@click.option("--status", type=click.Choice(DOCUMENT_STATUSES), help="Only those with this status.")
@click.option("--service", default="", metavar="NAME", help="Only those that hit this service or target.")
@click.option("--year", type=click.IntRange(1, 9999), help="Only those of this year.")
@click.option("--drafts", is_flag=True, help="Drafts too.")
@click.option("--restricted", is_flag=True, help="Also what is restricted to named people.")
@click.option("--zip", "zip_", metavar="FILE", type=click.Path(path_type=Path), help="Into a zip.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file differs or is missing.")
def export(**given: Any) -> None:
    """Write postmortems to DIR, where they are new or have changed; other files there are left alone.

    \b
    Example:
      python -m postmortems export incidents/
      python -m postmortems export incidents/ --check      in CI: exit 1 if the folder is behind
      python -m postmortems export site/ --layout hugo
      python -m postmortems export --zip 2018.zip --year 2018
      python -m postmortems export tables/ --format csv

    What was imported goes back to the file that it came from, byte for byte where nobody edited it; what was
    written here is <slug>.md. Drafts and restricted incidents stay out unless they are asked for.
    """
    from postmortems.cli import export_output

    export_output.run(**given)
