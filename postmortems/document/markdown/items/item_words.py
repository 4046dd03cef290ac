"""Reads what authors write about an item in their own words: labelled bullets, brackets, trailing labels.

`- **Owner:** Ops` below it, `(owner: Ada, due 2024-04-01)`, `Owner: Ada.` or `(done)` at its end. A field
that is set already stays. The words go from the text only where the item's keys say them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown.items import (
    item_fields,
    item_handles,
    item_heads,
    item_lines,
    item_owners,
    item_states,
    item_tables,
    item_tags,
    item_tails,
)
from postmortems.document.markdown.items.item_labels import (
    MARKS,
    NAME,
    NAMED,
    READ,
    field_of,
    is_name,
    label_of,
    names_somebody,
    unlinked,
    with_field,
    with_state,
)
from postmortems.document.markdown.items.item_tables import NOTHING_KNOWN, Known
from postmortems.document.markdown.tokens import blocks
from postmortems.document.model import Item
from postmortems.document.text import is_blank, joined
from postmortems.document.times import deadlines

# Of `**Owner:**` with nothing behind it, the end of the emphasis is nobody.
FIELD = (
    rf"{MARKS}(?P<name>[^\W\d_][^:：*_\n]{{0,30}}?)[ ]?{MARKS}[:：]{MARKS}[ \t]*(?P<said>(?![*_]+\s*$)\S.*)"
)
LABELLED = patterns.of(rf"^[-*+][ \t]+{FIELD}$")
BULLET_OR_LINE = patterns.of(rf"^(?:[-*+][ \t]+)?{FIELD}$")
# A line of its own below the text: `**Owner**: Ops`.
LINE = patterns.of(rf"^{FIELD}$")
BRACKET = patterns.of(
    rf"[ \t]{{0,4}}(?P<mark>{MARKS})[(（\[【]"
    r"(?P<said>(?:[^()（）\[\]【】]|\[[^\[\]]*\]\([^()]*\)){1,200})[)）\]】](?P=mark)(?P<end>[.!。]?)$",
    needs=")）]】",
)
PART = patterns.of(r"[,;，；、|·]\s*|\s(?:[–—→]|-{1,3}|[-=]>)\s")
EMPHASISED = patterns.of(r"^([*_]{1,3})([^*_]+)\1$")
BEHIND = patterns.of(
    r"(?:(?:(?<=[.;,|–—!?])|(?<=\s-)|(?=[ \t]{1,4}(?:\*\*|__)))[ \t]{1,4}|(?<=[。；，、])[ \t]{0,4})"
    rf"(?P<mark>{MARKS})(?P<name>[A-ZÀ-ÞА-Я][^\W\d_]{{1,15}}(?: [^\W\d_A-ZА-Я]{{1,10}}){{0,2}}"
    rf"|(?<=[,;] ){vocabulary.one_of(NAMED)}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{{1,8}})"
    r"(?:[ ]?[:：](?P=mark)|(?P=mark)[ ]?[:：])[ \t]*(?=\S)",
    needs=":：",
)
ROLE = patterns.of(r"^[^\W\d_]+(?: [^\W\d_]+)?:\s+(?=\S)")
NEXT_SENTENCE = re.compile(r"(?<=\w\w)[.;]\s+(?=[^\W\d_a-z])")
ENDS = " \t.,;|–—-。；，、"
# `[P1] `, `**P1** `, `P1: `; "P1 alerts" are no priority.
# Before a list that says who and when; behind a colon only where a person's chip leads to an address.
DASH = patterns.of(r"\s(?:[–—→]|-{1,3}|[-=]>)\s+(?=\S)|[:：,]\s+(?=\[[^\[\]\n]{2,60}\]\(mailto:)")
PRIORITY = patterns.of(
    r"(?:(?P<mark>\*\*|__|`)?(?:\\?[\[(])?(?P<said>P[0-3])(?:\\?[\])](?P=mark)?:?|:(?P=mark)|(?P=mark):?|:))"
    r"(?:\s+[–—-])?\s+(?=\S)"
)
# Whose an item is, before it: `AI(Ada): …`, `ACTION [Ada] – …`.
LED = patterns.of(
    r"(?:AI|AP|AR|Action(?: item)?|TODO)\s?[(\[](?P<said>[^()\[\]\n]{2,60})[)\]]\s*(?::|[–—-]\s)\s*(?=\S)",
    re.IGNORECASE,
)
LED_BRACKET = patterns.of(r"[(\[](?P<said>[^()\[\]\n]{2,60})[)\]]:?\s+(?=[^\s(\[])")
WIKI_LINK = patterns.of(r"\[\[(?P<name>[^\[\]|\n]{1,60})\]\]")
Reading = Callable[[Item, Known], Item]
MOST_BRACKETS, LONGEST_BRACKET = 8, 400
MOST_HELD, LONGEST_HELD = 1_024, 2_000


def read(lines: Sequence[str]) -> Item | None:
    """An item from the content of its list item, with all that is said about it."""
    return _read_held(tuple(lines)) if sum(map(len, lines)) < LONGEST_HELD else _read(lines)


def _read(lines: Sequence[str]) -> Item | None:
    item = item_fields.read(lines)
    if item is None or not item.text:
        return item
    readings = (_bullets, _lines, _priority, item_tags.read, *IN_WORDS, item_handles.read, _ends, _state)
    return _unwrapped(item, NOTHING_KNOWN, readings)


def in_context(item: Item, known: Known) -> Item:
    """An item that was read, with what its words say to whoever knows the document."""
    is_short = len(item.text) < LONGEST_HELD
    return _in_context_held(item, known) if is_short else _in_context(item, known)


def _in_context(item: Item, known: Known) -> Item:
    return _unwrapped(item, known, (_bullets, _lines, *IN_WORDS, _ends))


def _unwrapped(item: Item, known: Known, readings: Sequence[Reading]) -> Item:
    """The item as it was read, its first lines as one where they say more so: editors break them."""
    found = _through(item, known, readings)
    text = item_lines.on_one_line(item.text)
    if text == item.text or (found.owner and found.due and found.status):
        return found
    again = _through(replace(item, text=text), known, readings)
    said, then = ([getattr(each, field) for field in READ] for each in (found, again))
    is_more = said != then and all(new == old for old, new in zip(said, then, strict=True) if old)
    return again if is_more else found


def _through(item: Item, known: Known, readings: Sequence[Reading]) -> Item:
    for reading in readings:
        item = reading(item, known)
    return item


def is_keys(lines: Sequence[str]) -> bool:
    """Whether a nested list says something about the item above it: who, by when, or what it is, once."""
    found = [item_tables.column(match["name"]) for match in map(LABELLED.match, lines) if match]
    return any(field in READ for field in found) or found.count("text") == 1


def are_keys(lines: Sequence[str]) -> bool:
    """Whether each line, with a bullet or without, is a field of an item and its value, each one once."""
    found = [match and field_of(match["name"]) for match in map(BULLET_OR_LINE.match, lines)]
    return all(found) and len(set(found)) == len(found) and bool({"owner", "due", "status"} & set(found))


def is_key(line: str) -> bool:
    """Whether a line, with a bullet or without, says whose an item is, by when, or how far."""
    match = BULLET_OR_LINE.match(line)
    if match is None or field_of(match["name"]) not in ("owner", "due", "status"):
        return False
    return with_field(Item(""), field_of(match["name"]), match["said"]) is not None


def says_more(lines: Sequence[str], behind: str) -> bool:
    """Whether all lines behind an item, in a list of their own, say what the item has not said yet."""
    said = [match for match in map(LINE.match, filter(None, map(str.strip, behind.split("\n")))) if match]
    if not said or len(said) != len([line for line in behind.split("\n") if not is_blank(line)]):
        return False
    before = read(lines)
    after = read([*lines, "", *(f"- {match.group()}" for match in said)]) if before else None
    if before is None or after is None or any(_is_errand(match) for match in said):
        return False
    return len(list(item_fields.write(after))) == len(list(item_fields.write(before))) + len(said)


def _is_errand(match: re.Match[str]) -> bool:
    """Whether what stands behind "Team:" tells what to do, in small letters: `Team: order a line`."""
    return field_of(match["name"]) in ("owner", "team") and not NAME.fullmatch(match["said"])


def _bullets(item: Item, known: Known) -> Item:
    """The item with what the bullets of its last list say."""
    lines = item.text.split("\n")
    last = blocks(lines)[-1] if any(LABELLED.match(line) for line in lines) else None
    if last is None or last.kind != "list" or not last.start:
        return item
    kept = lines[: last.start]
    for part in last.parts:
        own = lines[part.start : part.end]
        match = LABELLED.match(own[0]) if len([line for line in own if not is_blank(line)]) == 1 else None
        more = with_field(item, field_of(match["name"]), match["said"].strip(), known) if match else None
        item = more or item
        if more is None or not item_tables.is_said(own[0], more):
            kept += own
    return item_tables.with_text(item, joined(kept))


def _lines(item: Item, known: Known) -> Item:
    """The item with what the lines say that are a label and its value, and nothing else."""
    first, *rest = item.text.split("\n")
    if not rest or item_lines.FENCED.search(item.text):
        return item
    kept, is_gone = [first], False
    for line in rest:
        if is_gone and is_blank(line) and is_blank(kept[-1]):
            continue
        match = LINE.match(line)
        more = (
            with_field(item, field_of(match["name"]), match["said"].rstrip("\\ "), known) if match else None
        )
        item = more or item
        is_gone = more is not None and item_tables.is_said(line, more)
        kept += [] if is_gone else [line]
    return item_tables.with_text(item, joined(kept))


def _state(item: Item, _known: Known) -> Item:
    """The item with the state that stands among its words."""
    first, *rest = item.text.split("\n")
    status, words, other = item_states.of_item(first)
    if item.status or not status:
        return item
    more = replace(item, status=status)
    is_said = other != first and other.strip() and item_tables.is_said(words, more)
    return item_tables.with_text(more, "\n".join([other.strip() if is_said else first, *rest]))


def _brackets(item: Item, known: Known) -> Item:
    """The item with what the brackets behind its first line say."""
    first, *rest = item.text.split("\n")
    behind = ""
    for _ in range(MOST_BRACKETS):
        match = BRACKET.search(first, max(0, len(first) - LONGEST_BRACKET))
        if match is None:
            break
        before = first[: match.start()].rstrip()
        more = _signed(item, match["said"], known) or _listed(item, match["said"], known)
        more = more or with_state(item, match["said"]) or item_owners.taken(item, match["said"], known)
        # A day behind somebody's name is theirs: `… - @ada (2024-04-01)`.
        if more is None and item_handles.AFTER.search(before):
            more = with_field(item, "due", match["said"], known)
        more = more or _taken_later(item, match["said"], known)
        # What stands right behind a closed bracket is where a link leads.
        if not before or (more is None and first[match.start()] == "(" and before.endswith("]")):
            break
        item = more or item
        if more and item_tables.is_said(match["said"], more):
            first = f"{before}{match['end']}"
        else:
            first, behind = before, first[len(before) :] + behind
    return item_tables.with_text(item, "\n".join([first + behind, *rest]))


def _taken_later(item: Item, said: str, known: Known) -> Item | None:
    """The item with a day alone that comes after the incident, unless the item is done: then it says when."""
    more = (
        with_field(item, "due", said, known) if known.day and item.status not in ("done", "wont_do") else None
    )
    return more if more and more.due and known.day and more.due > known.day else None


def _priority(item: Item, _known: Known) -> Item:
    """The item with the priority that its first line begins with."""
    match = PRIORITY.match(item.text)
    more = with_field(item, "priority", match["said"]) if match else None
    return replace(more, text=item.text[match.end() :]) if match and more else item


def _dashed(item: Item, known: Known) -> Item:
    """The item with the list behind a dash of its first line: `… - owner: Ada, due 2024-04-01`.

    Words that the item's keys do not say all stay where they are: `… - owner: Ada - due: April 1, 2024`.
    """
    first, *rest = item.text.split("\n")
    in_part: Item | None = None
    for dash in DASH.finditer(first, max(0, len(first) - LONGEST_BRACKET)):
        said, before = first[dash.end() :].rstrip("."), first[: dash.start()].rstrip()
        more = _signed(item, said, known) or _listed(item, said, known) if before else None
        more = more or (item_owners.taken(item, said, known) if before and "mailto:" in said else None)
        if more and item_tables.is_said(said, more):
            return item_tables.with_text(more, "\n".join([before, *rest]))
        in_part = in_part or (more if _says_all(said) else _dated(item, before, said, known))
    return in_part or item


def _dated(item: Item, before: str, said: str, known: Known) -> Item | None:
    """The item with the day alone behind a dash, and with whose name stands in brackets before it."""
    more = _taken_later(item, said, known) if before else None
    signer = BRACKET.search(before, max(0, len(before) - LONGEST_BRACKET)) if more else None
    return (item_owners.taken(more, signer["said"], known) if more and signer else None) or more


def _says_all(said: str) -> bool:
    """Whether each part of a list says what it is, or the list is a name, its day and its state."""
    parts = _parts(said)
    name = unlinked(parts[0]) if len(parts) > 1 else ""
    is_signed = (is_name(name) and names_somebody(name)) or all(map(item_tables.LINK.fullmatch, parts))
    return is_signed or all(label_of(part) or item_states.said(part, in_words=True) for part in parts)


def _signed(item: Item, said: str, known: Known) -> Item | None:
    """The item with a name and a day, where they are all that is said: `Ada, 2024-04-01`, `Ada - May 3`.

    Its state may stand behind them: `Ada – 2024-04-01 – done`; that of somebody known without a day, too.
    A day may be as vague as "end of April".
    """
    name, *behind = deadlines.whole(PART.split(said))
    # "Rigger: Ada" names her, whatever stands before the colon.
    name = unlinked(ROLE.sub("", name))
    if len(behind) == 1 and item_owners.are_people(name, known) and (more := with_state(item, behind[0])):
        return with_field(more, "owner", name)
    if not 1 <= len(behind) <= 2 or not is_name(name) or not names_somebody(name):
        return None
    label = label_of(behind[0])
    more = with_field(item, "due", label[1] if label and label[0] == "due" else behind[0], known)
    more = more or (item if item_owners.is_time_of(name, behind[0], known) else None)
    more = with_state(more, behind[1]) if more and len(behind) == 2 else more
    return with_field(more, "owner", name) if more else None


def _led(item: Item, known: Known) -> Item:
    """The item with whose it is, where that stands first: `AI(Ada): …`, `(Ada) …` of somebody known.

    The words stay: they are how the author writes whom it is for.
    """
    match = LED.match(item.text)
    said = match["said"] if match else ""
    if (is_name(said) and names_somebody(said)) or item_owners.are_people(said, known):
        return with_field(item, "owner", said) or item
    match = LED_BRACKET.match(item.text)
    return (item_owners.taken(item, match["said"], known) if match else None) or item


def _ends(item: Item, known: Known) -> Item:
    """The item with the day that its first line ends on: `… by May 20, 2026`, `… 📅 2026-05-20`.

    A linked name before such a sign, or at the end, is an owner's if the document knows it.
    """
    first, *rest = item.text.split("\n")
    said, kept = deadlines.at_end(first)
    if kept and (more := with_field(item, "due", said, known)):
        item, first = more, kept
    bare = deadlines.without_signs(first)
    match = WIKI_LINK.search(bare)
    if match and match.end() == len(bare):
        item = item_owners.taken(item, match["name"], known) or item
    return item_tables.with_text(item, "\n".join([first, *rest]))


def _listed(item: Item, said: str, known: Known) -> Item | None:
    """The item with the parts of a list, of which one at least says what it is."""
    more, is_labelled = item, False
    for part in sorted(_parts(said), key=lambda part: not label_of(part)):
        label = label_of(part)
        readings = [label] if label else []
        readings += [(field, part) for field in ("due", "priority", "tickets") if is_labelled and not label]
        taken = next(filter(None, (with_field(more, *each, known) for each in readings)), None)
        taken = taken or (with_state(more, part) if is_labelled and not label else None)
        is_labelled = is_labelled or bool(label and taken)
        more = taken or more
    return more if is_labelled else None


def _parts(said: str) -> list[str]:
    """The parts of a list; names behind an owner's are owners too."""
    parts: list[str] = []
    for part in filter(None, (EMPHASISED.sub(r"\2", part) for part in deadlines.whole(PART.split(said)))):
        label = label_of(parts[-1]) if parts else None
        is_owners = label and label[0] == "owner" and not deadlines.is_vague(part)
        if is_owners and (item_handles.HANDLES.fullmatch(part) or is_name(part)):
            parts[-1] += f", {part}"
        else:
            parts.append(part)
    return parts


