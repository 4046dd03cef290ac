"""Leftovers in a text: open fences, template words, broken headings and front matter, by line.

Only words that no report means are taken for a template's. Nothing is mended: a person reads and decides.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postmortems.document.markdown import front_matter, section_roles
from postmortems.document.markdown.front_matter import Front
from postmortems.document.parse_cache import by_line
from postmortems.document.times import prefix

FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})(.*)$")
HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
PLACEHOLDER = "a template's placeholder"
ASKED = r"(?:insert|your|describe|fill in|link to|add (?:a |the )?link)\b[^\[\]<>\n]{0,60}"
# A template's words that nobody filled in or took away.
LEFTOVERS = (
    (re.compile(r"\{\{[^{}\n]*\}\}"), "a template's braces are left around this"),
    (re.compile(r"\b(?:TODO|TBD|FIXME|XXX+)\b"), "somebody meant to come back to this"),
    (re.compile(r"\b(?:YYYY|yyyy)[-/](?:MM|mm)[-/](?:DD|dd)\b|\b(?:HH|hh):(?:MM|mm)\b"), PLACEHOLDER),
    (re.compile(rf"<{ASKED}>|\[{ASKED}\](?![(\[])", re.IGNORECASE), PLACEHOLDER),
    (re.compile(r"\[(?:date(?: and time)?|time|names?)\](?![(\[])", re.IGNORECASE), PLACEHOLDER),
    (re.compile(r"\blorem ipsum\b", re.IGNORECASE), "a template's filling"),
)
# "TODO" as what a list is called is no remark: `## TODO`, `**Tasks (TODO):**`.
TO_DO = re.compile(r"\bTODO\b")
NAME = re.compile(
    r"(?:#{1,6}[ \t]+(?P<heading>.+)|(?P<mark>\*\*|__)(?P<bold>.+)(?P=mark)[:：]?"
    r"|(?P<plain>[^*_|#>-].*)[:：])[ \t]*"
)
OF_LIST = re.compile(r"[\s:：()\[\]/&*_–—-]*(?:lists?|items?)?[\s:：()\[\]/&*_–—-]*", re.IGNORECASE)
LISTED = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)]|\||[☐☒☑])[ \t]*\S")
LONGEST_LINE, LONGEST_NAME = 2_000, 100
MOST = 50


@dataclass(frozen=True, slots=True)
class Slip:
    """`kind` is template, fence, heading or front; `line` counts from 1; `words` are the author's."""

    kind: str
    line: int
    words: str
    text: str


def slips(lines: Sequence[str], sections: Sequence[str]) -> list[Slip]:
    """What is odd about a Markdown text, in the order of its lines; the first fifty.

    `sections` are the headings that its document has.
    """
    read = front_matter.read(lines)
    head = read.lines
    outside, opened = outside_code(lines, head)
    found = [
        *(_unread_keys(read, lines) if head else _unread_front(lines)),
        *_headings(outside, sections),
        *_leftovers(outside),
    ]
    if opened is not None:
        told = "this code block is never closed: all below it is code"
        found.append(Slip("fence", opened + 1, lines[opened].strip(), told))
    return sorted(found, key=lambda slip: slip.line)[:MOST]


def outside_code(lines: Sequence[str], start: int = 0) -> tuple[list[tuple[int, str]], int | None]:
    """The lines that are no code, with their places; and where the fence begins that is open at the end.

    Empty lines are left out.
    """
    outside: list[tuple[int, str]] = []
    fence, opened = "", None
    text = "\n".join(lines)
    if "```" not in text and "~~~" not in text:
        return [(at, lines[at][:LONGEST_LINE]) for at in range(start, len(lines)) if lines[at]], None
    for at in range(start, len(lines)):
        if not lines[at]:
            continue
        match = FENCE.match(lines[at][:LONGEST_LINE])
        if fence:
            if match and match[1].startswith(fence) and not match[2].strip():
                fence, opened = "", None
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence, opened = match[1], at
        else:
            outside.append((at, lines[at][:LONGEST_LINE]))
    return outside, opened


