"""Signs that stand for something: boxes, also those of typefaces of pictures, and days that controls hold."""

from __future__ import annotations

import re

EMPTY_BOXES = frozenset("☐□◻❏❑❒⬜▢")
TICKED_BOXES = frozenset("☑☒✓✔✅☒🗹🗷⮽")
# Of these typefaces the letters are pictures; the boxes among them, empty and ticked.
WINGDINGS = frozenset({"wingdings", "wingdings 2"})
EMPTY_WINGDINGS = {"wingdings": {0x6F, 0x70, 0x71, 0x72, 0xA8}, "wingdings 2": {0x2A, 0xA3}}
TICKED_WINGDINGS = {
    "wingdings": {0x78, 0xFC, 0xFD, 0xFE},
    "wingdings 2": {0x4F, 0x50, 0x51, 0x52, 0x53, 0x54},
}
PRIVATE = 0xF000


def box(sign: str, font: str = "") -> str:
    """`on` or `off` of a sign that is a box; "" of another."""
    if len(sign) != 1:
        return ""
    if sign in EMPTY_BOXES:
        return "off"
    if sign in TICKED_BOXES:
        return "on"
    face, code = font.strip().lower(), ord(sign)
    if face not in WINGDINGS or not (code < 0x100 or PRIVATE <= code < PRIVATE + 0x100):
        return ""
    code &= 0xFF
    return "off" if code in EMPTY_WINGDINGS[face] else "on" if code in TICKED_WINGDINGS[face] else ""


DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d))?")
# A hyphen that breaks no line is one; one that shows only at the end of a line is none.
PLAIN = {0x00AD: "", 0x2011: "-"} | {
    code: {"on": "☒", "off": "☐"}[found]
    for code in range(PRIVATE, PRIVATE + 0x100)
    if (found := box(chr(code), "wingdings"))
}


def plain(text: str) -> str:
    """Text with the signs that everybody reads; boxes of Wingdings stand where no other letters are."""
    return text.translate(PLAIN)


def day(said: str, shown: str) -> str:
    """The day of a date control, with its time where that is shown; "" where less than a day is.

    `shown` is the pattern in which the control shows it: `dd.MM.yyyy HH:mm`, `MMMM yyyy`.
    """
    match = DAY.match(said)
    if not match or "d" not in shown.lower():
        return ""
    return f"{match[1]} {match[2]}" if match[2] and match[2] != "00:00" and "m" in shown else match[1]
