"""`sync`: bring incidents and a git repository in step."""

from __future__ import annotations

from typing import Any

import click


@click.command("sync")
@click.argument("place", metavar="GIT-URL-OR-DIR")
@click.option("--branch", default="", metavar="NAME", help="By default the one that the repository names.")
@click.option(
    "--folder", default="", metavar="FOLDER", help="Where in it the reports are; by default all of it."
)
@click.option(
    "--service", default="", metavar="NAME", help="The service that was hit, where a file names none."
)
@click.option("--timezone", default="", metavar="ZONE", help="The zone of times, where a file states none.")
@click.option(
    "--secret", default="", metavar="REFERENCE", help="Where name:password is: store:, env: or file:."
)
@click.option("--drafts", is_flag=True, help="Write drafts too.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing on either side.")
def sync(**given: Any) -> None:
    """Synchronise a Git repository with the incidents here, both ways.

    \b
    Example:
      python -m postmortems sync https://git.example.org/team/incidents.git --secret store:git
      python -m postmortems sync ../incidents.git --folder incidents --timezone America/Los_Angeles

    Edits made there are imported. Edits made here are committed with the editor as author, and pushed.
    Where both edited the same lines, neither is overwritten: the incident gets a review, and the exit code is
    1 until somebody has answered it. 2 means that files or the whole sync failed. Running it again does
    nothing.
    """
    from postmortems.cli import sync_output

    sync_output.run(**given)
