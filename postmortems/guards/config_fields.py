"""Configuration fields that several guard kinds share, and how spans and instants are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from postmortems.guards.judgement import CHANGE_KINDS, Artifact, EvidenceItem
from postmortems.zone_tables import available_timezones

PREDICATE = validate.Regexp(r"[a-z0-9][a-z0-9._/-]{0,99}\Z", error="write a name such as staging-validated")
# What an incident may call a service, so that it can be registered by that very name.
ONE_NAME = r"(?!-|\.{1,2}(?:/|\Z))[^\s/\x00-\x1f\x7f](?:[^\s/\x00-\x1f\x7f]| (?=[^\s/])){0,99}"
NAME = validate.Regexp(
    rf"{ONE_NAME}\Z", error="write a name such as data8: up to 100 characters, without a slash, no dash first"
)
FULL_NAME = validate.Regexp(rf"{ONE_NAME}/{ONE_NAME}\Z", error="write service/target, as in data8/staging")
SLUG = validate.Regexp(r"[a-z0-9]+(-[a-z0-9]+)*\Z", error="write a slug such as lab-hours")
MOST_LINES = 50
A_YEAR_S = 31_536_000


def is_zone(name: str) -> None:
    """Raises `ValidationError` unless it is an IANA zone."""
    if name not in available_timezones():
        raise ValidationError("no such time zone; write an IANA name such as America/Los_Angeles")


def or_nothing(rule: validate.Regexp) -> Callable[[str], str]:
    """The rule for a text that may be left empty."""
    return lambda text: rule(text) if text else text


def lines(*rules: Any, default: tuple[str, ...] = (), most: int = MOST_LINES, **metadata: Any) -> Any:
    """A list of texts, in a form one per line."""
    return fields.List(
        fields.String(validate=[validate.Length(1, 200), *rules]),
        load_default=lambda: list(default),
        validate=validate.Length(max=most),
        metadata=metadata,
    )


def seconds(default: int, least: int, most: int = A_YEAR_S, **metadata: Any) -> fields.Integer:
    """A span in whole seconds."""
    return fields.Integer(
        strict=True, load_default=default, validate=validate.Range(least, most), metadata=metadata
    )


def exempt(*default: str, why: str) -> Any:
    """The kinds of change that a guard lets pass, because it would block the cure."""
    return lines(
        validate.OneOf(CHANGE_KINDS),
        default=default,
        most=len(CHANGE_KINDS),
        label="Lets pass",
        description=f"Changes that pass whatever is found, one per line: {', '.join(CHANGE_KINDS)}. {why}",
        example=list(default),
    )


def span(length: timedelta | float) -> str:
    """`3 days`, `90 seconds`: in the coarsest unit of which there are two."""
    whole = int(length.total_seconds() if isinstance(length, timedelta) else length)
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if whole >= 2 * size:
            return f"{whole // size} {name}"
    return "a second" if whole == 1 else f"{whole} seconds"


def moment(instant: datetime) -> str:
    """`2018-01-25 23:30 UTC`."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def short(artifact: Artifact | EvidenceItem) -> str:
    """An artifact by as much of its digest or commit as people compare."""
    named = artifact.digest or artifact.sha
    return f"{named[:19]}…" if len(named) > 20 else named or "an unnamed artifact"