def _behind(item: Item, known: Known) -> Item:
    """The item with the labels at the end of its first line: `… Owner: Ada. Due: 2024-04-01`."""
    first, *rest = item.text.split("\n")
    found = [match for match in BEHIND.finditer(first) if field_of(match["name"])]
    more = item
    for match, said in _segments(first, found):
        field = field_of(match["name"])
        # "Responsible: Ada Lo. Completed on Monday."
        said = NEXT_SENTENCE.split(said, maxsplit=1)[0] if field in ("owner", "team") else said
        more = with_field(more, field, said, known) or more
    if more is item or not first[: found[0].start()].strip():
        return item
    if item_tables.is_said(first[found[0].start() :], more):
        first = first[: found[0].start()].rstrip(ENDS.replace(".", ""))
    return item_tables.with_text(more, "\n".join([first, *rest]))


def _segments(line: str, found: Sequence[re.Match[str]]) -> Iterator[tuple[re.Match[str], str]]:
    ends = [*(match.start() for match in found[1:]), len(line)]
    for match, end in zip(found, ends, strict=False):
        yield match, line[match.end() : end].strip(ENDS)


# A report is read several times over, and an edit of one item leaves the others as they are.
_read_held = lru_cache(maxsize=MOST_HELD)(_read)
_in_context_held = lru_cache(maxsize=MOST_HELD)(_in_context)
# Who, when and how far, before the words and behind them.
IN_WORDS = (
    _led,
    _brackets,
    _behind,
    _dashed,
    item_owners.ended,
    item_owners.led,
    item_heads.read,
    item_tails.read,
)
