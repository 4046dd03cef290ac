"""`heartbeat`: a job has reported in time that it ran and succeeded.

Jobs ping at their end, and where they like at their beginning; a ping may say that they failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, validate, validates_schema

from postmortems.guards.config_fields import is_zone, moment, or_nothing, readable, seconds, span, text
from postmortems.guards.judgement import SKEW, Evidence, EvidenceItem, EvidenceNeed, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.kinds.heartbeat import cron
from postmortems.zone_tables import ZoneInfo

ENDS = ("success", "fail")
# The job's clock and ours differ: what it says shortly before it is due is of the run that is due then.
EARLY = timedelta(seconds=30)


class HeartbeatConfig(Schema):
    """How often the job has to say that it ran."""

    period_s = seconds(
        "Every, in seconds",
        "The longest time between two pings: 86400 is a day. A cron line takes its place.",
        86_400,
        least=60,
    )
    cron = text(
        "Or by a cron line",
        "When the job is due: minute, hour, day of the month, month, weekday.",
        validate.Length(max=200),
        or_nothing(readable(cron.read)),
        example="0 3 * * MON-FRI",
    )
    tz = text(
        "Time zone",
        "The IANA zone whose clocks the cron line follows, also when they change.",
        is_zone,
        default="UTC",
        example="America/Los_Angeles",
    )
    grace_s = seconds(
        "Grace, in seconds",
        "How late a ping may be. Within the grace the guard passes and says that it is late.",
        3_600,
    )
    max_run_s = seconds(
        "Longest run, in seconds",
        "A job that began and has not ended within this time has failed. 0: no limit.",
        0,
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

    def needs(self, config: Configuration, question: Question) -> Sequence[EvidenceNeed]:
        return (EvidenceNeed("ping"),)

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
        runs = _runs(pings)
        verdict, code, told, until = _trouble(config, runs, now) or _time(config, success, runs, now)
        observed = {
            "last_success": success.observed_at.isoformat() if success else None,
            "last_ping": pings[0].result,
            "last_ping_at": pings[0].observed_at.isoformat(),
        }
        return Judgement(verdict, code, told, observed, expected, pings[0].observed_at, until)


# Verdict, reason code, summary, and when a pass ends.
Answer = tuple[str, str, str, datetime | None]


@dataclass(slots=True)
class _Run:
    """One run of the job: without a start it began at its end."""

    rid: str
    began: datetime
    end: EvidenceItem | None = None
    # When another ping showed that it is over, though it did not say so.
    left_at: datetime | None = None

    def overran(self, limit: timedelta, now: datetime) -> bool:
        return bool(limit) and self.end is None and (self.left_at or now) - self.began >= limit


def _runs(pings: Sequence[EvidenceItem]) -> list[_Run]:
    """The runs that the pings tell of, the one that started last first.

    A ping belongs to the newest run of its name, or of none where it names none. Without names runs do not
    overlap: the next start shows that the one before is over, and so does an end that may be anybody's.
    """
    runs: list[_Run] = []
    for one in reversed(pings):
        rid, at = str(one.data.get("rid") or ""), one.observed_at
        run = next((run for run in reversed(runs) if run.rid == rid), None)
        if one.result == "start":
            if run is not None:
                run.left_at = run.left_at or at
            runs.append(_Run(rid, at))
        elif one.result in ENDS:
            if run is None or run.end is not None:
                runs.append(run := _Run(rid, at))
            run.end = one
            for other in runs:
                if not (rid and other.rid):
                    other.left_at = other.left_at or at
    # Of two that began at once, the one that was heard of last.
    runs.reverse()
    return sorted(runs, key=lambda run: run.began, reverse=True)


def _trouble(config: Configuration, runs: Sequence[_Run], now: datetime) -> Answer | None:
    """What is wrong with the newest of the runs that are over, or should be."""
    limit = timedelta(seconds=config["max_run_s"])
    run = next((run for run in runs if run.end is not None or run.overran(limit, now)), None)
    if run is None or (run.end is not None and run.end.result == "success"):
        return None
    if run.end is None:
        told = f"the job began at {moment(run.began)} and has not ended within {span(limit)}"
        return "fail", "overran", f"{told}: see why it hangs", None
    status = run.end.data.get("exit_status")
    how = f"that it failed with exit status {status}" if status else "that it failed"
    return "fail", "job_failed", f"the job said at {moment(run.end.observed_at)} {how}: mend it", None


def _time(config: Configuration, success: EvidenceItem | None, runs: Sequence[_Run], now: datetime) -> Answer:
    """Whether a good end is in time, or a run that is under way has still time to end."""
    running = next((run for run in runs if run.end is None and run.left_at is None), None)
    if success is None:
        begun = f"runs since {moment(running.began)}" if running else "has begun"
        return "inconclusive", "not_ended", f"the job {begun} and never said that it ended well", None
    due = _next_due(config, success.observed_at)
    last = f"the job said at {moment(success.observed_at)} that it went well"
    if due is None:
        return "pass", "on_time", last, None
    ends = due + timedelta(seconds=config["grace_s"])
    if now < due:
        return "pass", "on_time", last, ends
    if running is not None and (until := _runs_until(config, running)) and now < until:
        return "pass", "running", f"{last}, and runs since {moment(running.began)}", until
    if now < ends:
        return "pass", "late", f"{last}; it is late since {moment(due)}", ends
    return "stale", "missed", f"{last}, and was due again at {moment(due)}: see why it does not run", None


def _next_due(config: Configuration, since: datetime) -> datetime | None:
    if config["cron"]:
        return cron.read(config["cron"]).next_after(since + EARLY, ZoneInfo(config["tz"]))
    return since + timedelta(seconds=config["period_s"])


def _runs_until(config: Configuration, running: _Run) -> datetime | None:
    """How long a run that has begun is waited for: its limit, or without one until the next is overdue."""
    if config["max_run_s"]:
        return running.began + timedelta(seconds=config["max_run_s"])
    due = _next_due(config, running.began)
    return due + timedelta(seconds=config["grace_s"]) if due else None
