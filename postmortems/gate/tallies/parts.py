"""Parts that one incident adds to the sums of reports. Pure; what a report counts is defined here once.

Each is (what, name, part), with how many. `part` is a day or a month in UTC as ISO text where time alone
moves what is counted: whether an item is overdue, and how old it is, a report works out from sums by day.

class            by target ("" for all), by class of coverage: incidents
written, stopped by month: incidents written down here, and how many more were stopped by drills then
again            incidents that could happen again
open, unowned, undated, reopened, unproven, proposed, regressed: process fixes, as `followup/rules.py` defines
due, age, age_unowned  open ones by due day, by the day they were opened, and those of nobody by that
age_due          open ones by the day they were opened and the due day
opened, closed   process fixes by month
done_in, done_on those that were done by month and by day, each with how it stands to its due date and with
                 the team that answers for it: `2026-03/late/3`
protection       those that are open, in progress or done, by their protection
protected_on     the same by protection, by the day they were opened
report           by severity, by state: reports neither published nor skipped (`awaited`), and among them the
                 drafts, those in review, re-opened and unwritten
report_awaited, report_draft, …: the same by severity, by the day of the incident
items_open, items_due, items_unproven: action items of any kind by service, as above
all_open, all_due, all_unproven: the same over all, each item once whatever its incident hit
open_…, unowned_…, age_…, due_…: the same by service ("" for none named) and by owner, as names are compared;
                 `part` of open_owner is the spelling

What is in `SLICED` is counted by severity, service and team as well, and what is in `ALONE` by service:
`incidents/tallies/slices.py` says how.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from postmortems.followup import rules
from postmortems.incidents.approvals import rules as publishing

Key = tuple[str, str, str]
Counts = Counter[Key]
# What somebody has committed to and nobody dropped.
COMMITTED = (*rules.OPEN, "done")
SLICED = frozenset(
    {"opened", "closed", "done_in", "done_on", "protected_on", "age", "age_unowned", "age_due"}
)
ALONE = frozenset({"undated", "reopened", "unproven", "proposed", "again"})
REPORT_STATES = ("awaited", "draft", "in_review", "reopened", "unwritten")


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What of an action item is counted."""

    kind: str
    status: str
    owner: str
    owner_key: str
    due: date | None
    guardability: str
    protection: str
    opened_at: datetime
    closed_at: datetime | None
    reopened_at: datetime | None
    # The id of the team that answers for it.
    team: int | None = None

    @property
    def is_process(self) -> bool:
        return self.kind == "process"

    @property
    def is_unproven(self) -> bool:
        return rules.is_unproven(self.status, self.guardability, self.protection)


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """One drill of a bad scenario."""

    scenario: int
    at: datetime
    decision: str


def of_items(items: Iterable[ItemFacts], services: Collection[str]) -> Counts:
    """The parts of the action items of an incident that hit these services, its process fixes among them."""
    counts: Counts = Counter()
    named = tuple(services) or ("",)
    for item in items:
        counts.update(_of_any(item, named))
        if item.is_process:
            counts.update(_of_item(item, named))
    return counts


def by_team(items: Iterable[ItemFacts]) -> dict[int, Counts]:
    """By the team that answers for them, the parts of the items of an incident."""
    found: dict[int, list[ItemFacts]] = {}
    for item in items:
        if item.team is not None:
            found.setdefault(item.team, []).append(item)
    return {team: of_items(theirs, ()) for team, theirs in found.items()}


def _of_any(item: ItemFacts, services: Iterable[str]) -> Iterator[Key]:
    for what, part in _states(item):
        yield f"all_{what}", "", part
        for service in services:
            yield f"items_{what}", service, part


def _states(item: ItemFacts) -> Iterator[tuple[str, str]]:
    if item.is_unproven:
        yield "unproven", ""
    if rules.is_open(item.status):
        yield "open", ""
        if item.due is not None:
            yield "due", item.due.isoformat()


