"""A recount of reports by whoever doubts them: plain tables read with SQL, and counted in Python one by one.

Nothing here asks a query, rule or sum of ours: definitions alone say how it is counted.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import text

from postmortems.db.session import session

# What the store calls teams in items, and the slug of each.
TEAMS = {"platform": "platform", "search": "search", "the hub people": "platform"}
DUE_DAYS = {"SEV1": 5, "SEV2": 10, "SEV3": 20, "SEV4": 30, "": 30}
SPANS = (
    ("under 30 days", 0, 30),
    ("30 to 89 days", 30, 90),
    ("90 to 364 days", 90, 365),
    ("a year or more", 365, 10**6),
)
WAITS = (("detected", "detect"), ("mitigated", "mitigate"), ("resolved", "resolve"))

Said = Mapping[str, str]
# The figures by name, and the table.
Recounted = tuple[dict[str, Any], list[tuple[Any, ...]]]


class Fix(NamedTuple):
    """An action item, and what its incident says; `team` is the slug of the one that answers for it."""

    id: int
    kind: str
    status: str
    owner: str
    due: date | None
    opened: date
    closed: date | None
    protection: str
    incident: int
    severity: str
    hit: frozenset[str]
    team: str


class Told(NamedTuple):
    """An incident; `minutes` are from its start to each milestone, None where no start is known."""

    id: int
    day: date
    severity: str
    hit: frozenset[str]
    tags: frozenset[str]
    repeats: bool
    state: str
    is_written: bool
    minutes: dict[str, float] | None

    @property
    def month(self) -> str:
        return f"{self.day:%Y-%m}"


def rows(sql: str) -> Sequence[Any]:
    return session().execute(text(sql)).all()


def grouped(sql: str) -> dict[Any, set[Any]]:
    found = defaultdict(set)
    for key, value in rows(sql):
        found[key].add(value)
    return found


def day(said: Any) -> date | None:
    """The day in UTC of what a database gives for a day or an instant."""
    if isinstance(said, str):
        return date.fromisoformat(said[:10])
    return said.astimezone(UTC).date() if isinstance(said, datetime) else said


def hits() -> dict[int, frozenset[str]]:
    found = defaultdict(set)
    for id, service, target in rows("SELECT incident_id, service, target FROM affected"):
        found[id].add(f"{service}/{target}".rstrip("/"))
    return {id: frozenset(names) for id, names in found.items()}


def fixes() -> list[Fix]:
    """The items of incidents that everybody may see."""
    hit = hits()
    member = grouped(
        "SELECT u.name, t.slug FROM team_members m JOIN users u ON u.id = m.user_id"
        " JOIN teams t ON t.id = m.team_id"
    )
    of_service = grouped("SELECT s.name, t.slug FROM services s JOIN teams t ON t.id = s.team_id")
    found = []
    for row in rows(
        "SELECT i.*, n.severity, s.protection FROM action_items i JOIN incidents n ON n.id = i.incident_id"
        " LEFT JOIN standings s ON s.item_id = i.id WHERE CAST(n.restricted AS TEXT) = '[]'"
    ):
        its, who = hit.get(row.incident_id, frozenset()), row.owner.removeprefix("@").casefold()
        theirs = {slug for name in its for slug in of_service.get(name.partition("/")[0], ())}
        only = [
            *(member.get(who, ()) if len(member.get(who, ())) == 1 else ()),
            *(theirs if len(theirs) == 1 else ()),
        ]
        team = TEAMS.get(who) or TEAMS.get(row.team.casefold()) or (only[0] if only else "")
        lived = day(row.due), day(row.opened_at), day(row.closed_at)
        said = row.protection or "unguarded", row.incident_id, row.severity, its, team
        found.append(Fix(row.id, row.kind, row.status, row.owner, *lived, *said))
    return found


def incidents() -> list[Told]:
    """The incidents that everybody may see."""
    hit, entries = hits(), defaultdict(list)
    for row in rows(
        "SELECT s.incident_id, e.kind, e.instant FROM entries e JOIN sections s ON s.id = e.section_id"
        " WHERE e.precision != 'day' AND e.instant IS NOT NULL"
    ):
        entries[row[0]].append((datetime.fromisoformat(str(row.instant)), row.kind))
    written = {row[0] for row in rows("SELECT incident_id FROM action_items")} | set(entries)
    written |= {
        row[0] for row in rows("SELECT s.incident_id FROM prose p JOIN sections s ON s.id = p.section_id")
    }
    skipped = {row[0] for row in rows("SELECT incident_id FROM skipped_reports")}
    found = []
    for row in rows("SELECT * FROM incidents WHERE CAST(restricted AS TEXT) = '[]'"):
        awaited = "skipped" if row.id in skipped else "reopened" if row.published_at else "draft"
        state = "published" if row.status == "published" else awaited
        tags = json.loads(row.tags) if isinstance(row.tags, str) else row.tags
        said = frozenset(tag.casefold() for tag in tags), bool(row.recurrence_of), state, row.id in written
        its = row.severity, hit.get(row.id, frozenset())
        found.append(Told(row.id, day(row.occurred_on), *its, *said, _minutes(entries[row.id])))
    return found


def _minutes(entries: Iterable[tuple[datetime, str]]) -> dict[str, float] | None:
    known = sorted(entries)

    def those(*kinds: str) -> list[datetime]:
        return [at for at, kind in known if kind in kinds and at >= (began or at)]

    began = None
    began = next(iter(those("trigger") or those("change")), None)
    if began is None:
        return None
    found, last = {}, began
    for name, at in (
        ("detected", next(iter(those("detection", "escalation")), None)),
        ("mitigated", next(iter(those("mitigation")), None)),
        ("resolved", max(those("recovery"), default=None)),
    ):
        if at is not None and at >= last:
            found[name], last = (at - began).total_seconds() / 60, at
    return found


def is_hit(hit: Iterable[str], service: str) -> bool:
    if service in ("", "-"):
        return not service or not hit
    name, _, target = service.partition("/")
    return any(one == name or (one.startswith(f"{name}/") and (not target or one == service)) for one in hit)


def is_asked(one: Fix | Told, said: Said) -> bool:
    """Whether an item or incident is of the service and the severity asked for."""
    severity = said.get("severity")
    return severity in (None, one.severity or "-") and is_hit(one.hit, said.get("service", ""))


def of_team(items: Iterable[Fix], said: Said) -> list[Fix]:
    return [one for one in items if "team" not in said or one.team == TEAMS.get(said["team"], "no team")]


def days(said: Said) -> tuple[date, date]:
    return tuple(
        date.fromisoformat(said.get(*each)) for each in (("from", "0001-01-01"), ("to", "9999-12-31"))
    )


def lately(said: Said, today: date) -> tuple[date, date]:
    """The days asked for, and without a first one from eleven months before the last one's."""
    first, last = days(said)
    if "from" not in said:
        first = min(last, today).replace(day=1)
        for _ in range(11):
            first = (first - timedelta(days=1)).replace(day=1)
    return first, last


