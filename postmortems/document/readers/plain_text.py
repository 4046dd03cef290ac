"""Reads plain text, as copied from a page or mail: restores the markup that was lost.

A heading is recognised by what sections are called, an entry by its time. Only marks are added: every line
stays the author's own. A text that has headings of its own is Markdown and is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postmortems.document.markdown import section_roles
from postmortems.document.readers import mail_head
from postmortems.document.text import is_blank, lines_of
from postmortems.document.times import prefix

MARKED = re.compile(r"^(?:#{1,6}[ \t]+\S|```|~~~|=+[ \t]*$|-{3,}[ \t]*$)")
TITLED = re.compile(r"^(?:#[ \t]+\S|=+[ \t]*$)")
UNDERLINED = re.compile(r"^(?:=+|-+)[ \t]*$")
# Under a heading, as long as that: `~~~~`, `^^^^`, `****`.
OTHER_LINE = re.compile(r"([~^*#+.'\"])\1{2,}[ \t]*")
SLACK = 2
FRONT = re.compile(r"^(?:---|\+\+\+)[ \t]*$")
BULLET = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>[-*+•·‣◦▪]|\d{1,3}[.)])(?P<gap>[ \t]+)(?=\S)")
COUNTED = re.compile(
    r"^(?:\d{1,2}(?P<listed>[.)])|\d{1,2}(?:\.\d{1,2}){0,2}\.?)[ \t]+(?P<name>[A-ZÀ-ÞА-Я][^\n]*?)[ \t]*$"
)
# Below `4 Corrective actions`, what is to be done: `4.1 Sweep the floor`.
PART = re.compile(r"^\d{1,2}(?:\.\d{1,2}){1,2}\.?[ \t]+\S")
DRAWN = re.compile(r"[•·‣◦▪]")
BOX = re.compile(r"^(?:[☐☑☒✅✔✓]|\[[ xX]?\][ \t])")
SENTENCE = re.compile(r"[.!?;,]$")
# A mail breaks its lines; on a page a paragraph is one line, however long.
WRAPPED = 100
LONGEST_NAME, MOST_WORDS = 60, 6
FEWEST_NAMES, FEWEST_COLONS = 3, 2
PLAIN_NAME = re.compile(r"[A-ZÀ-ÞА-Я][\w'’-]*(?: [\w'’-]+)?:")
LONGEST_ITEM, LONGEST_NAMED = 240, 480
# What is to be done, named before it is told: "Alerts: page somebody as soon as …".
NAMED = re.compile(r"[^\W\d_][^:.!?]{3,60}:[ \t]+\S")
# What sections are called that play no part of ours.
OTHER_NAMES = re.compile(
    r"detection|resolution|recovery|response|mitigation|identified|responders?|attendees|participants"
    r"|authors?|status|severity|stats|statistics|metrics|durations?|time to (?:detect|repair|resolve)"
    r"|appendix|logs|supporting information|references|links|resources|communication|notes|updates?",
    re.IGNORECASE,
)


def to_markdown(text: str) -> str:
    """The text as Markdown, its words and their order unchanged."""
    lines = lines_of(text)
    if FRONT.match(lines[0]):
        return text
    if mail := mail_head.read(lines):
        return f"{mail.front}\n{to_markdown(chr(10).join(lines[mail.lines :]))}"
    text = "\n".join(_underlined(lines))
    lines = text.split("\n")
    if any(MARKED.match(line) for line in lines):
        return text if any(TITLED.match(line) for line in lines) else _titled(lines)
    is_page = any(len(line) > WRAPPED for line in lines) or not any(map(is_blank, _inside(lines)))
    return "\n".join(_spaced(_marked(lines, is_page=is_page)))


def _underlined(lines: Sequence[str]) -> list[str]:
    """The lines, their headings underlined by a sign that Markdown knows, whatever theirs was."""
    out = list(lines)
    for at in range(1, len(lines)):
        if lines[at].rstrip() == "--" and not is_blank(lines[at - 1]):
            # Above a signature, and no line under a heading.
            out[at] = f"\n{lines[at]}"
            continue
        match, above = OTHER_LINE.fullmatch(lines[at]), lines[at - 1].strip()
        is_apart = at == 1 or is_blank(lines[at - 2])
        if match and above and is_apart and abs(len(match[0].strip()) - len(above)) <= SLACK:
            out[at] = "-" * len(above)
    return out


def is_unmarked(text: str) -> bool:
    """Whether a text has no mark of a heading, but lines that are names of sections.

    Three of them are needed, the timeline or the action items among them.
    """
    lines = lines_of(text)
    if any(MARKED.match(line) or "**" in line for line in lines):
        return False
    bare = [line.strip() for line in lines]
    names = {section_roles.named(line) for line in bare if line and _is_name(line)} - {"other"}
    return len(names) >= FEWEST_NAMES and bool(names & {"timeline", "action_items"})


def _titled(lines: Sequence[str]) -> str:
    """A text whose headings are marked, all but the first line: that is the title."""
    at = next((at for at, line in enumerate(lines) if not is_blank(line)), 0)
    first, following = lines[at].strip(), lines[at + 1] if at + 1 < len(lines) else ""
    is_title = first and len(first) <= 2 * LONGEST_NAME and not UNDERLINED.match(following)
    if not is_title or MARKED.match(first) or BULLET.match(first) or first.endswith((".", ":", ",")):
        return "\n".join(lines)
    return "\n".join([*lines[:at], f"# {first}", "", *lines[at + 1 :]])


def _spaced(lines: Iterator[str]) -> Iterator[str]:
    """The lines with one blank line at most between two."""
    before = ""
    for line in lines:
        if not (is_blank(line) and is_blank(before)):
            yield line
        before = line


def _inside(lines: Sequence[str]) -> Sequence[str]:
    """The lines from the first that holds something to the last."""
    held = [at for at, line in enumerate(lines) if not is_blank(line)]
    return lines[held[0] : held[-1]] if held else ()


@dataclass(slots=True)
class _Place:
    """Where in a document a line stands."""

    role: str = ""
    has_list: bool = False
    is_first: bool = True
    # Whether names of sections stand with a colon on lines of their own.
    has_colons: bool = False


def _marked(lines: Sequence[str], *, is_page: bool) -> Iterator[str]:
    place = _Place(has_colons=sum(map(_is_known_with_colon, lines)) >= FEWEST_COLONS)
    for at, line in enumerate(lines):
        if not line.strip():
            yield line
            continue
        is_apart = is_page or at == 0 or is_blank(lines[at - 1])
        heading = _heading(line, lines, at, place) if is_apart else ""
        if heading:
            yield from ("", f"{heading} {line.strip()}", "")
        else:
            yield from _body(line, place, is_page=is_page)
        place.is_first = False


def _heading(line: str, lines: Sequence[str], at: int, place: _Place) -> str:
    """The mark of the heading that this line was, or nothing."""
    bare = line.strip()
    # `2. TIMELINE` between blank lines counts sections, and is no item of a list.
    # `2.1 Timeline` and `2 Timeline` are none anywhere.
    counted = COUNTED.match(line)
    is_apart = at + 1 < len(lines) and is_blank(lines[at + 1])
    if counted and (is_apart or not counted["listed"]) and _is_name(counted["name"]):
        bare = counted["name"]
    if (BULLET.match(line) and bare == line.strip()) or BOX.match(bare) or len(bare) > 2 * LONGEST_NAME:
        return ""
    stamp = prefix.of_heading(bare)
    if stamp:
        is_entry = not stamp.rest and (stamp.stated.has_clock or place.role == "timeline")
        return "###" if is_entry and place.role else ""
    if _is_name(bare):
        place.role = section_roles.named(bare)
        place.has_list = _holds_list(lines, at + 1)
        return "##"
    if _is_named_like_others(bare, lines, at, place):
        place.role, place.has_list = "", False
        return "##"
    if place.is_first and not bare.endswith((".", ":", ",")):
        return "#"
    return "###" if place.role == "action_items" and _is_category(bare, lines, at) else ""


def _is_name(text: str) -> bool:
    """Whether a line is what a section is called."""
    is_question = text.endswith("?") and section_roles.named(text) != "other"
    if len(text) > LONGEST_NAME or (SENTENCE.search(text) and not is_question) or text[0].islower():
        return False
    name = section_roles.plain_name(text)
    if len(name.split()) > MOST_WORDS:
        return False
    return section_roles.named(text) != "other" or OTHER_NAMES.fullmatch(name) is not None


def _is_known_with_colon(line: str) -> bool:
    return line.rstrip().endswith(":") and _is_name(line.strip())


def _is_named_like_others(bare: str, lines: Sequence[str], at: int, place: _Place) -> bool:
    """Whether a line is a name as those of the sections are: a word or two and a colon, over a list."""
    is_over_list = at + 1 < len(lines) and _is_item(lines[at + 1]) and (not at or is_blank(lines[at - 1]))
    is_free = place.has_colons and place.role not in ("action_items", "timeline")
    return is_free and is_over_list and PLAIN_NAME.fullmatch(bare) is not None


def _is_category(text: str, lines: Sequence[str], at: int) -> bool:
    """A short line over a list: the name of its items."""
    following = next((line for line in lines[at + 1 :] if not is_blank(line)), "")
    is_short = len(text) <= LONGEST_NAME and not SENTENCE.search(text) and not text[0].islower()
    is_phrase = text.endswith(":") and len(text.split()) > 3
    return is_short and not is_phrase and _is_item(following)


def _is_item(line: str) -> bool:
    return bool(BULLET.match(line) or BOX.match(line.lstrip()))


def _holds_list(lines: Sequence[str], start: int) -> bool:
    """Whether a list stands in the section that begins there."""
    for line in lines[start:]:
        if _is_item(line):
            return True
        if line.strip() and _is_name(line.strip()):
            return False
    return False


def _body(line: str, place: _Place, *, is_page: bool) -> Iterator[str]:
    bullet = BULLET.match(line)
    is_paragraph = is_page and line[0] not in " \t"
    longest = LONGEST_NAMED if NAMED.match(line) else LONGEST_ITEM
    is_short = len(line) <= longest and not line.rstrip().endswith(":") and not section_roles.is_closing(line)
    is_item = is_paragraph and is_short and place.role == "action_items" and not place.has_list
    if bullet:
        mark = DRAWN.sub("-", bullet["mark"])
        yield f"{bullet['indent']}{mark} {line[bullet.end() :]}"
    elif is_item or BOX.match(line.lstrip()) or (place.role == "action_items" and PART.match(line)):
        yield f"- {line.lstrip()}"
    elif is_paragraph:
        yield from ("", line, "")
    else:
        yield line
