"""Reads the fields of an action item from the list nested under it: `- Owner: @sam`.

A key is read only where we would have written it: in the last list of the item, with a value that fits.
Anything else is the author's own list and stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date as Date

from postmortems.document import vocabulary
from postmortems.document.markdown.tokens import blocks
from postmortems.document.model import GUARDABILITIES, ITEM_KINDS, ITEM_STATUSES, PRIORITIES, Item
from postmortems.document.text import is_blank, joined, one_line

LINE = re.compile(r"^- ([A-Z][a-z]+(?: [a-z]+)?): (\S.*)$")
IDENTIFIER = re.compile(r"AI-[1-9]\d{0,8}")
NAME = re.compile(r"[^\W_]")
BRACKETED = re.compile(r"\([^()]*\)|（[^（）]*）")
# Whoever is in a chat.
ALL_OF_A_CHAT = {"@all", "@channel", "@everyone", "@here"}
# What stands in an owner's place where there is none yet; a dash says no word.
PLACEHOLDERS = frozenset(vocabulary.table("headings")["nobody"])
NOBODY = {*PLACEHOLDERS, *vocabulary.table("headings")["everybody"], *ALL_OF_A_CHAT, "", "-", "–", "—"}
# Between names, or before a remark: `TBD / Ada`, `TBD – after the move`.
APART = re.compile(r"\s*[,;/&+、，]\s*|\s+[–—-]\s+")
# Around a name: marks, and pictures before it.
AROUND = re.compile(r"^[^\w\[\]{}<>]+|[^\w\[\]{}<>]+$|_+$|^_+")
CHECKBOX = re.compile(
    r"^[\[(](?P<mark>[xX✓✔✅]|(?<=\[)[ ]?)[\])](?:[ \t]+|$)|^(?P<box>[☐☑☒✅✔✓]\ufe0f?)[ \t]*"
)
# A box whose words stand on the next line, as some converters write them; a list there is no words.
BARE_BOX = re.compile(r"(?:\[[ xX]?\]|[☐☑☒✅✔✓]\ufe0f?)[ \t]*")
LISTED = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:\s|$)| {4}|\t|[>#|<`~]")
TICKED_BEHIND = re.compile(r"(?<![ \t])[ \t]*(?:✅|☑\ufe0f?|✔\ufe0f?)$")


def _due(text: str) -> Date | None:
    try:
        return Date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _one_of(values: Sequence[str]) -> Callable[[str], str | None]:
    return lambda text: text if text in values else None


def _text(text: str) -> str:
    return text


def _somebody(text: str) -> str | None:
    """A name has a letter or a digit, and is none of the words for nobody: that place is not filled in."""
    return text if NAME.search(text) and not says_nobody(text) else None


def says_nobody(said: str) -> bool:
    """Whether words in a name's place say that there is none: `TBD`, `⚠️ unassigned`, `TBD / Ada`, `all`."""
    if said.strip(" .?!").lower() in NOBODY:
        return True
    # `@team` may be an account, which `@TBD` is not.
    words = PLACEHOLDERS if said.lstrip(" *_`").startswith("@") else NOBODY
    bare = BRACKETED.sub("", said)
    bare = _plain(bare if NAME.search(bare) else said)
    parts = [_plain(part) for part in APART.split(bare)]
    return bare in words or parts[0] in PLACEHOLDERS or words.issuperset(parts)


def _plain(said: str) -> str:
    return AROUND.sub("", said.lower())


def _tickets(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(", ") if part.strip())


def _guards(text: str) -> tuple[str, ...]:
    """Guards by their slugs; a comma in the remark behind one separates nothing."""
    return tuple(part.strip() for part in re.split(r",(?![^()]*\))", text) if part.strip())


def _items(text: str) -> tuple[str, ...] | None:
    """Ids of items; anything else that blocks one is the author's own word."""
    refs = tuple(part.strip() for part in text.split(","))
    return refs if all(map(IDENTIFIER.fullmatch, refs)) else None


KEYS: dict[str, tuple[str, Callable[[str], object]]] = {
    "Id": ("id", lambda text: text if IDENTIFIER.fullmatch(text) else None),
    "Owner": ("owner", _somebody),
    "Team": ("team", _somebody),
    "Kind": ("kind", _one_of(ITEM_KINDS)),
    "Due": ("due", _due),
    "Priority": ("priority", _one_of(PRIORITIES)),
    "Status": ("status", _one_of(ITEM_STATUSES)),
    "Reason": ("reason", _text),
    "Done when": ("done_when", _text),
    "Guardability": ("guardability", _one_of(GUARDABILITIES)),
    "Outcome": ("outcome", _text),
    "Evidence": ("evidence", _text),
    "Tickets": ("tickets", _tickets),
    "Guards": ("guards", _guards),
    "Blocked by": ("blocked_by", _items),
}


def read(lines: Sequence[str]) -> Item | None:
    """An item from the content of its list item; None for a bullet with nothing behind it."""
    status, text = _ticked(joined(with_words(lines)))
    lines, fields = _split(text.split("\n"))
    text = joined(lines)
    if not text and not fields:
        return None
    return replace(Item(text, status=status), **fields)  # type: ignore[arg-type]


def with_words(lines: Sequence[str]) -> list[str]:
    """The content of a list item, a box that stands alone in its first line put before the words below it."""
    if not lines or not BARE_BOX.fullmatch(lines[0]):
        return list(lines)
    at = next((at for at, line in enumerate(lines[1:], 1) if not is_blank(line)), 0)
    if not at or LISTED.match(lines[at]):
        return list(lines)
    return [f"{lines[0].rstrip()} {lines[at].strip()}", *lines[at + 1 :]]


def _ticked(text: str) -> tuple[str, str]:
    """What a checkbox says about the item, and the text without it."""
    match = CHECKBOX.match(text)
    if match:
        is_open = match["box"] == "☐" or (match["box"] is None and not match["mark"].strip())
        return ("open" if is_open else "done"), text[match.end() :]
    behind = TICKED_BEHIND.search(text)
    return ("done", text[: behind.start()]) if behind else ("", text)


def _split(lines: Sequence[str]) -> tuple[list[str], dict[str, object]]:
    """The lines of the text, and the keys below it."""
    if not any(LINE.match(line.lstrip(" ")) for line in lines):
        return list(lines), {}
    last = blocks(lines)[-1]
    found: dict[str, object] = {}
    start = len(lines)
    for part in reversed(last.parts if last.kind == "list" else ()):
        own = [line for line in lines[part.start : part.end] if not is_blank(line)]
        # Some programs set a list in by four blanks, whatever it lies under.
        match = LINE.match(own[0].lstrip(" ")) if len(own) == 1 else None
        field, load = KEYS.get(match.group(1) if match else "", ("", _text))
        value = load(match.group(2).strip()) if match and field else None
        if not value or field in found:
            break
        found[field], start = value, part.start
    return list(lines[:start]), found


def write(item: Item) -> Iterator[str]:
    """The keys that have a value, in their order."""
    for key, (field, load) in KEYS.items():
        value = getattr(item, field)
        shown = one_line(", ".join(value) if isinstance(value, tuple) else str(value)) if value else ""
        if shown and (load is not _somebody or _somebody(shown)):
            yield f"- {key}: {shown}"
