"""Reads chat logs: the author's name before, beside or above the time moves behind it.

Slack, Teams, Discord, IRC, mobile messengers. Only the order of name and time changes: no word goes but what
Slack itself writes below a message, "3 replies"; and a message below another of the same author has the name
too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems.document.times import prefix

# "Sam Lee  14:30", "Sam Lee [2:30 PM]", "Sam Lee<tab>25/01/2018 14:30": whatever the name is.
SPEAKER = re.compile(
    r"^(?P<who>@?[^\W\d_][\w.'’-]*(?: [\w.'’()/-]+){0,3}?)(?:[ \t]{2,}|\t|[ \t]*(?=\[))"
    r"\[?(?P<when>[^\[\]]{4,40})\]?$"
)
# "Sam Lee, 14:30", "Lee, Sam 2:30 PM", "sam — Today at 14:30": only behind what is a name.
CAPITAL = r"[^\W\d_a-z][\w.'’-]*"
NAME = rf"(?:{CAPITAL}(?:,? (?:{CAPITAL}|\([\w ]{{1,20}}\))){{0,3}})"
NAMED = re.compile(
    rf"^(?P<who>{NAME}(?=,? \d|[ ,—–-])|@?[\w.-]{{2,32}}(?=\s+[—–-]\s))"
    r"(?:,?\s+(?:[—–-]\s+)?)(?P<when>.{4,60})$"
)
ALONE = re.compile(rf"^{NAME}$")
# Slack says of an application that it is one, before the time.
APPLICATION = re.compile(r"^(?P<tag>APP|BOT|WORKFLOW)\s+(?P<when>\S.*)$")
EDITED = re.compile(r",?\s*\(?(?P<edited>edited)\)?$", re.IGNORECASE)
RELATIVE = re.compile(
    r"^(?P<open>\[?)(?P<day>(?:today|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?:\s+at)?),?\s+(?=\d)",
    re.IGNORECASE,
)
# "<sam> text", "< @sam> text" behind an IRC client's time; as it stands it would be an HTML tag.
NICK = re.compile(r"^<\s?(?P<who>[@+%~&]?[\w\[\]\\^{}|`-]{1,32})>\s*")
DIVIDER = re.compile(r"^[-–—=_*\s]{2,}(?P<day>\S.*?\S)[-–—=_*\s]{2,}$")
LONGEST = 200
# What Slack writes below a message that has a thread.
REPLIES = re.compile(
    r"(?:\d{1,4} repl(?:y|ies))?[ \t]*(?:Last reply .{1,40}|View thread|View newer replies)?", re.IGNORECASE
)


def without_replies(lines: Sequence[str], skipped: Sequence[bool]) -> list[str]:
    """The lines of a chat without the counts of its threads; all of them where it is no chat."""
    counts = {
        at
        for at, line in enumerate(lines)
        if line.strip() and not skipped[at] and REPLIES.fullmatch(line.strip())
    }
    if not counts or not any(_author(lines, at) for at in range(len(lines)) if not skipped[at]):
        return list(lines)
    return [line for at, line in enumerate(lines) if at not in counts]


def turned(lines: Sequence[str], skipped: Sequence[bool]) -> Iterator[tuple[int, str]]:
    """The lines with their places, each message's time at its beginning and the name behind it.

    `skipped` says which lines are code, and stay as they are. A time alone, below a message whose author
    stood on a line of its own, is another message of theirs.
    """
    at, author = 0, ""
    while at < len(lines):
        line = lines[at].strip()
        above = "" if skipped[at] else _above(lines, at)
        is_short = line and len(line) <= LONGEST and not skipped[at]
        divider = _divider(line) if is_short else ""
        if is_short:
            author = "" if divider else _author(lines, at) or author
        if above:
            yield at, above
            at += 2
            continue
        alone = _alone(line, author) if is_short else ""
        yield at, (alone or _message(line) or divider if is_short else "") or lines[at]
        at += 1


def _author(lines: Sequence[str], at: int) -> str:
    """Who wrote the message that begins here with their name and the time alone; "" where none does."""
    line = lines[at].strip()
    if not line or len(line) > LONGEST:
        return ""
    if above := _above(lines, at):
        tagged = APPLICATION.match(lines[at + 1].strip())
        return f"{line} ({tagged['tag']})" if tagged and above else line
    found = next((match for match in (SPEAKER.match(line), NAMED.match(line)) if match), None)
    return found["who"] if found and _when(found["when"]) else ""


def _alone(line: str, author: str) -> str:
    """A time that is all of its line, with the author behind it."""
    when = _when(line) if author and line[:1] in "[(0123456789" else None
    return f"{when[0]} {author}{when[1]}:" if when else ""


def _above(lines: Sequence[str], at: int) -> str:
    """A name on a line of its own, the time on the next: as one line; `""` where it is none."""
    name = lines[at].strip()
    if at + 1 >= len(lines) or len(name) > LONGEST or not ALONE.match(name):
        return ""
    before = lines[at - 1].strip() if at else ""
    stamp = prefix.of_line(before) if before else None
    if before and not (stamp and stamp.is_day) and not _divider(before):
        return ""
    below = lines[at + 1].strip()
    tagged = APPLICATION.match(below)
    when = _when(tagged["when"] if tagged else below)
    tag = f" ({tagged['tag']})" if tagged else ""
    return f"{when[0]} {name}{tag}{when[1]}:" if when else ""


def _message(line: str) -> str:
    """A line that begins a message, turned; `""` where it is none or is turned already."""
    for pattern in (SPEAKER, NAMED):
        match = pattern.match(line)
        when = _when(match["when"]) if match else None
        if match and when:
            return f"{when[0]} {match['who']}{when[1]}:"
    relative = RELATIVE.match(line)
    stamp = prefix.of_line(relative["open"] + line[relative.end() :]) if relative else None
    if relative and stamp and stamp.stated.has_clock:
        return f"{stamp.written} ({relative['day']}) {stamp.rest}".rstrip()
    stamp = prefix.of_line(line)
    nick = NICK.match(stamp.rest) if stamp and stamp.stated.has_clock else None
    return f"{stamp.written} {nick['who']}: {stamp.rest[nick.end() :]}".rstrip() if stamp and nick else ""


def _when(text: str) -> tuple[str, str] | None:
    """The time that a text is, and the remarks on it for behind the name; None where it is no time."""
    edited = EDITED.search(text)
    bare = text[: edited.start()] if edited else text
    relative = RELATIVE.match(bare)
    bare = relative["open"] + bare[relative.end() :] if relative else bare
    stamp = prefix.of_line(bare)
    if stamp is None or not stamp.stated.has_clock or stamp.rest:
        return None
    remarks = [relative["day"]] if relative else []
    remarks += [edited["edited"]] if edited else []
    return stamp.written, f" ({', '.join(remarks)})" if remarks else ""


def _divider(line: str) -> str:
    """`------ March 3rd, 2026 ------`: the day."""
    match = DIVIDER.match(line)
    stamp = prefix.of_line(match["day"]) if match else None
    return match["day"] if match and stamp and stamp.is_day else ""
