"""`window`: deploys only outside a deny window, or inside an allow window.

Wall-clock times belong to the window's own zone, so 09:00 stays 09:00 when the clocks change. A time
that the clocks skip is taken as the instant they jump past it; one that comes twice, as the first.

With a calendar, its events are the windows. Of a feed, the last copy that could be read is used until it is
too old; a calendar's text is kept in the guard itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from marshmallow import fields

from postmortems.egress.client import Egress
from postmortems.guards.judgement import (
    Evidence,
    EvidenceItem,
    EvidenceNeed,
    Judgement,
    PassTerms,
    Question,
)
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.kinds.window import calendar
from postmortems.guards.kinds.window.calendar import Series
from postmortems.guards.kinds.window.config import WindowConfig
from postmortems.guards.kinds.window.occurrences import Span, first_joined, joined, occurrences
from postmortems.guards.probing import request_headers, result
from postmortems.zone_tables import ZoneInfo, instant

# `strftime` takes longer than all the rest of a judgement.
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# Windows from an instant on, joined where less time lies between them than a deploy takes.
Windows = Iterator[Span]


class WindowObserved(result.Observed):
    spans = fields.Raw(
        metadata={
            "label": "Windows",
            "description": "A list of pairs: when each window of the calendar began and ended.",
            "example": [["2018-01-25T09:00:00-08:00", "2018-01-25T19:00:00-08:00"]],
        }
    )
    trouble = fields.String(
        metadata={"label": "Trouble", "description": "What was wrong with the calendar. Empty: nothing."}
    )


class Window(Kind):
    slug = "window"
    label = "Deployment window"
    passes_when = "its deny window is not active, or its allow window is, with time left for the deploy"
    by_clock = (
        "The clock of this server is all it goes by, whatever a pipeline's says: an hour wrong here "
        "moves every window by an hour."
    )
    Config = WindowConfig
    # From when to when, on which days, by whose clocks: none of them says a window without the others.
    leads = ("tz", "starts", "ends", "rrule")
    Observed = WindowObserved
    sample = {
        "mode": "deny",
        "tz": "America/Los_Angeles",
        "starts": "09:00",
        "ends": "19:00",
        "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "reason": "labs",
    }

    observes = True

    def probes(self, config: Configuration) -> bool:
        return bool(config.get("ics_url"))

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        return (EvidenceNeed("observation"),) if self.probes(config) else ()

    def sends(self, config: Configuration) -> Iterable[tuple[str, str, str]]:
        return request_headers.references(config, config["ics_url"])

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        return {"ics_url": config["ics_url"]} | result.probed(lambda: _read(config, question.now, egress))

    def is_worth_keeping(self, data: Mapping[str, Any]) -> bool:
        # Or a feed that is away would displace the last copy of it.
        return "spans" in data

    def terms(self, config: Configuration, passed: Judgement, question: Question) -> PassTerms | None:
        config = self.filled(config)
        # A calendar is looked at so far ahead of each instant, and an allow window is joined with those
        # before it.
        if config["ics_url"] or config["ics_text"] or config["mode"] != "deny":
            return None
        zone = config["tz"]
        # When it closes is told with its day where that is not today.
        tomorrow = datetime.combine(_day(question.now, zone) + timedelta(days=1), time())
        midnight = instant(tomorrow, ZoneInfo(zone))
        until = min(midnight, passed.valid_until or midnight)
        return PassTerms(until, {"now": zone, "next_open": zone}, is_checked_now=True)

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        now = question.now.astimezone(UTC)
        if config["ics_text"]:
            return _by_text(config, now)
        if not config["ics_url"] and config["mode"] == "deny":
            runway = timedelta(seconds=config["runway_s"])
            return _judge_deny(config, now, first_joined(config, now, runway))
        if not config["ics_url"]:
            return _judged(config, now, occurrences(config, now))
        of_feed = [
            seen
            for seen in evidence
            if seen.kind == "observation" and result.is_of(seen, question, {"ics_url": config["ics_url"]})
        ]
        copy = next((seen for seen in of_feed if "spans" in seen.data), None)
        if copy is None:
            return _unread(config, of_feed, question)
        if now - copy.observed_at > timedelta(seconds=config["ics_stale_after_s"]) or not _reaches(copy, now):
            told = f"the calendar could not be read since {copy.observed_at:%Y-%m-%d %H:%M} UTC"
            return Judgement("stale", "old_copy", told, None, config["ics_url"], copy.observed_at)
        return _judged(config, now, _of_copy(copy))


def _read(config: Configuration, now: datetime, egress: Egress) -> dict[str, Any]:
    """The feed's windows of the next two months, or what is wrong with it."""
    plain, secret = request_headers.headers(config["headers"], config["ics_url"], egress)
    answer = egress.request(
        "GET",
        config["ics_url"],
        headers={"Accept": "text/calendar", **plain},
        secret_headers=secret,
        max_bytes=calendar.MOST_BYTES + 1,
        redirects=3,
    )
    about = {"peer": answer.peer, "rule": answer.rule}
    if answer.status != 200:
        return about | {"trouble": f"the feed answers with status {answer.status}"}
    try:
        found = calendar.spans(answer.body, ZoneInfo(config["tz"]), now)
    except ValueError as wrong:
        return about | {"trouble": str(wrong)}
    until = now + calendar.AHEAD
    return about | {
        "spans": [[start.isoformat(), end.isoformat()] for start, end in found],
        "until": until.isoformat(),
    }


