"""Reads a document that was downloaded from Google Docs as Markdown.

Punctuation is escaped everywhere (`14:30 \\- merged`), headings are bold and may have an id, pictures are
definitions at the end with all their bytes (`[image1]: <data:image/png;base64,…>`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems import patterns
from postmortems.document.markdown import section_roles
from postmortems.document.readers.editors import mentions, nested_tasks
from postmortems.document.text import is_blank, joined, lines_of

ESCAPED = re.compile(r"\\(?P<sign>[-.!+=~&#>()_{}\"'])")
PICTURE = re.compile(
    r"^\[(?P<name>image\d{1,4})\]:[ \t]*<?data:image/(?P<kind>[a-z0-9.+-]+);base64,"
    r"(?P<data>[A-Za-z0-9+/=]*)>?[ \t]*$",
    re.IGNORECASE,
)
SHOWN = re.compile(r"!\[(?P<said>[^\]]*)\]\[(?P<name>image\d{1,4})\]")
HEADING = re.compile(r"^(?P<marks>#{1,6})(?:[ \t]+(?P<said>.*?))?[ \t]*$")
ANCHOR = re.compile(r"[ \t]*\{#[^\s{}]+\}[ \t]*$")
BOLD = re.compile(r"^(?P<mark>\*{1,3}|_{1,3})(?=\S)(?P<said>[^*_]+?(?:\\[*_][^*_]*)*)(?P=mark)$")
TASK = re.compile(
    r"^(?P<mark>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\\?\[(?P<tick>[ xX])\\?\][ \t]+(?P<said>\S.*?)[ \t]*$"
)
ITEM = re.compile(r"^(?P<mark>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)(?P<said>\S.*?)[ \t]*$")
STRUCK = re.compile(r"~~(?P<said>(?:(?!~~).)+)~~$")
PERSON = re.compile(r"\[(?P<name>[^\[\]]+)\]\(mailto:[^()\s]+\)")
FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})")
TAB = re.compile(r"Tab \d{1,3}", re.IGNORECASE)
ALIGNED = patterns.of(r"^\|(?:[ \t]*:-{3,}:?[ \t]*\|)+[ \t]*$", re.MULTILINE, needs=[":---"])
BOLD_HEADING = patterns.of(
    r"^#{1,6}[ \t]+\*\*.+\*\*[ \t]*(?:\{#[^\s{}]+\})?[ \t]*$", re.MULTILINE, needs=["**"]
)
ANY_ESCAPE = patterns.of(r"(?<!\\)\\[-.!+=~&#>]", needs="\\")
# Amid a line no other program escapes dashes.
DASH_ESCAPED = patterns.of(r"[^\s|-][ \t]\\-[ \t]", needs=["\\-"])
FEWEST_SIGNS, FEWEST_ESCAPES = 2, 2


def is_download(text: str) -> bool:
    """Whether a text in Markdown is Google Docs': by its pictures, else by two of its other habits."""
    if any(
        PICTURE.match(line[:200].partition(",")[0] + ",")
        for line in text.split("\n")
        if line.startswith("[image")
    ):
        return True
    signs = (
        len(BOLD_HEADING.findall(text)) >= FEWEST_SIGNS,
        len(ANY_ESCAPE.findall(text[:200_000])) >= FEWEST_ESCAPES,
        bool(ALIGNED.search(text)),
        len(DASH_ESCAPED.findall(text)) >= FEWEST_ESCAPES,
    )
    return sum(signs) >= FEWEST_SIGNS


def to_markdown(text: str) -> str:
    """The document as Markdown that an author would have written."""
    lines = list(_without_pictures(lines_of(text)))
    return nested_tasks.lifted(joined(_titled(list(_plain(lines))))) + "\n"


def picture(text: str, link: str) -> str:
    """The base64 of a picture that stands in the text, by the name that it has as a file; "" for none."""
    mark = f"[{link.rpartition('.')[0]}]:"
    for line in lines_of(text) if mark.startswith("[image") else ():
        if line.startswith(mark) and (found := PICTURE.match(line)):
            return found["data"] if _file_name(found["name"], found["kind"]) == link else ""
    return ""


def _file_name(name: str, kind: str) -> str:
    return f"{name.lower()}.{kind.lower().replace('jpeg', 'jpg').replace('svg+xml', 'svg')}"


