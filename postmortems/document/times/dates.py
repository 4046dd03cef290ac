"""Dates in a document: what a date means where it stands, and the incident's own day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta

from postmortems.document.model import Document, Entry, Prose
from postmortems.document.parse_cache import by_object
from postmortems.document.times import grammar, prefix
from postmortems.document.times.grammar import Day
from postmortems.document.times.notations import PICTURES, WORDS
from postmortems.document.vocabulary import one_of

ON_DAY = re.compile(
    r"\b(?:happened|occurred|took place|events?|times?) (?:all |are |were )*on (?=\S)", re.IGNORECASE
)
# "**Date:** 2021-02-24", "- Incident start: …", "| Date of incident | … |": said before the report begins.
SAID = re.compile(
    r"^[ \t\u00a0\u2002\u2003>|*+_`-]{0,12}(?:"
    + PICTURES
    + r"[*_`]{0,3})?(?:(?:incident|event|outage|postmortem)\s+)?"
    r"(?:date started|start(?:ed)?|start[ -](?:date|time)|from|occurred|began|" + one_of(WORDS["dates"]) + ")"
    r"(?: ?(?:/|&|and) ?time)?(?: (?:on|of)(?: the)?(?: (?:incident|event|outage|occurrence))?)?"
    r"(?: \([^()\n]{0,40}\))?[ \t*_`]{0,8}[:：|]"
    r"(?:[ \t*_`|]{0,8}|[ \t]{0,8}\n[ \t]{0,8}(?=\d))(?P<said>\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
# The same as a heading: `### Date`, and the day below it.
BELOW = re.compile(
    r"^#{1,6}[ \t]+(?:"
    + PICTURES
    + r"[ \t]*)?(?:date (?:and|&) time|"
    + one_of(WORDS["dates"])
    + r")[ \t]*[:：]?[ \t#]*\n+(?P<said>[^\n#]+)",
    re.IGNORECASE | re.MULTILINE,
)
# The same where it says that the day is the incident's, and not that of the text.
ITS_DAY = re.compile(
    rf"(?:^|[|\n])[ \t*_]*{one_of(WORDS['incident_dates'])}(?: ?(?:/|&|and) ?time)?[ \t*_]*"
    r"(?:\([^()\n]{0,40}\))?[ \t*_]*(?:[:：|\n]|$)",
    re.IGNORECASE,
)
# Below the title, alone on a line but for what kind of incident it was: `Incident #7 — 2026-05-19`.
APART = re.compile(r"^|\s[–—|·-]\s|[,(]\s?")
LONGEST_SUBTITLE = 120
LONGEST_DATE = 200
HEADED = re.compile(r"^#{1,6}[ \t]+", re.MULTILINE)
FIRST_SECTIONS = 3
FIRST_PARAGRAPHS = 5
# Days from an incident to its report.
LONGEST_WAIT = 400
ON = re.compile(
    r"\b(?:on|at|since|from|occurr?ed|happened|am|um|le|el|em|il|op|den"
    r"|on the (?:morning|evening|night|afternoon) of)\s+[*_]{0,3}(?=\w)",
    re.IGNORECASE,
)
# Before a date that is the text's, and not the incident's: "reviewed on".
OF_THE_TEXT = re.compile(
    rf"\b{one_of(WORDS['of_the_text'])}(?: by [^\s.,;]+(?: [^\s.,;]+)?)?[ \t]$", re.IGNORECASE
)
LONGEST_WORD = 60
# "Times in UTC, 2024-02-07": what stands above entries says their day, too.
TIMES_OF = re.compile(r"[*_(>| ]{0,4}(?:all )?times? .{4,80}", re.IGNORECASE)
PLACES = re.compile(r"(?<![\w.-])\w")


# Two small numbers and a year, or a clock.
NUMBERS = re.compile(
    r"(?<![\w/.-])(?P<first>\d{1,2})(?P<sep>[/-])(?P<second>\d{1,2})"
    r"(?:(?P=sep)(?P<year>\d{4}|\d{2})(?![\w/-])|(?=,?\s+(?:at\s+)?\d{1,2}:\d\d))"
)
MONTH_FIRST = re.compile(
    r"\d\s?[ap]\.?m\b|\b(?:P[SD]?T|E[SD]?T|C[SD]T|M[SD]T)\b|\bUS/|\bAmerica/", re.IGNORECASE
)
DAY_FIRST = re.compile(
    r"\b(?:und|der|wurde|les|des|une|était|los|las|una|para|foi|della|sono|het|een|och|ikke|nie|jest"
    r"|CES?T|MES?Z|BST|WES?T|EES?T|IST)\b"
    r"|\bEurope/|[а-яё]{3}",
    re.IGNORECASE,
)
# No number of a day is further away: there are two months of 31 days in each three.
MONTHS_AHEAD = timedelta(days=62)
MUCH_NEARER = 10
FEWEST_SIGNS = 2


@dataclass(frozen=True, slots=True)
class Order:
    """Whether day or month stands first in the dates of a document: one decision for all of it.

    `first` is "day", "month" or, where nothing tells, "": each date is then the one nearest by.
    """

    first: str = ""
    is_certain: bool = False


NO_ORDER = Order()


@by_object(most=4)
def order_of(document: Document, name: str = "") -> Order:
    """The order in the document's dates: by those that are clear, by the days around, by its language."""
    texts = list(_texts(document))
    # Most texts have none of the signs between numbers.
    found = [match for text in texts if "/" in text or "-" in text for match in NUMBERS.finditer(text)]
    if not found:
        return NO_ORDER
    if clear := _clear_order(found):
        return clear
    days = [day for match in found if (day := grammar.day_at(match.group() + " 00:00")) and day[0].unordered]
    stamped = (block.written for section in document.sections for block in section.entries)
    known = document.date or _named_date(name) or _clear_date([document.title, document.heading, *stamped])
    return _nearest([day for day, _ in days], known) or _of_language(texts)


