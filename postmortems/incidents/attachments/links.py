"""Links of a text to attachments: ours, and those of authors whose files came with their reports. Pure.

Ours is `/attachments/<id>/<name>`, whatever stands before it; what counts is the id.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

PATH = "/attachments/"
ID = r"[A-Za-z0-9_-]{22}"
# Where a link's address begins in Markdown or HTML; elsewhere it is a word like any other.
OURS = re.compile(rf"""(?<=[(<"'\s]){PATH}({ID})(?![A-Za-z0-9_-])(/[^\s()<>"'\\]*)?""")
LONGEST_LINK = 500


def address(number: str, name: str) -> str:
    """`/attachments/<id>/<name>`. A name has no sign left in it that ends an address in Markdown."""
    return f"{PATH}{number}/{quote(name, safe='')}"


def markdown(number: str, name: str, *, is_picture: bool) -> str:
    """What to write to show a picture, or to link to a file."""
    stem, dot, _ = name.rpartition(".")
    said = re.sub(r"([\\\[\]`*_<&])", r"\\\1", stem if dot and is_picture else name)
    return f"{'!' if is_picture else ''}[{said}]({address(number, name)})"


def ids(text: str) -> set[str]:
    """The ids of the attachments that a text links to."""
    return {match[1] for match in OURS.finditer(text)} if PATH in text else set()


def key(target: str) -> str:
    """The link under which an attachment is known to its incident, of an address as it is written.

    `/attachments/<id>` of ours; of others their path as a folder has it: `img/a b.png` of `./img/a%20b.png`.
    "" for an address elsewhere, and one that no folder has.
    """
    found = OURS.match(f" {target}", 1)
    if found:
        return f"{PATH}{found[1]}"
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/|#|\?|$", target):
        return ""
    path = posixpath.normpath(unquote(re.split(r"[?#]", target)[0]))
    return path if len(path) <= LONGEST_LINK and "\\" not in path and "\0" not in path else ""


# Where an address stands in Markdown or in HTML within it: behind the words of a link or picture, in a
# definition, in an attribute. Parentheses in it are in pairs (CommonMark §6.3).
TARGET = re.compile(
    r"""(\]\([ \t]*|^[ \t]{0,3}\[[^\]\n]+\]:[ \t]*|\b(?:src|href)=["']?)"""
    r"""(<[^<>\n]*>|[^\s<>"'()]+(?:\([^\s()]*\)[^\s<>"'()]*)*)""",
    re.MULTILINE,
)


def targets(text: str) -> list[str]:
    """The addresses that a text links to, in their order; each as it is written, without `<` and `>`."""
    return [match[2].strip("<>") for match in TARGET.finditer(text)]


def moved(text: str, where: Mapping[str, str]) -> str:
    """The text with other addresses for its links, by their keys; everything else stays to the letter."""

    def other(match: re.Match[str]) -> str:
        address = where.get(key(match[2].strip("<>")))
        return match[0] if address is None else f"{match[1]}{address}"

    return TARGET.sub(other, text) if where else text
