"""Calendars by RFC 5545: which instants an event takes, whose zones it is in, and what is refused with a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.guards.kinds.window import calendar as window_calendar
from postmortems.guards.kinds.window.calendar_zones import CalendarZones
from postmortems.guards.kinds.window.ical import read as components

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def calendar(*parts: str) -> bytes:
    lines = "\n".join(parts).replace("|", "\n")
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:tests\n{lines}\nEND:VCALENDAR\n".encode()


def event(lines: str) -> str:
    return f"BEGIN:VEVENT|UID:x|SUMMARY:X|{lines}|END:VEVENT"


def zone(name: str, before: str, after: str) -> str:
    """A zone of the calendar's own, whose clocks were `before` ahead of UTC until 2000 and are `after` since."""
    onset = f"DTSTART:20000101T000000|TZOFFSETFROM:{before}|TZOFFSETTO:{after}"
    return f"BEGIN:VTIMEZONE|TZID:{name}|BEGIN:STANDARD|{onset}|END:STANDARD|END:VTIMEZONE"


NEW_YORK = (
    "BEGIN:VTIMEZONE|TZID:Eastern"
    "|BEGIN:DAYLIGHT|DTSTART:16010311T020000|RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"
    "|TZOFFSETFROM:-0500|TZOFFSETTO:-0400|TZNAME:EDT|END:DAYLIGHT"
    "|BEGIN:STANDARD|DTSTART:16011104T020000|RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"
    "|TZOFFSETFROM:-0400|TZOFFSETTO:-0500|TZNAME:EST|END:STANDARD|END:VTIMEZONE"
)


def told(content: bytes, now: datetime = MARCH) -> str:
    """The windows in UTC, as in `20 09:00-10:00, 21 …`; an end on another day has its day."""
    found = window_calendar.spans(content, BERLIN, now)
    return ", ".join(
        f"{start:%d %H:%M}-{end:%H:%M}" if start.date() == end.date() else f"{start:%d %H:%M}-{end:%d %H:%M}"
        for start, end in found
    )


DAILY = "DTSTART;TZID=Europe/Berlin:20260327T090000|DTEND;TZID=Europe/Berlin:20260327T100000|RRULE:FREQ=DAILY;COUNT=3"
DAYS = "DTSTART;VALUE=DATE:20260323|RRULE:FREQ=DAILY;COUNT=3"
AT_NINE = "27 08:00-09:00, 28 08:00-09:00, 29 07:00-08:00"