def share(count: int, of: int) -> float | None:
    return round(100 * count / of, 1) if of else None


def rank(values: Sequence[float], of_hundred: int) -> float | None:
    """The least value that so many in a hundred have not passed."""
    return next(
        (one for one in values if 100 * sum(v <= one for v in values) >= of_hundred * len(values)), None
    )


def ageing(asked: list[Fix], said: Said, today: date) -> Recounted:
    first, last = days(said)
    those = [one for one in asked if one.status in ("open", "in_progress") and first <= one.opened <= last]
    ages = sorted((today - one.opened).days for one in those)
    middle = (ages[(len(ages) - 1) // 2] + ages[len(ages) // 2]) / 2 if ages else None

    def counts(group: list[Fix]) -> tuple[int, int, int]:
        late = sum(one.due is not None and one.due < today for one in group)
        return len(group), late, sum(not one.owner for one in group)

    table = [
        (label, *counts([one for one in those if low <= (today - one.opened).days < high]))
        for label, low, high in SPANS
    ]
    figures = dict(zip(("open", "overdue", "unowned"), counts(those), strict=True))
    ranks = {f"p{share}": rank(ages, share) for share in (75, 90, 95, 100)}
    return {**figures, "median_age_days": middle, **ranks}, table if those else []


def flow(asked: list[Fix], said: Said, today: date) -> Recounted:
    first, last = lately(said, today)
    last = max(min(last, today) if "from" not in said or "to" not in said else last, first)
    months, at = [], first.replace(day=1)
    while at <= last:
        months.append(f"{at:%Y-%m}")
        at = (at + timedelta(days=32)).replace(day=1)
    opened = Counter(f"{one.opened:%Y-%m}" for one in asked)
    closed = Counter(f"{one.closed:%Y-%m}" for one in asked if one.closed)
    table = [(month, opened[month], closed[month]) for month in months]
    while table and table[0][1:] == (0, 0):
        table.pop(0)
    return {"opened": sum(row[1] for row in table), "closed": sum(row[2] for row in table)}, table


def policy(asked: list[Fix], said: Said, today: date) -> Recounted:
    first, last = lately(said, today)
    those = [one for one in asked if one.status == "done" and one.closed and first <= one.closed <= last]

    def counts(group: list[Fix]) -> tuple[int, int, int, int]:
        in_time = sum(one.due is not None and one.closed <= one.due for one in group)  # type: ignore[operator]
        undated = sum(one.due is None for one in group)
        return len(group), in_time, len(group) - in_time - undated, undated

    def tables(by: str, named: Mapping[str, str]) -> Iterable[tuple[Any, ...]]:
        for value, label in named.items():
            if group := [one for one in those if getattr(one, by) == value]:
                yield label, *counts(group)

    done, in_time, late, _ = counts(those)
    teams = tables("team", {"platform": "team Platform", "search": "team Search"})
    table = [("all", *counts(those))] if those else []
    table += tables("severity", {name: name or "none stated" for name in DUE_DAYS})
    table += sorted(teams, key=lambda row: (-row[1], row[0]))
    return {"done": done, "in_time": share(in_time, in_time + late)}, table


def funnel(asked: list[Fix], said: Said, today: date) -> Recounted:
    first, last = days(said)
    those = [one for one in asked if one.status in ("open", "in_progress", "done")]
    counts = Counter(one.protection for one in those if first <= one.opened <= last)
    held = counts["proven"] + counts["enforced"]
    figures = {"fixes": counts.total(), "held": held, "held_share": share(held, counts.total())}
    names = ("unguarded", "shadow", "guarded", "proven", "enforced", "regressed")
    return figures, [(name, counts[name], share(counts[name], counts.total())) for name in names if counts]


def recurrence(asked: list[Told], said: Said, today: date) -> Recounted:
    counts, again = Counter(one.month for one in asked), Counter(one.month for one in asked if one.repeats)
    figures = {"incidents": len(asked), "repeats": again.total(), "share": share(again.total(), len(asked))}
    return figures, [(month, counts[month], again[month]) for month in sorted(counts)]


def causes(asked: list[Told], said: Said, today: date) -> Recounted:
    counts = Counter(tag for one in asked for tag in one.tags)
    again = Counter(tag for one in asked for tag in one.tags if one.repeats)
    figures = {"incidents": len(asked), "tags": len(counts), "untagged": sum(not one.tags for one in asked)}
    return figures, [(tag, count, again[tag]) for tag, count in counts.items()]


def unwritten(asked: list[Told], said: Said, today: date) -> Recounted:
    def counts(group: list[Told]) -> tuple[int, ...]:
        late = sum((today - one.day).days > DUE_DAYS[one.severity] for one in group)
        states = (sum(one.state == state for one in group) for state in ("draft", "in_review", "reopened"))
        return sum(not one.is_written for one in group), late, *states

    awaited = [one for one in asked if one.state in ("draft", "in_review", "reopened")]
    names = ("unwritten", "overdue", "draft", "in_review", "reopened")
    by = {name: [one for one in awaited if one.severity == name] for name in DUE_DAYS}
    table = [(name or "none stated", *counts(group)) for name, group in by.items() if group]
    return dict(zip(names, counts(awaited), strict=True)), table


def response_times(asked: list[Told], said: Said, today: date) -> Recounted:
    groups = {"all": asked}
    groups |= {name or "none stated": [one for one in asked if one.severity == name] for name in DUE_DAYS}
    groups |= {
        month: [one for one in asked if one.month == month] for month in sorted({one.month for one in asked})
    }
    figures: dict[str, Any] = {}
    table = []
    for label, group in groups.items():
        for name, word in WAITS:
            took = sorted(one.minutes[name] for one in group if one.minutes and name in one.minutes)
            ranks = [rank(took, share) for share in (50, 90, 100)]
            figures.setdefault(name, ranks[0])
            table += [(label, word, len(took), *ranks)] if took else []
    return figures, table


def guards(said: Said, now: datetime) -> Recounted:
    """The blocks of each guard, decision by decision, and what people and deploys said of them since."""
    last = days(said)[1] if "to" in said else now.date()
    first = days(said)[0] if "from" in said else last - timedelta(days=90)
    about = {name: value for name, value in said.items() if name in ("team", "severity")}
    wanted = {row.slug for row in rows("SELECT slug FROM guards")}
    if about:
        named = {one.id for one in of_team(fixes(), about) if one.kind == "process" and is_asked(one, about)}
        wanted &= {slug for id, slug in rows("SELECT item_id, slug FROM item_guards") if id in named}
    if service := said.get("service"):
        over = grouped(
            "SELECT g.slug, s.name || '/' || t.name FROM guards g JOIN guard_targets o ON o.guard_id = g.id"
            " JOIN targets t ON t.id = o.target_id JOIN services s ON s.id = t.service_id"
        )
        wanted &= {slug for slug, names in over.items() if service != "-" and is_hit(names, service)}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for slug, decision, at in stopped():
        if slug in wanted and first <= at.date() <= last:
            counts[slug].update(("blocks", worth(slug, decision, at, now)))
    names = ("blocks", "true_blocks", "false_blocks", "undecided")
    table = [(slug, *(count[name] for name in names)) for slug, count in counts.items()]
    total = sum(counts.values(), Counter())
    precision = share(total["true_blocks"], total["true_blocks"] + total["false_blocks"])
    figures = {name: total[name] for name in names} | {"precision": precision}
    return figures, sorted(table, key=lambda row: (-row[1], row[0]))


def stopped() -> set[tuple[str, str, datetime]]:
    """Guards, the real decisions that they blocked, and when."""
    those = rows(
        "SELECT e.guard_slug, d.id, d.evaluated_at FROM evaluations e"
        " JOIN decisions d ON d.id = e.decision_id"
        " WHERE d.decision = 'block' AND d.is_dry_run = false AND e.purpose = 'decision'"
        " AND e.level IN ('soft', 'hard') AND e.verdict IN ('fail', 'stale')"
    )
    return {(slug, decision, instant(at)) for slug, decision, at in those}


def instant(said: Any) -> datetime:
    found = datetime.fromisoformat(str(said))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def worth(guard: str, decision: str, blocked: datetime, now: datetime) -> str:
    """Whether a block was a true one, a false one, or nobody knows."""
    words = {
        bool(row.is_real)
        for row in rows("SELECT * FROM confirmations")
        if (row.decision_id, row.guard) == (decision, guard)
    }
    passes = [
        (instant(row.made_at), row.target, row.artifact)
        for row in rows(
            "SELECT w.made_at, w.guard, o.target, o.artifact, o.decision_id FROM waivers w"
            " JOIN overrides o ON o.id = w.override_id WHERE w.used_by != ''"
        )
        if (row.decision_id, row.guard) == (decision, guard)
    ]
    if words == {True}:
        return "undecided" if passes else "true_blocks"
    if words == {False}:
        return "false_blocks"
    for granted, target, artifact in passes:
        after = [
            (row.result, instant(row.observed_at))
            for row in rows(
                "SELECT e.*, s.name || '/' || t.name AS place FROM evidence e"
                " JOIN targets t ON t.id = e.target_id JOIN services s ON s.id = t.service_id"
                " WHERE e.kind = 'deploy'"
            )
            if row.place == target and artifact in (row.subject, row.sha)
        ]
        after = [one for one in after if one[1] >= granted]
        well = [at for result, at in after if result == "succeeded"]
        wrong = any(result in ("failed", "rolled_back") for result, _ in after)
        hour = timedelta(hours=1)
        if granted - blocked <= hour and well and not wrong and now - min(well) >= hour:
            return "false_blocks"
    return "undecided"


def change_failures(asked: list[Told], said: Said, today: date) -> Recounted:
    first, last = lately(said, today)
    service = said.get("service", "")
    changes = Counter(
        row.target
        for row in rows(
            "SELECT * FROM decisions"
            " WHERE decision IN ('allow', 'allow_with_warnings') AND is_dry_run = false"
        )
        if first <= instant(row.evaluated_at).date() <= last
        and service != "-"
        and is_hit([row.target], service)
    )
    guarded = {
        name
        for (name,) in rows(
            "SELECT s.name || '/' || t.name FROM guards g JOIN guard_targets o ON o.guard_id = g.id"
            " JOIN targets t ON t.id = o.target_id JOIN services s ON s.id = t.service_id"
            " WHERE g.is_enabled = true AND g.level IN ('soft', 'hard')"
        )
    }
    failures = {
        target: sum(not one.hit.isdisjoint({target, target.partition("/")[0]}) for one in asked)
        for target in changes
    }
    table = [
        (
            target,
            "yes" if target in guarded else "no",
            count,
            failures[target],
            share(failures[target], count),
        )
        for target, count in changes.items()
    ]
    figures: dict[str, Any] = {}
    for word, those in (("guarded", "yes"), ("unguarded", "no")):
        count, failed = (sum(row[place] for row in table if row[1] == those) for place in (2, 3))
        figures |= {f"{word}_rate": share(failed, count), f"{word}_changes": count}
    return figures, sorted(table, key=lambda row: (-row[2], row[0]))


OF_FIXES = {"ageing": ageing, "flow": flow, "policy": policy, "funnel": funnel}
OF_INCIDENTS = {
    "recurrence": recurrence,
    "causes": causes,
    "response-times": response_times,
    "unwritten": unwritten,
    "change-failures": change_failures,
}


def recounted(name: str, said: Said, now: datetime) -> Recounted:
    """What a report of this name and these filters has to say. In a unit of work."""
    if name == "guards":
        return guards(said, now)
    today, items = now.date(), of_team(fixes(), said)
    if name in OF_FIXES:
        return OF_FIXES[name](
            [one for one in items if one.kind == "process" and is_asked(one, said)], said, today
        )
    first, last = days(said) if name == "unwritten" else lately(said, today)
    theirs = {one.incident for one in items}
    asked = [one for one in incidents() if first <= one.day <= last and is_asked(one, said)]
    return OF_INCIDENTS[name]([one for one in asked if "team" not in said or one.id in theirs], said, today)
