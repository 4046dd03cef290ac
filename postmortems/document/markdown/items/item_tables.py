"""Reads action items in tables: columns for what, who, by when and how far."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta

from postmortems.document import vocabulary
from postmortems.document.markdown.items import item_cells, item_fields, item_states
from postmortems.document.markdown.tokens import Block
from postmortems.document.model import Item
from postmortems.document.text import is_all_there, one_line
from postmortems.document.times import dates
from postmortems.document.times.dates import NO_ORDER, Order

WORDS = vocabulary.table("headings")
COLUMNS: dict[str, str] = {name: field for field, names in WORDS["columns"].items() for name in names}
# What trackers call the words of a ticket; beside one it says what to do.
SUMMARY = "summary"
WORD = re.compile(r"[^\W_]+")
TYPED_BOX = re.compile(r"\[[ xX]?\]")
BOX = re.compile(rf"{TYPED_BOX.pattern}|[☐☑☒✅✔✓❌]\ufe0f?|:white_check_mark:|:x:")
DECORATION = re.compile(r"[*_`]")
URGENCIES: dict[str, str] = {
    word: priority for priority, words in WORDS["priorities"].items() for word in words
}
TICKET = re.compile(r"https?://[^\s,]+|[A-Z][A-Z0-9]+-\d+")
LINK = re.compile(r"\[(?P<name>[^\[\]\n]+)\]\((?P<target>(?:mailto:|https?://)[^\s()]+)\)")
EMPHASIS = re.compile(r"(?P<mark>\*\*|__)(?P<inside>[^*_]+)(?P=mark)")
# A handle has no blank: `@Ada Lovelace` is a name that an editor marks.
MENTIONED = re.compile(r"(?<![^\s,;/&、])@(?=[^\W\d_a-zß-öø-ÿ][\w.'’-]*[ \u3000][^\W\d_a-zß-öø-ÿ])")
# Numbers alone, of which day or month is the first: `10/02/2025`.
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}$")
# What a template leaves for a name: `[TBD]`, `<name>`, `{owner}`.
PLACE = re.compile(r"[\[<{]+\s*([^\[\]<>{}]+?)\s*[\]>}]+")
PLACES = frozenset(("name", "names", "your name", "team", "team name", "full name", "handle", "username"))

# A day without a year is the next one behind the incident; further away nobody would say it so.
FURTHEST = timedelta(days=300)
# What to do takes as many words, in the middle of a column without a name for it.
FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What a document says elsewhere and its items rely on: who is who, its day, how it writes days."""

    people: frozenset[str] = frozenset()
    day: Date | None = None
    order: Order = NO_ORDER


NOTHING_KNOWN = Known()


def is_table_of_items(table: Block) -> bool:
    """Whether a table has rows, and a column that says what to do."""
    return table.kind == "table" and len(table.parts) > 1 and "text" in _columns_of(table)


def is_surely_of_items(table: Block) -> bool:
    """Whether a table is one of items whatever stands above it: it names actions, who does them, and when."""
    header = table.parts[0].cells if table.kind == "table" and len(table.parts) > 1 else ()
    columns = _columns(header)
    if "text" not in columns:
        return False
    name = _bare_name(header[columns.index("text")])
    is_named = name not in WORDS["columns_of_anything"] and name != SUMMARY
    return is_named and "owner" in columns and not {"due", "status", "tickets"}.isdisjoint(columns)


def items(table: Block) -> Iterator[Item]:
    """An item for each row that says anything."""
    rows = [row.cells for row in table.parts[1:]]
    columns = _with_boxes(_columns_of(table), table.parts[0].cells, rows)
    order = _order(columns, rows)
    for row in table.parts[1:]:
        item = _item(columns, row.cells, order)
        if item.text:
            yield item


def _columns(header: Sequence[str]) -> list[str]:
    """What each column holds; `""` where it is nothing of ours, or comes a second time."""
    found: list[str] = []
    for cell in header:
        field = column(cell)
        found.append("" if field in found else field)
    summary = next((at for at, cell in enumerate(header) if one_line(cell).lower() == SUMMARY), None)
    if summary is not None and "tickets" in found and "text" not in found:
        found[summary] = "text"
    return found


