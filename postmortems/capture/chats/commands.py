"""`/postmortem` and what may stand behind it, for people whose chat account is linked to theirs here.

Whoever is not linked is told how, and nothing else. What is answered, only who typed it sees; restricted
incidents are not there all the same, for a chat keeps what it was told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from urllib.parse import urlencode

from postmortems import clock, visibility
from postmortems.accounts import permissions
from postmortems.actor import Actor
from postmortems.capture import command_text
from postmortems.capture import operations as capture
from postmortems.capture.chat_requests import ChatRequest, Sender
from postmortems.capture.chats import operations, queries
from postmortems.document.json_form.members import LONGEST_TITLE
from postmortems.document.model import Document
from postmortems.document.text import one_line
from postmortems.errors import Invalid, NotFound
from postmortems.followup import queries as items
from postmortems.followup.filters import Filters
from postmortems.gate.decisions import queries as decisions
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import ActionItem

NAME = "/postmortem"
OPEN = "open,in_progress,proposed"
ROWS = 10
LONGEST_LINE = 160
APART = "\u200b"
# How Slack sends a person where the command escapes names: <@U123|ada>.
MENTION = re.compile(r"<@([A-Z0-9]{1,80})(?:\|([^<>|]{0,80}))?>")


@dataclass(frozen=True, slots=True)
class Command:
    """What stands behind the name, and what it does: the words after it, who typed it, our address."""

    usage: str
    does: str
    run: Callable[[str, Actor, str], str]


def answer(request: ChatRequest, url: str) -> str:
    """What to tell who typed it. Raises `Invalid`, `NotFound` or `NotAllowed` where nothing was done."""
    word, _, rest = request.text.partition(" ")
    word, rest = word.lower(), rest.strip()
    with visibility.seen_by(visibility.NOBODY):
        if word == "link" and rest:
            name = operations.link(rest, request.sender)
            return f"Linked: here you are {name} from now on. Type `{NAME} help` to see what there is."
        actor = queries.actor_of(request.sender)
        if actor is None:
            return f"{_usage()}\nFirst say who you are: make a code at {url}/settings/chat, and type it here."
        found = COMMANDS.get(word)
        if found is None:
            return _usage() if word in ("", "help") else f"There is no command `{plain(word)}`.\n{_usage()}"
        return found.run(_named(rest, request.sender), actor, url)


def _usage() -> str:
    lines = [f"- `{NAME} {command.usage}`: {command.does}" for command in COMMANDS.values()]
    return "\n".join([*lines, f"- `{NAME} link CODE`: say who you are here", f"- `{NAME} help`: this"])


def plain(text: str, longest: int = LONGEST_LINE) -> str:
    """Words of a document in one line, in which neither chat sees markup, a link or a mention.

    Slack: "Formatting text", escaping. Mattermost reads Markdown, and names behind @.
    """
    line = one_line(text)
    line = line if len(line) <= longest else f"{line[:longest]}…"
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return line.replace("](", f"]{APART}(").replace("@", f"@{APART}").replace("`", "'")


def _named(text: str, sender: Sender) -> str:
    """The words with people who are mentioned by the names that they have here, else by the chat's."""

    def name(found: re.Match[str]) -> str:
        who = queries.actor_of(replace(sender, id=found[1]))
        return f"@{who.name}" if who else f"@{found[2] or found[1]}"

    return MENTION.sub(name, text)


def _new(title: str, actor: Actor, url: str) -> str:
    if not title:
        raise Invalid(f"say what it is called: `{NAME} new Hub does not answer`")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"a title has at most {LONGEST_TITLE} characters; `{NAME} note` takes the rest")
    document = Document(title=title, date=clock.now().astimezone(UTC).date(), status="draft")
    incident = save_incident.save(None, document, version=None, actor=actor, message="begun in a chat")
    return f"Begun: {plain(title)} {url}/incidents/{incident.slug}\nWhat happens, `{NAME} note` adds to it."


def _note(text: str, actor: Actor, url: str) -> str:
    said = command_text.read(text, actor.name)
    if said.note is None:
        return command_text.USAGE
    incident = incidents.by_slug(said.slug, actor) if said.slug else capture.newest_draft()
    if incident is None:
        raise NotFound("there is no draft of an incident; begin one, or name it as #its-name")
    noted = capture.append(incident.slug, said.note, actor=actor)
    title = plain(noted.incident.title or noted.incident.slug)
    return f"Noted at {noted.entry.written} in {title}: {url}/incidents/{noted.incident.slug}"


def _items(whose: str, actor: Actor, url: str) -> str:
    permissions.require(actor, "incident.read")
    owner = whose.removeprefix("@") or actor.name
    page = items.listing(Filters(owner=owner, status=OPEN), limit=ROWS)
    rows = [_item(listed.item, url) for listed in page.rows]
    more = [f"and more: {url}/action-items?{urlencode({'owner': owner})}"] if page.after else []
    return "\n".join([*rows, *more]) or f"{plain(owner)} has no open action item."


def _overdue(team: str, actor: Actor, url: str) -> str:
    permissions.require(actor, "incident.read")
    page = items.listing(Filters(overdue=True, team=team), limit=ROWS)
    rows = [f"{_item(listed.item, url)}, of {plain(listed.item.owner) or 'nobody'}" for listed in page.rows]
    more = [f"and more: {url}/action-items?{urlencode({'overdue': 1, 'team': team})}"] if page.after else []
    return "\n".join([*rows, *more]) or f"Nothing is overdue{f' of {plain(team)}' if team else ''}."


def _item(item: ActionItem, url: str) -> str:
    due = f"due {item.due}" if item.due else "no due date"
    return f"- {item.ref} {plain(item.text)} ({due}) {url}/action-items/{item.ref}"


def _gate(name: str, actor: Actor, url: str) -> str:
    permissions.require(actor, "gate.read")
    filters = decisions.of_service(name)
    rows = decisions.decisions(filters, limit=5).rows
    lines = [
        f"- {row.decision.replace('_', ' ')}: {plain(row.target)}, {row.asked_at:%Y-%m-%d %H:%M} UTC"
        f"{', dry run' if row.is_dry_run else ''} {url}/gate/{row.id}"
        for row in rows
    ]
    return "\n".join(lines) or f"The gate was not asked{f' about {plain(name)}' if name else ''} yet."


COMMANDS = {
    "new": Command("new TITLE", "begin a report", _new),
    "note": Command("note TEXT", "note in the newest draft's timeline, or in `#its-name`", _note),
    "items": Command("items [@NAME]", "your open action items, or somebody's", _items),
    "overdue": Command("overdue [TEAM]", "who is overdue", _overdue),
    "gate": Command("gate [SERVICE or SERVICE/TARGET]", "the gate's last answers", _gate),
}
