"""Lists of items without a heading of ours: below "We will:", or of lines that all say whose they are.

A list is one of items where what stands over it promises that, or where each of its lines says who or when.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from postmortems import patterns
from postmortems.document import model as value
from postmortems.document import vocabulary
from postmortems.document.markdown import section_roles
from postmortems.document.markdown.items import item_fields, item_names, item_owners, item_words
from postmortems.document.markdown.items.item_tables import NOTHING_KNOWN
from postmortems.document.markdown.prose_markers import merged
from postmortems.document.markdown.tokens import Block, dedented
from postmortems.document.model import Item, Prose
from postmortems.document.text import joined, one_line

WORDS = vocabulary.table("headings")
LONGEST_LEAD, LONGEST_NAME, MOST_WORDS, FEWEST = 200, 40, 4, 2
# Bullets that Markdown knows nothing of, and letters that count.
DRAWN = re.compile(r"^[ \t]*[•·‣◦▪–][ \t]+")
LETTERED = re.compile(r"^[ \t]*[a-h][.)][ \t]+")
# Numbers of parts, which Markdown takes for no list: `4.1 Sweep the floor`.
PART = re.compile(r"^[ \t]*\d{1,2}(?:\.\d{1,2}){1,2}\.?[ \t]+(?=[^\W\d_])")
QUOTES = "*_ "
# "To prevent this, we will:", "We've agreed to:", "The following actions were agreed:"
PROMISE = patterns.of(
    r"(?:.*\W)?(?:we|i|they|team)(?:'ll|'re going to|'re| will| are going to| are| plan to| intend to"
    r"| want to| need to| should| must|(?:'ve| have) (?:agreed|decided|committed) to| agreed to| decided to"
    r"| have to)\b.{0,60}[:：]|.*\b(?:following|these) (?:\w+ )?(?:actions?(?: items?)?|steps|changes"
    r"|measures|improvements|tasks|follow-ups)\b.*\b(?:agreed|planned|proposed|will|to be|required|needed"
    r"|recommended|going to)\b.*[:：]",
    re.IGNORECASE,
)
# "We did the following:" tells of what was, and so does whatever was affected.
PAST = patterns.of(
    r"\b(?:did|was|affected|found|saw|noticed|learned|learnt|use|used|had|know|knew)\b", re.IGNORECASE
)
SENTENCE = patterns.of(r"(?<=[.!?])\s+(?=[@A-ZÀ-ÞА-Я])")


def is_promise(text: str) -> bool:
    """Whether a line over a list says that what is in it is to be done: "Next steps:", "We will:"."""
    last = one_line(text.strip().rpartition("\n")[2]).replace("’", "'")
    bare = last.strip(QUOTES)
    is_apart = bare.endswith((":", "：")) or (last[:1] in "*_" and last[-1:] in "*_")
    if not bare or len(last) > LONGEST_LEAD or not is_apart:
        return False
    if section_roles.named(bare) == "action_items":
        return True
    return PROMISE.fullmatch(bare) is not None and not PAST.search(bare)


def are_asked_for(bodies: Sequence[Sequence[str]]) -> bool:
    """Whether most lines of a list begin as people do who ask for something: "Add an alert"."""
    return 2 * sum(_is_asked(body[0]) for body in bodies) >= len(bodies)


def _is_asked(line: str) -> bool:
    return item_names.LIKELY.match(line.lstrip(item_names.QUOTES)) is not None


def say_whose(bodies: Sequence[Sequence[str]]) -> bool:
    """Whether each line of a list, of two at least, says who or by when, and most ask for something."""
    if len(bodies) < FEWEST or not are_asked_for([_without_name(body) for body in bodies]):
        return False
    items = [item_words.read(list(body)) for body in bodies]
    return all(item is not None and (item.owner or item.due) for item in items)


def _without_name(body: Sequence[str]) -> list[str]:
    match = item_owners.label(body[0]) or item_owners.TO.match(body[0])
    is_name = match and item_owners.are_people(match["said"].strip(), NOTHING_KNOWN)
    return [body[0][match.end() :] if match and is_name else body[0], *body[1:]]


def are_names(names: Sequence[str], below: Sequence[Sequence[Sequence[str]]]) -> bool:
    """Whether each entry of a list is a short name over one of its own: of people, or of kinds of items."""
    if not names or not all(below):
        return False
    bare = [name.strip(QUOTES).rstrip(":：").strip() for name in names]
    if any(not name or len(name) > LONGEST_NAME or len(name.split()) > MOST_WORDS for name in bare):
        return False
    if all(name.startswith("@") or item_owners.are_people(name, NOTHING_KNOWN) for name in bare):
        return True
    lines = [body for bodies in below for body in bodies]
    return not any(map(_is_asked, bare)) and all(_is_asked(body[0]) or _is_boxed(body[0]) for body in lines)


def _is_boxed(line: str) -> bool:
    return item_fields.CHECKBOX.match(line) is not None


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, if each says what somebody will do: "Ada will add an alert."."""
    found = SENTENCE.split(one_line(text))
    matches = [item_owners.TO.match(each) for each in found]
    is_each = all(match and item_owners.are_people(match["said"].strip(), NOTHING_KNOWN) for match in matches)
    return found if is_each else []


def bodies_of(lines: Sequence[str], block: Block) -> list[list[str]]:
    """The contents of a list's entries."""
    return [item_fields.with_words(dedented(lines[part.start : part.end])) for part in block.parts]


def promised(lines: Sequence[str], found: Sequence[Block], *, is_known: bool) -> tuple[value.Block, ...]:
    """The items of a section of something else: a list below "We will:", or one that says whose each line is.

    `is_known` says that the section's own name is one: there only what is promised is read.
    """
    read: list[value.Block] = []
    for at, block in enumerate(found):
        above = (
            joined(lines[found[at - 1].start : found[at - 1].end])
            if at and found[at - 1].kind == "paragraph"
            else ""
        )
        bodies = bodies_of(lines, block) if block.kind == "list" else []
        is_promised = bodies and is_promise(above) and are_asked_for(bodies)
        if is_promised or (bodies and not is_known and say_whose(bodies)):
            read += filter(None, map(item_words.read, bodies))
        else:
            read.append(Prose(joined(lines[block.start : block.end])))
    return merged(read) if any(isinstance(block, Item) for block in read) else ()


def of_lines(lines: Sequence[str], group: Sequence[Block]) -> list[value.Block]:
    """The items of paragraphs, no list beside them, whose lines or sentences each ask for something."""
    if not all(block.kind == "paragraph" for block in group):
        return []
    read: list[value.Block] = []
    for block in group:
        own = [DRAWN.sub("", line) for line in lines[block.start : block.end]]
        is_drawn = own != list(lines[block.start : block.end]) and len(group) == 1
        are_asked = all(map(item_names.SURE.match, map(_bare, own))) or all(map(PART.match, own))
        are_lines = len(own) > 1 and (is_drawn or are_asked)
        said = own if are_lines else sentences("\n".join(own))
        read += (
            filter(None, (item_words.read([each]) for each in said))
            if said
            else [Prose(joined(lines[block.start : block.end]))]
        )
    return read if any(isinstance(block, Item) for block in read) else []


def _bare(line: str) -> str:
    """A line without the letter that counts it: `a) Add an alert`."""
    return LETTERED.sub("", line)
