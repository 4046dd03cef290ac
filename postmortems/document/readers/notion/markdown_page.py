"""Reads a page of a Notion export in Markdown.

Title, properties as `Key: value` below it, then blocks: callouts in `<aside>`, toggles as `<details>` or as
list items that hold everything, to-dos, links to pages of the same export, days and people behind `@`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from urllib.parse import unquote

from postmortems.document.markdown import section_roles
from postmortems.document.readers.editors import mentions, nested_tasks
from postmortems.document.readers.editors.stated_keys import Property
from postmortems.document.readers.notion import names, properties
from postmortems.document.text import is_blank, joined, lines_of

TITLE = re.compile(r"#[ \t]+(?P<title>\S.*?)[ \t]*$")
UNESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
KEY = re.compile(r"(?P<key>[^\s:#>|*`<\[-][^:\n#|*`<\[\]]{0,60}):[ \t]+(?P<said>\S.*)$")
FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(?P<rest>.*)$")
HEADING = re.compile(r"(?P<indent>[ \t]*)(?P<marks>#{1,6})[ \t]+\S")
ASIDE = re.compile(r"(?P<indent>[ \t]*)<aside(?:[ \t][^<>]*)?>[ \t]*(?P<rest>.*)$", re.IGNORECASE)
ASIDE_END = re.compile(r"(?P<rest>.*?)</aside>[ \t]*$", re.IGNORECASE)
ICON = re.compile(
    r"[ \t]*(?:<img\b[^<>]*\bsrc=\"https?://[^\"]*notion[^\"]*\"[^<>]*>"
    r"|!\[[^\]]*\]\(https?://[^()]*notion[^()]*/icons/[^()]*\))[ \t]*$",
    re.IGNORECASE,
)
SYMBOL = re.compile(r"[^\w\s<>#*`\[\]!|()-]{1,8}\ufe0f?")
DETAILS = re.compile(r"[ \t]*</?details(?:[ \t][^<>]*)?>[ \t]*$", re.IGNORECASE)
SUMMARY = re.compile(
    r"[ \t]*<summary(?:[ \t][^<>]*)?>(?P<said>.*?)(?P<end></summary>)?[ \t]*$", re.IGNORECASE
)
SUMMARY_END = re.compile(r"(?P<said>.*?)</summary>[ \t]*$", re.IGNORECASE)
TAGS = re.compile(r"</?(?:h[1-6]|strong|b|em|span|p)\b[^<>]*>", re.IGNORECASE)
OLD_TOGGLE = re.compile(r"[-*][ \t]+(?P<said>[^\[\s].*?)[ \t]*$")
TASK = re.compile(r"(?P<mark>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\[[ xX]\][ \t])[ \t]*(?P<said>\S.*)$")
ITEM = re.compile(r"(?P<mark>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)(?P<said>\S.*)$")
MARKER = re.compile(r"(?:[-*+]|\d{1,9}[.)]) ")
LINK = re.compile(r"(?<!!)\[(?P<said>(?:[^\[\]\\\n]|\\.)*)\]\((?P<to>(?:[^()\s]|\([^()\s]*\))+)\)")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#|//", re.IGNORECASE)
# Notion ends bold behind the blank, where Markdown sees no end.
LATE_BOLD = re.compile(r"\*\*(?P<said>[^\s*](?:[^*\n]*[^\s*])?)(?P<blank>[ \t]+)\*\*(?=\S|$)")
# What a line has that may have to be said otherwise.
LOOKED_AT = re.compile(r"[@#]|\]\(|\*\*|\[[ xX]\]")
DEEP, INSIDE = "    ", "  "


def to_markdown(text: str, tables: Mapping[str, str] | None = None) -> str:
    """A page as the Markdown that says the same, without what only leads round in Notion.

    `tables` are the databases of the export, by the paths that links on the page have: each stands where a
    link to it is all of a line.
    """
    title, found, body = parts(text)
    return properties.page(title, found, tidied(body_of(body, tables or {}, has_title=bool(title))))


def parts(text: str) -> tuple[str, list[Property], list[str]]:
    """Title, properties and the lines below them, as the page has them."""
    lines = joined(lines_of(text)).split("\n")
    match = TITLE.match(lines[0])
    if match is None:
        return "", [], lines
    start = next((at for at, line in enumerate(lines[1:], 1) if not is_blank(line)), len(lines))
    end = next((at for at in range(start, len(lines)) if is_blank(lines[at])), len(lines))
    found = _properties(lines[start:end])
    return UNESCAPED.sub(r"\1", match["title"]), found, lines[end if found else 1 :]


def _properties(lines: Sequence[str]) -> list[Property]:
    """What a paragraph of properties says; nothing where it is prose. A line without key goes on."""
    matches = [KEY.match(line) for line in lines]
    if not matches or matches[0] is None or 2 * sum(map(bool, matches)) < len(lines):
        return []
    if len(lines) == 1 and len(matches[0]["key"].split()) > 3:
        return []
    found: list[Property] = []
    for line, match in zip(lines, matches, strict=True):
        if match:
            found.append((match["key"].strip(), _plain(properties.without_addresses(match["said"]))))
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]} {_plain(line.strip())}")
    return found


def body_of(lines: Sequence[str], tables: Mapping[str, str], *, has_title: bool = True) -> list[str]:
    """The lines of a page's text."""
    lines = _callouts(_unfolded(reindented(list(lines))))
    lines = list(_by_line(list(_with_tables(lines, tables))))
    lines = nested_tasks.lifted("\n".join(lines)).split("\n")
    return with_lower_headings(lines) if has_title else lines


