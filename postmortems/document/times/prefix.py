"""The time before an entry's text: `### 21:00 - Team alerted`, `- **18:53** first report`.

A heading is a time only as a whole; a line, a list item or a table cell begins with one. A number is not
taken for a time because it could be one: `1600 users`, `1.25 million` and `10 - 15 pods` are text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from postmortems.document.parse_cache import by_line
from postmortems.document.times import grammar
from postmortems.document.times.grammar import Stated
from postmortems.document.times.notations import PICTURES

LONGEST, LONGEST_REMARK = 120, 40
CLOCK = re.compile(r"\d{1,2}[:.h]\d\d")
IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]")
EMPHASIS = re.compile(r"\*{1,3}|_{1,3}|`+")
BRACKETS = {"[": "]", "(": ")"}
SEPARATOR = re.compile(r"\s*(?:->|=>|>>|→|➜|➔|»|[-–—:|;,=·•])+(?:\s+|$)|\s*(?:[–—|:：、，])\s*(?=\S)|\s+")
BREAK = re.compile(r"(?:[ \t]*<br ?/?>|\\)$", re.IGNORECASE)
# A time that leads to where it was said: `[11:53](https://…): first alert`.
LINKED = re.compile(
    r"(?P<mark>\*{1,3}|_{1,3}|)(?P<link>\[(?P<time>[^\[\]]{1,60})\]\([^()\s]+\))(?P<inside>[:.,]?)(?P=mark)"
)
# `<b>14:05</b> alert`, `<time datetime="…">14:05</time> alert`.
TAGGED = re.compile(
    r"<(?P<tag>b|strong|em|i|time|u|code|kbd)\b[^<>]{0,80}>(?P<time>[^<>]{1,60})</(?P=tag)>", re.IGNORECASE
)
ORNAMENT = re.compile(PICTURES)
DOTTED = re.compile(r"(?:[01]?\d|2[0-3])\.[0-5]\d")
FIRM = re.compile(r"\s*(?:->|→|[-–—:|：])")


@dataclass(frozen=True, slots=True)
class Habits:
    """Doubtful notations that are times, as the lines around show: `11.15`, and `1906` as a clock."""

    is_dotted: bool = False
    is_bare: bool = False


NO_HABITS = Habits()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as written, what was stated by it, and the words behind it."""

    written: str
    rest: str
    stated: Stated

    @property
    def is_day(self) -> bool:
        """A date and nothing else: perhaps an entry, perhaps the heading of a day."""
        return not self.stated.has_clock and not self.rest


@by_line
def of_heading(text: str) -> Stamp | None:
    """The time that a heading is, with the title behind it."""
    stamp = of_line(text)
    if stamp and not stamp.stated.has_clock and stamp.rest and not FIRM.match(_behind(text, stamp)):
        return None
    return stamp


@by_line
def of_entry(text: str) -> Stamp | None:
    """The time that an entry was given: as of a heading, but what could be a year, `1906`, is a clock."""
    stamp = of_heading(text)
    bare = text.strip("*_ ")
    stated = grammar.scan(bare, is_entry=True) if stamp is None and len(text) <= LONGEST else None
    if stated is None:
        return stamp
    if stated.end == len(bare):
        return Stamp(text, "", stated)
    return Stamp(text, "", _remarked(bare, stated)) if _is_remarked(bare, stated) else None


def _is_remarked(text: str, stated: Stated) -> bool:
    """Whether a whole day is all of the time, and the rest tells more of it: `2026-04-16 (as reported)`."""
    is_whole = stated.day is not None and stated.day.is_whole and not stated.has_clock
    rest = text[stated.end :]
    return is_whole and len(rest) <= LONGEST_REMARK and not rest[:1].isalnum() and not CLOCK.search(rest)


def _remarked(text: str, stated: Stated) -> Stated:
    """A remark in brackets leaves the day as it is; anything else, such as "and later", says about when."""
    is_in_brackets = IN_BRACKETS.fullmatch(text, stated.end) is not None
    return replace(stated, is_approximate=stated.is_approximate or not is_in_brackets)


@by_line
def of_line(text: str, *, habits: Habits = NO_HABITS) -> Stamp | None:
    """The time that a line begins with, and what is left of the line.

    `habits` say in which doubtful notations the lines around it begin with times.
    """
    text = text.strip()
    ornament = ORNAMENT.match(text)
    if ornament:
        return _adorned(ornament.group().strip(), of_line(text[ornament.end() :], habits=habits))
    if text.startswith("<") and (tagged := TAGGED.match(text)):
        return _tagged(text, tagged)
    if not text or (text[0] not in "{[(*_`~≈±?-" and not text[0].isalnum()):
        return None
    if text.startswith("{{"):
        return _braced(text)
    linked = LINKED.match(text)
    if linked:
        return _linked(text, linked)
    return _bracketed(text) if text[0] in BRACKETS else _plain(text, habits)


