"""Dates in a document: what one means where it stands, and whether day or month comes first in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta

from postmortems import patterns
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.document.parse_cache import by_line, by_object
from postmortems.document.times import grammar, prefix
from postmortems.document.times.grammar import Day
from postmortems.document.times.notations import MONTHS, PICTURES, WORDS
from postmortems.document.vocabulary import one_of

ON_DAY = patterns.of(
    r"\b(?:happened|occurred|took place|events?|times?) (?:all |are |were )*on (?=\S)", re.IGNORECASE
)
# "**Date:** 2021-02-24", "- Incident start: …", "| Date of incident | … |": said before the report begins.
SAID = patterns.of(
    r"^[ \t\u00a0\u2002\u2003>|*+_`-]{0,12}(?:"
    + PICTURES
    + r"[*_`]{0,3})?(?:(?:incident|event|outage|postmortem)\s+)?"
    r"(?:date started|start(?:ed)?|start[ -](?:date|time)|from|occurred|began|" + one_of(WORDS["dates"]) + ")"
    r"(?: ?(?:/|&|and) ?time)?(?: (?:on|of)(?: the)?(?: (?:incident|event|outage|occurrence))?)?"
    r"(?: \([^()\n]{0,40}\))?[ \t*_`]{0,8}[:：|]"
    r"(?:[ \t*_`|]{0,8}|[ \t]{0,8}\n[ \t]{0,8}(?=\d))(?P<said>\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
# "Times in UTC, 2024-02-07": what stands above entries says their day, too.
TIMES_OF = patterns.of(r"[*_(>| ]{0,4}(?:all )?times? .{4,80}", re.IGNORECASE)
LONGEST_OVER = 100
PLACES = patterns.of(r"(?<![\w.-])\w")


# `6–11 April 2023`, `April 6-11, 2023`; between two days: "from April 6 to April 11, 2023".
SPAN_OF_DAYS = patterns.of(
    r"(?<![\d:.-])(?P<first>\d{1,2}(?:st|nd|rd|th|\.)?)\s?[-–]\s?\d{1,2}(?:st|nd|rd|th|\.)?"
    rf"(?=,\s+(?:19|20)\d\d\b|\s+(?:of\s+)?{one_of(MONTHS)}\b)",
    re.IGNORECASE,
)
SPAN = patterns.of(r"\s*(?:[-–—/]|to|till|until|through|and|bis|au|al|a|t/m|до)\s*", re.IGNORECASE)
# Two small numbers and a year, or a clock.
NUMBERS = patterns.of(
    # The digit first, and what must not stand before it: a search goes from digit to digit.
    r"(?P<first>\d(?<![\w/.-]\d)\d?)(?P<sep>[/-])(?P<second>\d{1,2})"
    r"(?:(?P=sep)(?P<year>\d{4}|\d{2})(?![\w/-])|(?=,?\s+(?:at\s+)?\d{1,2}:\d\d))",
    needs="/-",
)
MONTH_FIRST = patterns.of(
    r"\d\s?[ap]\.?m\b|\b(?:P[SD]?T|E[SD]?T|C[SD]T|M[SD]T)\b|\bUS/|\bAmerica/", re.IGNORECASE
)
DAY_FIRST = patterns.of(
    r"\b(?:und|der|wurde|les|des|une|était|los|las|una|para|foi|della|sono|het|een|och|ikke|nie|jest"
    r"|não|uma|foi|dos|das|pelo|pela|às|são|che|gli|nel|nella|dans|pour|avec|qui|sur|fue|del|por|nicht|für|eine|auf"
    r"|CES?T|MES?Z|BST|WES?T|EES?T|IST)\b"
    r"|\bEurope/|[а-яё]{3}",
    re.IGNORECASE,
)
# A key whose word says of which language it is: `Data: 12/06/2026`.
DAY_KEY = patterns.of(
    r"^[ \t|*_-]*(?:data|datum|fecha|dato|pvm)[ \t*_]*[:：|][ \t*_|]*\d", re.IGNORECASE | re.MULTILINE
)
# No number of a day is further away: there are two months of 31 days in each three.
MONTHS_AHEAD = timedelta(days=62)
MUCH_NEARER = 10
A_YEAR = Date(2000, 7, 1)
FEWEST_SIGNS = 2


@dataclass(frozen=True, slots=True)
class Order:
    """Whether day or month stands first in the dates of a document: one decision for all of it.

    `first` is "day", "month" or, where nothing tells, "": each date is then the one nearest by.
    """

    first: str = ""
    is_certain: bool = False


NO_ORDER = Order()


def say_the_same(one: Document, other: Document) -> bool:
    """Whether two documents say the same of days and times: of items, nothing but their texts is asked."""
    fronts = ((each.title, each.heading, each.date, each.timezone, each.extra) for each in (one, other))
    if next(fronts) != next(fronts) or len(one.sections) != len(other.sections):
        return False
    return all(map(_sections_say_the_same, one.sections, other.sections))


def _sections_say_the_same(one: Section, other: Section) -> bool:
    if one is other or one == other:
        return True
    if one.heading != other.heading or len(one.blocks) != len(other.blocks):
        return False
    return all(
        was == now or (isinstance(was, Item) and isinstance(now, Item) and was.text == now.text)
        for was, now in zip(one.blocks, other.blocks, strict=True)
    )


def order_of(document: Document, name: str = "") -> Order:
    """The order in the document's dates: by those that are clear, by the days around, by its language.

    `name` is that of its file, which may have a date in it.
    """
    return _order_of(document, name if named_date(name) else "")


@by_object(most=4, is_same=say_the_same)
def _order_of(document: Document, name: str) -> Order:
    texts = list(said_in(document))
    found = [match for text in texts for match in NUMBERS.finditer(text)]
    if not found:
        return NO_ORDER
    if clear := _clear_order(found) or order_in([item.text for item in document.items]):
        return clear
    days = [day for match in found if (day := grammar.day_at(match.group() + " 00:00")) and day[0].unordered]
    stamped = (block.written for section in document.sections for block in section.entries)
    known = document.date or named_date(name) or clear_date([document.title, document.heading, *stamped])
    near = known or (clear_date(texts) if any(not day.is_whole for day, _ in days) else None)
    return _nearest([day for day, _ in days], near) or _of_language(texts)


def order_in(texts: Sequence[str]) -> Order | None:
    """The order in some texts alone, by dates that can mean only one day."""
    return _clear_order([match for text in texts for match in NUMBERS.finditer(text)])


def _clear_order(found: Sequence[re.Match[str]]) -> Order | None:
    clear = {_first_of(match) for match in found} - {""}
    return Order(clear.pop(), is_certain=True) if len(clear) == 1 else None


def _first_of(match: re.Match[str]) -> str:
    first, second = int(match["first"]), int(match["second"])
    return "day" if first > 12 >= second else "month" if second > 12 >= first else ""


def said_in(document: Document) -> Iterator[str]:
    """All texts of a document that tell of days, its action items apart."""
    yield from (document.title, document.heading, *(raw for key, raw in document.extra if key == "date"))
    for section in document.sections:
        yield section.heading
        for block in section.blocks:
            if isinstance(block, Entry):
                yield block.written
            if isinstance(block, Prose | Entry):
                yield block.text


def clear_date(texts: Sequence[str]) -> Date | None:
    """The first date in these texts that has a year and can mean only one day."""
    for text in texts:
        for place in PLACES.finditer(text[:500]):
            found = grammar.day_at(text, place.start())
            if found and found[0].is_whole and not found[0].unordered:
                return resolved(found[0], None)
    return None


def _nearest(days: Sequence[Day], known: Date | None) -> Order | None:
    """The order by which all dates stand nearer to the day that is known, or else to each other."""
    spread: dict[str, int] = {}
    for first in ("month", "day"):
        # Without any year they stand as near to each other as in any other.
        near = known or (None if any(day.year for day in days) else A_YEAR)
        dates = [date for day in days if (date := resolved(day, near, Order(first)))]
        around = [abs((date - (known or dates[0])).days) for date in dates]
        spread[first] = max(around, default=0)
    if spread["day"] == spread["month"]:
        return None
    first = min(spread, key=lambda each: spread[each])
    return Order(first, is_certain=spread[first] * MUCH_NEARER < max(spread.values()))


def _of_language(texts: Sequence[str]) -> Order:
    month, day = (sum(len(sign.findall(text)) for text in texts) for sign in (MONTH_FIRST, DAY_FIRST))
    is_keyed = not month and any(map(DAY_KEY.search, texts))
    if is_keyed or (day >= FEWEST_SIGNS and day > month):
        return Order("day")
    return Order("month") if month > day else NO_ORDER


def orders(day: Day, order: Order = NO_ORDER) -> list[Day]:
    """What a date of two small numbers can mean."""
    if not day.unordered:
        return [day]
    other = replace(day, month=day.day, day=day.month, unordered=False)
    both = [replace(day, unordered=False), other]
    return both if not order.first else both[:1] if order.first == "month" else both[1:]


def resolved(day: Day, near: Date | None, order: Order = NO_ORDER) -> Date | None:
    """The date that is meant: a year or an order that is open is the one nearest to what is around."""
    if day.is_next:
        return _following(day, near)
    if day.weekday is not None:
        return _nearest_weekday(day.weekday, near, day.day) if near else None
    if not day.is_possible or day.month is None or day.day is None:
        return None
    years = [near.year + step for step in (0, -1, 1)] if near and day.year is None else [day.year]
    dates = [date for each in orders(day, order) for year in years if (date := _existing(year, each))]
    if not dates:
        return None
    return min(dates, key=lambda date: abs(date - near)) if near else dates[0]


def _nearest_weekday(weekday: int, near: Date, number: int | None) -> Date | None:
    """The day of the week that is three days away at most, or weeks where it has a number in its month."""
    ahead = (weekday - near.weekday() + 3) % 7 - 3
    for weeks in (0,) if number is None else (0, 1, -1, 2, -2, 3, -3):
        try:
            found = near + timedelta(days=ahead, weeks=weeks)
        except OverflowError:
            continue
        if number in (None, found.day):
            return found
    return None


def _following(day: Day, near: Date | None) -> Date | None:
    """The next day, or the next of those with that number in their month."""
    if near is None or not day.is_possible or near > Date.max - MONTHS_AHEAD:
        return None
    ahead = (near + timedelta(days=step) for step in range(1, MONTHS_AHEAD.days + 1))
    return next(date for date in ahead if day.day in (None, date.day))


def _existing(year: int | None, day: Day) -> Date | None:
    try:
        return Date(year, day.month, day.day) if year and day.month and day.day else None
    except ValueError:
        return None


def is_of_all_times(text: str) -> bool:
    """Whether a line says nothing but how all times are meant: `(all times UTC)`."""
    return bool(TIMES_OF.fullmatch(text))


def day_in(text: str, near: Date | None, order: Order = NO_ORDER) -> Date | None:
    """The last day that stands on a line of its own, or begins a heading, whatever else that says."""
    found = None
    for line in text.split("\n"):
        bare = line.lstrip("# ")
        stated = grammar.scan(bare) if bare != line else None
        stamp = prefix.of_line(bare) if bare == line else None
        if stated and stated.day and not stated.has_clock:
            found = resolved(stated.day, near, order) or found
        elif stamp and stamp.stated.day and (stamp.is_day or TIMES_OF.fullmatch(stamp.rest)):
            found = resolved(stamp.stated.day, near, order) or found
        elif said := SAID.match(line):
            found = date_in(said["said"], near, order) or found
        elif TIMES_OF.fullmatch(line) or _is_over_times(line):
            found = date_in(line, None, order) or found
    return found


def _is_over_times(line: str) -> bool:
    """Whether a line begins with a day and tells how times are meant: `24 June 2025, times are CEST`."""
    bare = line.strip(" *_")
    day = grammar.day_at(bare) if len(bare) <= LONGEST_OVER else None
    return day is not None and is_of_all_times(bare[day[1] :].lstrip(" ,;:–—(|-"))


def day_for_all(text: str, near: Date | None, order: Order = NO_ORDER) -> Date | None:
    """The day of every entry that says no other: "unless noted, all events happened on 2019-10-21"."""
    line = " ".join(text.split())
    match = ON_DAY.search(line)
    day = grammar.day_at(line, match.end()) if match else None
    return resolved(day[0], near, order) if day else None


@by_line
def date_in(text: str, near: Date | None = None, order: Order = NO_ORDER) -> Date | None:
    """The first date that a line of text names; whole, unless something is near it.

    Of a span, that is the day on which it begins, in the year that stands behind its end.
    """
    if "-" in text or "–" in text:
        text = SPAN_OF_DAYS.sub(r"\g<first>", text[:500])
    begun: tuple[Day, int] | None = None
    for place in PLACES.finditer(text[:500]):
        found = grammar.day_at(text, place.start())
        if found and (found[0].is_whole or near):
            date = resolved(found[0], near, order)
            is_span = begun and date and SPAN.fullmatch(text, begun[1], place.start())
            return resolved(begun[0], date, order) if begun and is_span else date
        begun = found or begun
    return None


@by_line
def named_date(name: str) -> Date | None:
    """The date in a file's name: `2018-01-25-merge.md`, `20180125_merge.md`."""
    base = re.split(r"[/\\]", name)[-1].replace("_", "-")
    base = re.sub(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3 ", base)
    # `PIR-2026-07-02.html`
    base = re.sub(r"(?<=[^\W\d_])-(?=(?:19|20)\d\d-\d\d-\d\d(?!\d))", " ", base)
    return date_in(re.sub(r"(\d{4}-\d\d-\d\d)-", r"\1 ", base))
