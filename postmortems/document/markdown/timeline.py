"""Reads timeline entries: headings, list items, table rows or lines that begin with a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postmortems import patterns
from postmortems.document import model as value
from postmortems.document.markdown import definition_lists, prose_markers, timeline_tables
from postmortems.document.markdown.timeline_pieces import (
    BREAK,
    BULLET,
    DRAWN,
    Piece,
    begins_with_a_clock,
    broken_rows,
    rows,
    unbroken,
)
from postmortems.document.markdown.tokens import Block, blocks, dedented, with_headings_below
from postmortems.document.markdown.tokens import heading as heading_line
from postmortems.document.model import ENTRY_KINDS, Entry, Prose
from postmortems.document.text import is_blank, joined, one_line
from postmortems.document.times import dates, day_headings, prefix
from postmortems.document.times.notations import END, WORDS
from postmortems.document.times.prefix import Habits, Stamp
from postmortems.document.vocabulary import one_of, table

ENTRY_LEVEL = 3
# Fewer are a remark with a time in it.
FEWEST = 2
# As many lines that end on times for each that has none.
MANY = 3
LONGEST_LINE = 400
KIND = patterns.of(r"^- Kind: (" + "|".join(ENTRY_KINDS) + r")$")
# Before it a bracket, a dash or a colon; a whole day with its clock and "at 14:05" need none.
AT_END = patterns.of(
    r"(?P<words>\S.*?)(?:\s*[(（](?=[^()（）]{4,60}[)）]$)|\s+[–—-]\s+|:(?P<mark>\*\*|__)?\s+(?=\d)"
    rf"|\s+(?=\d{{4}}-\d\d-\d\d[ T]\d|{one_of(WORDS['at'])}\s+\d{{1,2}}[:.h]\d\d))"
    r"(?P<time>[^()（）]{4,60})[)）]?$"
)
OPEN = patterns.of(r"[^:\n]{2,40}:(?:\*\*|__)?\s*(?:\[[^\[\]]{0,40}\]|[?_.…–—-]*)$")
BEHIND = patterns.of(r"(?P<words>\S.*?)\s*[(（](?P<time>[^()（）]{4,60})[)）]$")
# Three lines that begin so are times: one may be a number.
DOTTED = patterns.of(r"\s*(?:(?:[-*+]|\d{1,3}[.)])\s+)?[*_]*(?:[01]?\d|2[0-3])\.[0-5]\d(?![\d.%])")
# As many so, one of them no year: a year is a time there too, `1906: text`.
YEAR = patterns.of(r"(?:19|20)\d\d")
SENTENCE = patterns.of(rf"(?:{one_of([*WORDS['about'], *WORDS['at']])}){END}", re.IGNORECASE)
# The number of a list that is a day: `25. Jan 14:30`.
NUMBERED = patterns.of(r"\s*(?P<day>[0-3]?\d)\.\s+(?=[^\W\d_])")
BARE = patterns.of(r"\s*(?:(?:[-*+]|\d{1,3}[.)])\s+)?[*_]*(?:[01]\d|2[0-3])[0-5]\d[*_]*\s*[:–—-]")
# Before a colon among times, what is no time in words: "Note: the page was not updated".
NO_TIMES = frozenset(table("headings")["remark_names"])
LABELLED = patterns.of(
    r"^[-*+][ \t]+(?P<mark>\*\*|__)(?P<name>[^*_:]{2,40})"
    r"(?::(?P=mark)|(?P=mark)[ \t]?[:–—-])[ \t]+(?P<rest>\S.*)$"
)
WRAPPED = patterns.of(r"^(?P<mark>[_*])(?P<inside>(?P<bold>\*\*|__)[^*_]+(?P=bold)[^*_]*)(?P=mark)$")
REMARK = patterns.of(r"\([^()\n]+\)\s*")
HEAD_RULE = patterns.of(r"\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")


def read(lines: Sequence[str], found: Sequence[Block], *, is_named: bool) -> tuple[value.Block, ...]:
    """The blocks of a section. `is_named` says that its heading promises a timeline."""
    found = [_turned(block) for block in found] if is_named else found
    if any(_is_entry(block) for block in found):
        return prose_markers.merged(_under_headings(lines, found))
    return prose_markers.merged(_loose(lines, found, is_named=is_named) or [Prose(joined(lines))])


def _is_entry(block: Block) -> bool:
    if block.kind != "heading" or block.level > ENTRY_LEVEL:
        return False
    return (
        prose_markers.taken_off(block.text, prose_markers.ENTRY)[1]
        or prefix.of_heading(block.text) is not None
    )


def _turned(block: Block) -> Block:
    """A heading whose time stands behind its words, in brackets, the other way round: `Recovery (16:40)`."""
    match = BEHIND.match(block.text) if block.kind == "heading" else None
    stamp = prefix.of_line(match["time"]) if match and not prefix.of_line(match["words"]) else None
    if match is None or stamp is None or not stamp.stated.has_clock or stamp.rest:
        return block
    return block._replace(text=f"{stamp.written} - {match['words']}")


def _cuts(lines: Sequence[str], found: Sequence[Block]) -> list[Block]:
    """Where one part of a timeline ends and the next begins."""
    return [
        block
        for block in found
        if (block.kind == "heading" and block.level <= ENTRY_LEVEL)
        or (
            block.kind == "html"
            and lines[block.start] == prose_markers.PROSE
            and block.end == block.start + 1
        )
    ]


def _under_headings(lines: Sequence[str], found: Sequence[Block]) -> Iterator[value.Block]:
    cuts = _cuts(lines, found)
    yield Prose(joined(lines[: cuts[0].start]))
    ends = [block.start for block in cuts[1:]] + [len(lines)]
    for block, end in zip(cuts, ends, strict=True):
        body = lines[block.end : end]
        heading, is_marked = prose_markers.taken_off(block.text, prose_markers.ENTRY)
        stamp = prefix.of_heading(heading) if block.kind == "heading" else None
        if block.kind == "html":
            yield Prose(joined(body))
        elif is_marked:
            yield _marked(heading, body)
        elif stamp and stamp.is_day:
            yield from _day(stamp.written, body)
        elif stamp and not stamp.stated.has_clock:
            yield from _titled_day(heading, stamp, body)
        elif stamp:
            yield _entry(stamp.written, stamp.rest, body)
        else:
            yield Prose(joined(lines[block.start : end]))


def _marked(heading: str, body: Sequence[str]) -> Entry:
    """An entry whose time is in words, or that has none."""
    stamp = prefix.parts(heading)
    if stamp is None:
        before, _, behind = f" {heading} ".partition(" - ")
        stamp = before.strip(), behind.strip()
    return _entry(*stamp, body)


def _entry(written: str, title: str, body: Sequence[str]) -> Entry:
    text = joined(body)
    rest, _, last = text.rpartition("\n")
    kind = KIND.match(last)
    if kind:
        return Entry(written, joined(rest.split("\n")), one_line(title), kind.group(1))
    return Entry(written, text, one_line(title))


def _day(written: str, body: Sequence[str], *, is_inside: bool = False) -> Iterator[value.Block]:
    """A date alone: the heading of a day if entries follow or nothing does, else an entry of that day.

    A day inside a day is not looked into again: nesting would be followed as deep as somebody wrote it.
    """
    inside = [] if is_inside else _loose(body, blocks(body), is_named=True, is_inside=True)
    if inside:
        yield Prose(f"### {written}")
        yield from inside
    elif _is_table_head(body):
        yield Prose(f"### {written}\n\n{joined(body)}")
    elif joined(body):
        yield _entry(written, "", body)
    else:
        yield Prose(f"### {written}")


def _is_table_head(body: Sequence[str]) -> bool:
    """Whether all that stands below a day is the head of a table whose rows are the entries behind it."""
    own = [line for line in body if not is_blank(line)]
    return len(own) == 2 and HEAD_RULE.fullmatch(own[1].strip()) is not None


def _titled_day(heading: str, stamp: Stamp, body: Sequence[str]) -> Iterator[value.Block]:
    """A date with words behind it: over entries a heading deeper than theirs, alone an entry of that day."""
    inside = _loose(body, blocks(body), is_named=True, is_inside=True)
    if sum(isinstance(block, Entry) for block in inside) < FEWEST:
        yield _entry(stamp.written, stamp.rest, body)
        return
    yield Prose(heading_line(ENTRY_LEVEL + 1, heading))
    yield from inside


def _loose(
    lines: Sequence[str], found: Sequence[Block], *, is_named: bool, is_inside: bool = False
) -> list[value.Block]:
    """Entries that are no headings; nothing where there are too few to call it a timeline."""
    habits = _habits(lines) if is_named else Habits()
    pieces = [piece for block in found for piece in _pieces(lines, block, is_named=is_named, habits=habits)]
    if _is_a_sentence(pieces):
        return []
    timed = sum(piece.stamp is not None for piece in pieces)
    rows = sum(piece.is_row for piece in pieces)
    if is_inside and any(_holds_times(piece) for piece in pieces):
        return []
    is_told = is_named and any(piece.written for piece in pieces)
    if not (timed or is_told) or (not is_named and (timed < 2 or timed * 2 < rows)):
        return []
    return list(_folded(pieces, is_inside=is_inside))


def _habits(lines: Sequence[str]) -> Habits:
    """In which of the doubtful notations these lines begin with times."""
    bare = [match[0] for line in lines if (match := BARE.match(line))]
    is_dated = any(stamp.is_day for line in lines if (stamp := prefix.of_line(line.lstrip("# "))))
    is_clear = is_dated or any(not YEAR.search(words) for words in bare)
    dotted = sum(bool(DOTTED.match(line)) for line in lines)
    return Habits(is_dotted=dotted > FEWEST, is_bare=is_clear and len(bare) >= (1 if is_dated else FEWEST))


def _is_a_sentence(pieces: Sequence[Piece]) -> bool:
    """Whether the only time is where a sentence begins: "At 10:02 UTC the site went down"."""
    timed = [(piece.stamp.written, piece.is_row) for piece in pieces if piece.stamp]
    return len(timed) == 1 and not timed[0][1] and bool(SENTENCE.match(timed[0][0]))


def _holds_times(piece: Piece) -> bool:
    """Whether a day has times below it. Inside another day it would be taken apart again at each reading."""
    is_day = piece.stamp is not None and piece.stamp.is_day
    return is_day and any(prefix.of_line(BULLET.sub("", line)) for line in piece.lines)


def _pieces(lines: Sequence[str], block: Block, *, is_named: bool, habits: Habits) -> Iterator[Piece]:
    own = list(lines[block.start : block.end])
    if block.start and is_blank(lines[block.start - 1]):
        yield Piece([""])
    if block.kind == "list" and is_named and (turned := _times_behind(lines, block)):
        yield from turned
    elif block.kind == "list":
        pieces = [list(_item(list(lines[part.start : part.end]), habits=habits)) for part in block.parts]
        is_timed = is_named and any(piece.stamp for each in pieces for piece in each)
        for each in pieces:
            yield from map(_in_words, each) if is_timed else each
    elif columns := timeline_tables.columns(block, is_named=is_named):
        is_headed = not timeline_tables.is_row(block.parts[0].cells, columns)
        if is_headed:
            yield Piece(own[:2])
        for row in block.parts[is_headed:]:
            yield from rows(*timeline_tables.row(row.cells, columns))
    elif block.kind == "table" and is_named and (broken := list(broken_rows(block))):
        yield Piece(own[:2])
        yield from broken
    elif block.kind == "paragraph" and is_named and len(own) == 1 and day_headings.is_one(own[0]):
        yield Piece([heading_line(ENTRY_LEVEL, own[0].strip(" \t*_:"))], is_break=True)
    elif block.kind == "paragraph" and is_named:
        yield from _lines(unbroken(own), habits=habits)
    else:
        yield Piece(own, is_break=block.kind == "heading" and block.level <= ENTRY_LEVEL)


def _times_behind(lines: Sequence[str], block: Block) -> list[Piece]:
    """The entries of a list whose lines end on their times: `Alert fired (14:05)`, `Fixed — 14:30`.

    What a form asks for and nobody filled in, `Closed: [pending]`, stays as it stands; so does a remark
    among many of them.
    """
    pieces: list[Piece] = []
    remarks = 0
    for part in block.parts:
        body = dedented(lines[part.start : part.end])
        match = AT_END.match(body[0]) if len(body[0]) <= LONGEST_LINE else None
        stamp = prefix.of_line(match["time"]) if match and not prefix.of_line(body[0]) else None
        if match and stamp and not stamp.rest and stamp.stated.has_clock:
            words = match["words"] + (match["mark"] or "")
            pieces.append(_ended(Piece([words, *body[1:]], stamp, is_row=True)))
            continue
        if begins_with_a_clock(body[0]):
            return []
        remarks += not OPEN.match(body[0]) or not all(map(is_blank, body[1:]))
        pieces.append(Piece(list(lines[part.start : part.end]), is_row=True, is_break=True))
    timed = sum(piece.stamp is not None for piece in pieces)
    return pieces if timed >= FEWEST and remarks * MANY <= timed else []


def _item(lines: list[str], *, habits: Habits) -> Iterator[Piece]:
    """A list item: an entry, and another one for each line right below it that begins with a time too."""
    while is_blank(lines[-1]):
        lines.pop()
    body = unbroken(dedented(lines))
    body[0] = _dated(lines[0], _bare(body[0]))
    stamp = prefix.of_line(body[0], habits=habits)
    if stamp is None:
        yield from _below(lines, body, habits=habits)
        return
    piece = Piece([BREAK.sub("", stamp.rest)], stamp, is_row=True)
    is_close = True
    for at, line in enumerate(body[1:], 1):
        is_close = is_close and not is_blank(line)
        bare = DRAWN.sub("", line)
        next_stamp = prefix.of_line(bare, habits=habits) if is_close else None
        is_new = next_stamp and next_stamp.stated.has_clock and (bare != line or BREAK.search(body[at - 1]))
        if next_stamp and is_new:
            yield _ended(piece)
            piece = Piece([BREAK.sub("", next_stamp.rest)], next_stamp, is_row=True)
        else:
            piece.lines.append(line)
    yield _ended(piece)


def _below(lines: list[str], body: list[str], *, habits: Habits) -> Iterator[Piece]:
    """An item without a time: the paragraphs in it that begin with one are entries, a list in it is not."""
    first = [at for at in range(1, len(body)) if is_blank(body[at - 1]) and not BULLET.match(body[at])]
    starts = [at for at in first if begins_with_a_clock(body[at].strip())]
    inside = blocks(body) if not starts and len(body) > 1 else []
    if len(inside) == 2 and inside[1].kind == "list" and _begin_with_clocks(body, inside[1]):
        # A phase with its entries below it.
        yield Piece([f"- {body[0]}", ""], is_break=True)
        for part in inside[1].parts:
            yield from _item(list(body[part.start : part.end]), habits=habits)
        return
    if not starts:
        yield Piece(lines, is_row=True)
        return
    yield Piece(lines[: starts[0]], is_row=True)
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        yield from _item([body[start].strip(), *body[start + 1 : end]], habits=habits)


def _begin_with_clocks(lines: Sequence[str], block: Block) -> bool:
    return all(begins_with_a_clock(dedented(lines[part.start : part.end])[0]) for part in block.parts)


def _in_words(piece: Piece) -> Piece:
    """An item whose time is in words, among others with times: `- **Recovery:** restarted`."""
    if piece.stamp or len(piece.lines) == 0:
        return piece
    match = LABELLED.match(piece.lines[0])
    if match is None or one_line(match["name"]).lower() in NO_TIMES:
        return piece
    body = dedented(piece.lines)
    lines = with_headings_below(ENTRY_LEVEL, [match["rest"], *body[1:]])
    return Piece(lines, written=one_line(match["name"]), is_row=True)


def _ended(piece: Piece) -> Piece:
    piece.lines = [piece.lines[0], *with_headings_below(ENTRY_LEVEL, piece.lines[1:])]
    return piece


def _bare(line: str) -> str:
    """A line whose emphasis is round the time and the words, round the words alone: `_**13:16**: backup_`."""
    match = WRAPPED.match(line)
    stamp = prefix.of_line(match["inside"]) if match else None
    if not match or not stamp or not stamp.rest:
        return line
    return f"{stamp.written}: {match['mark']}{stamp.rest}{match['mark']}"


def _dated(line: str, words: str) -> str:
    """The words of a list item, with its number where that is the day of the month that follows."""
    number = NUMBERED.match(line)
    if number is None or prefix.of_line(words):
        return words
    dated = f"{number['day']}. {words}"
    return dated if prefix.of_line(dated) else words


def _lines(lines: list[str], *, habits: Habits) -> Iterator[Piece]:
    """A paragraph line by line: `15:35 – text`, `**15:11** text<br>`, a time alone above its text."""
    piece = Piece([])
    for line in lines:
        stamp = prefix.of_line(line, habits=habits)
        if stamp:
            if piece.lines or piece.stamp:
                yield piece
            piece = Piece([BREAK.sub("", stamp.rest)], stamp)
        else:
            piece.lines.append(line)
    yield piece


def _folded(pieces: Sequence[Piece], *, is_inside: bool) -> Iterator[value.Block]:
    """The pieces as blocks: text without a time continues the entry above it."""
    current = Piece([])
    for piece in pieces:
        if piece.stamp or piece.written or piece.is_break:
            yield from _closed(current, is_inside=is_inside)
            current = piece
        else:
            current.lines += piece.lines
    yield from _closed(current, is_inside=is_inside)


def _is_remark(text: str) -> bool:
    """Whether all that stands behind a day says how its times are meant, or is a remark in brackets."""
    return dates.is_of_all_times(text) or REMARK.fullmatch(text) is not None


def _closed(piece: Piece, *, is_inside: bool) -> Iterator[value.Block]:
    if piece.stamp and piece.stamp.is_day:
        yield from _day(piece.stamp.written, piece.lines, is_inside=is_inside)
    elif piece.stamp and not piece.stamp.stated.has_clock and _is_remark(joined(piece.lines)):
        # `2026-02-17 (all times UTC)` is the day and the zone of what follows.
        yield Prose(joined([f"{piece.stamp.written} {piece.lines[0].lstrip()}", *piece.lines[1:]]))
    elif piece.stamp or piece.written:
        written = piece.stamp.written if piece.stamp else piece.written
        lines = [piece.lines[0].lstrip(), *piece.lines[1:]] if piece.lines else []
        yield Entry(written, joined(definition_lists.described(lines)))
    elif any(not is_blank(line) for line in piece.lines):
        yield Prose(joined(piece.lines))