@pytest.mark.parametrize(
    "parts, windows",
    [
        ([event(DAILY)], AT_NINE),
        # One instance is cancelled: as it is written, in UTC, as the zone of another place, before its master.
        ([event(DAILY), event("RECURRENCE-ID;TZID=Europe/Berlin:20260328T090000|STATUS:CANCELLED")], "27 08:00-09:00, 29 07:00-08:00"),
        ([event(DAILY), event("RECURRENCE-ID:20260328T080000Z|STATUS:CANCELLED")], "27 08:00-09:00, 29 07:00-08:00"),
        ([event(DAILY), event("RECURRENCE-ID;TZID=Asia/Tokyo:20260328T170000|STATUS:cancelled")], "27 08:00-09:00, 29 07:00-08:00"),
        ([event(DAILY), event("RECURRENCE-ID:20260328T090000|STATUS:CANCELLED")], "27 08:00-09:00, 29 07:00-08:00"),
        ([event("RECURRENCE-ID:20260328T080000Z|STATUS:CANCELLED"), event(DAILY)], "27 08:00-09:00, 29 07:00-08:00"),
        ([event(DAILY), event("RECURRENCE-ID:20260327T080000Z|STATUS:CANCELLED")], "28 08:00-09:00, 29 07:00-08:00"),
        # The day is that of no instance at this time: nothing is taken out.
        ([event(DAILY), event("RECURRENCE-ID:20260328T090000Z|STATUS:CANCELLED")], AT_NINE),
        ([event(DAILY), event("RECURRENCE-ID:20260328T080000Z|DTSTART:20260328T200000Z|DURATION:PT1H")], "27 08:00-09:00, 28 20:00-21:00, 29 07:00-08:00"),
        ([event(DAYS), event("RECURRENCE-ID;VALUE=DATE:20260324|STATUS:CANCELLED")], "22 23:00-23 23:00, 24 23:00-25 23:00"),
        ([event(DAYS), event("RECURRENCE-ID:20260324|STATUS:CANCELLED")], "22 23:00-23 23:00, 24 23:00-25 23:00"),
        ([event(DAILY + "|STATUS:CANCELLED")], ""),
        ([event(DAILY + "|STATUS:Cancelled")], ""),
        # Excluded instants, and single ones.
        ([event(DAILY + "|EXDATE:20260328T080000Z")], "27 08:00-09:00, 29 07:00-08:00"),
        ([event(DAILY + "|EXDATE:20260328T090000")], "27 08:00-09:00, 29 07:00-08:00"),
        ([event(DAILY + "|EXDATE;TZID=Asia/Tokyo:20260328T170000,20260329T160000")], "27 08:00-09:00"),
        ([event(DAILY + "|EXDATE:20260328T090000Z")], AT_NINE),
        ([event(DAILY + "|RDATE:20260328T200000Z")], "27 08:00-09:00, 28 08:00-09:00, 28 20:00-21:00, 29 07:00-08:00"),
        ([event(DAILY + "|RDATE:20260328T080000Z")], AT_NINE),
        ([event("DTSTART:20260320T080000Z|DURATION:PT1H|RDATE;VALUE=PERIOD:20260321T080000Z/PT2H,20260322T080000Z/20260322T110000Z")], "20 08:00-09:00, 21 08:00-10:00, 22 08:00-11:00"),
        ([event("DTSTART;VALUE=DATE:20260320|RDATE;VALUE=DATE:20260322")], "19 23:00-20 23:00, 21 23:00-22 23:00"),
        # Exact and nominal lengths over the change of the clocks on 29 March at 01:00 UTC.
        ([event("DTSTART;TZID=Europe/Berlin:20260328T220000|DURATION:PT8H")], "28 21:00-29 05:00"),
        ([event("DTSTART;TZID=Europe/Berlin:20260328T220000|DURATION:P1D")], "28 21:00-29 20:00"),
        ([event("DTSTART;TZID=Europe/Berlin:20260328T220000|DURATION:PT24H")], "28 21:00-29 21:00"),
        ([event("DTSTART;TZID=Europe/Berlin:20260328T220000|DURATION:P1DT1H")], "28 21:00-29 21:00"),
        ([event("DTSTART;TZID=Europe/Berlin:20260328T220000|DURATION:P1W")], "28 21:00-04 20:00"),
        ([event("DTSTART;TZID=Europe/Berlin:20260328T220000|DTEND;TZID=Europe/Berlin:20260329T060000")], "28 21:00-29 04:00"),
        # By an end, each instance is as long as the first.
        ([event("DTSTART;TZID=Europe/Berlin:20260327T220000|DTEND;TZID=Europe/Berlin:20260328T060000|RRULE:FREQ=DAILY;COUNT=2")], "27 21:00-28 05:00, 28 21:00-29 05:00"),
        ([event("DTSTART;TZID=Europe/Berlin:20260327T220000|DTEND;TZID=Europe/London:20260328T060000")], "27 21:00-28 06:00"),
        # Whole days.
        ([event("DTSTART;VALUE=DATE:20260329")], "28 23:00-29 22:00"),
        ([event("DTSTART;VALUE=DATE:20260329|DTEND;VALUE=DATE:20260329")], "28 23:00-29 22:00"),
        ([event("DTSTART;VALUE=DATE:20260328|DTEND;VALUE=DATE:20260330")], "27 23:00-29 22:00"),
        ([event("DTSTART;VALUE=DATE:20260328|DURATION:P2D")], "27 23:00-29 22:00"),
        # A time that the clocks skip has the offset before the jump.
        ([event("DTSTART;TZID=Europe/Berlin:20260329T023000|DURATION:PT1H")], "29 01:30-02:30"),
        # A start off its rule is a start all the same.
        ([event("DTSTART:20260302T090000Z|DURATION:PT1H|RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2MO")], "02 09:00-10:00, 09 09:00-10:00"),
        # An end of a rule is an instant, or a whole day.
        ([event("DTSTART:20260320T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL=20260321T085959Z")], "20 09:00-10:00"),
        ([event("DTSTART:20260320T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL=20260321T090000Z")], "20 09:00-10:00, 21 09:00-10:00"),
        ([event("DTSTART:20260320T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL=20260321")], "20 09:00-10:00, 21 09:00-10:00"),
        # Shown as free or busy, tentative or not: it counts.
        ([event("DTSTART:20260320T090000Z|DURATION:PT1H|TRANSP:TRANSPARENT|STATUS:TENTATIVE")], "20 09:00-10:00"),
        # The newer version of an event holds, whatever the order.
        ([event("SEQUENCE:2|DTSTART:20260320T090000Z|DURATION:PT1H"), event("SEQUENCE:1|DTSTART:20260320T010000Z|DURATION:PT1H")], "20 09:00-10:00"),
        ([event("DTSTART:20260320T090000Z|DURATION:PT1H")] * 2, "20 09:00-10:00"),
        (["METHOD:PUBLISH", "BEGIN:VTODO|UID:t|END:VTODO", event("DTSTART:20260320T090000Z|DURATION:PT1H")], "20 09:00-10:00"),
        # Zones: the calendar's own, IANA's, Windows'.
        ([zone("Customized Time Zone", "-0800", "-0800"), event("DTSTART;TZID=Customized Time Zone:20260320T090000|DURATION:PT1H")], "20 17:00-18:00"),
        ([zone("Europe/Berlin", "+0530", "+0530"), event("DTSTART;TZID=Europe/Berlin:20260320T090000|DURATION:PT1H")], "20 03:30-04:30"),
        ([zone("Pacific Standard Time", "+0900", "+0900"), event("DTSTART;TZID=Pacific Standard Time:20260320T090000|DURATION:PT1H")], "20 00:00-01:00"),
        ([event("DTSTART;TZID=Pacific Standard Time:20260320T090000|DURATION:PT1H")], "20 16:00-17:00"),
        ([event('DTSTART;TZID="America/New_York":20260320T090000|DURATION:PT1H')], "20 13:00-14:00"),
        ([NEW_YORK, event("DTSTART;TZID=Eastern:20260307T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2")], "07 14:00-15:00, 08 13:00-14:00"),
        ([NEW_YORK.replace("16010311", "00010311"), event("DTSTART;TZID=Eastern:20260307T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2")], "07 14:00-15:00, 08 13:00-14:00"),
        ([zone("(UTC+09:00) Osaka\\, Tokyo", "+0900", "+0900"), event('DTSTART;TZID="(UTC+09:00) Osaka, Tokyo":20260320T090000|DURATION:PT1H')], "20 00:00-01:00"),
        # No length for a day is one day, however it is written.
        ([event("DTSTART;VALUE=DATE:20260329|DURATION:P0D")], "28 23:00-29 22:00"),
        ([event("DTSTART;VALUE=DATE:20260329|DURATION:PT0S")], "28 23:00-29 22:00"),
        ([event("DTSTART;VALUE=DATE:20260328|RRULE:FREQ=DAILY;UNTIL=20260329T000000Z")], "27 23:00-28 23:00, 28 23:00-29 22:00"),
        ([event("DTSTART;VALUE=DATE:20260328|RRULE:FREQ=DAILY;UNTIL=20260328T230000Z")], "27 23:00-28 23:00, 28 23:00-29 22:00"),
        # What has ended long ago, or is said to be for ever, is out of sight.
        ([event("DTSTART:19990320T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=3")], ""),
        ([event("DTSTART:99991231T235959|DURATION:PT1H")], ""),
        ([event("DTSTART;VALUE=DATE:99991231")], ""),
        ([event("DTSTART;TZID=America/New_York:99991231T230000|DTEND;TZID=America/New_York:99991231T235959")], ""),
        ([event("DTSTART:00010101T000000|DURATION:PT1H")], ""),
        ([event("DTSTART;VALUE=DATE:00010101|RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2FR;UNTIL=99991231")], "12 23:00-13 23:00"),
    ],
)  # fmt: skip
def test_an_event_takes_these_instants(parts: list[str], windows: str) -> None:
    assert told(calendar(*parts)) == windows