def _headings(outside: Sequence[tuple[int, str]], sections: Sequence[str]) -> Iterator[Slip]:
    """Times at another level than the other times, and sections that stand inside another."""
    found = [(at, *heading) for at, line in outside if "#" in line and (heading := _heading(line))]
    headings = [(at, level, text) for at, level, text, _ in found]
    times = [(at, level, text) for at, level, text, has_clock in found if level > 1 and has_clock]
    counts = Counter(level for _, level, _ in times)
    usual = max(counts, key=lambda level: (counts[level], level), default=0)
    for at, level, text in times:
        if counts[level] < counts[usual]:
            told = f"a heading of level {level}, where the other times have level {usual}"
            yield Slip("heading", at + 1, text, told)
    known = {section_roles.promised(heading) for heading in sections}
    for at, _, text in headings:
        role = section_roles.promised(text)
        if role in ("timeline", "action_items") and role not in known:
            told = "it stands inside another section, and is read as a part of that"
            yield Slip("heading", at + 1, text, told)


@by_line
def _heading(line: str) -> tuple[int, str, bool] | None:
    """The level and the words of a heading, and whether they are a time."""
    match = HEADING.match(line)
    return (len(match[1]), match[2], _has_clock(match[2])) if match and match[2] else None


def _has_clock(text: str) -> bool:
    stamp = prefix.of_heading(text)
    return stamp is not None and stamp.stated.has_clock


def _leftovers(outside: Sequence[tuple[int, str]]) -> Iterator[Slip]:
    following = [*(line for _, line in outside[1:]), ""]
    for (at, line), below in zip(outside, following, strict=False):
        if (left := _left_in(line)) and not (left[0] == "TODO" and _names_a_list(line, below)):
            yield Slip("template", at + 1, *left)


def _names_a_list(line: str, below: str) -> bool:
    """Whether a line with TODO in it is what the list or table below it is called."""
    is_short = len(line) <= LONGEST_NAME
    match = NAME.fullmatch(line.strip()) if is_short and LISTED.match(below) else None
    rest = TO_DO.sub("", match["heading"] or match["bold"] or match["plain"]) if match else ""
    is_name = OF_LIST.fullmatch(rest) is not None or section_roles.named(rest) == "action_items"
    return match is not None and is_name


@by_line
def _left_in(line: str) -> tuple[str, str] | None:
    """The first words of a template in a line, and what they are."""
    found = ((pattern.search(line), text) for pattern, text in LEFTOVERS)
    return next(((match.group(), text) for match, text in found if match), None)


def _unread_keys(read: Front, lines: Sequence[str]) -> Iterator[Slip]:
    """Keys that we know whose values cannot be read, so that nothing comes of them."""
    for key, _ in read.extra:
        if key not in front_matter.KNOWN:
            continue
        places = [at for at in range(1, read.lines) if lines[at].startswith(key)]
        at = places[-1] if places else 0
        is_double = key in read.known or key in read.lists
        if key == "date" and not is_double:
            continue  # Said with the other dates: it may be one that can be read.
        why = f"{key} is there twice; the first counts" if is_double else f"no {key} that can be read"
        yield Slip("front", at + 1, lines[at].strip(), f"{why}, so this is kept as it is written")


def _unread_front(lines: Sequence[str]) -> Iterator[Slip]:
    """Front matter that is none, because a line of it cannot be read: all of it is text then."""
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return
    ends = ("---", "...") if mark == "---" else ("+++",)
    end = next((at for at in range(1, len(lines)) if lines[at].rstrip() in ends), 0)
    if mark == "---" and not (len(lines) > 1 and front_matter.KEY.match(lines[1])):
        return  # A rule above a text, and no front matter.
    if not end:
        yield Slip("front", 1, mark, f"front matter begins here and no {mark} ends it, so it is kept as text")
    elif mark == "+++":
        yield _broken_toml(lines[1:end])
    else:
        at = next((at for at in range(1, end) if front_matter.yaml_pairs(lines[1 : at + 1]) is None), 1)
        yield Slip("front", at + 1, lines[at].strip(), "no `key: value`, so the front matter is kept as text")


def _broken_toml(lines: Sequence[str]) -> Slip:
    try:
        tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"at line (\d+)", str(error))
        at = min(int(place[1]) if place else 1, len(lines))
        return Slip("front", at + 1, lines[at - 1].strip(), "no TOML, so the front matter is kept as text")
    return Slip("front", 1, "+++", "front matter that cannot be read, so it is kept as text")
