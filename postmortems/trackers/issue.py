"""Issues of any tracker as values: what it says, what is asked to be created, and what is asked to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

OPEN, DONE, DROPPED = "open", "done", "dropped"


@dataclass(frozen=True, slots=True)
class Person:
    """An account there: what calls name it by, and the address where the service gives it."""

    account: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as its tracker has it now.

    `key` names it for good in calls and payloads, `shown` is what people call it. `state` is open, done or
    dropped (closed as not planned); `due` is None where the tracker has no due dates. `closed_by` is who
    closed it, where the service says so. `stamp` changes whenever the issue does.
    """

    key: str
    shown: str
    url: str
    title: str
    state: str
    assignees: tuple[Person, ...] = ()
    due: date | None = None
    has_due: bool = True
    closed_by: str = ""
    stamp: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An issue to be created. `body` is Markdown that has the `mark`, a UUID, on its last line."""

    title: str
    body: str
    mark: str
    assignee: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an issue shall say; None leaves a field as it is. `assignee` "" takes everybody's name off.

    Of several people only `replaced` gives way to the new one.
    """

    title: str | None = None
    state: str | None = None
    assignee: str | None = None
    replaced: str = ""
    due: date | None = None
    is_due_changed: bool = False

    def people(self, issue: Issue) -> list[str]:
        """Who the issue is assigned to afterwards, for trackers that take several."""
        kept = [who.account for who in issue.assignees if who.account != self.replaced]
        return [self.assignee, *(who for who in kept if who != self.assignee)] if self.assignee else kept
