"""Changes one key of the front matter on its own lines; the others stay as written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date as Date

from postmortems.document.markdown import front_matter
from postmortems.document.model import Document
from postmortems.document.text import is_blank, one_line


def rewritings(lines: Sequence[str], then: Document, now: Document, key: str) -> Iterator[list[str]]:
    """The text's lines that may say `now` in this key, the most faithful first."""
    end = front_matter.read(lines).lines
    if not end:
        if key != "extra":
            yield ["---", *_line(key, getattr(now, key)), "---", "", *lines]
        else:
            yield ["---", *(_kept(now.extra)), "---", "", *lines]
        return
    inside = list(lines[1 : end - 1])
    mark, rest = [lines[0]], list(lines[end - 1 :])
    if key == "extra":
        yield [*mark, *_without(inside, then, now), *_added(then, now), *rest]
        return
    own = _own(inside, key)
    old, new = getattr(then, key), getattr(now, key)
    if own is None:
        yield [*mark, *inside, *_line(key, new), *rest]
        yield [*mark, *inside, *_toml(key, new), *rest]
        return
    start, stop = own
    if isinstance(old, str) and isinstance(new, str) and old and new and old in inside[start]:
        kept = inside[start].replace(old, new, 1)
        yield [*mark, *inside[:start], kept, *inside[start + 1 :], *rest]
    if isinstance(old, Date) and isinstance(new, Date):
        kept = inside[start].replace(old.isoformat(), new.isoformat(), 1)
        yield [*mark, *inside[:start], kept, *inside[start + 1 :], *rest]
    comment = re.search(r"\s#.*$", inside[start])
    # What was read from the author's own word ("high") keeps it as a comment.
    yield [*mark, *inside[:start], *_line(key, new), f"# {one_line(inside[start])}", *inside[stop:], *rest]
    for line in ([*_line(key, new)], [*_toml(key, new)]):
        behind = [f"{line[0]}{comment.group()}"] if comment and line else line
        yield [*mark, *inside[:start], *behind, *inside[stop:], *rest]
        yield [*mark, *inside[:start], *line, *inside[stop:], *rest]


def _own(inside: Sequence[str], key: str) -> tuple[int, int] | None:
    """The lines of a key: its own, and those below that continue it."""
    begins = re.compile(rf"""["']?{re.escape(key)}["']?[ \t]*[:=]""")
    start = next((at for at, line in enumerate(inside) if begins.match(line)), None)
    if start is None:
        return None
    stop = start + 1
    while stop < len(inside) and (is_blank(inside[stop]) or inside[stop][0] in " \t-]}"):
        stop += 1
    return start, stop


def _line(key: str, value: str | Date | tuple[str, ...] | None) -> list[str]:
    if not value:
        return []
    shown = value.isoformat() if isinstance(value, Date) else value
    return front_matter.write([(key, shown)], ())[1:-1]


def _toml(key: str, value: str | Date | tuple[str, ...] | None) -> list[str]:
    if not value:
        return []
    if isinstance(value, Date):
        return [f"{key} = {value.isoformat()}"]
    if isinstance(value, str):
        return [f"{key} = {front_matter.quoted(value)}"]
    return [f"{key} = [{', '.join(front_matter.quoted(each) for each in value)}]"]


def _kept(pairs: Sequence[tuple[str, str]]) -> list[str]:
    return [line for key, raw in pairs for line in front_matter.pair_text(key, raw).split("\n")]


def _without(inside: list[str], then: Document, now: Document) -> list[str]:
    """The lines without the keys that went away, and with the new values of those that changed."""
    values = dict(now.extra)
    for key, raw in then.extra:
        if (key, raw) in now.extra or not key:
            continue
        own = _own(inside, key)
        if own:
            fresh = _kept([(key, values[key])]) if key in values else []
            inside = [*inside[: own[0]], *fresh, *inside[own[1] :]]
    return inside


def _added(then: Document, now: Document) -> list[str]:
    known = {key for key, _ in then.extra}
    return _kept([(key, raw) for key, raw in now.extra if key not in known])
