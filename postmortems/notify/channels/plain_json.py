"""Any receiver of JSON: title, text, and the parts as they are. Pure.

What comes here is often put into a spreadsheet, so no text begins as a formula does.
"""

from __future__ import annotations

from typing import Any

from postmortems.formats.csv_lines import guarded
from postmortems.notify.channels.fit import fitted
from postmortems.notify.notice import Line, Notice, Part, plain

LARGEST = 60_000


def payload(notice: Notice) -> dict[str, Any]:
    """What is posted."""
    return dict(fitted(notice, _message, LARGEST))


def _message(notice: Notice) -> dict[str, Any]:
    parts = [_part(part) for part in notice.parts]
    said = [plain(notice.title), plain(notice.said), *(_as_text(part) for part in notice.parts), notice.url]
    return {
        "title": guarded(plain(notice.title)),
        "text": guarded("\n".join(filter(None, said))),
        "url": notice.url,
        "parts": parts,
    }


def _part(part: Part) -> dict[str, Any]:
    lines = [_line(line) for line in part.lines]
    return {"heading": guarded(part.heading), "lines": lines, "more": part.more, "url": part.url}


def _line(line: Line) -> dict[str, str]:
    return {"item": line.ref, "text": guarded(line.text), "note": guarded(line.note), "url": line.url}


def _as_text(part: Part) -> str:
    lines = [f"- {line.ref} {line.text} ({line.note})" for line in part.lines]
    more = [f"and {part.more:,} more: {part.url}"] if part.more else []
    return "\n".join([part.heading, *lines, *more])
