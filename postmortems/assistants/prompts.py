"""Prompts: drafting a summary from a timeline, and reviewing a draft. Each brings the report as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from postmortems.accounts import permissions
from postmortems.assistants import envelope, incident_text
from postmortems.assistants.tool import Caller, Fields
from postmortems.db import session as db
from postmortems.errors import Invalid
from postmortems.incidents import queries as incidents

# Characters of the report that a prompt brings.
LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words for an assistant, and the report of one incident that they are about."""

    name: str
    title: str
    description: str
    words: str


PROMPTS = {
    prompt.name: prompt
    for prompt in (
        Prompt(
            "draft_summary",
            "Draft a summary from the timeline",
            "A summary of an incident for its report, from its timeline alone.",
            "Draft the summary of the postmortem below, from its timeline. Three to five sentences: what "
            "users noticed, from when until when (with the zone as written), what set it off, what ended it, "
            "and what was lost. Say only what the timeline says; where it is silent, write [not known] and "
            "list at the end what to ask whom. Name roles, not people, and blame nobody.",
        ),
        Prompt(
            "review_draft",
            "Review a draft",
            "What a reviewer would say of an incident's report before it is published.",
            "Review the draft of a postmortem below. Go through it in this order: sections that are empty or "
            "still hold their prompts; times that contradict each other or lack a zone; causes that stop at "
            "a person; action items without an owner, a date or a test of being done; statements that no "
            "entry of the timeline bears out. Quote each place, say what is the matter, and propose other "
            "words. Change nothing yourself.",
        ),
    )
}


def listed() -> list[Fields]:
    """The prompts as `prompts/list` tells of them."""
    slug = {"name": "slug", "description": "the incident's slug, as search gives it", "required": True}
    return [
        {
            "name": prompt.name,
            "title": prompt.title,
            "description": prompt.description,
            "arguments": [slug],
        }
        for prompt in PROMPTS.values()
    ]


def get(name: str, sent: object, caller: Caller) -> Fields:
    """A prompt with the report in it. Raises `Invalid`, `NotFound`."""
    prompt = PROMPTS.get(name)
    if prompt is None:
        raise Invalid(f"there is no prompt {name[:60]!r}; there are {', '.join(PROMPTS)}")
    slug = sent.get("slug") if isinstance(sent, Mapping) else None
    if not isinstance(slug, str) or not slug:
        raise Invalid("name the incident by its slug", "/slug")
    if isinstance(sent, Mapping) and set(sent) != {"slug"}:
        raise Invalid("this prompt takes no argument but slug")
    permissions.require(caller.actor, "incident.read")
    with db.reading():
        text = incident_text.markdown(incidents.by_slug(slug, caller.actor))
    told = f"{prompt.words}\n\n{envelope.marked(envelope.cut(text, LONGEST))}"
    message = {"role": "user", "content": {"type": "text", "text": told}}
    return {"description": prompt.description, "messages": [message]}