def _by_text(config: Configuration, now: datetime) -> Judgement:
    try:
        found = calendar.around(_pasted(config["ics_text"], config["tz"]), now)
    except ValueError as wrong:
        return Judgement("error", "bad_calendar", f"its calendar: {wrong}", None, None, now)
    return _judged(config, now, found)


@lru_cache(maxsize=64)
def _pasted(text: str, zone: str) -> tuple[Series, ...]:
    # Reading a calendar takes longer than judging by it, and pipelines wait.
    return calendar.read(text.encode(), ZoneInfo(zone))


def _unread(config: Configuration, of_feed: Sequence[EvidenceItem], question: Question) -> Judgement:
    """There is no copy at all."""
    if not of_feed:
        return result.unseen(question, config["ics_url"], None)
    nothing = result.unanswered(of_feed[0], config["ics_url"], None, silence="inconclusive")
    if nothing is not None:
        return nothing
    told = f"{config['ics_url']}: {of_feed[0].data.get('trouble', 'it holds no windows')}"
    return Judgement("error", "bad_calendar", told, None, None, of_feed[0].observed_at)


def _reaches(copy: EvidenceItem, now: datetime) -> bool:
    until = copy.data.get("until")
    return until is None or now < datetime.fromisoformat(until)


def _of_copy(copy: EvidenceItem) -> Iterator[tuple[datetime, datetime]]:
    for start, end in copy.data["spans"]:
        yield datetime.fromisoformat(start), datetime.fromisoformat(end)


def _judged(config: Configuration, now: datetime, found: Iterable[tuple[datetime, datetime]]) -> Judgement:
    if config["mode"] == "deny":
        runway = timedelta(seconds=config["runway_s"])
        # Two closings with too short a gap between them for a deploy are one.
        return _judge_deny(config, now, next(joined(found, now, gap=runway), None))
    return _judge_allow(config, now, joined(found, now))


def _judge_deny(config: Configuration, now: datetime, closed: Span | None) -> Judgement:
    runway = timedelta(seconds=config["runway_s"])
    expected = "no deploy inside the window, nor one that would run into it"
    closes = closed[0] - runway if closed else None
    if closed is None or (now < closed[0] and now <= closed[0] - runway):
        return Judgement(
            "pass", "open", _open(closes, config, now), _seen(config, now, now, closes), expected, now, closes
        )
    opens = closed[1]
    seen = _seen(config, now, opens, closes)
    again = f"until {_clock(opens, config, now)}" if opens else "with no opening in sight"
    if now >= closed[0]:
        return Judgement("fail", "frozen", f"frozen {again}{_why(config)}", seen, expected, now, None, opens)
    starts = _clock(closed[0], config, now)
    summary = (
        f"a deploy of {config['runway_s']} s would run into the freeze from {starts} {again}{_why(config)}"
    )
    return Judgement("fail", "runs_into_window", summary, seen, expected, now, None, opens)


def _judge_allow(config: Configuration, now: datetime, windows: Windows) -> Judgement:
    runway = timedelta(seconds=config["runway_s"])
    expected = "a deploy inside the window, over before it closes"
    roomy = (span for span in windows if span[1] is None or max(span[0], now) + runway <= span[1])
    opens, ends = next(roomy, (None, None))
    closes = ends - runway if ends else None
    if opens and opens <= now:
        return Judgement(
            "pass", "open", _open(closes, config, now), _seen(config, now, now, closes), expected, now, closes
        )
    when = f"opens {_clock(opens, config, now)}" if opens else "with no opening in sight"
    seen = _seen(config, now, opens, closes)
    return Judgement("fail", "closed", f"closed, {when}{_why(config)}", seen, expected, now, None, opens)


def _open(closes: datetime | None, config: Configuration, now: datetime) -> str:
    return (f"open until {_clock(closes, config, now)}" if closes else "open") + _why(config)


def _seen(
    config: Configuration, now: datetime, opens: datetime | None, closes: datetime | None
) -> dict[str, str | None]:
    """What a person compares: the moment, when it is open next, when a deploy must have begun."""
    return {
        "now": _local(now, config["tz"]),
        "next_open": _local(opens, config["tz"]) if opens else None,
        "begin_before": _local(closes, config["tz"]) if closes else None,
    }


def _clock(instant: datetime, config: Configuration, now: datetime) -> str:
    return _clock_on(instant, config["tz"], _day(now, config["tz"]))


# All windows over a target are asked at one moment, and most say the same ends all day.
@lru_cache(maxsize=256)
def _local(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).isoformat()


@lru_cache(maxsize=256)
def _day(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=256)
def _clock_on(instant: datetime, zone: str, today: date) -> str:
    """`19:00 PST`; on another day `Mon 29 Jan 09:00 PST`, in another year with the year."""
    local = instant.astimezone(ZoneInfo(zone))
    named = f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} "
    day = "" if local.date() == today else named
    year = "" if local.year == today.year else f"{local.year} "
    return f"{day}{year}{local.hour:02}:{local.minute:02} {local.tzname()}"


def _why(config: Configuration) -> str:
    return f" ({config['reason']})" if config["reason"] else ""
