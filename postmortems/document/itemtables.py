"""Action items in a table: a column for what to do, others for who does it, by when, and how far it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Date

from postmortems.document.model import PRIORITIES, Item
from postmortems.document.text import one_line, words
from postmortems.document.tokens import Block

COLUMNS = {
    "text": r"(?:action|follow[- ]?up|corrective action|remediation)(?: items?| points?)?s?|items?|tasks?"
    r"|to[- ]?dos?|what|description|improvements?|recommendations?|measures?"
    r"|maßnahmen?|acción|acciones|ação|ações|アクション|対応内容|対策|措施|行动项",
    "owner": r"owners?|assignees?|assigned(?: to)?|who|responsible|dri|lead|person"
    r"|verantwortlich|responsable|responsável|担当者?|负责人",
    "status": r"status|state|done\??|progress|notes?|comments?|stand|estado|statut|状態|ステータス|状态",
    "due": r"due(?: date| by)?|deadline|eta|target(?: date)?|by when|when|date"
    r"|frist|fecha|échéance|prazo|期限|截止日期",
    "priority": r"prio(?:rity)?",
    "number": r"#|no\.?|nr\.?|num(?:ber)?",
    "tickets": r"(?:tracking )?(?:bugs?|tickets?|issues?|links?)|tracking|jira|prs?|url",
}
PATTERNS = {field: re.compile(pattern, re.IGNORECASE) for field, pattern in COLUMNS.items()}
STATUSES = {
    "done": re.compile(
        r"done|completed?|fixed|closed|resolved|merged|finished|shipped|yes|x|✅|✔️?|☑️?|☒"
        r"|:(?:white|heavy)_?check_?mark:|erledigt|完了|已完成",
        re.IGNORECASE,
    ),
    "in_progress": re.compile(
        r"in[- ]progress|started|ongoing|wip|doing|in review|🚧|⏳|🔄|🏗️?|:construction:|対応中", re.IGNORECASE
    ),
    "open": re.compile(
        r"open|to ?do|not (?:yet )?started|planned|pending|new|no|backlog|☐|❌|⬜|🔲|:x:|未着手",
        re.IGNORECASE,
    ),
    "wont_do": re.compile(r"won'?t (?:do|fix)|rejected|cancell?ed|declined|🚫|dropped", re.IGNORECASE),
}
ADDRESS = re.compile(r"https?://[^\s,]+")
DECORATION = re.compile(r"[*_`]")


def is_table_of_items(table: Block) -> bool:
    """Whether a table has rows, and a column that says what to do."""
    return table.kind == "table" and len(table.parts) > 1 and "text" in _columns(table.parts[0].cells)


def items(table: Block) -> Iterator[Item]:
    """An item for each row that says anything."""
    columns = _columns(table.parts[0].cells)
    for row in table.parts[1:]:
        item = _item(columns, row.cells)
        if item.text:
            yield item


def _columns(header: Sequence[str]) -> list[str]:
    """What each column holds; `""` where it is nothing of ours, or comes a second time."""
    found: list[str] = []
    for cell in header:
        name = one_line(DECORATION.sub("", cell))
        field = next((each for each, pattern in PATTERNS.items() if pattern.fullmatch(name)), "")
        found.append("" if field in found else field)
    return found


def _item(columns: Sequence[str], cells: Sequence[str]) -> Item:
    """A row as an item; what fits no field of its own stands in brackets behind the text."""
    item, behind, text = Item(""), [], ""
    for field, cell in zip([*columns, *[""] * len(cells)], cells, strict=False):
        said = one_line(cell)
        if field == "text":
            text = said
            continue
        taken = _taken(item, field, said)
        item = taken or item
        is_said = taken is not None and (field != "status" or _says_no_more(said))
        behind += [said] if said and not is_said else []
    remark = f"({'; '.join(behind)})" if behind else ""
    return replace(item, text=" ".join(filter(None, [text, remark])))


def _says_no_more(said: str) -> bool:
    """Whether a cell says nothing that its status does not: the same word, or only a sign."""
    return _status(said).replace("_", " ") == said.lower() or not words(said)


def _taken(item: Item, field: str, said: str) -> Item | None:
    """The item with what a cell says, or None where the field cannot hold it."""
    if field == "number" and said.isdecimal() and len(said) < 3:
        return item
    if field == "owner" and said:
        return replace(item, owner=said)
    if field == "status" and _status(said):
        return replace(item, status=_status(said))
    if field == "priority" and said in PRIORITIES:
        return replace(item, priority=said)
    if field == "tickets" and ADDRESS.fullmatch(said):
        return replace(item, tickets=(said,))
    if field == "due" and re.fullmatch(r"\d{4}-\d{2}-\d{2}", said):
        try:
            return replace(item, due=Date.fromisoformat(said))
        except ValueError:
            return None
    return None


def _status(said: str) -> str:
    bare = DECORATION.sub("", said).strip().rstrip(".!")
    return next((status for status, pattern in STATUSES.items() if pattern.fullmatch(bare)), "")