def _of_item(item: ItemFacts, services: Iterable[str]) -> Iterator[Key]:
    day = item.opened_at.astimezone(UTC).date().isoformat()
    yield "opened", "", _month(item.opened_at)
    if item.closed_at:
        yield "closed", "", _month(item.closed_at)
        if item.status == "done":
            yield from _of_done(item, item.closed_at)
    if item.status == "proposed":
        yield "proposed", "", ""
    if item.is_unproven:
        yield "unproven", "", ""
    if item.status in COMMITTED:
        yield "protection", "", item.protection
        yield "protected_on", item.protection, day
    if item.protection == "regressed":
        yield "regressed", "", ""
    if rules.is_open(item.status):
        yield from _of_open(item, services, day)


def _of_done(item: ItemFacts, closed_at: datetime) -> Iterator[Key]:
    tail = f"{rules.how_done(item.due, closed_at)}/{'' if item.team is None else item.team}"
    yield "done_in", "", f"{_month(closed_at)}/{tail}"
    yield "done_on", "", f"{closed_at.astimezone(UTC).date().isoformat()}/{tail}"


def _of_open(item: ItemFacts, services: Iterable[str], day: str) -> Iterator[Key]:
    yield from _of_group("", "", item, day)
    if item.due is None:
        yield "undated", "", ""
    else:
        yield "age_due", day, item.due.isoformat()
    if rules.is_reopened(item.status, item.reopened_at):
        yield "reopened", "", ""
    if not item.owner:
        yield "age_unowned", "", day
    for service in services:
        yield from _of_group("_service", service, item, day)
    yield from _of_group("_owner", item.owner_key, item, day, spelling=item.owner)


def _of_group(sort: str, name: str, item: ItemFacts, day: str, spelling: str = "") -> Iterator[Key]:
    yield f"open{sort}", name, spelling
    yield f"age{sort}", name, day
    if not item.owner:
        yield f"unowned{sort}", name, ""
    if item.due is not None:
        yield f"due{sort}", name, item.due.isoformat()


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What of an incident's report is counted."""

    severity: str
    status: str
    occurred_on: date
    was_published: bool
    is_in_review: bool
    is_skipped: bool
    is_written: bool

    @property
    def states(self) -> tuple[str, ...]:
        """Of `REPORT_STATES` those that it is in: none where it is published or skipped."""
        state = publishing.state(
            self.status,
            was_published=self.was_published,
            is_in_review=self.is_in_review,
            is_skipped=self.is_skipped,
        )
        if state not in REPORT_STATES:
            return ()
        return ("awaited", state) if self.is_written else ("awaited", state, "unwritten")


def of_report(report: ReportFacts) -> Counts:
    """The parts of an incident's report while it is not published."""
    day = report.occurred_on.isoformat()
    return Counter(
        key
        for state in report.states
        for key in (("report", report.severity, state), (f"report_{state}", report.severity, day))
    )


def of_coverage(name: str, targets: Iterable[str]) -> Counts:
    """The parts of an incident of this class that hit these targets."""
    return Counter([("class", "", name), *(("class", target, name) for target in targets)])


def of_months(written_at: datetime, drills: Sequence[DrillFacts]) -> Counts:
    """When it was written down, and in which months it came to be stopped, or no longer, at their ends.

    It is stopped when the newest drill of each bad scenario that was drilled by then is a block.
    """
    first = _month(written_at)
    counts: Counts = Counter([("written", "", first)])
    newest: dict[int, str] = {}
    was = False
    months = sorted({first, *(max(first, _month(drill.at)) for drill in drills)})
    for month in months:
        newest |= {one.scenario: one.decision for one in drills if _month(one.at) <= month}
        is_stopped = bool(newest) and set(newest.values()) == {"block"}
        if is_stopped != was:
            counts["stopped", "", month] = 1 if is_stopped else -1
        was = is_stopped
    return counts


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"
