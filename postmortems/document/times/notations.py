"""Notations of dates, clock times, zones and approximate marks, as patterns. `grammar` combines them.

The words in them are those of `data/words/times.yaml`.
"""

from __future__ import annotations

import re

from postmortems import patterns
from postmortems.document.vocabulary import one_of, table

WORDS = table("times")
MONTHS = {
    name: number
    for names in WORDS["months"].values()
    for number, month in enumerate(names, start=1)
    for name in month
}
_ENGLISH = (name for month in WORDS["months"]["english"] for name in month)
# What ends a word in a script with blanks; the next may be a number there where it is none.
END = r"(?![^\W\d_])"
MONTH_FIRST = r"(?P<month>" + one_of(_ENGLISH) + END + r")\.?"
MONTH = r"(?P<month>" + one_of(MONTHS) + END + r")\.?"
WEEKDAYS = {name: at for at, names in enumerate(WORDS["weekday_names"]) for name in names}
NAMED_DAY = one_of(WORDS["weekdays"])
WEEKDAY = rf"(?:(?:{NAMED_DAY}{END}|(?:mo|di|mi|do|fr|sa|so)\.)\.?,?\s+(?:(?:den|the|le|el|den)\s+)?)?"
YEAR = r"(?P<year>(?:19|20)\d\d)"
# A day or a year may have its sign behind it in East Asia.
DATES = tuple(
    patterns.of(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4,5}|\d{4}/\d{2}|yyyy)(?P<sep>[-/.])(?P<number>\d{1,2}|\?\?|mm|xx)(?P=sep)"
        r"(?P<day>\d{1,2}|\?\?|dd|xx)(?!\d)",
        # The first of several days: `22-23.03.2019`.
        r"(?P<day>\d{1,2})\.?\s?[-–]\s?\d{1,2}\.(?P<number>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        r"(?P<year>(?:19|20)\d\d)(?P<number>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?=[ T]\d)",
        r"(?:(?P<year>(?:19|20)\d\d)\s*[年년]\s*)?(?P<number>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日号號일]",
        WEEKDAY
        + MONTH_FIRST
        + r"\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d)(?:(?:\s?[-–&]\s?\d{1,2}(?:st|nd|rd|th)?\b)?,?\s+"
        + YEAR
        + r"\b(?!:))?",
        # As Jira writes days: `18/May/24`.
        r"(?P<day>\d{1,2})(?P<sep>[-/])" + MONTH + r"(?P=sep)(?P<year>\d{2})(?![\d:])",
        WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|°|\\?\.|:e)?"
        r"(?:\s?[-–]\s?\d{1,2}(?:st|nd|rd|th|\.)?)?(?:\s*(?:of\s+|de\s+)?|[-/])"
        + MONTH
        + r"(?:(?:,?\s+(?:de\s+|del\s+)?|[-/])"
        + YEAR
        + r"\b(?!:\d\d(?!:\d))(?:\s*(?:г|года|r|roku)\b\.?)?)?",
        WEEKDAY + r"(?P<first>\d{1,2})(?P<sep>[-/])(?P<second>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})(?!\d)",
        WEEKDAY + r"(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.\s?(?P<year>\d{4})(?![\d.])",
        # Of two digits or none, a year only where a clock follows: `1.2.30` is a version.
        r"(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>\d{2})?(?=,?\s+(?:\w{1,3}\.?\s)?\d{1,2}[:.]\d\d)",
        # Alone in the cell of a table: `04-06`.
        r"(?P<first>\d\d)-(?P<second>\d\d)$",
        r"(?P<first>\d{1,2})/(?P<second>\d{1,2})$",
        WEEKDAY + r"(?P<first>\d{1,2})[/-](?P<second>\d{1,2})(?=(?:,?\s+(?:at\s+|[~≈]\s?)?|T)\d{1,2}:\d\d)",
        # In a month that is told elsewhere: `Mon 17`, `Mon 17th 07:30`, `Sat 15 – Mon 17`.
        rf"(?P<weekday>{one_of(WEEKDAYS)}){END}\.?,?\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th|\.)?"
        r"(?=\s*(?:$|[–—|:]\s|-\s)|,?\s+[0-2]?\d:[0-5]\d)",
    )
)
# The day after the one above, by a word or with its number in the month: `翌日 9:00`, `翌8日9時`.
_NEXT, _NEXT_CLOSE = one_of(WORDS["next_day"]), one_of(WORDS["next_day_close"])
_HEDGED = one_of([*WORDS["about"], *WORDS["at"]])
NEXT_DAY = patterns.of(
    rf"(?:翌\s?(?P<day>\d{{1,2}})\s*日|(?:{_NEXT}){END}|{_NEXT_CLOSE})"
    # A clock follows: "next day" begins many a sentence.
    rf"(?=[ \t,、，]{{0,3}}(?:(?:[~≈]|{_HEDGED}{END}\.?)\s*)?"
    rf"(?:{one_of([*WORDS['morning'], *WORDS['afternoon']])}\s*)?"
    r"\d{1,2}(?:[:.：]\d\d|\s?[h点點时時시]|\s?[ap]\.?m))",
    re.IGNORECASE,
)
# The same behind a clock: `02:15 (next day)`, `02:15 +1d`.
NEXT_DAY_BEHIND = patterns.of(
    rf"[ \t]?[(（](?:{_NEXT}|{_NEXT_CLOSE}|\+1)[)）]|[ \t](?:{_NEXT}|{_NEXT_CLOSE})(?=\s*(?:[-–—:|]\s|$))",
    re.IGNORECASE,
)
# Which day of the week it was, behind a date: `2025-07-26 Saturday`, `3月11日（水）`. No date depends on it.
DAY_OF_THE_WEEK = patterns.of(
    rf",?\s*(?:[(（]\s*(?:{NAMED_DAY}|{one_of(WORDS['weekdays_in_brackets'])})\.?\s*[)）]|{NAMED_DAY}\b\.?"
    r"(?=\s*(?:$|[-–—:,(]|\d)))",
    re.IGNORECASE,
)
# Behind a day that has no clock, which part of it: `2026-05-07 morning`, `3 June, evening: text`.
PART_OF_DAY = patterns.of(
    rf",?\s*[(（]?[~≈]?(?:{one_of(WORDS['parts_of_days'])}){END}[)）]?(?=\s*(?:$|[–—:：|,]|-\s))",
    re.IGNORECASE,
)
# Behind a time, what says nothing more of when it was: a footnote, "onwards", `+`.
FOOTNOTE = patterns.of(
    r"(?:\[\^[^\]\s]{1,30}\]|<sup>[^<]{1,10}</sup>|[¹²³†](?=\s|:|$)|\+(?=\s|:|$)"
    r"|\s?[〜～](?=\s*(?:$|[(（]))|\s?(?:以降|以後|以后|之后|이후)(?=\s*(?:$|[:：–—|]|-\s))"
    r"|\s+onwards?(?=\s*(?:$|[-–—:,(])|\s)|\s+local(?:\stime)?(?=\s*(?:$|[:–—|]|-\s)))",
    re.IGNORECASE,
)
# How long it was since the beginning: `14:05 (+0:05)`, `14:05 [+5m]`; an end that nobody knows: `14:05 – ?`.
ELAPSED = patterns.of(
    r"\s*[(\[](?:T\s?)?\+\s?(?:\d+:\d\d(?::\d\d)?|\d+\s?(?:h|hrs?|hours?|m|mins?|minutes?|s|secs?)"
    r"(?:\s?\d+\s?(?:m|mins?|s))?)[)\]]|\s*[-–—]\s*(?:\?+|ongoing|present|now)(?=\s*(?:$|[-–—:,|]|\s))",
    re.IGNORECASE,
)
_MORNING, _AFTERNOON = one_of(WORDS["morning"]), one_of(WORDS["afternoon"])
_LATIN = r"(?:(?P<meridiem>[ap])(?:m|\.m\.?)?(?![a-z\d])|\s+(?P<spaced>[ap])\.?\s?m\b\.?)"
MERIDIEM = _LATIN
# Half of the day before the clock, as in East Asia: `下午3点15分`, `午後3:15`, `오후 3시`.
HALF = rf"(?:(?:(?P<morning>{_MORNING})|(?P<afternoon>{_AFTERNOON}))(?<![a-z.])\s*)?"
CLOCK_WORD = rf"(?:{one_of(WORDS['clock'])}){END}\.?"
CLOCKS = tuple(
    patterns.of(pattern, re.IGNORECASE)
    for pattern in (
        HALF + r"(?P<hour>\d{1,2})(?P<sep>[:.：])(?P<minute>\d\d)(?:(?P=sep)(?P<second>\d\d)(?:[.,]\d+)?)?"
        rf"(?![\d%]|:\d)(?:{MERIDIEM}|\s*{CLOCK_WORD}|분)?",
        HALF + r"(?P<hour>\d{1,2})\s*[点點时時시](?!间|間|간|前)钟?"
        r"(?:\s*(?:(?P<minute>\d{1,2})\s*[分분]?(?!\d)|(?P<half>半|반)))?"
        r"(?:\s*(?P<second>\d{1,2})\s*[秒초])?",
        r"(?P<hour>\d{1,2})" + MERIDIEM,
        r"(?P<hour>[01]?\d|2[0-4])\s?h\s?(?P<minute>[0-5]\d)(?:\s?m(?:in|n)?)?(?:\s?(?P<second>[0-5]\d)\s?s)?\b",
        rf"(?P<hour>[01]?\d|2[0-4])(?P<bare>\s?h(?!\w)|\s(?:uhr|ore|uur|horas|heures|hs){END})",
        r"(?!(?:19|20)\d\d(?!\s*h))(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?P<sep>)(?![\d.,%/]|[:-]\d)(?P<hours>\s*(?:hrs?|h)\b)?",
        rf"(?P<noon>{one_of(WORDS['noon'])}){END}|(?P<midnight>{one_of(WORDS['midnight'])}){END}",
        r"(?P<unknown>(?:\d{1,2}|[?x-]{2}|hh):(?:[?x-]{2}|mm)|\d{1,2}:(?:[?x]{2}|\d[?x])|[0-2][?x]:[?x\d]{2})(?!(?!Z)[\w:])",
        # At, before and after a moment that gives no clock: `T0`, `T-10m`, `T+0:15`, `T+N minutes`.
        r"(?P<relative>t\s?(?:=\s?)?0(?=\s*(?:$|[-–—:|)]))|t\s?[-+−–±]\s?(?:\d+|[nx?]+)(?::\d\d){0,2}(?:\s?(?:d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?))?)(?!\w)",
    )
)
# Behind a date, or in an entry's own time, a number that could be a year is a clock: `2025-07-26 1906: text`.
HOURS = patterns.of(r"(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?P<sep>)(?![\d.,%/]|[:-]\d)")
AREA = (
    r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Etc|Canada|Brazil)"
)
_SHORT = one_of(WORDS["short_zone_names"])
_ZONES = one_of(name for name in WORDS["zones"] if len(name) > 1)
ZONE = patterns.of(
    rf"""[(（\[]?(?P<zone>
        (?i:UTC|GMT)(?:\s?[+\-−±]|[ ]\+[ ])(?:1[0-4]|0?\d)(?::?[0-5]\d)?(?!\d|:\d)
        | {AREA}/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?
        | (?i:{one_of(name for name in WORDS["zone_names"]).replace(" ", "[ ]")}){END}
        | {_SHORT}(?=\s*(?:$|[-–—:|,/)→\]]|\.(?:\s|$)))
        | (?:{_ZONES}|(?i:utc|gmt))(?:[/|](?:{_ZONES}))?(?![A-Za-z\d])
        | (?<=[\dxX?])[ZLJ]\b | (?<=\()local(?:\stime)?(?=\)) | (?<=[\d\s])[+−]\d{{1,2}}:?[034][05]\b
        | (?<=[\d\s])-(?:0\d|1[0-2]):?[034][05]\b
    )(?:\s+\((?:[^()\d]{{2,40}}|[^()]*(?:(?i:time)|UTC|GMT|[+\-−]\s?\d)[^()]*)\))?(?:\s+(?i:time))?[)）\]]?""",
    re.VERBOSE,
)
# Pictures, or their names, before a time or a label: `🔴 14:05`, `:clock3: 14:05`, `📅 **Date:** …`.
PICTURES = (
    "(?:(?::[a-z0-9_+-]{2,40}:|[\u231a-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff])\ufe0f?\\s*)+"
)
# A city behind a clock, if nothing but a separator follows; whether there is such a city is looked up.
CITY = patterns.of(
    r"(?P<paren>\()?(?P<zone>[^\W\d_a-z][^\W\d_]+(?:[ -][^\W\d_a-z][^\W\d_]+){0,2})(?P<time>\s+[Tt]ime)?"
    r"(?(paren)\)|(?=\s*(?:$|[-–—:|,/→])))"
)
ABOUT = patterns.of(
    rf"(?:(?P<about>~|≈|±|～|(?:{one_of(WORDS['about'])}){END}\.?)|(?:{one_of(WORDS['at'])}){END}\.?)\s*(?:,\s*)?",
    re.IGNORECASE,
)
# "Day 2 (2020-06-16)", "Day 2 - 16 June": what is counted says no more than the date behind it.
COUNTED = patterns.of(one_of(WORDS["counted_days"]) + r"\s+\d{1,3}\s*[-–—:,(]\s*", re.IGNORECASE)
GAP = patterns.of(
    rf"(?:\s*,\s*(?:(?:{one_of(WORDS['at'])}){END}\.?\s+)?|\s+(?:(?:{one_of(WORDS['at'])}){END}\.?\s+)?"
    r"|(?<=\d)T(?=\d)|\s*[-–—@:]\s+|:(?=\d\d:\d\d)|(?=~)|(?<=[日号號일)）翌朝次天날])\s*(?=\S))",
    re.IGNORECASE,
)
RANGE = patterns.of(
    rf"\s*(?:->|-|–|—|−|→|〜|～|~(?=\s?\d)|\b(?:{one_of(WORDS['until'])}){END}|{one_of(WORDS['until_close'])}|/)\s*",
    re.IGNORECASE,
)
UNTIL_BEHIND = patterns.of(one_of(WORDS["until_behind"]))
# The same moment on another clock: `09:35 (18:35)`, `13:14 EDT (17:14 UTC)`.
ELSEWHERE = patterns.of(
    r"\s*\((?:=\s?)?\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]m)?(?:\s+[A-Z]{2,5}(?:[+-]\d{1,2})?)?\)", re.IGNORECASE
)
HEDGE = patterns.of(
    r"\s*\((?:maybe|approx|estimat|circa|ca\b|about|roughly|around|or so"
    r"|ungefähr|etwa|environ|aprox|約|推定)[^()]*\)"
    rf"|\?(?=\W|$)|~(?=\s|$|:)|\s?(?:{one_of(WORDS['about_behind'])}){END}",
    re.IGNORECASE,
)