def _adorned(ornament: str, stamp: Stamp | None) -> Stamp | None:
    """A time behind a picture, which goes before its words: `🔴 14:05 - down`."""
    if stamp is None or not stamp.stated.has_clock:
        return None
    return replace(stamp, rest=f"{ornament} {stamp.rest}".strip())


def is_time(text: str) -> bool:
    """Whether a heading, a line or a cell is a time and nothing else."""
    stamp = of_line(text)
    return stamp is not None and not stamp.rest


def parts(text: str) -> tuple[str, str] | None:
    """A heading as (time as written, title), or None where it is no time."""
    stamp = of_heading(text)
    return (stamp.written, stamp.rest) if stamp else None


def _behind(text: str, stamp: Stamp) -> str:
    return text.strip().replace("*", "").replace("`", "")[len(stamp.written) :]


def _braced(text: str) -> Stamp | None:
    """A template's braces that nobody took away: `{{ 06:10 }}`. They stay, as part of what was written."""
    end = text.find("}}")
    inside = _plain(text[2:end].strip()) if end > 0 else None
    if inside is None or inside.rest:
        return None
    return Stamp(text[: end + 2], SEPARATOR.sub("", text[end + 2 :], count=1), inside.stated)


def _bracketed(text: str) -> Stamp | None:
    end = text.find(BRACKETS[text[0]])
    inside = _plain(text[1:end].strip()) if end > 0 else None
    if inside is None or inside.rest or text[end + 1 : end + 2] in ("(", "["):
        return None
    rest = text[end + 1 :]
    return Stamp(
        inside.written, SEPARATOR.sub("", rest, count=1) if SEPARATOR.match(rest) else rest, inside.stated
    )


def _tagged(text: str, match: re.Match[str]) -> Stamp | None:
    inside = _plain(match["time"].strip(" :"))
    rest = text[match.end() :]
    separator = SEPARATOR.match(rest)
    if inside is None or inside.rest or not inside.stated.has_clock or (rest and not separator):
        return None
    return Stamp(inside.written, rest[separator.end() :] if separator else "", inside.stated)


def _linked(text: str, match: re.Match[str]) -> Stamp | None:
    """The link goes behind the words, in brackets."""
    inside = _plain(match["time"].strip())
    rest = match["inside"] + text[match.end() :]
    separator = SEPARATOR.match(rest)
    if inside is None or inside.rest or (rest and not separator):
        return None
    said = BREAK.sub("", rest[separator.end() :] if separator else "")
    return Stamp(inside.written, f"{said} ({match['link']})" if said else match["link"], inside.stated)


def _plain(text: str, habits: Habits = NO_HABITS) -> Stamp | None:
    bare, places = _without_emphasis(text[:LONGEST])
    stated = grammar.scan(bare, is_entry=habits.is_bare)
    if stated is None:
        return None
    written = bare[: stated.end].rstrip()
    rest = _unwrapped(text, places[len(written)])
    separator = SEPARATOR.match(rest)
    is_enough = separator and _is_enough(stated, written, rest, separator.group())
    if rest and not (is_enough or (habits.is_dotted and separator and DOTTED.fullmatch(written))):
        return None
    if stated.is_weak and stated.day is None and not re.match(r"\D*\d\d", written):
        return None
    return Stamp(
        written, _resumed(text[: places[len(written)]], rest[separator.end() :] if separator else ""), stated
    )


def _is_enough(stated: Stated, written: str, rest: str, separator: str) -> bool:
    """Whether words may follow: behind a clock always, behind a date or a doubtful number not any."""
    if stated.has_clock and not (stated.is_weak and stated.day is None):
        return True
    return bool(FIRM.match(separator)) or (written[:4].isdecimal() and "-" in written and bool(rest.strip()))


def _without_emphasis(text: str) -> tuple[str, list[int]]:
    """The text without `**`, `_` and backquotes, and where each of its characters stood."""
    if not EMPHASIS.search(text):
        return text, list(range(len(text) + 1))
    bare: list[str] = []
    places: list[int] = []
    position = 0
    while position < len(text):
        mark = EMPHASIS.match(text, position)
        if mark:
            position = mark.end()
            continue
        bare.append(text[position])
        places.append(position)
        position += 1
    ends = [place + 1 for place in places]
    return "".join(bare), [0, *ends]


def _open_mark(before: str) -> str:
    """The emphasis that begins with the time and has not ended when the time does."""
    opened = ""
    for mark in EMPHASIS.findall(before):
        opened = "" if mark == opened else opened or mark
    return opened


def _unwrapped(text: str, end: int) -> str:
    """What follows the time, the end of its own emphasis taken out: `**18:53** x`, `**18:53:** x`."""
    mark, rest = _open_mark(text[:end]), text[end:]
    closing = re.match(r"(\s*[:,.–—-]?\s*)" + re.escape(mark), rest) if mark else None
    return closing.group(1) + rest[closing.end() :] if closing else rest


def _resumed(before: str, rest: str) -> str:
    """Words that were emphasised together with the time stay emphasised: `**01:39: all is back**`."""
    mark = _open_mark(before)
    return mark + rest if mark and rest.count(mark) % 2 else rest
