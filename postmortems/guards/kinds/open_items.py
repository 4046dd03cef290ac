"""`open_items`: no action item of the service is overdue, or open, that matters.

Its answer is stored and read by more people than an incident may name, now or later: it refers to items by
their numbers and says no more of them, and of those whose incident is restricted only that there are some.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from marshmallow import Schema, validate

from postmortems.guards.config_fields import exempt, flag, lines, seconds, whole
from postmortems.guards.judgement import Evidence, EvidenceItem, EvidenceNeed, Judgement, Question
from postmortems.guards.kind import Configuration, Kind

PRIORITIES = ("P0", "P1", "P2", "P3")
STATES = ("open", "overdue", "regressed")
# A summary names so many and counts the rest.
MOST_NAMED = 5


class OpenItemsConfig(Schema):
    priorities = lines(
        "Priorities",
        "Which items count, one priority per line: P0, P1, P2, P3. Empty: every item.",
        validate.OneOf(PRIORITIES),
        default=("P0",),
        most=len(PRIORITIES),
        example=["P0"],
    )
    states = lines(
        "States",
        "What stops a deploy, one per line. open: the item is open or in progress. overdue: "
        "and its due date is over (UTC). regressed: its fix was proven and no longer is. Empty: overdue.",
        validate.OneOf(STATES),
        default=("overdue", "regressed"),
        most=len(STATES),
        example=["overdue"],
    )
    overdue_grace_s = seconds(
        "Grace after the due date, in seconds",
        "An item is overdue this long after its due date is over: 86400 is a day.",
        0,
    )
    same_service = flag(
        "Of this service only", "Whether only items of incidents count that hit what is to be deployed.", True
    )
    max_allowed = whole("Allowed", "How many such items there may be.", 0, (0, 100))
    exempt_change_kinds = exempt(
        "fix", "security", "rollback", why="The halt is there to get things mended, and is no punishment."
    )


class OpenItems(Kind):
    slug = "open_items"
    label = "Open action items"
    passes_when = "no action item of these priorities and states is left for the service"
    by_clock = "If this server's date runs ahead, items are overdue too soon; if it lags, too late."
    Config = OpenItemsConfig
    sample = {"priorities": ["P0"], "states": ["overdue", "regressed"]}

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        config = self.filled(config)
        target = question.target if config["same_service"] else ""
        return [EvidenceNeed("item", priority, target) for priority in config["priorities"] or [""]]

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        items = [one for one in evidence if one.kind == "item"]
        in_the_way = [one for one in items if _states(one, config, question.now) & set(_stopping(config))]
        refs = sorted({str(one.data.get("id", "")) for one in in_the_way}, key=lambda ref: (len(ref), ref))
        expected = {
            "priorities": config["priorities"],
            "states": _stopping(config),
            "at_most": config["max_allowed"],
        }

        def answer(verdict: str, code: str, told: str, until: datetime | None = None) -> Judgement:
            shown = [one for one in in_the_way if not _is_restricted(one)]
            observed = [_observed(one, config, question.now) for one in shown[:MOST_NAMED]]
            return Judgement(verdict, code, told, observed, expected, question.now, until)

        if question.change_kind in config["exempt_change_kinds"]:
            return answer("not_applicable", "exempt", f"a {question.change_kind} is let pass")
        if len(refs) <= config["max_allowed"]:
            few = f"{len(refs)} such item{'' if len(refs) == 1 else 's'}" if refs else "no such item"
            told = f"{few} for {question.target if config['same_service'] else 'any service'}"
            return answer("pass", "few_enough", told, _next_overdue(items, config, question.now))
        resolved = sorted(set(refs) & set(question.resolves))
        if resolved:
            return answer("pass", "resolves", f"this deploy resolves {_named(resolved, in_the_way)}")
        is_one = len(refs) == 1
        state = _worst(in_the_way[0], config, question.now) if _told(in_the_way) == refs[:1] == refs else ""
        told = f"{_named(refs, in_the_way)} {'is' if is_one else 'are'} {state or 'in the way'}"
        way_out = "do it, give it a later date, or deploy with `resolves` what does it"
        return answer("fail", "items_in_the_way", f"{told}: {way_out}")


def _stopping(config: Configuration) -> list[str]:
    return config["states"] or ["overdue"]


def _ends(one: EvidenceItem, config: Configuration) -> datetime | None:
    """When the item becomes overdue: its due date is over, and the grace behind it."""
    try:
        due = date.fromisoformat(str(one.data.get("due") or ""))
    except ValueError:
        return None
    midnight = datetime.combine(due, time(), UTC) + timedelta(days=1)
    return midnight + timedelta(seconds=config["overdue_grace_s"])


def _states(one: EvidenceItem, config: Configuration, now: datetime) -> set[str]:
    """All that is true of the item."""
    ends = _ends(one, config)
    is_open = one.result in {"open", "in_progress"}
    found = {"open"} if is_open else set()
    found |= {"overdue"} if is_open and ends is not None and now >= ends else set()
    return found | ({"regressed"} if one.data.get("protection") == "regressed" else set())


def _worst(one: EvidenceItem, config: Configuration, now: datetime) -> str:
    states = _states(one, config, now) & set(_stopping(config))
    return next(state for state in reversed(STATES) if state in states)


def _is_restricted(one: EvidenceItem) -> bool:
    return bool(one.data.get("is_restricted"))


def _told(items: Iterable[EvidenceItem]) -> list[str]:
    """The ids that may be told, in their order."""
    refs = {str(one.data.get("id", "")) for one in items if not _is_restricted(one)}
    return sorted(refs, key=lambda ref: (len(ref), ref))


def _named(refs: Collection[str], items: Iterable[EvidenceItem]) -> str:
    """These items in words: a few by their ids, and how many others."""
    told = _told(one for one in items if one.data.get("id") in refs)
    hidden = len(refs) - len(told)
    words = [", ".join(told[:MOST_NAMED])] if told else []
    words += [f"{len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
    if hidden:
        words.append("an item that is restricted" if hidden == 1 else f"{hidden} items that are restricted")
    return " and ".join(words)


def _next_overdue(items: list[EvidenceItem], config: Configuration, now: datetime) -> datetime | None:
    """When the pass may end by itself, as far as that tells nothing of what is restricted."""
    if "overdue" not in _stopping(config):
        return None
    shown = [one for one in items if not _is_restricted(one)]
    return min((ends for one in shown if (ends := _ends(one, config)) and ends > now), default=None)


def _observed(one: EvidenceItem, config: Configuration, now: datetime) -> dict[str, Any]:
    return {"item": one.data.get("id"), "state": _worst(one, config, now)}
