"""What others saved, brought into a form that somebody types in: by part and field. Pure.

A form is three times the same `Values`: as the author's began (`base`), as it stands (`mine`), and what is
stored by now (`theirs`), the ids of the base being those of the others. What only others changed is put in,
what only the author changed stays, and what both changed to different texts is told and left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from postmortems.document import three_way_merge, word_diff
from postmortems.document.model import Document, Item, Section
from postmortems.incidents import guard_remarks
from postmortems.incidents.editor import form
from postmortems.incidents.editor.form import Values

# Of the document itself; whoever may not restrict it has no such field.
WHOLE = (*form.FRONT, *form.LISTED)
NO_FIELDS = frozenset({"id", "type", "named", "other_guards"})
LISTS = frozenset({*form.LISTED, "guards", "tickets"})


@dataclass(frozen=True, slots=True)
class Part:
    """A section (`kind` is "section") or block: its fields, where it stands, and the id of its section."""

    key: str
    kind: str
    fields: dict[str, str]
    at: tuple[int, ...]
    home: str = ""


@dataclass(frozen=True, slots=True)
class Hunk:
    """A run of a text: settled in `text`, or, where both changed it, as the three have it."""

    text: str = ""
    versions: tuple[str, str, str] | None = None

    def told(self) -> dict[str, Any]:
        if self.versions is None:
            return {"text": self.text}
        base, mine, theirs = self.versions
        words = {"theirs_words": _words(base, theirs), "yours_words": _words(base, mine)}
        return {"base": base, "theirs": theirs, "yours": mine} | words


@dataclass
class Changes:
    """What the form has to take over: `sets` are (part, field, its value now, the new one).

    `lost` are parts that one took out and the other changed: (part, `removed` by `theirs` or `yours`).
    `layout` is, by section, the keys of all parts as they should stand; None where they stand so.
    """

    sets: list[tuple[str, str, str, str]] = field(default_factory=list)
    clashes: list[tuple[str, str, list[Hunk]]] = field(default_factory=list)
    lost: list[tuple[str, str]] = field(default_factory=list)
    added: list[Part] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    layout: list[tuple[str, list[str]]] | None = None


def document(values: Values) -> Document:
    """The parts of a form as a document, however half-filled: only to be recognised."""
    return Document(
        sections=tuple(
            Section(
                section["heading"].strip(),
                tuple(_block(block) for block in section["blocks"]),
                id=section["id"],
            )
            for section in values["sections"]
        )
    )


def _block(block: Values) -> Any:
    kind: Any = type(form.BLANKS[block["type"]])
    if kind is Item:
        return Item(_plain(block["text"]), id=block["id"])
    return kind(**{each.name: _plain(block[each.name]) for each in fields(kind)})


def changes(base: Values, mine: Values, theirs: Values) -> Changes:
    """What `mine` lacks of what `theirs` changed since `base`."""
    olds, owns, news = parts(base), parts(mine), parts(theirs)
    found = Changes()
    _compare(found, _whole(base), _whole(mine), _whole(theirs))
    for key, new in news.items():
        old, own = olds.get(key), owns.get(key)
        if own is not None:
            _compare(found, old, own, new)
        elif old is None:
            found.added.append(new)
        elif old.fields != new.fields:
            found.lost.append((key, "yours"))
    for key in [key for key in owns if key in olds and key not in news]:
        if _is_untouched(key, olds, owns, news):
            found.removed.append(key)
        elif owns[key].fields != olds[key].fields:
            found.lost.append((key, "theirs"))
    found.layout = _layout(found, olds, owns, news)
    return found


def parts(values: Values) -> dict[str, Part]:
    """The parts by id, in their order; one without an id by its place, `#2` or `#2-0`."""
    found: dict[str, Part] = {}
    for s, section in enumerate(values["sections"]):
        home = _key(section["id"], (s,), found)
        found[home] = Part(home, "section", {"heading": _plain(section["heading"])}, (s,))
        for b, block in enumerate(section["blocks"]):
            key = _key(block.get("id", ""), (s, b), found)
            found[key] = Part(key, block["type"], _fields(block), (s, b), home)
    return found


def is_same(base: Values, mine: Values) -> bool:
    """Whether the author has typed nothing."""
    whole, began = _whole(mine).fields, _whole(base).fields
    told = [[(part.key, part.fields, part.home) for part in parts(each).values()] for each in (base, mine)]
    return told[0] == told[1] and all(_same(name, text, began[name]) for name, text in whole.items())


def _key(said: str, at: tuple[int, ...], taken: dict[str, Part]) -> str:
    return said if said and said not in taken else "#" + "-".join(map(str, at))


def _fields(block: Values) -> dict[str, str]:
    told = {name: _plain(text) for name, text in block.items() if name not in NO_FIELDS and name != "guards"}
    if block["type"] == "item":
        named = [guard_remarks.slug(each) for each in block["guards"]]
        told["guards"] = "\n".join([*named, *form.SLUG.findall(block["other_guards"].lower())])
    return told


def _whole(values: Values) -> Part:
    told = {name: _plain(values[name]) for name in WHOLE if name in values}
    return Part(
        "", "document", told | {"extra": "\n".join(f"{e['key']}: {e['value']}" for e in values["extra"])}, ()
    )


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _same(name: str, one: str, other: str) -> bool:
    return form.names(one) == form.names(other) if name in LISTS else one.strip() == other.strip()


def _compare(found: Changes, old: Part | None, own: Part, new: Part) -> None:
    for name, theirs in new.fields.items():
        if name not in own.fields:
            continue
        base, mine = old.fields.get(name, "") if old else "", own.fields[name]
        if _same(name, theirs, mine) or (old and _same(name, theirs, base)):
            continue
        if old and _same(name, mine, base):
            found.sets.append((own.key, name, mine, theirs))
            continue
        hunks = _hunks(base, mine, theirs)
        if all(hunk.versions is None for hunk in hunks):
            found.sets.append((own.key, name, mine, "\n".join(hunk.text for hunk in hunks)))
        else:
            found.clashes.append((own.key, name, hunks))


def _hunks(base: str, mine: str, theirs: str) -> list[Hunk]:
    """The three texts line by line; runs of what is settled are one."""
    found: list[Hunk] = []
    for region in three_way_merge.regions(base.split("\n"), mine.split("\n"), theirs.split("\n")):
        chosen = three_way_merge.settled(region)
        settled = [*(chosen or ()), *region.kept] if chosen is not None else [*region.kept]
        if chosen is None:
            found.append(
                Hunk(versions=("\n".join(region.base), "\n".join(region.mine), "\n".join(region.theirs)))
            )
        if settled and found and found[-1].versions is None:
            found[-1] = Hunk("\n".join([found[-1].text, *settled]))
        elif settled:
            found.append(Hunk("\n".join(settled)))
    return found


def _words(before: str, after: str) -> list[dict[str, str]]:
    return [{"op": span.op, "text": span.text} for span in word_diff.compared(before, after).spans]


Parts = dict[str, Part]


def _is_untouched(key: str, olds: Parts, owns: Parts, news: Parts) -> bool:
    """Whether the author left a part, and all that stands in it, as it was: then it goes."""
    if owns[key].fields != olds[key].fields:
        return False
    inside = [part for part in owns.values() if part.home == key and (part.key in olds or _tells(part))]
    return all(
        part.key in olds and part.fields == olds[part.key].fields and _leaves(part.key, key, news)
        for part in inside
    )


def _tells(part: Part) -> bool:
    return any(part.fields.get(name, "").strip() for name in form.TELLING[part.kind])


def _leaves(key: str, home: str, news: Parts) -> bool:
    return key not in news or news[key].home != home


def _layout(found: Changes, olds: Parts, owns: Parts, news: Parts) -> list[tuple[str, list[str]]] | None:
    sections = [key for key, part in owns.items() if part.kind == "section"]
    homes = {key: _home(key, olds, owns, news, found) for key in [*owns, *(part.key for part in found.added)]}
    gone = set(found.removed)
    held = {key for key, home in homes.items() if not home} - gone
    order = _order(_of(olds, ""), _of(owns, ""), _of(news, ""), held)
    layout = []
    for home in order:
        held = {key for key, its in homes.items() if its == home} - gone
        layout.append((home, _order(_of(olds, home), _of(owns, home), _of(news, home), held)))
    now = [(key, _of(owns, key)) for key in sections]
    return None if layout == now else layout


def _home(key: str, olds: Parts, owns: Parts, news: Parts, found: Changes) -> str:
    """In which section a part should stand: where others moved it, unless the author moved it."""
    own, old, new = owns.get(key), olds.get(key), news.get(key)
    if own is None:
        return new.home if new else ""
    is_theirs = new and old and old.home == own.home != new.home
    known = (owns.keys() | {part.key for part in found.added}) - set(found.removed)
    return new.home if new and is_theirs and new.home in known else own.home


def _of(whole: Parts, home: str) -> list[str]:
    return [key for key, part in whole.items() if part.home == home]


def _order(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], held: set[str]) -> list[str]:
    """The keys in `held`: in the author's order, or in that of the others where only they changed it."""
    shared = [key for key in mine if key in theirs and key in base]
    is_kept = shared == [key for key in base if key in shared]
    first, then = (theirs, mine) if is_kept else (mine, theirs)
    order = [key for key in first if key in held]
    for keys in (then, sorted(held)):
        before = ""
        for key in keys:
            if key in held and key not in order:
                order.insert(order.index(before) + 1 if before else (0 if keys is then else len(order)), key)
            before = key if key in order else before
    return order
