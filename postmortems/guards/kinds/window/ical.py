"""iCalendar (RFC 5545) as components, properties and values, parsed strictly.

Lines are taken apart by the library icalendar. Values are read here, because its own hold no difference
between PT24H and P1D, and its zones are shared by all calendars of a process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from postmortems import zone_tables

DEEPEST = 8
# RFC 5545 §3.1: a line may be folded anywhere, also inside a letter of several bytes.
_folded = re.compile(rb"\r?\n[ \t]")
_moment = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?\Z", re.ASCII)
_duration = re.compile(
    r"\+?P(?:(?P<weeks>\d{1,4})W|(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?)\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Line:
    """`DTSTART;TZID=Europe/Berlin:20260308T090000`: name in capitals, parameters, value as written."""

    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END."""

    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def one(self, name: str) -> Line | None:
        """The line of this name, if there is one. Raises `ValueError` for a second."""
        found = self.all(name)
        if len(found) > 1:
            raise ValueError(f"it has several lines of {name}")
        return found[0] if found else None

    def text(self, name: str) -> str:
        """The value of the one line of this name, or nothing. Raises `ValueError` for a second."""
        line = self.one(name)
        return line.value.strip() if line else ""

    def first(self, name: str) -> str:
        """The value of the first line of this name, where nothing hangs on it."""
        return next((line.value.strip() for line in self.all(name)), "")


@dataclass(frozen=True, slots=True)
class Length:
    """Days, which clocks may make longer or shorter, and exact time after them (RFC 5545 §3.3.6)."""

    days: timedelta = timedelta(0)
    exact: timedelta = timedelta(0)


EVER_SINCE, FOR_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time on the clocks of a zone, or a day there."""

    wall: datetime
    zone: tzinfo
    is_day: bool

    @property
    def instant(self) -> datetime:
        """In UTC. A day begins at its first instant, even where the clocks skip midnight.

        A time that they skip is read with the offset before the jump, as RFC 5545 §3.3.5 says. At the ends
        of the calendar, where some write "ever since" and "for ever", it is as far away as instants go.
        """
        try:
            if self.is_day:
                return zone_tables.instant(self.wall, self.zone)
            return self.wall.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:
            return FOR_EVER if self.wall.year > 1 else EVER_SINCE

    def on(self, wall: datetime) -> Moment:
        return Moment(wall, self.zone, self.is_day)

    def after(self, length: Length) -> datetime:
        """The instant that lies so long after it."""
        try:
            return self.on(self.wall + length.days).instant + length.exact
        except OverflowError:
            return FOR_EVER


def read(content: bytes) -> Component:
    """The one VCALENDAR in `content`. Raises `ValueError` with what is wrong."""
    top = Component("")
    open_ones = [top]
    for text in _lines(content):
        line = _line(text)
        if line.name == "BEGIN":
            inner = Component(line.value.strip().upper())
            open_ones[-1].parts.append(inner)
            open_ones.append(inner)
            if len(open_ones) > DEEPEST:
                raise ValueError("this is no calendar: it is nested too deeply")
        elif line.name == "END":
            if open_ones.pop().name != line.value.strip().upper() or not open_ones:
                raise ValueError(f"this is no calendar: END:{line.value[:30]} ends nothing")
        else:
            open_ones[-1].lines.append(line)
    if len(open_ones) > 1:
        raise ValueError(f"this is no calendar, or it was cut off: {open_ones[-1].name[:30]} has no end")
    if top.lines or [part.name for part in top.parts] != ["VCALENDAR"]:
        raise ValueError("this is no calendar: it must be one VCALENDAR, from its BEGIN to its END")
    return top.parts[0]


def _lines(content: bytes) -> Iterator[str]:
    # Not with the application: it takes memory that few processes ever need.
    from icalendar.parser import Contentlines

    try:
        text = _folded.sub(b"", content).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("this is no calendar: it is not in UTF-8") from None
    lines: list[str] = Contentlines.from_ical(text)  # type: ignore[no-untyped-call]
    yield from (line for line in lines if line.strip())


def _line(text: str) -> Line:
    from icalendar.parser import Contentline

    try:
        name, parameters, value = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, IndexError, TypeError):
        raise ValueError(f"this is no calendar: the line {text[:40]!r} is not NAME:VALUE") from None
    named = {key.upper(): str(one) for key, one in parameters.items()}
    return Line(str(name).upper(), named, str(value))


def moment(line: Line, value: str, zone: tzinfo) -> Moment:
    """The day or time that `value` of `line` names, in `zone` unless it is in UTC. Raises `ValueError`."""
    match = _moment.match(value.strip())
    if not match or _is_mislabelled(line, is_day=match[4] is None):
        raise ValueError(f"{line.name} {value[:30]!r} is neither a day nor a time")
    try:
        # A leap second is the last one of its minute, for clocks here have none.
        numbers = [int(number or 0) for number in match.groups()[:5]]
        wall = datetime(*numbers, second=min(int(match[6] or 0), 59))  # type: ignore[arg-type,misc]  # noqa: DTZ001
    except ValueError:
        raise ValueError(f"{line.name} {value[:30]!r} is neither a day nor a time") from None
    return Moment(wall, UTC if match[7] else zone, match[4] is None)


def _is_mislabelled(line: Line, is_day: bool) -> bool:
    kind = line.parameters.get("VALUE", "").upper()
    return (kind == "DATE" and not is_day) or (kind in {"DATE-TIME", "PERIOD"} and is_day)


def duration(line: Line, text: str) -> Length:
    """`P1D` in days, `PT24H` exactly. Raises `ValueError`, also for one that goes back."""
    match = _duration.match(text.strip().upper())
    if not match or not any(match.groups()):
        raise ValueError(f"{line.name} {text[:30]!r} is no duration such as P1D or PT8H")
    parts = {name: int(number or 0) for name, number in match.groupdict().items()}
    days = timedelta(weeks=parts.pop("weeks"), days=parts.pop("days"))
    return Length(days, timedelta(**parts))
