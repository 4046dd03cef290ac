"""The trackers that are spoken with, by name, each with what it can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from postmortems.egress.client import Egress
from postmortems.trackers import github, gitlab, jira, linear
from postmortems.trackers.issue import Change, Draft, Issue
from postmortems.trackers.wire import Host


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of tracker. Its functions raise `Failed`, `Refused` and `Unreachable`, and repeat nothing.

    `created` finds the issue with a mark that a creation since then may have left; `key` reads an issue's
    number, key or address.
    """

    name: str
    title: str
    api: str
    place_help: str
    place: re.Pattern[str]
    key: re.Pattern[str]
    read: Callable[[Host, str, Egress], Issue]
    create: Callable[[Host, Draft, Egress], Issue]
    created: Callable[[Host, str, datetime, Egress], Issue | None]
    change: Callable[[Host, Issue, Change, Egress], Issue]
    changed: Callable[[Host, datetime, Egress], Iterator[Issue]]


SERVICES = {
    service.name: service
    for service in (
        Service(
            "github", github.NAME, "https://api.github.com", "owner/repository",
            github.PLACE, github.KEY, github.read, github.create, github.created, github.change,
            github.changed,
        ),
        Service(
            "gitlab", gitlab.NAME, "https://gitlab.com/api/v4", "group/project, or the project's number",
            gitlab.PLACE, gitlab.KEY, gitlab.read, gitlab.create, gitlab.created, gitlab.change,
            gitlab.changed,
        ),
        Service(
            "jira", jira.NAME, "", "the key of the project, such as OPS",
            jira.PLACE, jira.KEY, jira.read, jira.create, jira.created, jira.change, jira.changed,
        ),
        Service(
            "linear", linear.NAME, "https://api.linear.app/graphql", "the key of the team, such as ENG",
            linear.PLACE, linear.KEY, linear.read, linear.create, linear.created, linear.change,
            linear.changed,
        ),
    )
}  # fmt: skip
