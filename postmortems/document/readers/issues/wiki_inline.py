"""Reads the inside of a line of Jira's wiki markup: emphasis, links, pictures, code.

What each mark means: Jira's "Text Formatting Notation Help".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from postmortems.document.readers.markup_tree import Element, Node

# A longer line is no prose: its words stay, its marks are not looked for.
LONGEST = 20_000
DEEPEST = 6
# A mark of emphasis touches its words and stands at the edge of a word.
EMPHASIS = {"*": "strong", "_": "em", "-": "del", "+": "ins", "^": "sup", "~": "sub"}
TOKEN = re.compile(
    r"\\(?P<escaped>[\\*_+^~{}\[\]|!#?-])"
    r"|\{\{(?P<code>[^{}\n]{1,2000})\}\}"
    r"|\{(?P<macro>code|noformat)(?::[^{}\n]{0,200})?\}(?P<verbatim>[^\n]{1,2000}?)\{(?P=macro)\}"
    r"|\{(?:color|anchor|status|span)(?::(?P<setting>[^{}\n]{0,200}))?\}"
    r"|\[(?P<link>[^\[\]\n]{1,2000})\]"
    r"|!(?P<picture>[^!\s|][^!\n|]{0,500})(?:\|[^!\n]{0,200})?!(?!\w)"
    r"|\?\?(?P<cited>[^\n?]{1,500})\?\?"
    r"|(?P<url>https?://[^\s<>\[\]|{}]+)"
    r"|(?P<sign>\((?:/|x|!|\?|on|off|\*)\))"
    r"|(?<![\w*_+^~-])(?P<mark>[*_+^~-])(?=\S)(?!-)(?P<inside>[^\n]{0,300}?\S)(?P=mark)(?![\w*_+^~-])"
)
SIGNS = {"(/)": "✅", "(x)": "❌", "(!)": "⚠️", "(?)": "❓", "(on)": "💡", "(off)": "💡", "(*)": "⭐"}
MACRO = re.compile(r"\{/?(?:color|anchor)(?::[^{}\n]{0,200})?\}")


def nodes(text: str, depth: int = 0) -> list[Node]:
    """A piece of text as nodes; lines in it are broken where the author broke them (`\\\\`)."""
    if depth > DEEPEST or len(text) > LONGEST:
        return [MACRO.sub("", text)]
    return list(_nodes(text, depth))


def _nodes(text: str, depth: int) -> Iterator[Node]:
    done = 0
    for match in TOKEN.finditer(text):
        if match.start() < done:
            continue
        if match.start() > done:
            yield from _broken(text[done : match.start()])
        yield from _one(match, depth)
        done = match.end()
    yield from _broken(text[done:])


def _broken(text: str) -> Iterator[Node]:
    first, *rest = re.split(r"\\\\(?=\s|$)", text)
    yield first
    for part in rest:
        yield Element("br")
        yield part


def _one(match: re.Match[str], depth: int) -> Iterator[Node]:
    if match["escaped"]:
        yield match["escaped"]
    elif code := match["code"] or match["verbatim"]:
        yield Element("code", {}, [code])
    elif match["link"]:
        yield from _link(match, depth)
    elif match["picture"]:
        yield _picture(match["picture"])
    elif match["cited"]:
        yield Element("em", {}, nodes(match["cited"], depth + 1))
    elif match["url"]:
        yield from _url(match["url"])
    elif match["sign"]:
        yield SIGNS[match["sign"]]
    elif match["mark"]:
        inside = nodes(match["inside"], depth + 1)
        yield Element(EMPHASIS[match["mark"]], {}, inside)


def _url(url: str) -> Iterator[Node]:
    bare = url.rstrip(".,;:!?)*_")
    yield Element("a", {"href": bare}, [bare])
    yield url[len(bare) :]


def _picture(name: str) -> Node:
    """A picture at an address; an attached one is its name, for the file is not in the issue."""
    if re.match(r"https?://", name):
        return Element("img", {"src": name, "alt": ""})
    return f"[{name}]"


def _link(match: re.Match[str], depth: int) -> Iterator[Node]:
    """`[words|address|tip]`, `[address]`, `[~user]`, `[^attachment]`; brackets of anything else stay."""
    parts = match["link"].split("|")
    target = parts[1 if len(parts) > 1 else 0].strip()
    words = parts[0].strip()
    if words.startswith("~") and len(parts) == 1:
        yield f"@{words[1:].removeprefix('accountid:')}"
    elif words.startswith("^") and len(parts) == 1:
        yield words[1:]
    elif re.match(r"(?:https?|ftp|mailto):", target):
        bare = len(parts) == 1
        yield Element(
            "a", {"href": target}, [words.removeprefix("mailto:")] if bare else nodes(words, depth + 1)
        )
    elif len(parts) > 1:
        yield from nodes(words, depth + 1)
        yield f" ({target})" if target and not target.startswith("#") else ""
    else:
        yield f"[{match['link']}]"
