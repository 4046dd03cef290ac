"""`heartbeat`: a job has said lately that it ran and that it went well.

Jobs ping at their end, and where they like at their beginning; a ping may say that they failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.guards import cron
from postmortems.guards.judging import SKEW, Evidence, Judgement, Question, Seen, Wanted
from postmortems.guards.kinds.base import Configuration, Kind
from postmortems.guards.kinds.shapes import is_zone, moment, seconds, span
from postmortems.zones import ZoneInfo

ENDS = ("success", "fail")


def _is_cron(line: str) -> None:
    try:
        line and cron.read(line)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


class HeartbeatConfig(Schema):
    """How often the job has to say that it ran."""

    period_s = seconds(
        86_400,
        60,
        label="Every, in seconds",
        description="The longest time between two pings: 86400 is a day. A cron line takes its place.",
    )
    cron = fields.String(
        load_default="",
        validate=[validate.Length(max=200), _is_cron],
        metadata={
            "label": "Or by a cron line",
            "description": "When the job is due: minute, hour, day of the month, month, weekday.",
            "example": "0 3 * * MON-FRI",
        },
    )
    tz = fields.String(
        load_default="UTC",
        validate=is_zone,
        metadata={
            "label": "Time zone",
            "description": "The IANA zone whose clocks the cron line follows, also when they change.",
            "example": "America/Los_Angeles",
        },
    )
    grace_s = seconds(
        3_600,
        0,
        label="Grace, in seconds",
        description="How late a ping may be. Within the grace the guard passes and says that it is late.",
    )
    max_run_s = seconds(
        0,
        0,
        label="Longest run, in seconds",
        description="A job that began and has not ended within this time has failed. 0: no limit.",
    )

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if config["tz"] != "UTC" and not config["cron"]:
            raise ValidationError("a zone needs a cron line; a period has none", "tz")


class Heartbeat(Kind):
    slug = "heartbeat"
    label = "Heartbeat"
    passes_when = "the job has pinged in time and its newest run did not fail"
    by_clock = (
        "If this server's clock runs ahead, a job that is in time looks late and is stale too soon; if "
        "it lags, a late job is noticed later."
    )
    Config = HeartbeatConfig
    sample = {"cron": "0 3 * * *", "tz": "America/Los_Angeles", "grace_s": 3600, "max_run_s": 7200}

    def wanted(self, config: Configuration, question: Question) -> Sequence[Wanted]:
        return (Wanted("ping"),)

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config, now = self.filled(config), question.now
        pings = [one for one in evidence if one.kind == "ping" and one.observed_at <= now + SKEW]
        due = config["cron"] or f"every {span(config['period_s'])}"
        expected = {"due": due, "grace_s": config["grace_s"]}
        if not pings and question.is_replay:
            told = "no ping was recorded for this moment"
            return Judgement("not_applicable", "not_recorded", told, None, expected)
        if not pings:
            told = "the job has never pinged: make its address, and let it call that"
            return Judgement("inconclusive", "never_pinged", told, None, expected, now)
        success = next((one for one in pings if one.result == "success"), None)
        verdict, code, told, until = (
            _trouble(config, pings, now)
            or (success and _time(config, success, _running(pings), now))
            or ("inconclusive", "not_ended", "the job has begun and never said that it ended well", None)
        )
        observed = {
            "last_success": success.observed_at.isoformat() if success else None,
            "last_ping": pings[0].result,
            "last_ping_at": pings[0].observed_at.isoformat(),
        }
        return Judgement(verdict, code, told, observed, expected, pings[0].observed_at, until)


# Verdict, reason code, summary, and when a pass ends.
Answer = tuple[str, str, str, datetime | None]


def _trouble(config: Configuration, pings: Sequence[Seen], now: datetime) -> Answer | None:
    """What the job said of a failure, or did not say in time."""
    ended = _newest_ended(pings)
    if ended is not None and ended.result == "fail":
        status = ended.data.get("exit_status")
        how = f"that it failed with exit status {status}" if status else "that it failed"
        return "fail", "job_failed", f"the job said at {moment(ended.observed_at)} {how}: mend it", None
    running, limit = _running(pings), timedelta(seconds=config["max_run_s"])
    if running is not None and limit and now - running.observed_at >= limit:
        told = f"the job began at {moment(running.observed_at)} and has not ended within {span(limit)}"
        return "fail", "overran", f"{told}: see why it hangs", None
    return None


def _time(config: Configuration, success: Seen, running: Seen | None, now: datetime) -> Answer:
    due = _next_due(config, success.observed_at)
    last = f"the job said at {moment(success.observed_at)} that it went well"
    if due is None:
        return "pass", "on_time", last, None
    ends = due + timedelta(seconds=config["grace_s"])
    if now < due:
        return "pass", "on_time", last, ends
    if running is not None and (until := _runs_until(config, running)) and now < until:
        return "pass", "running", f"{last}, and runs since {moment(running.observed_at)}", until
    if now < ends:
        return "pass", "late", f"{last}; it is late since {moment(due)}", ends
    return "stale", "missed", f"{last}, and was due again at {moment(due)}: see why it does not run", None


def _next_due(config: Configuration, since: datetime) -> datetime | None:
    if config["cron"]:
        return cron.read(config["cron"]).next_after(since, ZoneInfo(config["tz"]))
    return since + timedelta(seconds=config["period_s"])


def _runs_until(config: Configuration, running: Seen) -> datetime | None:
    """How long a run that has begun is waited for: its limit, or without one until the next is overdue."""
    if config["max_run_s"]:
        return running.observed_at + timedelta(seconds=config["max_run_s"])
    due = _next_due(config, running.observed_at)
    return due + timedelta(seconds=config["grace_s"]) if due else None


def _newest_ended(pings: Sequence[Seen]) -> Seen | None:
    """The end of the run that started last, of those that ended; without a start a run began at its end."""
    newest: tuple[datetime, Seen] | None = None
    for place, one in enumerate(pings):
        if one.result in ENDS:
            began = _began(one, pings[place + 1 :])
            if newest is None or began > newest[0]:
                newest = began, one
    return newest[1] if newest else None


def _began(end: Seen, before: Sequence[Seen]) -> datetime:
    """When the run started that `end` ended; where it names no run, the newest start that names none."""
    run = _run_of(end)
    for one in before:
        if one.result in ENDS and _run_of(one) == run:
            break
        if one.result == "start" and _run_of(one) == run:
            return one.observed_at
    return end.observed_at


def _run_of(ping: Seen) -> str:
    return str(ping.data.get("rid") or "")


def _running(pings: Sequence[Seen]) -> Seen | None:
    """The newest beginning that no end followed: an end of the same run, or where one names no run, any."""
    ended: set[str] = set()
    for one in pings:
        run = _run_of(one)
        if one.result in ENDS:
            ended.add(run)
        elif not ended or (run and run not in ended and "" not in ended):
            return one
    return None
