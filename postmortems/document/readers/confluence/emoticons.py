"""Emoticons of Confluence as the characters they show; "" for one that is a picture only.

The names are those of `ac:emoticon` in storage format; exported pages have them in a class. In the cloud each
emoji that is none of them is called `blue-star` and has its character beside the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from postmortems import patterns

CHARACTERS = {
    "tick": "✅",
    "cross": "❌",
    "error": "❌",
    "warning": "⚠️",
    "information": "ℹ️",
    "info": "ℹ️",
    "plus": "➕",
    "add": "➕",
    "minus": "➖",
    "forbidden": "➖",
    "question": "❓",
    "help": "❓",
    "light-on": "💡",
    "light-off": "💡",
    "lightbulb": "💡",
    "lightbulb-on": "💡",
    "yellow-star": "⭐",
    "red-star": "⭐",
    "green-star": "⭐",
    "blue-star": "⭐",
    "star": "⭐",
    "thumbs-up": "👍",
    "thumbs-down": "👎",
    "smile": "🙂",
    "sad": "🙁",
    "cheeky": "😛",
    "laugh": "😃",
    "wink": "😉",
    "heart": "❤️",
    "broken-heart": "💔",
}
# Files of such pictures in Jira, where their names are others.
FILES = {"check": "tick", "help_16": "help", "tongue": "cheeky", "biggrin": "laugh"} | {
    f"star_{colour}": f"{colour}-star" for colour in ("yellow", "red", "green", "blue")
}
FILE = patterns.of(r"/emoticons/(?P<name>\w{1,20})\.(?:png|gif|svg)$")
SHORT_NAME = patterns.of(r":[\w+'-]+(?::[\w-]+)?:")
CODE_POINTS = patterns.of(r"[0-9a-f]{4,5}(?:-[0-9a-f]{4,5}){0,9}", re.IGNORECASE)
CLASS = patterns.of(r"\bemoticon-([a-z-]+)")
# Where an export keeps its own pictures, with or without a class: `images/icons/emoticons/warning.png`.
KEPT = patterns.of(r"(?:^|/)images/icons/emoticons/([\w-]+)\.\w+(?:\?.*)?$")


def is_emoticon(attributes: Mapping[str, str]) -> bool:
    """Whether a picture is an emoticon."""
    is_called_so = re.search(r"\b(?:emoticon|emoji)\b", attributes.get("class", ""))
    return bool(is_called_so or KEPT.search(attributes.get("src", "")))


def character(attributes: Mapping[str, str]) -> str:
    """The character of an emoticon by the attributes of its `img` or `ac:emoticon`."""
    for name in ("data-emoji-fallback", "ac:emoji-fallback"):
        fallback = attributes.get(name, "")
        if fallback and not SHORT_NAME.fullmatch(fallback):
            return fallback
    code = attributes.get("data-emoji-id") or attributes.get("ac:emoji-id", "")
    if CODE_POINTS.fullmatch(code) and all(_is_character(int(point, 16)) for point in code.split("-")):
        return "".join(chr(int(point, 16)) for point in code.split("-"))
    return _named(attributes)


def _is_character(point: int) -> bool:
    return point <= 0x10FFFF and not 0xD800 <= point < 0xE000


def _named(attributes: Mapping[str, str]) -> str:
    shown = CLASS.search(attributes.get("class", "")) or KEPT.search(attributes.get("src", ""))
    name = attributes.get("ac:name") or attributes.get("data-emoticon-name") or (shown[1] if shown else "")
    short = attributes.get("data-emoji-shortname") or attributes.get("ac:emoji-shortname", "")
    if name == "blue-star" and short and short not in (":blue-star:", ":star:"):
        # An emoji of the company's own.
        return ""
    return CHARACTERS.get(
        name.replace("_", "-") or attributes.get("alt", "").strip("()").replace(" ", "-"), ""
    )


def of_file(source: str) -> str:
    """The character of an emoticon by the address of its picture: `…/images/icons/emoticons/check.png`."""
    match = FILE.search(source)
    name = match["name"] if match else ""
    return CHARACTERS.get(FILES.get(name, name.replace("_", "-")), "")