def _columns_of(table: Block) -> list[str]:
    """What each column holds, by its name, else by its cells: the day by when, and what to do.

    Beside who does it and how far it is, whatever has the most words says what to do.
    """
    header, rows = table.parts[0].cells, [row.cells for row in table.parts[1:]]
    found = _columns(header)
    free = [at for at, name in enumerate(header) if found[at] == "" and not item_cells.is_else(name)]
    if "due" not in found and (at := next((at for at in free if _are_days(rows, at)), None)) is not None:
        found[at] = "due"
    if "text" in found or "owner" not in found or {"due", "status"}.isdisjoint(found):
        return found
    words = {at: _words(rows, at) for at, field in enumerate(found) if field in ("", "tickets")}
    longest = max(words, key=lambda at: (words[at], -at), default=None)
    if longest is not None and words[longest] >= FEWEST_WORDS * len(rows):
        found[longest] = "text"
    return found


def _are_days(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether all that a column says is days, or a time that is none: `Q3`."""
    cells = [said for row in rows if at < len(row) and (said := one_line(row[at]))]
    days = [said for said in cells if item_cells.day(said)]
    return bool(days) and all(item_cells.day(said) or item_cells.says_no_day(said) for said in cells)


def _words(rows: Sequence[Sequence[str]], at: int) -> int:
    return sum(len(row[at].split()) for row in rows if at < len(row))


def _with_boxes(columns: Sequence[str], header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The columns, one without a name that holds boxes alone as that of the state."""
    found = list(columns)
    for at, name in enumerate(header if "status" not in found else ()):
        cells = [one_line(row[at]) for row in rows if at < len(row)]
        if not one_line(name) and any(cells) and all(not cell or BOX.fullmatch(cell) for cell in cells):
            found[at] = "status"
            break
    return found


def column(name: str) -> str:
    """What the head of a column, or a label, says about an item: a field's name, or `""`."""
    return COLUMNS.get(_bare_name(name), "")


def _bare_name(name: str) -> str:
    unbracketed = item_fields.BRACKETED.sub("", DECORATION.sub("", name))
    bare = one_line(unbracketed).rstrip(":：. ").lower().replace("’", "'")
    return bare if bare in COLUMNS else bare.rstrip("?？ ")


def _order(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Order:
    """Whether day or month comes first in the column of days: by those that can mean only one day."""
    at = columns.index("due") if "due" in columns else len(columns)
    pairs = [match for row in rows if at < len(row) and (match := SLASHED.match(one_line(row[at])))]
    found = {
        "day" if int(match[1]) > 12 else "month"
        for match in pairs
        if (int(match[1]) > 12) != (int(match[2]) > 12)
    }
    return Order(found.pop(), is_certain=True) if len(found) == 1 else NO_ORDER


def _item(columns: Sequence[str], cells: Sequence[str], order: Order) -> Item:
    """A row as an item; what fits no field of its own stands in brackets behind the text."""
    known = Known(order=order)
    item, behind, text = Item(""), [], ""
    for field, cell in zip([*columns, *[""] * len(cells)], cells, strict=False):
        said = one_line(cell)
        if field == "text":
            text = said
            continue
        if field in ("tickets", "") and not item.status and ("status" not in columns or _is_loud(said)):
            item, said = _with_state(item, said)
        more = taken(item, field, said, known)
        if field == "due" and not more and not item.status and (status := item_states.said(said)):
            # "done 2026-05-20"
            item = replace(item, status=status)
        item = more or item
        is_told = more and (is_said(said, more) or TYPED_BOX.fullmatch(said))
        is_kept = said and field != "number" and not is_told
        behind += [said] if is_kept or (said and not more) else []
    remark = f"({'; '.join(behind)})" if behind else ""
    return replace(item, text=" ".join(filter(None, [text, remark])))


def _with_state(item: Item, said: str) -> tuple[Item, str]:
    """What a cell of tickets says of the state at its end, as Google's example does: "n/a **DONE**"."""
    status, words, rest = item_states.of_end(said)
    if not status and _is_loud(said):
        status, words, rest = item_states.said(said, in_words=True), said, ""
    if not status or item.status:
        return item, said
    item = replace(item, status=status)
    return item, rest if is_said(words, item) else said


def _is_loud(said: str) -> bool:
    """Whether a cell is in bold or in capitals as a whole: `**DONE**`."""
    return said.isupper() or EMPHASIS.fullmatch(said) is not None


def is_said(said: str, item: Item) -> bool:
    """Whether the item's fields say all the words of a cell: "High" is P1, and stays behind the text too."""
    keys = " ".join(item_fields.write(item))
    return is_all_there(said, keys) and set(WORD.findall(said.lower())) <= set(WORD.findall(keys.lower()))


def with_text(item: Item, text: str) -> Item:
    """The item with another text; itself where that is the text it has."""
    return item if text == item.text else replace(item, text=text)


def taken(item: Item, field: str, said: str, known: Known = NOTHING_KNOWN) -> Item | None:
    """The item with what a cell says, or None where the field cannot hold it."""
    if field == "number" and said.isdecimal() and len(said) < 3:
        return item
    if field in ("owner", "team") and said:
        bare = _bare(item_cells.name(said))
        if not WORD.search(bare):
            # `-`, `?`, `___`, `[ ]`: a place that nobody filled in.
            return item
        if is_nobody(bare):
            return None
        return replace(item, owner=bare) if field == "owner" else replace(item, team=bare)
    if field == "status" and (status := item_states.said(said)):
        return replace(item, status=status)
    if field == "priority" and urgency(said):
        return replace(item, priority=urgency(said))
    tickets = _tickets(said) if field == "tickets" else ()
    if tickets:
        return replace(item, tickets=tickets)
    due = _due(said, known) if field == "due" else None
    return replace(item, due=due) if due else None


def is_nobody(said: str) -> bool:
    """Whether words stand in a name's place that say there is none: `TBD`, `[TBD]`, `<owner>`."""
    if item_fields.says_nobody(said):
        return True
    said = said.lower()
    inside = PLACE.fullmatch(said)
    return inside is not None and (inside[1] in item_fields.NOBODY or inside[1] in {*COLUMNS, *PLACES})


def _bare(said: str) -> str:
    """A name without emphasis, and without the address that it leads to: `[Ben](mailto:…)`, or `@Ben Wu`."""
    match = EMPHASIS.fullmatch(said)
    said = match["inside"] if match else said
    match = LINK.fullmatch(said)
    return MENTIONED.sub("", match["name"] if match else said)


def _tickets(said: str) -> tuple[str, ...]:
    """All that a cell lists, where each is the address or the key of a ticket."""
    listed = [LINK.sub(_target, part.strip()) for part in said.split(",")]
    return tuple(listed) if all(TICKET.fullmatch(each) for each in listed) else ()


def _target(link: re.Match[str]) -> str:
    """Where a link leads, if that says its name too."""
    return link["target"] if link["name"].lstrip("#!") in link["target"] else link.group()


def _due(said: str, known: Known) -> Date | None:
    """The day that is all of a cell: `2024-03-20`, `20 Mar 2024`; none where its order or year is open."""
    day = item_cells.day(said)
    if not day or (day.unordered and not known.order.first):
        return None
    if day.is_whole or known.day is None or day.is_next:
        return dates.resolved(day, None, known.order) if day.is_whole else None
    years = (known.day.year, known.day.year + 1)
    following = (dates.resolved(replace(day, year=year), None, known.order) for year in years)
    return next((date for date in following if date and known.day <= date <= known.day + FURTHEST), None)


def urgency(said: str) -> str:
    """The priority that is all of a cell, or ""."""
    return URGENCIES.get(DECORATION.sub("", said).strip().rstrip(".!").lower(), "")