PLAIN = "DTSTART:20260320T090000Z|DURATION:PT1H"


@pytest.mark.parametrize(
    "parts, why",
    [
        (["METHOD:CANCEL", event(PLAIN)], "METHOD:CANCEL"),
        (["METHOD:REPLY", event(PLAIN)], "METHOD:REPLY"),
        (["BEGIN:VFREEBUSY|FREEBUSY:20260320T090000Z/PT1H|END:VFREEBUSY"], "VFREEBUSY"),
        (["BEGIN:VFREEBUSY|FREEBUSY:20260320T090000Z/PT1H|END:VFREEBUSY", event(PLAIN)], "VFREEBUSY"),
        (["BEGIN:VAVAILABILITY|END:VAVAILABILITY", event(PLAIN)], "VAVAILABILITY"),
        (["BEGIN:VTODO|UID:t|DUE:20260320T090000Z|END:VTODO"], "VTODO"),
        ([event(DAILY + "|EXRULE:FREQ=WEEKLY")], "'X': EXRULE"),
        ([event(DAILY + "|RRULE:FREQ=WEEKLY")], "several rules"),
        ([event(DAILY), event("RECURRENCE-ID;RANGE=THISANDFUTURE:20260328T080000Z|STATUS:CANCELLED")], "THISANDFUTURE"),
        ([event(DAILY), event("RECURRENCE-ID;VALUE=DATE:20260328|STATUS:CANCELLED")], "names a day, and its start is a time"),
        ([event(DAYS), event("RECURRENCE-ID:20260324T000000Z|STATUS:CANCELLED")], "names a time, and its start is a day"),
        ([event(DAILY + "|EXDATE;VALUE=DATE:20260328")], "EXDATE names a day"),
        ([event(DAYS + "|EXDATE:20260324T000000")], "EXDATE names a time"),
        (["BEGIN:VEVENT|RECURRENCE-ID:20260328T080000Z|STATUS:CANCELLED|END:VEVENT"], "no UID"),
        ([event(DAILY), event("RECURRENCE-ID:20260328T080000Z|" + DAILY)], "RRULE does not go with"),
        ([event("DTSTART:20260320T090000Z|STATUS:CANCELED")], "CANCELED"),
        ([event("SUMMARY:Y|DURATION:PT1H")], "no DTSTART"),
        ([event("DTSTART;TZID=Nowhere/Atlantis:20260320T090000|DURATION:PT1H")], "Nowhere/Atlantis"),
        ([event("DTSTART;TZID=../../etc/passwd:20260320T090000|DURATION:PT1H")], "time zone"),
        ([event("DTSTART:20260320T090000Z|DURATION:-PT1H")], "no duration"),
        ([event("DTSTART:20260320T090000Z|DURATION:PT")], "no duration"),
        ([event("DTSTART:20260320T090000Z|DURATION:P")], "no duration"),
        ([event("DTSTART:20260320T090000Z|DURATION:1H")], "no duration"),
        ([event("DTSTART;VALUE=DATE:20260320|DURATION:PT8H")], "whole days"),
        ([event(PLAIN + "|DTEND:20260320T100000Z")], "both an end and a duration"),
        ([event("DTSTART:20260320T090000Z|DTEND;VALUE=DATE:20260321")], "DTEND names a day"),
        ([event("DTSTART:20260320T090000Z|DTEND:20260320T080000Z")], "ends before"),
        # 02:30 is 03:30 on that day, which is after its end.
        ([event("DTSTART;TZID=Europe/Berlin:20260329T023000|DTEND;TZID=Europe/Berlin:20260329T031500")], "ends before"),
        ([event("DTSTART:20260332T090000Z")], "neither a day nor a time"),
        ([event("DTSTART:2026-03-20T09:00:00Z")], "neither a day nor a time"),
        ([event("DTSTART;VALUE=DATE:20260320T090000Z")], "neither a day nor a time"),
        ([event("DTSTART:20260302T090000Z|RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2MO;COUNT=3")], "no day of its rule"),
        ([event(PLAIN + "|RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260322T000000Z")], "both UNTIL and COUNT"),
        ([event(PLAIN + "|RRULE:FREQ=DAILY;COUNT=0")], "COUNT must be"),
        ([event(PLAIN + "|RRULE:FREQ=DAILY;UNTIL=tomorrow")], "UNTIL"),
        ([event(PLAIN + "|RRULE:FREQ=DAILY;BYHOUR=9")], "BYHOUR is not understood in a calendar"),
        ([event(PLAIN), event("DTSTART:20260321T090000Z|DURATION:PT1H")], "one UID and one SEQUENCE"),
        ([event(PLAIN + "|SEQUENCE:new")], "SEQUENCE"),
        ([zone("A", "+0100", "+0100"), zone("A", "+0200", "+0200"), event(PLAIN)], "twice, and differently"),
        ([zone("A", "+0100", "+2500"), event("DTSTART;TZID=A:20260320T090000")], "TZOFFSETTO"),
        (["BEGIN:VTIMEZONE|TZID:A|END:VTIMEZONE", event("DTSTART;TZID=A:20260320T090000")], "neither STANDARD"),
        ([NEW_YORK.replace("YEARLY", "DAILY"), event("DTSTART;TZID=Eastern:20260320T090000")], "numbered weekday"),
        ([event(PLAIN + "|no colon here")], "NAME:VALUE"),
        ([event(PLAIN + "|RDATE;VALUE=PERIOD:20260101T080000Z/P90D")], "longer than 62 days"),
        ([event(PLAIN + "|RDATE;VALUE=PERIOD:20260321T080000Z/-PT1H")], "RDATE '-PT1H' is no duration"),
        ([event(PLAIN + "|STATUS:CONFIRMED|STATUS:CANCELLED")], "several lines of STATUS"),
        (["METHOD:PUBLISH", "METHOD:CANCEL", event(PLAIN)], "several lines of METHOD"),
        (["BEGIN:VTODO|UID:t|" + event(PLAIN) + "|END:VTODO", event(PLAIN)], "inside another part"),
        ([event("DTSTART:19990320T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=99999")], "too long ago"),
        ([NEW_YORK.replace("YEARLY", "YEARLY;COUNT=9"), event("DTSTART;TZID=Eastern:20260320T090000")], "counts"),
        ([event(DAILY + "|EXDATE;TZID=Nowhere/Atlantis:20260328T090000")], "Nowhere/Atlantis"),
        ([event(DAILY), event("RECURRENCE-ID;VALUE=PERIOD:20260328T080000Z/PT1H|STATUS:CANCELLED")], "neither a day nor a time"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_reason(parts: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        told(calendar(*parts))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("fold", [" ", "\t"])
def test_a_line_may_be_folded_anywhere_even_inside_a_letter(end: str, fold: str) -> None:
    content = calendar(event("DESCRIPTION:Ä|" + PLAIN)).replace(b"\n", end.encode())
    mark = f"{end}{fold}".encode()

    assert told(content.replace(b"\xc3\x84", b"\xc3" + mark + b"\x84").replace(b"T09", mark + b"T09")) == (
        "20 09:00-10:00"
    )


def test_an_event_of_two_months_is_in_sight_to_its_end_wherever_its_day_began() -> None:
    """It began on 1 January in its zone, which was the second in UTC."""
    content = calendar(event("DTSTART;TZID=Etc/GMT+12:20260101T230000|DURATION:P62D"))

    assert told(content, datetime(2026, 3, 5, 10, 59, tzinfo=UTC)) == "02 11:00-05 11:00"


OFFSETS = st.sampled_from(["-0800", "+0530", "+0000", "+1245", "-0330"])


@given(offsets=st.lists(OFFSETS, min_size=2, max_size=5), order=st.randoms())
def test_what_a_calendar_says_does_not_depend_on_which_was_read_before(
    offsets: list[str], order: object
) -> None:
    lines = "DTSTART;TZID=Customized Time Zone:20260320T090000|DURATION:PT1H"
    contents = [calendar(zone("Customized Time Zone", each, each), event(lines)) for each in offsets]
    alone = {each: told(each) for each in contents}
    order.shuffle(contents)  # type: ignore[attr-defined]

    assert {each: told(each) for each in contents} == alone
    assert len(set(alone.values())) == len(set(offsets))


@given(instant=st.datetimes(datetime(2007, 6, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_a_zone_of_a_calendar_shows_what_the_same_zone_of_iana_shows(instant: datetime) -> None:
    own, iana = CalendarZones(components(calendar(NEW_YORK))).named("Eastern"), ZoneInfo("America/New_York")
    there, here = (instant.replace(tzinfo=UTC).astimezone(each) for each in (iana, own))

    assert (here.replace(tzinfo=None), here.fold, here.tzname()) == (
        there.replace(tzinfo=None),
        there.fold,
        there.tzname(),
    )
    for fold in (0, 1):
        wall = instant.replace(fold=fold)
        assert wall.replace(tzinfo=own).utcoffset() == wall.replace(tzinfo=iana).utcoffset()


@pytest.mark.parametrize("minutes", range(-120, 121, 15))
@pytest.mark.parametrize("change", [datetime(2026, 3, 8, 7), datetime(2026, 11, 1, 6)])  # noqa: DTZ001
def test_a_zone_of_a_calendar_is_right_around_its_changes(change: datetime, minutes: int) -> None:
    test_a_zone_of_a_calendar_shows_what_the_same_zone_of_iana_shows.hypothesis.inner_test(  # type: ignore[attr-defined]
        change + timedelta(minutes=minutes)
    )
