"""Inline elements (emphasis, links, code) written as Markdown.

Only what Markdown would take for a mark is escaped: `snake_case`, `2 * 3` and `#channel` stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from postmortems.document.readers.markup_tree import Element, Node, text_of
from postmortems.document.text import one_line

MARKS = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~])      # a backslash that would escape
      | `
      | (?<!\s)\*|\*(?!\s|$)       # a star beside a word
      | (?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])
      | <(?=[A-Za-z/!?])
      | &(?=\#?\w{1,32};)
      | (?<=\])\((?=\S)
      | ~(?=~)
    """,
    re.VERBOSE,
)
STARTS = re.compile(
    r"^(?:#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|=+$|-{2,}[-\s]*$|\+{3}$|:{3})|^\d{1,9}(?=[.)](?:\s|$))"
)
BREAK = "<br>\n"
BEFORE_A_TIME = re.compile(r"[ \t\r\f]*\n[ \t]*(?=[*~\[]{0,3}(?:\d{4}-\d\d-\d\d[ T])?\d{1,2}[:.]\d\d(?!\d))")
ITEM_BELOW = re.compile(r"\n\s*(?=(?:-|\d{1,9}\.) )")
EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "strike": "~~"}
CODE = {"code", "kbd", "samp", "tt"}
KEPT = {"sub", "sup"}
SAFE = re.compile(r"(?:https?|mailto|ftp):|(?![a-z][a-z0-9+.-]*:)", re.IGNORECASE)
AUTOLINK = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
MARKS_AND_ADDRESSES = re.compile(
    rf"(?P<address>(?<!\w){AUTOLINK.pattern}) | {MARKS.pattern}", re.VERBOSE | re.IGNORECASE
)


def inline(nodes: Sequence[Node]) -> str:
    """The nodes as one paragraph of Markdown, its lines broken only where the author broke them."""
    return BREAK.join(map(_started, _lines(nodes))).removesuffix(BREAK).rstrip()


def _lines(nodes: Sequence[Node]) -> list[str]:
    text = "".join(map(_one, _spaced(nodes)))
    return [_folded(line) for line in text.split(BREAK)]


def _folded(line: str) -> str:
    """A line without the breaks of its source, but before a time: a timeline in lines stays one."""
    parts = re.split(BEFORE_A_TIME, line)
    return "\n".join(re.sub(r"[ \t\r\n\f]+", " ", part).strip(" ") for part in parts)


def heading(nodes: Sequence[Node]) -> str:
    """The nodes on one line; marks at its end would be taken for a heading's closing ones."""
    return re.sub(r"(?<=\s)(?=#+$)", r"\\", one_line(" ".join(_lines(nodes))))


def cell(text: str) -> str:
    """Text in a cell of a table."""
    bare = re.sub(r"^(\d*)\\(?=[#.)+>=:-])", r"\1", text)  # no line begins here
    lines = ITEM_BELOW.sub("<br> ", bare.replace(BREAK, "<br> ").replace("\n\n", "<br> "))
    return one_line(lines).replace("|", r"\|")


def escaped(text: str) -> str:
    """Text whose marks are none. A backslash would be a part of an address: one with marks is in `<…>`."""
    return MARKS_AND_ADDRESSES.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    found = match.group()
    if not match["address"]:
        return f"\\{found}"
    if not MARKS.search(found):
        return found
    address = _without_its_end(found)
    return f"<{address}>{_unmarked(found[len(address) :])}"


def _without_its_end(address: str) -> str:
    """An address without what ends the sentence or the brackets around it."""
    while address[-1:] in tuple("?!.,:;*_~'\"") or (address.endswith(")") and not _is_balanced(address)):
        address = address[:-1]
    return address


def _unmarked(text: str) -> str:
    return MARKS.sub(lambda match: f"\\{match.group()}", text)


def _started(line: str) -> str:
    """A line whose beginning is no list, heading or quote."""
    match = STARTS.match(line)
    if not match:
        return line
    at = match.end() if line[0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def _spaced(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes, text in one piece where only a comment or the like cut it."""
    text = ""
    for node in nodes:
        if isinstance(node, str):
            text += node
            continue
        if text:
            yield text
            text = ""
        yield node
    if text:
        yield text


def _one(node: Node, written: Callable[[str], str] = escaped) -> str:
    if isinstance(node, str):
        return written(node)
    if node.tag == "br":
        return BREAK
    if node.tag == "verbatim":
        return text_of(node)
    if node.tag in CODE:
        return _code(text_of(node))
    if node.tag == "a":
        return _link(node)
    if node.tag == "img":
        return _image(node)
    if node.tag == "input":
        return _box(node)
    inside = "".join(_one(part, written) for part in _spaced(node.children))
    if node.tag in KEPT and inside.strip():
        return f"<{node.tag}>{inside}</{node.tag}>"
    return _wrapped(EMPHASIS.get(node.tag, ""), inside)


def _wrapped(mark: str, text: str) -> str:
    """Emphasis round the words, not round the blanks beside them."""
    bare = text.strip()
    if not mark or not bare or BREAK in bare:
        return text
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}{mark}{bare}{mark}{text[start + len(bare) :]}"


def _code(text: str) -> str:
    text = one_line(text)
    if not text:
        return ""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    pad = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{'`' * (longest + 1)}{pad}{text}{pad}{'`' * (longest + 1)}"


def _link(node: Element) -> str:
    target = re.sub(r"\s", "%20", node.attributes.get("href", "").strip())
    if not target or not SAFE.match(target):
        return "".join(map(_one, _spaced(node.children)))
    said = "".join(_one(part, _unmarked) for part in _spaced(node.children))  # a link holds no other
    bare = one_line(said.replace(BREAK, " "))
    if AUTOLINK.fullmatch(target) and one_line(text_of(node)) in ("", target):
        is_bare = bool(bare) and (target[-1].isalnum() or target[-1] == "/") and not MARKS.search(target)
        return target if is_bare else f"<{target}>"
    if not bare:
        return ""
    return f"{said[: len(said) - len(said.lstrip())]}[{_label(bare)}]({_target(target)}){_behind(said)}"


def _label(text: str) -> str:
    """A link's words; brackets in them would end it."""
    return text if text.startswith("![") else re.sub(r"(?<!\\)([\[\]])", r"\\\1", text)


def _behind(text: str) -> str:
    return " " if text[-1:].isspace() else ""


def _target(target: str) -> str:
    target = target.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C")
    return target if _is_balanced(target) else f"<{target}>"


def _is_balanced(target: str) -> bool:
    """Whether each bracket in an address ends one that began, so that none of them ends the link."""
    depth = 0
    for letter in target:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def _image(node: Element) -> str:
    said = re.sub(r"(?<!\\)([\[\]])", r"\\\1", _unmarked(one_line(node.attributes.get("alt", ""))))
    target = re.sub(r"\s", "%20", node.attributes.get("src", "").strip())
    return f"![{said}]({_target(target)})" if target and SAFE.match(target) else said


def _box(node: Element) -> str:
    if node.attributes.get("type", "").lower() != "checkbox":
        return ""
    return "[x] " if "checked" in node.attributes else "[ ] "