def _without_pictures(lines: Sequence[str]) -> Iterator[str]:
    """The lines without the bytes of pictures; where one is shown stands its file's name."""
    found = {
        match["name"].lower(): _file_name(match["name"], match["kind"])
        for line in lines
        if line.startswith("[image") and (match := PICTURE.match(line))
    }

    def named(shown: re.Match[str]) -> str:
        file = found.get(shown["name"].lower())
        return f"![{shown['said']}]({file})" if file else shown.group()

    for line in lines:
        if not (line.startswith("[image") and PICTURE.match(line)):
            yield SHOWN.sub(named, line)


def _plain(lines: Sequence[str]) -> Iterator[str]:
    """The lines without escapes that only Docs needs, headings without bold and id, to-dos with state."""
    mark, is_of_items = "", False
    for line in lines:
        fence = FENCE.match(line)
        if fence and (not mark or fence[1].startswith(mark)):
            mark = "" if mark else fence[1]
        if fence or mark:
            yield line
            continue
        if heading := HEADING.match(line):
            said = _heading(heading["said"] or "")
            is_of_items = section_roles.named(said) == "action_items"
            yield f"{heading['marks']} {said}" if said else ""
            continue
        yield _line(line, is_of_items)


def _heading(said: str) -> str:
    bare = ANCHOR.sub("", said).strip()
    while match := BOLD.match(bare):
        bare = match["said"].strip()
    return ESCAPED.sub(_unescaped, bare).strip("* ")


def _line(line: str, is_of_items: bool) -> str:
    task = TASK.match(line)
    item = ITEM.match(line) if is_of_items and not task else None
    if task:
        is_done = task["tick"] in "xX"
        said = task["said"]
        struck = STRUCK.match(said) if is_done else None
        line = f"{task['mark']}[{'x' if is_done else ' '}] {_owned(struck['said'] if struck else said)}"
    elif item:
        line = f"{item['mark']}{_owned(item['said'])}"
    return ESCAPED.sub(_unescaped, line)


def _owned(said: str) -> str:
    """A to-do's words with those at its end who do it in brackets: a person's chip is a link."""
    chipped = PERSON.sub(lambda link: f"@{link['name']}", said)
    made = mentions.of_task(_with_day(chipped)) if chipped != said else said
    return made if made != chipped else said


def _with_day(said: str) -> str:
    """The words with a mark before the day that they end with, behind or before a person."""
    for at in range(len(said) - 1, 0, -1):
        if said[at - 1] == " " and (day := mentions.day_at(said, at)):
            rest = said[day[1] :].strip(" .,;)")
            if not rest or rest.startswith("@"):
                return f"{said[:at]}@{said[at:]}"
    return said


def _unescaped(escape: re.Match[str]) -> str:
    """The sign alone, where it means no more than the one that was escaped."""
    sign, line, at = escape["sign"], escape.string, escape.start()
    is_first = not line[:at].strip()
    if sign in "#>=+" and is_first:
        return escape.group()
    if sign == "~" and line[at + 2 : at + 3] in ("~", "\\"):
        return escape.group()
    if sign == "_":
        is_inside = line[at - 1 : at].isalnum() and line[at + 2 : at + 3].isalnum()
        return sign if is_inside else escape.group()
    return sign


def _titled(lines: list[str]) -> list[str]:
    """The lines with one heading of the first level: the title. Names of tabs that say nothing go."""
    headings = [at for at, line in enumerate(lines) if HEADING.match(line)]
    if (
        len(headings) > 1
        and TAB.fullmatch(lines[headings[0]].lstrip("# "))
        and _level(lines[headings[1]]) == 1
    ):
        lines = [*lines[: headings[0]], "", *lines[headings[0] + 1 :]]
        headings = headings[1:]
    first = [at for at in headings if _level(lines[at]) == 1]
    if (
        len(first) < 2
        or first[0] != headings[0]
        or section_roles.named(lines[first[0]].lstrip("# ")) != "other"
    ):
        return lines
    if any(not is_blank(line) for line in lines[: first[0]]):
        return lines
    later = set(headings[1:])
    return [f"#{line}" if at in later and _level(line) < 6 else line for at, line in enumerate(lines)]


def _level(line: str) -> int:
    match = HEADING.match(line)
    return len(match["marks"]) if match else 0
