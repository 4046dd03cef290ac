"""Notice: what is told to a person or a chat, as a value that each channel writes in its own form. Pure.

What people wrote stands in it in one line, without signs that nobody sees, and no longer than a line.
"""

from __future__ import annotations

from dataclasses import dataclass

from postmortems.document.text import title_line

LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a list: `AI-3`, what it says, what there is to say of it, and its page."""

    text: str
    ref: str = ""
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A list under a heading. `more` are not shown here but at `url`."""

    heading: str
    lines: tuple[Line, ...] = ()
    more: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """What a reader of a chat may do about it: its words, its name, what it sends back, and where to."""

    label: str
    name: str
    value: str
    url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A title, what it is about, and where to go. `why`: for what reason the reader is told of it.

    `thread` is what several notices are about, the same for all of them: `AI-3`.
    """

    title: str
    said: str = ""
    parts: tuple[Part, ...] = ()
    url: str = ""
    button: str = "Open it"
    why: str = ""
    thread: str = ""
    # In chats that have buttons.
    buttons: tuple[Button, ...] = ()


def plain(text: str, longest: int = LONGEST_LINE) -> str:
    """What somebody wrote, in one line of seen characters, cut where it is longer."""
    line = title_line(text)
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
