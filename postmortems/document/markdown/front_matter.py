"""Reads and writes front matter: known keys typed, all others kept as written, in their order.

A key is ours only if its value, written by us, would say all that it said; `date: 25 January`, `tags: []` or
`status: resolved` stay in `extra`, for the tool that put them there. Each key is read on its own, so one that
is no YAML spoils no other, and aliases between keys cannot be built into a bomb.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from typing import Any

import yaml

from postmortems.document.markdown import severities
from postmortems.document.model import DOCUMENT_STATUSES
from postmortems.document.parse_cache import Kept, by_line
from postmortems.document.text import SLUG, is_blank, one_line, words

KEY = re.compile(
    r"""^("[^"\n]+"|'[^'\n]+'|[^\s#'"\[\]{}&*!|>%@`,:-][^:\n]*?|-(?=\w)[^:\n]*?)[ \t]*:(?=[ \t]|$)"""
)
LISTS = ("services", "tags", "restricted")
KNOWN = ("title", "date", "timezone", "severity", "status", "recurrence_of", *LISTS)
QUOTED = re.compile(r"""["'\[\]{}]""")
COMMENT = re.compile(r"(?:^|\s)#")
LARGEST = 4_000
NONE = '""'
PLAIN = re.compile(r"[^\W\d_][\w /.,;()'’+&@–—!?=~$€-]*")
# In double quotes what YAML takes as it stands there: no escapes, no quotes, nothing that ends a line.
AS_IT_STANDS = re.compile(
    r'"([ !#-\[\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*)"'
)
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
RESERVED = re.compile(r"(?i:true|false|yes|no|on|off|null|nan|y|n|~)|.*\s")


@dataclass(frozen=True, slots=True)
class Front:
    """What stands before the body. `lines` says how many lines it took."""

    known: dict[str, str] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    extra: tuple[tuple[str, str], ...] = ()
    lines: int = 0

    @property
    def date(self) -> Date | None:
        return Date.fromisoformat(self.known["date"]) if "date" in self.known else None


# A save reads that of its text several times, and the next edit is of the body. What was read is read only.
_HEADS: Kept[Front] = Kept(500_000, 20_000)


def read(lines: Sequence[str]) -> Front:
    """The front matter at the beginning of these lines; an empty one where they begin with something else."""
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("---", "+++"):
        return Front()
    ends = ("---", "...") if mark == "---" else ("+++",)
    end = next((at for at in range(1, len(lines)) if lines[at].rstrip() in ends), 0)
    if not end:
        return Front()
    head = tuple(lines[: end + 1])
    found = _HEADS.get(head)
    if found is None:
        pairs = (yaml_pairs if mark == "---" else toml_pairs)(lines[1:end])
        found = _typed(pairs, end + 1) if pairs is not None else Front()
        _HEADS.put(head, found, sum(map(len, head)))
    return found


def yaml_pairs(lines: Sequence[str]) -> list[tuple[str, str]] | None:
    """Each key with what is written behind and below it; None where these lines are not front matter."""
    pairs: list[tuple[str, list[str]]] = []
    for line in lines:
        match = KEY.match(line)
        if match:
            pairs.append((match.group(1), [line[match.end() :]]))
        elif line.startswith("#"):
            pairs.append(("", [line]))
        elif pairs and (is_blank(line) or line[0] in " \t-#]}"):
            pairs[-1][1].append(line)
        elif not is_blank(line):
            return None
    return [(key, _raw(value)) for key, value in pairs]


def _raw(lines: Sequence[str]) -> str:
    first = lines[0].strip(" \t")
    return "\n".join([first, *lines[1:]]).rstrip(" \t\n")


def toml_pairs(lines: Sequence[str]) -> list[tuple[str, str]] | None:
    """TOML as the YAML that says the same; its comments stay comments."""
    try:
        table = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    comments = [("", line.strip()) for line in lines if line.lstrip().startswith("#")]
    return [*comments, *((_key(key), _inline(value)) for key, value in table.items())]


def _key(key: str) -> str:
    return key if KEY.match(f"{key}:") else quoted(key)


def _inline(value: object) -> str:
    return scalar(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _typed(pairs: Sequence[tuple[str, str]], lines: int) -> Front:
    front = Front(lines=lines)
    extra = []
    for key, raw in pairs:
        rest = _take(front, key, raw)
        extra += [(key, raw)] if rest is None else rest
    return Front(front.known, front.lists, tuple(extra), lines)


def _take(front: Front, key: str, raw: str) -> list[tuple[str, str]] | None:
    """Type one key; what is left of it (a comment behind the value), or None if it is not ours."""
    if key not in KNOWN or key in front.known or key in front.lists or len(raw) > LARGEST:
        return None
    value, comment = _value(raw)
    if key == "severity":
        return _take_severity(front, raw, value, comment)
    if key == "tags" and isinstance(value, str) and not QUOTED.search(raw):
        value = _listed(value)
    if key in LISTS:
        if isinstance(value, tuple) and value and says_all(raw, " ".join(value), comment):
            front.lists[key] = value
            return [("", comment)] if comment else []
        return None
    if isinstance(value, str) and _fits(key, value) and says_all(raw, value, comment):
        front.known[key] = value
        return [("", comment)] if comment else []
    return None


def _listed(value: str) -> str | tuple[str, ...] | None:
    """Tags on one line, parted by commas, as editors of notes write them: `tags: outage, dns`."""
    tags = [tag.strip() for tag in value.split(",")]
    return tuple(tags) if len(tags) > 1 and all(tags) else value


def _take_severity(
    front: Front, raw: str, value: str | tuple[str, ...] | None, comment: str
) -> list[tuple[str, str]] | None:
    """The level, whose words ("high") stay as a comment; an empty text says that nobody chose one."""
    level = severities.level(value) if isinstance(value, str) else ""
    if not level and raw != NONE:
        return None
    front.known["severity"] = level
    said = comment if says_all(raw, level, comment) else f"# {one_line(f'severity: {raw}')}"
    return [("", said)] if said else []


def says_all(raw: str, value: str, comment: str) -> bool:
    return not words(raw) - words(f"{value} {comment}")


@by_line
def _value(raw: str) -> tuple[str | tuple[str, ...] | None, str]:
    """A value, and the comment behind it. A title with a colon is no YAML, but everybody writes it."""
    is_line = "\n" not in raw
    try:
        value = _loaded(raw)
    except (yaml.YAMLError, RecursionError, ValueError):
        return (one_line(raw) if is_line else None), ""
    if isinstance(value, dict) and is_line and not raw.startswith("{"):
        return one_line(raw), ""
    comment = _comment(raw, value) if is_line else ""
    if isinstance(value, list) and all(isinstance(item, str) and one_line(item) for item in value):
        return tuple(one_line(item) for item in value), comment
    return (one_line(value) if isinstance(value, str) else None), comment


def _loaded(raw: str) -> Any:
    if raw and _is_plain(raw):
        return raw  # what YAML would say, without asking
    if quoted := AS_IT_STANDS.fullmatch(raw):
        return quoted[1]
    return yaml.load(raw, Loader=yaml.BaseLoader)  # makes nothing but text, lists and mappings


def _comment(raw: str, value: Any) -> str:
    """What stands behind a value and adds nothing to it; a mark in quotes begins no comment."""
    for match in COMMENT.finditer(raw):
        try:
            if _loaded(raw[: match.start()]) == value:
                return raw[match.start() :].strip()
        except yaml.YAMLError:
            continue
    return ""


def _fits(key: str, value: str) -> bool:
    if key == "date":
        try:
            return Date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    if key == "recurrence_of":
        return SLUG.fullmatch(value) is not None
    if key == "status":
        return value in DOCUMENT_STATUSES
    return bool(value)


def write(known: Sequence[tuple[str, str | tuple[str, ...]]], extra: Sequence[tuple[str, str]]) -> list[str]:
    """The lines between the marks, and the marks; an empty value is written as one."""
    return ["---", *_known_lines(known), *(pair_text(key, raw) for key, raw in extra), "---"]


def pair_text(key: str, raw: str) -> str:
    """A kept key as it was written."""
    if not key:
        return raw
    return f"{key}:{raw}" if not raw or raw.startswith("\n") else f"{key}: {raw}"


def _known_lines(known: Sequence[tuple[str, str | tuple[str, ...]]]) -> Iterator[str]:
    for key, value in known:
        if value == "":
            yield f"{key}: {NONE}"
        elif isinstance(value, str):
            yield f"{key}: {value if key == 'date' else scalar(value)}"
        else:
            yield f"{key}: [{', '.join(scalar(item, in_list=True) for item in value)}]"


def scalar(text: str, *, in_list: bool = False) -> str:
    """A text as YAML, in quotes only where YAML would read something else without them."""
    return text if _is_plain(text) and not (in_list and "," in text) else quoted(text)


def _is_plain(text: str) -> bool:
    return bool(PLAIN.fullmatch(text)) and not RESERVED.fullmatch(text)


def quoted(text: str) -> str:
    """A text in double quotes. Characters that YAML cannot hold are blanks, not escapes: they say nothing."""
    return json.dumps(UNPRINTABLE.sub(" ", text), ensure_ascii=False)


def is_kept(key: str, raw: str) -> bool:
    """Whether an extra key would be read back just as it is."""
    lines = pair_text(key, raw).split("\n")
    return yaml_pairs(lines) == [(key, raw)] and not any(line.rstrip() in ("---", "...") for line in lines)
