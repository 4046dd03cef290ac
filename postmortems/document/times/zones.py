"""The time zone that a timeline states: free text, kept as written, and the zone it names."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import cache

from postmortems import patterns, zone_tables
from postmortems.document.model import Document, Prose
from postmortems.document.parse_cache import by_line
from postmortems.document.times.notations import AREA, CITY, END, WORDS, ZONE
from postmortems.document.vocabulary import one_of

ALL_TIMES = patterns.of(
    r"\btimes?(?: below| here| listed| shown| given| stated)?(?: are| is)?(?: all)?(?: in| as)?:?[ \t]+"
    r"(?P<zone>\[?[^.;,\n|]*)",
    re.IGNORECASE,
)
MENTION = patterns.of(
    rf"(?<![^\W\d_]){one_of(WORDS['times'])}{END}|[時时](?:刻|間|间)|시간|시각|일시", re.IGNORECASE
)
IN_BRACKETS = patterns.of(r"[(（\[](?P<said>[^()（）\[\]]{2,60})[)）\]]")
# "(All in UTC)", "(in CET)".
ALL_IN = patterns.of(r"(?:all )?in ", re.IGNORECASE)
LINK = patterns.of(r"\[([^\[\]]*)\]\([^()]*\)")
OFFSET = patterns.of(
    r"(?:UTC|GMT)?\s?(?P<sign>[+\-−])\s?(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?", re.IGNORECASE
)
LONGEST = 60
FOR_ALL = patterns.of(
    r"^[ \t>|*+_`-]{0,12}(?:"
    + one_of(WORDS["zone_labels"])
    + r")[ \t*_`]{0,8}[:：|][ \t*_`|]{0,8}(?P<said>\S[^\n]{0,80})"
    r"|\b(?:all(?: the)? times?|times are|timestamps are)\b(?: \w+){0,3}? (?:in |as )?"
    r"(?P<said2>(?-i:[A-Z])[^\n.;,|]{1,60})",
    re.IGNORECASE | re.MULTILINE,
)
CLOCK = patterns.of(
    r"\d[:.h]\d\d(?::\d\d)?(?:\s?[ap]\.?m\.?)?\**,?\s+(?=(?P<zone>\(?[A-Z][^\n]{1,40}))",
    re.IGNORECASE,
)


def zone_in(text: str) -> str:
    """The zone that a heading or a lead gives for the times below it, or `""`."""
    for paragraph in text.split("\n\n"):
        line = LINK.sub(r"\1", " ".join(paragraph.split("\n")))
        match = ALL_TIMES.search(line)
        found = (_first(match["zone"]) if match else "") or _mentioned(line)
        if found:
            return found
    return ""


def zone_of_heading(heading: str) -> str:
    """The zone that a heading over times gives, also in brackets alone: `Ablauf (MEZ)`."""
    in_brackets = [_whole(match["said"]) for match in IN_BRACKETS.finditer(heading)]
    return zone_in(heading) or next((zone for zone in in_brackets if zone), "")


def for_all(document: Document) -> str:
    """The zone that a document states for all its times, wherever that stands: `Time zone: CET`."""
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Prose) and (found := _for_all_in(block.text)):
                return found
    return ""


@by_line
def _for_all_in(text: str) -> str:
    """The first zone that a text states for all times: it is asked for at each save of its document."""
    found = (_first(LINK.sub(r"\1", match["said"] or match["said2"])) for match in FOR_ALL.finditer(text))
    return next(filter(None, found), "")


def of_prose(document: Document) -> str:
    """The zone in which a text without a timeline tells its times, if it is one zone."""
    texts = [section.heading for section in document.sections]
    texts += [
        block.text for section in document.sections for block in section.blocks if isinstance(block, Prose)
    ]
    found = [zone for text in texts for match in CLOCK.finditer(text) if (zone := _first(match["zone"]))]
    # One zone may have been given two names: "Eastern African Time (EAT)", "EAT".
    return min(found, key=len) if len({known(zone) for zone in found}) == 1 else ""


def _first(text: str) -> str:
    """The zone with which a text begins, with what stands behind it in brackets: `UTC+1 (Zurich time)`."""
    bare = text.strip(" \t*_`[(")
    match = ZONE.match(bare) or CITY.match(bare)
    if not match or ("time" in match.groupdict() and not (is_city(match["zone"]) or match["time"])):
        return ""
    said = match.group().strip(" \t*_`[]:")
    said = said.rstrip(")").rstrip(" *_`") if said.count("(") < said.count(")") else said
    if "{" in said or len(said) > LONGEST or known(said) is None:
        return ""
    return said if "(" in said else match["zone"]


def _whole(text: str) -> str:
    text = ALL_IN.sub("", text.strip())
    found = _first(text)
    return found if found and len(text.strip()) - len(found) <= len(" time") else ""


def _mentioned(line: str) -> str:
    if not MENTION.search(line):
        return ""
    found = next((match for match in ZONE.finditer(line[:400]) if _stands_alone(line, match)), None)
    return found["zone"] if found else ""


def _stands_alone(line: str, match: re.Match[str]) -> bool:
    """Whether the zone is no part of a longer word."""
    start = match.start("zone")
    return not (start and line[start - 1].isalnum() and line[start - 1].isascii())


@cache
def _cities() -> dict[str, str]:
    """Names of cities with their zones: those of the tz database, and those of the table."""
    found = {
        name.rsplit("/", 1)[1].replace("_", " "): name
        for name in sorted(zone_tables.available_timezones())
        if re.match(AREA + "/", name)
    }
    return {**found, **WORDS["cities"]}


def is_city(name: str) -> bool:
    return name in _cities()


@cache
def known(words: str) -> tzinfo | None:
    """The zone that is meant by these words, or None where nobody knows.

    An offset that stands beside a name counts (`PST (UTC-7)`): it is what was said more exactly.
    """
    text = words.strip()
    offset = OFFSET.search(text)
    if offset and (offset.start() == 0 or text[offset.start() - 1] in " (+"):
        return _fixed(offset)
    return _named(text) or next(
        (zone for part in re.split(r"[/|(,]", text) if (zone := _named(part.strip(" )")))), None
    )


def _fixed(offset: re.Match[str]) -> tzinfo | None:
    length = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
    if length >= timedelta(hours=15):
        return None
    return timezone(-length if offset["sign"] != "+" else length)


def _named(name: str) -> tzinfo | None:
    if not name:
        return None
    bare = re.sub(r"\s+time$", "", name, flags=re.IGNORECASE)
    for stated in (
        WORDS["zones"].get(bare) or WORDS["zones"].get(bare.upper()),
        _names().get(name.casefold()),
        _names().get(f"{bare} time".casefold()),
    ):
        if stated:
            return _stated(stated)
    if re.fullmatch(AREA + r"/[\w/+-]+|[A-Z][\w+-]*", name) is None and not is_city(bare):
        return None
    return _stated(_cities().get(bare, name))


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): stated for name, stated in WORDS["zone_names"].items()}


def _stated(zone: str) -> tzinfo | None:
    offset = OFFSET.fullmatch(zone)
    if zone == "UTC":
        return UTC
    return _fixed(offset) if offset else zone_tables.named(zone)
