"""The notations of dates, clocks, zones and doubts, as patterns. `grammar` puts them in order."""

from __future__ import annotations

import re

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
            "aug august", "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = r"(?P<month>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")\b\.?"
WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
YEAR = r"(?P<year>(?:19|20)\d\d)"
DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4,5}|\d{4}/\d{2}|yyyy)(?P<sep>[-/.])(?P<number>\d{1,2}|\?\?|mm|xx)(?P=sep)"
        r"(?P<day>\d{1,2}|\?\?|dd|xx)(?!\d)",
        r"(?P<year>(?:19|20)\d\d)(?P<number>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?=[ T]\d)",
        WEEKDAY + MONTH + r"\s*(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?![:.]\d)(?:,?\s+" + YEAR + r"\b(?!:))?",
        WEEKDAY
        + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?(?:\s*(?:of\s+)?|[-/])"
        + MONTH
        + r"(?:(?:,?\s+|[-/])"
        + YEAR
        + r"\b(?!:\d\d(?!:\d)))?",
        r"(?P<first>\d{1,2})(?P<sep>[-/])(?P<second>\d{1,2})(?P=sep)(?P<year>\d{4}|\d{2})(?!\d)",
        r"(?P<first>\d{1,2})\.(?P<second>\d{1,2})\.(?P<year>\d{4})(?!\d)",
        r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?=,?\s+(?:at\s+)?\d{1,2}:\d\d)",
    )
)
MERIDIEM = r"(?:(?P<meridiem>[ap])(?:m|\.m\.?)?(?![a-z\d])|\s+(?P<spaced>[ap])\.?m\b\.?)"
CLOCKS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<hour>\d{1,2})(?P<sep>[:.])(?P<minute>\d\d)(?:(?P=sep)(?P<second>\d\d)(?:[.,]\d+)?)?"
        r"(?![\d%]|:\d)(?:" + MERIDIEM + r"|\s*(?:uhr|h|hrs|hours)\b)?",
        r"(?P<hour>\d{1,2})" + MERIDIEM,
        r"(?P<hour>\d{1,2})h(?P<minute>\d\d)\b",
        r"(?!(?:19|20)\d\d(?!\s*h))(?P<hour>[01]\d|2[0-4])(?P<minute>[0-5]\d)(?P<sep>)(?![\d.,%/]|[:-]\d)(?P<hours>\s*(?:hrs?|h)\b)?",
        r"(?P<word>noon|midnight)\b",
        r"(?P<unknown>(?:\d{1,2}|[?x-]{2}|hh):(?:[?x-]{2}|mm)|\d{1,2}:(?:[?x]{2}|\d[?x]))(?![\w:])",
        # Before and after a moment that gives no clock: `T-10m`, `T+0:15`, `T+5 minutes`.
        r"(?P<relative>t\s?[-+−–±]\s?\d+(?::\d\d){0,2}(?:\s?(?:d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?))?)(?!\w)",
    )
)
ZONE = re.compile(
    r"""\(?(?P<zone>
        (?:UTC|GMT)\s?[+\-−](?:1[0-4]|0?\d)(?::?[0-5]\d)?(?!\d|:\d)
        | [A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)? | US/[A-Z][a-z]+
        | (?:PST|PDT|PT|EST|EDT|ET|CST|CDT|CT|MST|MDT|MT|AKST|AKDT|HST|UTC|GMT|WET|WEST|CET|CEST|EET|EEST|BST
          |IST|MSK|SAST|JST|KST|HKT|SGT|PHT|ICT|PKT|AEST|AEDT|ACST|ACDT|AWST|NZST|NZDT|BRT|ART|CLT|COT)
          (?:/(?:PST|PDT|EST|EDT|CST|CDT|MST|MDT|UTC|GMT|CET|CEST|BST))?(?![A-Za-z\d])
        | (?:Pacific|Eastern|Central|Mountain)\s(?:Standard\s|Daylight\s)?[Tt]ime
        | (?<=\()local(?:\stime)?(?=\)) | (?<=\d)Z\b | (?<=[\d\s])\+[01]\d:?[034][05]\b
        | (?<=T\d\d:\d\d:\d\d)[\-−][01]\d:?[0-5]\d\b
    )(?:\s+\([^()]*\))?\)?""",
    re.VERBOSE,
)
ABOUT = re.compile(
    r"(?:(?P<about>~|≈|±|(?:circa|ca|approx(?:imately)?|around|about|roughly|c)\b\.?"
    r"|(?:(?:just|shortly|soon|right|some ?time|slightly)\s+)?(?:after|before|past|prior\s+to|by)\b)"
    r"|(?:at|between|from|on|since)\b)\s*",
    re.I,
)
# "Day 2 (2020-06-16)", "Day 2 - 16 June": what is counted says no more than the date behind it.
COUNTED = re.compile(r"day\s+\d{1,3}\s*[-–—:,(]\s*", re.IGNORECASE)
GAP = re.compile(
    r"(?:\s*,\s*(?:at\s+|on\s+)?|\s+(?:at\s+|on\s+)?|(?<=\d)T(?=\d)|\s*[-–—@:]\s+|:(?=\d\d:\d\d)|(?=~))",
    re.IGNORECASE,
)
RANGE = re.compile(r"\s*(?:-|–|—|−|->|→|〜|～|\bto\b|\buntil\b|\btill\b|\band\b|/)\s*", re.IGNORECASE)
# The same moment on another clock: `09:35 (18:35)`, `13:14 EDT (17:14 UTC)`.
ELSEWHERE = re.compile(
    r"\s*\(\d{1,2}:\d\d(?::\d\d)?(?:\s*[ap]m)?(?:\s+[A-Z]{2,5}(?:[+-]\d{1,2})?)?\)", re.IGNORECASE
)
HEDGE = re.compile(
    r"\s*\((?:maybe|approx|estimat|circa|ca\b|about|roughly|around|or so)[^()]*\)|\?(?=\W|$)|ish\b", re.I
)