def tidied(lines: Sequence[str]) -> str:
    """The lines as text, one blank line where several were."""
    out: list[str] = []
    for line, fence in zip(lines, _fences(lines), strict=True):
        if fence or not is_blank(line) or (out and not is_blank(out[-1])):
            out.append(line if fence or not is_blank(line) else "")
    return joined(out)


def _fences(lines: Sequence[str]) -> list[bool]:
    """Which lines stand in a fence, or begin or end one."""
    inside, mark = [], ""
    for line in lines:
        match = FENCE.match(line)
        is_mark = bool(match)
        if match and not mark:
            mark = match[1]
        elif match and match[1].startswith(mark) and not match["rest"].strip():
            mark = ""
        inside.append(is_mark or bool(mark))
    return inside


def with_lower_headings(lines: Sequence[str]) -> list[str]:
    """The lines with each heading a level lower, where one would stand beside the title."""
    fences = _fences(lines)
    marks = [None if fence else HEADING.match(line) for line, fence in zip(lines, fences, strict=True)]
    if not any(match and len(match["marks"]) == 1 for match in marks):
        return list(lines)
    return [
        f"{match['indent']}#{line[match.start('marks') :]}" if match and len(match["marks"]) < 6 else line
        for line, match in zip(lines, marks, strict=True)
    ]


def _by_line(lines: Sequence[str]) -> Iterator[str]:
    """The lines with their links, days and to-dos as words."""
    is_of_items = False
    for line, fence in zip(lines, _fences(lines), strict=True):
        if HEADING.match(line) and not fence:
            is_of_items = section_roles.named(line.strip(" \t#")) == "action_items"
        if fence or not LOOKED_AT.search(line):
            yield line
            continue
        task = TASK.match(line) or (ITEM.match(line) if is_of_items else None)
        line = f"{task['mark']}{mentions.of_task(task['said'])}" if task else line
        yield LATE_BOLD.sub(r"**\g<said>**\g<blank>", _plain(line))


