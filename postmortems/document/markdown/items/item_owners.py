"""Owners of an item, as names alone among its words: `Priya: add an alert`, `… (maria)`, `… → Tom`.

A name is somebody's where the report says so elsewhere, where it is a given name (`data/words/names.yaml`),
or where it is that of a team. Words that name no person, "Note: …" or "Monitoring: …", are never owners.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.markdown.items import item_names, item_states, item_tables
from postmortems.document.markdown.items.item_tables import Known
from postmortems.document.model import Item
from postmortems.document.times import deadlines, grammar

JOINED = re.compile(
    rf"\s*[,;/&+、，]\s*|\s+{vocabulary.one_of(item_tables.WORDS['joins'])}\s+", re.IGNORECASE
)
# What parts a name from what somebody is to do: `Priya: …`, `**Priya** – …`, `@Kofi B → …`.
LABEL = patterns.of(
    r"(?P<open>[*_]{0,3}\[?)(?P<said>[@\w][^:：*_→>|\[\]()\n]{0,58}?)(?P<close>\]?[*_]{0,3})"
    r"(?:[ ]?[:：][*_]{0,3}|[ ](?:[–—→-]{1,2}|[-=]>|\|))[ \t]+(?=\S)",
    needs=(": ", " -", " –", " —", " →", " |", ":*", ":_", ":\t", "：", " ="),
)
# `Ada to …`, `Ada (SRE) will …`, `Ada is adding …`.
TO = re.compile(
    r"(?P<said>@?[^\W\d_][^:：*_→>\[\]()\n]{0,58}?)(?:[ ]\([^()\n]{1,30}\))?[ ](?:to|will|should|must|shall"
    r"|(?:needs?|has|have|plans?|is going|are going|is|are) to|(?:is|are)(?=[ ][a-z]+ing\b)"
    r"|(?:has|have)(?=[ ][a-z]+ed\b))"
    r"[ ](?=[^\W\d_])"
)
# The same at its end: `… – Priya`, `… → Tom Lee`, `… | Ana`.
BEHIND = re.compile(r"(?:\s(?:[–—→|-]{1,2}|[-=]>)\s+)(?P<said>[^–—→|:：\n]{2,60}?)\.?$")
SIGNED = re.compile(
    r"(?:\[(?P<square>[^\[\]()\n]{2,60})\]|\((?P<round>[^\[\]()\n]{2,60})\)|（(?P<wide>[^（）\n]{2,60})）)[.!]?$"
)
BRACKETED = patterns.of(r"(?<=\s)\[(?P<said>[^\[\]()\n]{2,60})\](?:[ \t]+\d[\d./-]{5,9})?[.!]?$")
LINK = re.compile(r"\[\[(?P<wiki>[^\[\]|\n]{1,60})\]\]|\[@?(?P<person>[^\[\]\n]+)\]\(mailto:[^()\s]+\)")
MARKED = re.compile(r"@[^\W\d_][\w.'’-]*(?: [^\W\d_a-z][\w.'’-]*){1,2}")
TEAM = re.compile(
    r"(?!(?:the|our|this|that|each|every|a|any|whole|entire|other)\s\w+$)"
    r"(?:the )?(?:[^\W_][\w&/+.-]*\s){1,3}(?:team|squad|crew|guild)"
    r"|(?:el |la |l['’])?(?:equipo|équipe|equipe|squadra|команда)(?: (?:de la|del|de|do|da|d['’]))?"
    r"(?: [^\W_]\S*){1,2}"
    r"|(?:the )?team [^\W_][\w&/+.-]*(?: [^\W_][\w&/+.-]*)?",
    re.IGNORECASE,
)
# Names that are those of teams wherever they stand; "Security" may be what an item is about.
TEAMS = frozenset(item_tables.WORDS["teams"])
CAPITAL = re.compile(
    r"(?:[^\W\d_a-zß-öø-ÿ]|(?:van|von|de|da|di|del|der|den|la|le|bin|al|el|dos|ter)$|[Oo]['’])"
)
ALONE = re.compile(r"[^\W\d_][\w.'’-]*")
NO_WORDS = frozenset(
    word
    for kind in ("no_names", "deadlines", "products", "kinds_of_items")
    for word in item_tables.WORDS[kind]
)
MOST_WORDS, MOST_PARTS, MOST_OWNERS, LONGEST_NAMES = 5, 3, 6, 200


@cache
def given_names() -> frozenset[str]:
    return frozenset(name for names in vocabulary.table("names")["given"].values() for name in names)


@cache
def _months_too() -> frozenset[str]:
    return frozenset(vocabulary.table("names")["months_too"])


def names_in(said: str) -> list[str]:
    """The names that a text is made of, without emphasis and where they lead to; none for too many."""
    if len(said) > LONGEST_NAMES:
        return []
    bare = LINK.sub(lambda link: link["wiki"] or link["person"], said).strip(" *_`")
    names = [name.strip() for name in JOINED.split(bare)]
    is_names = len(names) <= MOST_OWNERS and all(0 < len(name.split()) <= MOST_WORDS for name in names)
    return names if is_names else []


def is_somebody(name: str, known: Known) -> bool:
    """Whether a name is that of a person or of a team, as far as is known."""
    bare = name.removeprefix("@")
    if bare.casefold() in known.people or MARKED.fullmatch(name) or TEAM.fullmatch(bare) or bare in TEAMS:
        return True
    first, *rest = bare.split() or [""]
    # `Anne-Sofie` is as much a name as `Anne`.
    is_given = not {first.casefold(), first.casefold().partition("-")[0]}.isdisjoint(given_names())
    return is_given and all(map(CAPITAL.match, rest))


def are_people(said: str, known: Known) -> bool:
    names = names_in(said)
    # Editors make a person a link to an address.
    is_chip = "mailto:" in said and LINK.fullmatch(said.strip()) is not None
    return is_chip or (bool(names) and all(is_somebody(name, known) for name in names))


def taken(item: Item, said: str, known: Known) -> Item | None:
    """The item with the people that are all of a text, or None."""
    return item_tables.taken(item, "owner", said) if not item.owner and are_people(said, known) else None


def led(item: Item, known: Known) -> Item:
    """The item with whoever stands before its words, which stay as the author wrote them."""
    match = label(item.text) or TO.match(item.text)
    said = match["said"].strip() if match else ""
    # Handles alone are taken from the words elsewhere.
    is_handle = said.startswith("@") and not MARKED.match(said)
    return item if is_handle else taken(item, said, known) or item


def label(text: str) -> re.Match[str] | None:
    """What stands before the words of an item and is parted from them; None for nothing."""
    match = LABEL.match(text)
    # `**Priya:** …` closes what it opened; `*Priya: add* …` is emphasis of something else.
    return match if match and _is_closed(match) else None


def _is_closed(match: re.Match[str]) -> bool:
    opened = match["open"].strip("[")
    closed = match[0][match.end("said") - match.start() :]
    return opened in closed if opened else "*" not in closed


def ended(item: Item, known: Known) -> Item:
    """The item with whoever stands at the end of its first line, behind a dash or an arrow."""
    first, *rest = item.text.split("\n")
    match = BEHIND.search(first, max(0, len(first) - LONGEST_NAMES))
    more = taken(item, match["said"].strip(), known) if match and match.start() else None
    if match is None or more is None:
        return item
    kept = first[: match.start()].rstrip() if item_tables.is_said(match["said"], more) else first
    return item_tables.with_text(more, "\n".join([kept, *rest]))


def beside(items: Sequence[Item], known: Known, words: Callable[[], frozenset[str]]) -> set[str]:
    """Names, in small letters, that stand in a list where other items of it have those of people.

    `words` gives those of the report that are written small: what is a word there is no name.
    """
    heads = [
        (match["said"].strip(), item.text[match.end() :]) for item in items if (match := label(item.text))
    ]
    found: set[str] = set()
    if any(are_people(said, known) for said, _ in heads):
        found |= {
            name.casefold()
            for said, rest in heads
            for name in names_in(said)
            if item_names.LIKELY.match(rest) and CAPITAL.match(name) and _could_be(name, words())
        }
    return found | _signatures(items) | _in_brackets(items, known)


def _signatures(items: Sequence[Item]) -> set[str]:
    """The names in small letters that end items of a list of which each is signed so: `(wes)`, `(mina)`."""
    signed = [_signed(item.text) for item in items if not item.owner]
    # Those that were read before are no longer in brackets.
    are_some = any(item.owner.islower() and item.owner[0].isalpha() for item in items)
    if not are_some or not all(signed):
        return set()
    return {name for said in signed for name in names_in(said) if name.islower() and _could_be(name)}


def _in_brackets(items: Sequence[Item], known: Known) -> set[str]:
    """Names that are months too, in small letters, where all items of a list end on names: `[Jan]`.

    That is, all items that have no owner; and one of the names at least is somebody's for sure.
    """
    signed = [BRACKETED.search(item.text.partition("\n")[0]) for item in items if not item.owner]
    said = [match["said"] for match in signed if match]
    are_some = any(are_people(each, known) for each in [*said, *(item.owner for item in items if item.owner)])
    if not said or len(said) < len(signed) or not are_some:
        return set()
    return {name.casefold() for each in said for name in names_in(each)} & _months_too()


def _signed(text: str) -> str:
    match = SIGNED.search(text.partition("\n")[0])
    return next(filter(None, match.groups()), "") if match else ""


def looks_like_a_name(said: str) -> bool:
    """Whether capitals begin each word of a text, and nothing speaks against its being somebody's name."""
    return all(map(CAPITAL.match, said.split())) and not said.isupper() and _could_be(said)


def is_time_of(name: str, said: str, known: Known) -> bool:
    """Whether a text beside a name is a time by when, but no month of a release: `Ubuntu, April 2026`."""
    if not deadlines.is_month(said):
        return deadlines.is_vague(said)
    if are_people(name, known):
        return True
    first = item_tables.taken(Item(""), "due", f"1 {said}", known)
    is_to_come = first and first.due and known.day and first.due > known.day
    return bool(is_to_come) and len(name.split()) > 1 and looks_like_a_name(name)


def _could_be(name: str, words: frozenset[str] = frozenset()) -> bool:
    """Whether nothing speaks against a name: it is no column, state, time or errand, and no such word."""
    parts = name.split()
    if len(parts) > MOST_PARTS or not all(
        ALONE.fullmatch(part) and part.casefold() not in words for part in parts
    ):
        return False
    is_said = item_tables.column(name) or item_states.said(name) or item_tables.urgency(name)
    is_time = deadlines.is_vague(name) or grammar.scan(name)
    is_word = name.casefold() in NO_WORDS or item_names.LIKELY.match(f"{name} x")
    return not (is_said or is_time or is_word)
