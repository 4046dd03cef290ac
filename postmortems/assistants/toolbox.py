"""The tools there are, and how one is called: permission, arguments, unit of work, envelope."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from postmortems.accounts import permissions
from postmortems.assistants import arguments, envelope, read_tools, write_tools
from postmortems.assistants.tool import Caller, Fields, Tool
from postmortems.db import session as db
from postmortems.errors import Invalid, Refusal, TooMany

log = logging.getLogger(__name__)

OVERTAKEN = "Someone else changed this at the same moment, so nothing was changed. Call it once more."
TOOLS = {
    tool.name: tool
    for tool in (
        Tool(
            "search",
            "Search",
            "Find incidents, action items and guards by words and operators, best first.",
            arguments.SearchArguments,
            "incident.read",
            read_tools.search,
        ),
        Tool(
            "get_incident",
            "Read an incident",
            "One postmortem as Markdown, with its timeline and action items. A long one comes in pieces: go "
            "on with `after`.",
            arguments.IncidentArguments,
            "incident.read",
            read_tools.get_incident,
        ),
        Tool(
            "list_action_items",
            "List action items",
            "Action items of all incidents, by due date or as `sort` says; every filter narrows the list.",
            arguments.ItemsArguments,
            "incident.read",
            read_tools.list_action_items,
        ),
        Tool(
            "update_action_item",
            "Change an action item",
            "Change fields of one action item; what is left out stays. An enforceable item can be done only "
            "when its guards are proven: what is refused says what to do.",
            arguments.ItemArguments,
            "item.edit",
            write_tools.update_action_item,
            "writes",
        ),
        Tool(
            "coverage",
            "Could this happen again?",
            "With `incident`: whether it could happen again, which guards would block it, and what is still "
            "open. Without: incidents by how today's guards cover them.",
            arguments.CoverageArguments,
            "report.read",
            read_tools.could_happen,
        ),
        Tool(
            "ask_gate",
            "Ask the gate, as a dry run",
            "Whether an artifact could be deployed to a target now, with each guard's reasons. A dry run: it "
            "lets nothing through and counts as no decision.",
            arguments.GateArguments,
            "gate.ask",
            read_tools.ask_gate,
            "own",
        ),
        Tool(
            "append_timeline_entry",
            "Append to a timeline",
            "Append one entry to an incident's timeline; its time is written as the others are.",
            arguments.EntryArguments,
            "incident.save",
            write_tools.append_timeline_entry,
            "writes",
        ),
    )
}


def described() -> list[Fields]:
    """The tools as `tools/list` tells of them."""
    return [tool.described() for tool in TOOLS.values()]


def call(name: str, sent: object, caller: Caller) -> Fields:
    """The tool's answer, as `tools/call` gives it. What is refused is told in it: whoever asked reads it.

    Opens its own units of work.
    """
    tool = TOOLS.get(name)
    if tool is None:
        return _refused(f"there is no tool {name[:60]!r}; there are {', '.join(TOOLS)}")
    try:
        permissions.require_anywhere(caller.actor, tool.act)
        asked = tool.load({} if sent is None else sent)
        with _unit(tool):
            told = tool.run(asked, caller)
    except Refusal as refusal:
        return _refused(words(refusal))
    except (IntegrityError, StaleDataError):
        log.info("overtaken by another writer", exc_info=True)
        return _refused(OVERTAKEN)
    return _answer(told)


def words(refusal: Refusal) -> str:
    """Why something is refused, with each wrong argument and the ways out."""
    if isinstance(refusal, TooMany):
        return f"{refusal.detail} (try again in {refusal.retry_after_s} s)"
    if not isinstance(refusal, Invalid):
        return refusal.detail
    lines = []
    for wrong in refusal.problems:
        lines.append(f"{wrong.pointer.lstrip('/')}: {wrong.detail}" if wrong.pointer else wrong.detail)
        lines += [f"- {remedy.do}" for remedy in wrong.remedies]
    return "\n".join(lines)


def _unit(tool: Tool) -> AbstractContextManager[object]:
    if tool.unit == "own":
        return _none()
    return db.transaction() if tool.writes else db.reading()


@contextmanager
def _none() -> Iterator[None]:
    yield


def _answer(told: Mapping[str, object]) -> Fields:
    marked = envelope.marked(envelope.as_json(told))
    content = [{"type": "text", "text": marked}]
    structured = {"notice": envelope.NOTICE, "data": told}
    return {"content": content, "structuredContent": structured, "isError": False}


def _refused(detail: str) -> Fields:
    return {"content": [{"type": "text", "text": f"Refused: {detail}"}], "isError": True}
