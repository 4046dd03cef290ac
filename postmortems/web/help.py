"""The help pages: the guides in `docs/`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from flask import Blueprint, Response, redirect
from flask.typing import ResponseReturnValue

from postmortems.errors import NotFound
from postmortems.guards.kinds.registry import KINDS
from postmortems.web.markdown import anchors
from postmortems.web.render import page

ROOT = Path(__file__).resolve().parents[2]
# Where each guide is, in the order in which people meet the product. `readme` is the README at the top.
FOR_PEOPLE = {
    "author": ("docs/author.md", "Write a postmortem: sections, times as people write them, action items"),
    "git": ("docs/git.md", "Keep reports in a git repository and here, in step"),
    "searching": ("docs/searching.md", "Find anything: words, phrases, operators, the box on every page"),
    "readers/readme": ("docs/readers/README.md", "Bring reports from where they are: what to give, by tool"),
    "admin": ("docs/admin.md", "See open action items, assign them, and link them to guards"),
    "pipeline": ("docs/pipeline.md", "Ask the gate before a deploy, and submit evidence"),
    "snippets": (
        "docs/snippets.md",
        "What to put in a pipeline: GitHub, GitLab, Jenkins, Argo, Flagger, shell",
    ),
    "github": ("docs/github.md", "Let GitHub hold a job until the gate has answered, and show it on commits"),
    "gitlab": (
        "docs/gitlab.md",
        "Let GitLab hold merge requests and deployments until the gate has answered",
    ),
    "tickets": ("docs/tickets.md", "Keep action items and issues in step: GitHub, GitLab, Jira, Linear"),
    "publishing": (
        "docs/publishing.md",
        "Publish incidents as pages of Confluence, and keep those up to date",
    ),
    "notifications": ("docs/notifications.md", "Hear of what is due: inbox, mail, digests, chats"),
    "chat": ("docs/chat.md", "Begin, note and answer reminders from Slack and Mattermost"),
    "webhooks": ("docs/webhooks.md", "Tell other systems what happens here, and check what they are told"),
    "assistants": ("docs/assistants.md", "Let an assistant search, read and note, by its protocol (MCP)"),
    "operator": ("docs/operator.md", "Run it: one laptop, or PostgreSQL and many processes"),
    "runbook": ("docs/runbook.md", "What to do when an alert fires"),
    "glossary": ("docs/glossary.md", "What each word means: guard, verdict, decision, scenario, protection"),
    "faults": ("docs/faults.md", "Fault tolerance: killed processes, full disks, stalled databases"),
    "readme": ("README.md", "What it is, the first five minutes, commands and settings"),
}
# Each kind of guard has its page.
OF_KINDS = {
    f"guards/{kind.slug}": (f"docs/guards/{kind.slug}.md", f"Passes when {kind.passes_when}")
    for kind in KINDS.values()
}
# Each place that reports come from has its page.
OF_READERS = {
    "readers/confluence": (
        "docs/readers/confluence.md",
        "Spaces, pages in storage format, answers of the API",
    ),
    "readers/notion": ("docs/readers/notion.md", "Downloads of Notion: pages and databases"),
    "readers/gdocs": ("docs/readers/gdocs.md", "Downloads of Google Docs: web page and Markdown"),
    "readers/word": ("docs/readers/word.md", "Documents of Word and OpenDocument"),
    "readers/wikis": (
        "docs/readers/wikis.md",
        "Textile and Org, and how MediaWiki and AsciiDoc are converted",
    ),
    "readers/issues": ("docs/readers/issues.md", "Issues of GitHub, GitLab and Jira that are reports"),
    "readers/incident-tools": (
        "docs/readers/incident-tools.md",
        "Incidents of PagerDuty, Opsgenie, incident.io, FireHydrant, Rootly, Dispatch; status pages",
    ),
}
GUIDES = FOR_PEOPLE | OF_KINDS | OF_READERS
# Folders whose pages are named by them.
FOLDERS = frozenset({"guards", "readers"})
# A link to another file of the project.
LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:|/|#)([^)]+)\)")
# A picture in a light and a dark one, as code hosts show it.
PICTURE = re.compile(
    r'<picture>\s*<source [^>]*srcset="[^"]*?pictures/([\w-]+\.webp)">\s*'
    r'<img alt="([^"]+)" src="[^"]*?pictures/([\w-]+\.webp)"[^>]*>\s*</picture>'
)
PICTURES = "pictures/"

blueprint = Blueprint("help", __name__, url_prefix="/help")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a page of ours, for light and for dark: names of files in `docs/pictures`."""

    light: str
    dark: str
    shows: str


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide's heading; its Markdown, whose links lead to the other guides' pages, and its pictures."""

    name: str
    title: str
    about: str
    pieces: tuple[str | Picture, ...]


@blueprint.get("")
def index() -> str:
    return page(
        "help/index.html",
        guides=[guide(name) for name in FOR_PEOPLE],
        kinds=[guide(name) for name in OF_KINDS],
        readers=[guide(name) for name in OF_READERS],
    )


@blueprint.get("/<path:name>")
def show(name: str) -> ResponseReturnValue:
    """One guide, or a picture in one; the file's own name leads there too."""
    if name.startswith(PICTURES):
        return _picture(name.removeprefix(PICTURES))
    plain = name.removesuffix(".md").lower()
    if plain not in GUIDES:
        raise NotFound("there is no such guide")
    if plain != name:
        return redirect(f"/help/{plain}", code=301)
    return page("help/show.html", guide=guide(name))


@cache
def guide(name: str) -> Guide:
    """Read a guide; the files do not change while we run."""
    path, about = GUIDES[name]
    first, _, text = (ROOT / path).read_text(encoding="utf-8").partition("\n")
    return Guide(name, first.removeprefix("# ").replace("`", ""), about, tuple(_pieces(text.strip())))


def _pieces(text: str) -> Iterator[str | Picture]:
    ends = 0
    for found in PICTURE.finditer(text):
        yield LINK.sub(_led_here, text[ends : found.start()])
        yield Picture(light=found[3], dark=found[1], shows=found[2])
        ends = found.end()
    yield LINK.sub(_led_here, text[ends:])


def _picture(name: str) -> Response:
    path = ROOT / "docs" / PICTURES / name
    if path.parent != ROOT / "docs" / "pictures" or path.suffix != ".webp" or not path.is_file():
        raise NotFound("there is no such picture")
    return Response(
        path.read_bytes(), mimetype="image/webp", headers={"Cache-Control": "private, max-age=3600"}
    )


def _led_here(match: re.Match[str]) -> str:
    """The link to a guide's page; the words alone where it leads to a file that is not served."""
    file, _, heading = match[2].partition("#")
    path = PurePosixPath(file)
    folder, stem = path.parent.name, path.stem.lower()
    name = f"{folder}/{stem}" if folder in FOLDERS else stem
    place = f"#{anchors.anchor(heading)}" if heading else ""
    return f"[{match[1]}](/help/{name}{place})" if name in GUIDES else match[1]