def order_in(texts: Sequence[str]) -> Order | None:
    """The order in some texts alone, by dates that can mean only one day."""
    return _clear_order([match for text in texts for match in NUMBERS.finditer(text)])


def _clear_order(found: Sequence[re.Match[str]]) -> Order | None:
    clear = {_first_of(match) for match in found} - {""}
    return Order(clear.pop(), is_certain=True) if len(clear) == 1 else None


def _first_of(match: re.Match[str]) -> str:
    first, second = int(match["first"]), int(match["second"])
    return "day" if first > 12 >= second else "month" if second > 12 >= first else ""


def _texts(document: Document) -> Iterator[str]:
    yield from (document.title, document.heading, *(raw for key, raw in document.extra if key == "date"))
    for section in document.sections:
        yield section.heading
        for block in section.blocks:
            if isinstance(block, Entry):
                yield block.written
            if isinstance(block, Prose | Entry):
                yield block.text


def _clear_date(texts: Sequence[str]) -> Date | None:
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
        dates = [date for day in days if (date := resolved(day, known, Order(first)))]
        around = [abs((date - (known or dates[0])).days) for date in dates]
        spread[first] = max(around, default=0)
    if spread["day"] == spread["month"]:
        return None
    first = min(spread, key=lambda each: spread[each])
    return Order(first, is_certain=spread[first] * MUCH_NEARER < max(spread.values()))


def _of_language(texts: Sequence[str]) -> Order:
    month, day = (sum(len(sign.findall(text)) for text in texts) for sign in (MONTH_FIRST, DAY_FIRST))
    if day >= FEWEST_SIGNS and day > month:
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
    if not day.is_possible or day.month is None or day.day is None:
        return None
    years = [near.year + step for step in (0, -1, 1)] if near and day.year is None else [day.year]
    dates = [date for each in orders(day, order) for year in years if (date := _existing(year, each))]
    if not dates:
        return None
    return min(dates, key=lambda date: abs(date - near)) if near else dates[0]


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
        elif TIMES_OF.fullmatch(line):
            found = date_in(line, None, order) or found
    return found


def day_for_all(text: str, near: Date | None, order: Order = NO_ORDER) -> Date | None:
    """The day of every entry that says no other: "unless noted, all events happened on 2019-10-21"."""
    line = " ".join(text.split())
    match = ON_DAY.search(line)
    day = grammar.day_at(line, match.end()) if match else None
    return resolved(day[0], near, order) if day else None


def date_in(text: str, near: Date | None = None, order: Order = NO_ORDER) -> Date | None:
    """The first date that a line of text names; whole, unless something is near it."""
    for place in PLACES.finditer(text[:500]):
        found = grammar.day_at(text, place.start())
        if found and (found[0].is_whole or near):
            return resolved(found[0], near, order)
    return None


