"""Configuration fields of guard kinds with what a form shows of them, and how spans are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from postmortems.egress import kept_urls
from postmortems.egress.client import Refused
from postmortems.formats.strict_fields import StrictBoolean
from postmortems.guards.judgement import CHANGE_KINDS, Artifact, EvidenceItem
from postmortems.guards.probing import request_headers
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


def is_url(address: str) -> None:
    """Raises `ValidationError` for what could never be asked, or holds a secret."""
    try:
        kept_urls.check(address, instead=request_headers.INSTEAD)
    except Refused as wrong:
        raise ValidationError(str(wrong)) from wrong


def or_nothing(rule: Callable[[str], object]) -> Callable[[str], object]:
    """The rule for a text that may be left empty."""
    return lambda text: rule(text) if text else text


def readable(read: Callable[[str], object]) -> Callable[[str], None]:
    """The rule that `read` raises no `ValueError`; what that says is what the author is told."""

    def is_readable(text: str) -> None:
        try:
            read(text)
        except ValueError as wrong:
            raise ValidationError(str(wrong)) from wrong

    return is_readable


def field(made: Callable[..., Any], label: str, description: str, default: Any, *of: Any, **more: Any) -> Any:
    """A field with its label, its help and what else a form shows; a required one has no default."""
    metadata = {name: more.pop(name) for name in ("example", "is_long") if name in more}
    presence = {} if more.get("required") else {"load_default": default}
    return made(*of, **presence, **more, metadata={"label": label, "description": description, **metadata})


def text(label: str, description: str, *rules: Any, default: str = "", **more: Any) -> Any:
    """A text. `more`: `required`, an example, and `is_long` where it has several lines."""
    return field(fields.String, label, description, default, validate=rules, **more)


def choice(label: str, description: str, default: str | None, choices: Iterable[str], **more: Any) -> Any:
    """One of several words; with no default it may be left empty. `more`: `required`, an example."""
    rule = validate.OneOf(list(choices))
    return field(fields.String, label, description, default, validate=rule, **more)


def flag(label: str, description: str, default: bool = False) -> Any:
    return field(StrictBoolean, label, description, default)


def whole(label: str, description: str, default: int | None, between: tuple[int, int], **more: Any) -> Any:
    """A whole number; with no default it may be left empty. `more`: `required`, an example."""
    rule = validate.Range(*between)
    return field(fields.Integer, label, description, default, validate=rule, strict=True, **more)


def seconds(label: str, description: str, default: int, *, least: int = 0, most: int = A_YEAR_S) -> Any:
    """A span in whole seconds."""
    return whole(label, description, default, (least, most))


def time_limit(description: str, default: int = 10) -> Any:
    """How long a probe may take."""
    return seconds("Time limit, in seconds", description, default, least=1, most=20)


def lines(
    label: str,
    description: str,
    *rules: Any,
    default: Iterable[Any] = (),
    least: int | None = None,
    most: int = MOST_LINES,
    longest: int = 200,
    of: fields.Field[Any] | None = None,
    **more: Any,
) -> Any:
    """A list of texts, or of other values `of` a kind, in a form one per line."""
    each = of or fields.String(validate=[validate.Length(1, longest), *rules])
    several = validate.Length(least, most)
    return field(fields.List, label, description, lambda: list(default), each, validate=several, **more)


def exempt(*default: str, why: str) -> Any:
    """The kinds of change that a guard lets pass, because it would block the cure."""
    return lines(
        "Lets pass",
        f"Changes that pass whatever is found, one per line: {', '.join(CHANGE_KINDS)}. {why}",
        validate.OneOf(CHANGE_KINDS),
        default=default,
        most=len(CHANGE_KINDS),
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
