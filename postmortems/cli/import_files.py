"""`import`: bring in files, folders, zips and repositories of postmortems, again and again."""

from __future__ import annotations

from typing import Any

import click


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@click.option(
    "--service", default="", metavar="NAME", help="The service that was hit, where a file names none."
)
@click.option("--timezone", default="", metavar="ZONE", help="The zone of times, where a file states none.")
@click.option("--branch", default="", metavar="NAME", help="Of a repository, by default the one it names.")
@click.option("--folder", default="", metavar="DIR", help="Only this folder of a repository.")
@click.option(
    "--as",
    "as_format",
    default="",
    metavar="FORMAT",
    help="What the files are, where extension and content do not tell it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line for each file.")
@click.option("--label", default="", metavar="NAME", help="Of a tracker, only issues with this label.")
@click.option("--query", default="", metavar="TEXT", help="Of a tracker, only what it finds for this (JQL).")
@click.option("--account", default="", metavar="EMAIL", help="Whose token it is, for Jira's cloud.")
@click.option(
    "--token-env", default="", metavar="NAME", help="The variable that holds the token for a tracker."
)
@click.option(
    "--templates",
    "with_templates",
    is_flag=True,
    help="Import templates too, the forms that nobody has filled in.",
)
def import_(**given: Any) -> None:
    """Import postmortems: files, folders, zips, Git repositories and issue trackers.

    \b
    Example:
      python -m postmortems import incidents/ --service data8 --timezone America/Los_Angeles
      python -m postmortems import reports.zip --dry-run
      python -m postmortems import Export-notion.zip --json
      python -m postmortems import https://git.example.org/team/reports.git --folder incidents
      python -m postmortems import github:owner/repo --label postmortem --token-env GITHUB_TOKEN

    A tracker is github:owner/repo, gitlab:group/project, jira:https://site.example/PROJECT or pagerduty:, or
    the address of a server of your own behind the colon; the token is read from the variable that you name.

    Importing again changes only what changed; what was edited here meanwhile is kept, and where both changed
    the same lines, neither is overwritten: a page is named on which both are brought together. One line a
    file says what came of it, and below it what is odd, with its line number; a file that cannot be imported
    does not stop the others, and the exit code is 2. With --json each file is one object
    {file, source, result, slug, warnings, …}, those that are no reports among them with the reason in detail.
    `export` gives every file back as it came.
    """
    from postmortems.cli import import_output

    import_output.run(**given)