def _named_date(name: str) -> Date | None:
    """The date in a file's name: `2018-01-25-merge.md`, `20180125_merge.md`."""
    base = re.split(r"[/\\]", name)[-1].replace("_", "-")
    base = re.sub(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3 ", base)
    return date_in(re.sub(r"(\d{4}-\d\d-\d\d)-", r"\1 ", base))


def _said_date(document: Document, near: Date | None, order: Order) -> Date | None:
    """The date that stands behind that word, above the report or in its first sections."""
    for section in document.sections[:FIRST_SECTIONS]:
        for at, block in enumerate(section.blocks[:2]):
            text = block.text if isinstance(block, Prose) else ""
            # The heading of a section may be the word, and the date all that stands under it.
            named = f"# {section.heading}\n\n{text[:LONGEST_DATE]}" if at == 0 else ""
            headed = HEADED.sub("", f"{named}\n\n{text}")
            for match in (*BELOW.finditer(named), *SAID.finditer(headed), *BELOW.finditer(text)):
                date = date_in(match["said"], near, order)
                if date:
                    return date
    return None


def names_its_day(text: str) -> bool:
    """Whether a text has a label which says that what follows is the incident's day: "Date of incident"."""
    return bool(ITS_DAY.search(text))


def _keyed_date(document: Document, order: Order) -> Date | None:
    """The day that a key of the front matter says is the incident's: `incident-date: 2026-07-07`."""
    keys = ((re.sub(r"[\W_]+", " ", key).lower(), raw) for key, raw in document.extra)
    found = (date_in(raw.strip("\"'"), None, order) for key, raw in keys if key in WORDS["incident_dates"])
    return next(filter(None, found), None)


def _subtitle_date(document: Document, order: Order) -> Date | None:
    """The day that ends the line below the title."""
    lead = document.sections[0] if document.sections and not document.sections[0].heading else None
    text = next((block.text for block in lead.blocks[:1] if isinstance(block, Prose)), "") if lead else ""
    line = text.split("\n\n")[0].strip(" *_")
    if len(line) > LONGEST_SUBTITLE or "\n" in line or ":" in line:
        return None
    for gap in APART.finditer(line):
        said = line[gap.end() :].rstrip(")")
        found = grammar.day_at(said)
        if found and found[1] == len(said) and found[0].is_whole:
            return None if OF_THE_TEXT.search(f"{line[: gap.start()]} ") else resolved(found[0], None, order)
    return None


def _first_date(document: Document, near: Date | None, order: Order) -> Date | None:
    """The first whole date in a timeline, an entry's or a day's; any, where a day is near it."""
    for section in document.sections if document.entries else ():
        named = date_in(section.heading, near, order) if section.entries else None
        if named:
            return named
        for block in section.blocks:
            stamp = prefix.of_heading(block.written) if isinstance(block, Entry) else None
            date = resolved(stamp.stated.day, near, order) if stamp and stamp.stated.day else None
            date = day_in(block.text, near, order) if isinstance(block, Prose) and section.entries else date
            if date:
                return date
    return None


# An import asks for that of one document seven times.
@by_object(most=4)
def incident_date(document: Document, name: str = "") -> Date | None:
    """The day of the incident: from front matter, title, a line that says so, file name, first entry.

    Titles are copied from older reports; a title against which both file name and first entry stand is one.
    The `date` of a text that was published is the day of that, where the text says another.
    """
    if document.date and not _is_published(document):
        return document.date
    order = order_of(document, name)
    if document.date:
        return _told_date(document, document.date, order)
    if keyed := _keyed_date(document, order):
        return keyed
    stated = date_in(_extra(document, "date").strip("\"'"), None, order)
    if stated and _is_published(document):
        return _told_date(document, stated, order)
    titled = stated or date_in(document.title, None, order) or date_in(document.heading, None, order)
    named, first = _named_date(name), _first_date(document, None, order)
    if titled and (named is None or named != first):
        return titled
    said = _said_date(document, None, order) or named or _subtitle_date(document, order)
    return said or _date_of_lead(document, None, order) or first or _published_date(document, order)


def _extra(document: Document, key: str) -> str:
    return next((raw for each, raw in document.extra if each == key), "")


def _is_published(document: Document) -> bool:
    """Whether the front matter is that of a page which a site generator publishes."""
    return any(key in WORDS["published"] for key, _ in document.extra)


def _told_date(document: Document, published: Date, order: Order) -> Date:
    """The day that a published text tells, not after it was published; else that day."""
    told = (
        _said_date(document, published, order),
        date_in(document.title, published, order),
        _first_date(document, published, order),
        _date_of_lead(document, published, order),
    )
    fitting = (day for day in told if day and 0 <= (published - day).days <= LONGEST_WAIT)
    return next(fitting, published)


def _date_of_lead(document: Document, published: Date | None, order: Order) -> Date | None:
    """`On March 10th, …`, `At 01:52 UTC, 2022-10-28, …` in the first paragraphs of a text."""
    for section in document.sections[:FIRST_SECTIONS]:
        text = next((block.text for block in section.blocks[:1] if isinstance(block, Prose)), "")
        for match in ON.finditer("\n\n".join(text.lstrip().split("\n\n")[:FIRST_PARAGRAPHS])[:2_000]):
            if OF_THE_TEXT.search(match.string, max(0, match.start() - LONGEST_WORD), match.start()):
                continue
            stated = grammar.scan(match.string[match.end() : match.end() + 60])
            day = stated.day if stated else None
            if day and (day.is_whole or published) and (date := resolved(day, published, order)):
                return date
    return None


def _published_date(document: Document, order: Order) -> Date | None:
    """The day of publication, of a text that tells of no other."""
    for key in WORDS["publication_dates"]:
        if published := date_in(_extra(document, key).strip("\"'"), None, order):
            return _told_date(document, published, order)
    return None


def date_of_name(document: Document, name: str) -> Document:
    """The document with the date that only its file's name tells: next time the name may be another."""
    date = incident_date(document, name)
    if name and date and date == _named_date(name) and incident_date(document) != date:
        return replace(document, date=date)
    return document
