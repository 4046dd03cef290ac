"""Pictures in rich text: emoji as text, remote ones as links, and those that did not come along by name.

Nothing is fetched. A picture that stands in the text itself (`data:`) is named by whoever takes it out.
"""

from __future__ import annotations

import re

from postmortems.document.readers.confluence import emoticons
from postmortems.document.readers.markup_tree import Element, Node
from postmortems.document.readers.rich_text import styles
from postmortems.document.text import one_line

# What takes the place of a picture that is uploaded meanwhile.
TAKEN_OUT = re.compile(r"pasted-picture-\d{1,4}")
EMOJI_CLASS = re.compile(r"emoji|emoticon", re.IGNORECASE)
# `…/1f468-200d-1f4bb@2x.png`: the characters, as most sets of emoji name their files.
CODE_POINTS = re.compile(r"/((?:[0-9a-f]{4,5}-?){1,8})(?:@2x)?\.(?:png|svg)(?:$|[?#])", re.IGNORECASE)
SHORT_NAME = re.compile(r":[\w+'-]+(?::[\w-]+)?:")
WORDY = re.compile(r"[^\W_]")
DECORATION = re.compile(r"avatar|c-base_icon|\bicon\b", re.IGNORECASE)
REMOTE = re.compile(r"https?://", re.IGNORECASE)
LENGTH = re.compile(r"\s*(\d{1,6})")
# A picture without words up to this size, in CSS pixels, is an ornament.
ORNAMENT = 48
COUNTER = 2


def shown(node: Element, missing: list[str]) -> list[Node]:
    """What stands for a picture in the text. One that is not there is added to `missing`, by its name."""
    said = one_line(node.attributes.get("alt", ""))
    # GitHub shows pictures by way of its own address, and names the real one.
    source = (node.attributes.get("data-canonical-src") or node.attributes.get("src", "")).strip()
    if emoji := _emoji(node, said, source):
        return [emoji]
    if TAKEN_OUT.fullmatch(source):
        return [Element("img", {"src": source, "alt": said})]
    if _is_ornament(node, said):
        return [said] if said else []
    if REMOTE.match(source):
        return [Element("a", {"href": source}, [said or "picture"])]
    return absent(said or _file_name(source), missing)


def absent(name: str, missing: list[str]) -> list[Node]:
    """The words in the place of a picture that was not copied with them."""
    missing.append(name)
    return [f"(picture missing: {name})" if name else "(picture missing)"]


def _emoji(node: Element, said: str, source: str) -> str:
    attributes = node.attributes
    for name in ("data-emoji", "data-emoji-text", "data-emoji-fallback"):
        if attributes.get(name) and not SHORT_NAME.fullmatch(attributes[name]):
            return attributes[name]
    is_emoji = EMOJI_CLASS.search(attributes.get("class", "") + attributes.get("itemtype", ""))
    is_chat = attributes.get("data-stringify-type") == "emoji"
    if is_emoji or is_chat or SHORT_NAME.fullmatch(said):
        points = CODE_POINTS.search(source)
        return _characters(points[1]) if points else emoticons.of_file(source) or said
    return said if said and not WORDY.search(said) and not said.isascii() else ""


def _characters(points: str) -> str:
    return "".join(chr(int(point, 16)) for point in points.strip("-").split("-"))


def _is_ornament(node: Element, said: str) -> bool:
    sizes = [size for name in ("width", "height") if (size := _size(node, name)) is not None]
    if len(sizes) == 2 and max(sizes) <= COUNTER:
        return True
    is_hidden = node.attributes.get("aria-hidden") == "true"
    return not said and (
        is_hidden
        or bool(DECORATION.search(node.attributes.get("class", "")))
        or (bool(sizes) and max(sizes) <= ORNAMENT)
    )


def _size(node: Element, name: str) -> int | None:
    given = node.attributes.get(name) or styles.declarations(node).get(name, "")
    match = LENGTH.match(given)
    return int(match[1]) if match and not given.endswith("%") else None


def _file_name(source: str) -> str:
    """`clip_image002.png`, of a file on the disk that it was copied from."""
    last = re.split(r"[/\\]", source)[-1] if source.lower().startswith("file:") else ""
    return last[:200]
