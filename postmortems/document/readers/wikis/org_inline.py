"""Marks within a line of Org, as elements: emphasis, code, links, footnotes and timestamps.

As the Org manual (9.7) has them: "Emphasis and Monospace", "Link Format", "Timestamps".
"""

from __future__ import annotations

import re

from postmortems.document.readers.markup_tree import Element, Node

WEEKDAY = r"(?:[ \t]+(?!\d)[^\s\d<>\[\]+-][^\s\d<>\[\]]*)?"
STAMP = rf"(?P<day{{0}}>\d{{{{4}}}}-\d\d-\d\d){WEEKDAY}(?:[ \t]+(?P<clock{{0}}>\d{{{{1,2}}}}:\d\d))?"
REPEATER = r"(?:[ \t]+[.+-]{1,2}\d+[hdwmy](?:/\d+[hdwmy])?)*"
# Active ones stand in `<>`, others in `[]`.
TIMESTAMP = re.compile(
    rf"[<\[]{STAMP.format(1)}(?:-(?P<until>\d{{1,2}}:\d\d))?{REPEATER}[>\]]"
    rf"(?:--?-?[<\[]{STAMP.format(2)}{REPEATER}[>\]])?"
)
# What may stand before a mark begins and behind where it ends.
BEFORE, BEHIND = r"(?<![^\s\-({'\"|])", r"(?=$|[\s\-.,:!?;'\")}\[|])"
MARK = re.compile(
    rf"{BEFORE}(?P<code>[=~])(?P<verbatim>\S|\S[^\n]{{0,400}}?\S)(?P=code){BEHIND}"
    # A path has slashes of its own and a name underlines: none of them is taken for the end of a mark.
    rf"|{BEFORE}(?:\*(?P<bold>[^\s*](?:[^*]*[^\s*])?)\*|/(?P<italic>[^\s/](?:[^/\n]*[^\s/])?)/"
    rf"|_(?P<under>[^\s_](?:[^_\n]*[^\s_])?)_|\+(?P<gone>[^\s+](?:[^+\n]*[^\s+])?)\+){BEHIND}"
    r"|\[\[(?P<target>[^\[\]\n]+)\](?:\[(?P<said>[^\[\]]+)\])?\]"
    r"|<(?P<address>https?://[^<>\s]+)>"
    r"|\[fn:(?P<note>[\w-]+)\]"
    r"|(?P<break>\\\\)[ \t]*$",
    re.MULTILINE,
)
TAGS = {"bold": "strong", "italic": "em", "under": "em", "gone": "del"}
PICTURE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp)$", re.IGNORECASE)


def nodes(text: str) -> list[Node]:
    """The text with its marks as elements; timestamps as people write them."""
    return _marked(TIMESTAMP.sub(_told, text))


def _told(stamp: re.Match[str]) -> str:
    """`<2024-03-01 Fri 10:32-10:40>` as `2024-03-01 10:32 - 10:40`."""
    begin = " ".join(filter(None, (stamp["day1"], stamp["clock1"])))
    end = stamp["until"] or " ".join(filter(None, (stamp["day2"], stamp["clock2"])))
    return f"{begin} - {end}" if end else begin


def _marked(text: str) -> list[Node]:
    found: list[Node] = []
    at = 0
    for match in MARK.finditer(text):
        found += [text[at : match.start()], _element(match)]
        at = match.end()
    return [node for node in (*found, text[at:]) if node != ""]


def _element(match: re.Match[str]) -> Node:
    if match["code"]:
        return Element("code", {}, [match["verbatim"]])
    if match["target"]:
        return _link(match["target"].strip(), match["said"] or "")
    if match["address"]:
        return Element("a", {"href": match["address"]}, [match["address"]])
    if match["note"]:
        return Element("verbatim", {}, [f"[^{match['note']}]"])
    if match["break"]:
        return Element("br")
    kind = next(name for name in TAGS if match[name])
    return Element(TAGS[kind], {}, _marked(match[kind]))


def _link(target: str, said: str) -> Node:
    address = target.removeprefix("file:")
    if PICTURE.search(address):
        return Element("img", {"src": address, "alt": said})
    if target.startswith(("http://", "https://", "mailto:", "file:", "./", "../")):
        return Element("a", {"href": address}, _marked(said) or [address])
    # To a place in the file, or for Emacs alone.
    if not said:
        return target.lstrip("*#")
    return Element("span", {}, [*_marked(said), *([] if target[0] in "*#" else [f" ({target})"])])