def reindented(lines: Sequence[str]) -> list[str]:
    """The lines with what is in an item below its first word: Notion puts everything four blanks deeper."""
    out: list[str] = []
    widths: list[int] = []
    fixed = -1
    for line, fence in zip(lines, _fences(lines), strict=True):
        bare = line.expandtabs(len(DEEP))
        if is_blank(line):
            out.append("")
            continue
        indent = len(bare) - len(bare.lstrip(" "))
        depth = min(indent // len(DEEP), len(widths))
        # Lines of code stay as deep as their fence.
        depth = min(depth, fixed) if fence and fixed >= 0 else depth
        fixed = depth if fence and fixed < 0 else fixed if fence else -1
        rest = bare[len(DEEP) * depth :]
        out.append(" " * sum(widths[:depth]) + rest if depth else line)
        marker = None if fence else MARKER.match(rest)
        widths = [*widths[:depth], len(marker.group())] if marker else widths[:depth]
    return out


def _with_tables(lines: Sequence[str], tables: Mapping[str, str]) -> Iterator[str]:
    """The lines with each database in the place of its link, below its name where no heading says it."""
    heading = ""
    for line in lines:
        if match := HEADING.match(line):
            heading = line[match.end("marks") :].strip()
        link = LINK.fullmatch(line.strip()) if tables else None
        path = unquote(link["to"].partition("#")[0]) if link else ""
        if link is None or path not in tables:
            yield line
            continue
        said = names.without_id(unquote(link["said"]).rpartition("/")[2])
        is_named = said.casefold() == heading.casefold()
        yield from ("", *([] if is_named else [f"### {said}", ""]), *tables[path].split("\n"), "")


def _plain(text: str) -> str:
    return mentions.without_marks(LINK.sub(_linked, text))


def _linked(link: re.Match[str]) -> str:
    """A link to a page or database of the export is its words: it leads nowhere from here."""
    to, said = link["to"], link["said"]
    if ELSEWHERE.match(to):
        return link.group()
    path = unquote(to.partition("#")[0])
    if not (names.is_page(path) or names.is_database(path)):
        return link.group()
    bare = unquote(said)
    return names.without_id(bare.rpartition("/")[2]) if names.id_in(bare) else said


def linked_files(text: str) -> list[str]:
    """The relative paths of the pages and databases that a page has links to, each once."""
    found = []
    for link in LINK.finditer(text):
        path = unquote(link["to"].partition("#")[0])
        if not ELSEWHERE.match(link["to"]) and (names.is_page(path) or names.is_database(path)):
            found.append(path)
    return list(dict.fromkeys(found))


def _callouts(lines: list[str]) -> list[str]:
    """Callouts as quotations."""
    out: list[str] = []
    held: list[str] | None = None
    indent = ""
    for line, fence in zip(lines, _fences(lines), strict=True):
        begin = ASIDE.match(line) if held is None and not fence else None
        end = ASIDE_END.match(line) if held is not None or begin else None
        if begin:
            held, indent = [], begin["indent"]
            line = begin["rest"]
            end = ASIDE_END.match(line)
        if held is None:
            out.append(line)
        elif end:
            out += _quoted([*held, end["rest"]], indent)
            held = None
        else:
            held.append(line)
    return out + ([] if held is None else [f"{indent}<aside>", *held])


def _quoted(lines: Sequence[str], indent: str) -> list[str]:
    """What a callout says, its symbol before its first words."""
    bare = [line.removeprefix(indent) for line in lines if not ICON.match(line)]
    bare = joined(bare).split("\n")
    if len(bare) > 1 and SYMBOL.fullmatch(bare[0].strip()):
        rest = joined(bare[1:]).split("\n")
        is_text = rest[0][:1].isalnum() or rest[0][:2] == "**"
        bare = [f"{bare[0].strip()} {rest[0]}", *rest[1:]] if is_text else [bare[0].strip(), "", *rest]
    return ["", *(f"{indent}> {line}".rstrip() for line in bare), ""] if any(bare) else []


def _unfolded(lines: list[str]) -> list[str]:
    """The lines with all that is folded away open, below a heading or a line in bold."""
    return _old_toggles(list(_details(lines)))


def _details(lines: Sequence[str]) -> Iterator[str]:
    said: list[str] | None = None
    for line, fence in zip(lines, _fences(lines), strict=True):
        if fence:
            yield line
        elif said is not None:
            end = SUMMARY_END.match(line)
            said.append(end["said"] if end else line)
            if end:
                yield from _name(" ".join(said))
                said = None
        elif DETAILS.match(line):
            yield ""
        elif (match := SUMMARY.match(line)) and match["end"]:
            yield from _name(match["said"])
        elif match:
            said = [match["said"]]
        else:
            yield line
    if said:
        yield from said


def _name(said: str) -> list[str]:
    """A toggle's own words: a heading where they are one, else in bold."""
    level = re.search(r"<h([1-6])\b", said, re.IGNORECASE)
    bare = " ".join(unescape(TAGS.sub(" ", said)).split())
    if HEADING.match(bare) or not bare:
        return ["", bare, ""]
    if level:
        return ["", f"{'#' * int(level[1])} {bare}", ""]
    return ["", bare if "*" in bare else f"**{bare}**", ""]


def _old_toggles(lines: list[str]) -> list[str]:
    """Toggles of older exports: an item that is a heading, or the name of a section, over all it holds."""
    out: list[str] = []
    fences, at = _fences(lines), 0
    while at < len(lines):
        match = None if fences[at] else OLD_TOGGLE.match(lines[at])
        end = _end_of(lines, at) if match else at
        name = match["said"].strip("*_ ") if match else ""
        is_heading = bool(HEADING.match(name))
        is_named = section_roles.named(name) != "other" and not name.endswith((".", ":"))
        if match and end > at + 1 and (is_heading or is_named):
            out += ["", name if is_heading else f"**{name}**", ""]
            out += _old_toggles([line.removeprefix(INSIDE) for line in lines[at + 1 : end]])
            out.append("")
            at = end
        else:
            out.append(lines[at])
            at += 1
    return out


def _end_of(lines: Sequence[str], at: int) -> int:
    """Where the lines end that an item holds."""
    end = at + 1
    while end < len(lines) and (is_blank(lines[end]) or lines[end].startswith(INSIDE)):
        end += 1
    while end > at + 1 and is_blank(lines[end - 1]):
        end -= 1
    return end
