"""GitHub's Markdown: CommonMark with tables, task lists, bare links, footnotes and alerts.

HTML in it stays what it is: `markdown_child.py` sanitises what comes from here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.gfm import gfm_plugin

from postmortems.document import mentions
from postmortems.document.markdown.tokens import sealed
from postmortems.document.text import SHOWN_AS_TEXT
from postmortems.web.markdown import anchors

# Beyond it the parser drops text without a word; Python's own limit comes first, and that is an error.
DEEPEST = 5000
BOXES = {
    True: '<span class="task" title="done">☑</span> ',
    False: '<span class="task" title="open">☐</span> ',
}
LOCAL_PART = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-"
# From its first underscore: the rest of the local part (64 characters, RFC 5321 §4.5.3.1.1), and the domain.
UNDERSCORED = re.compile(
    r"_[a-z0-9._+-]{0,64}@(?:[a-z0-9_-]{1,63}\.){1,10}[a-z0-9_-]{1,63}(?<![-_])(?![\w-])", re.IGNORECASE
)
# What a heading's anchor is made of.
WORDS = frozenset({"text", "code_inline"})
BEFORE_A_LINK = frozenset(" \t\r\n*_~(")
ANCHOR = re.compile(r"<(/?)a[\s/>]", re.IGNORECASE)
TEXT = frozenset({"text", "text_special"})
# The class of what may be a mention, before the mark of its text; `mention_links` makes links of them.
MENTION = "mention-"


def to_html(text: str, definitions: str = "", mark: str = "") -> str:
    """The text as HTML that is not sanitised yet.

    `definitions` are lines of link and footnote definitions from elsewhere in its document; the text's own
    come first. `mark` tells the anchors of this text's footnotes from those of another on the same page.
    """
    whole = f"{sealed(text)}\n\n{definitions}" if definitions.strip() else text
    return str(_parser().render(whole, {"docId": mark} if mark else {}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": DEEPEST})
    gfm_plugin(parser)
    # The bundled rule for addresses sees only what follows the last underscore.
    parser.inline.ruler.before("emphasis", "underscored_address", _underscored_address)
    # Before what was escaped is joined to the rest.
    parser.core.ruler.before("text_join", "mentions", _mentions)
    parser.core.ruler.push("as_github", _as_github)
    for name, rule in {
        "list_item_open": _list_item_open,
        "html_inline": _raw_html,
        "html_block": _raw_html,
        "footnote_caption": _footnote_caption,
        "footnote_anchor": _footnote_anchor,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


def _underscored_address(state: StateInline, silent: bool) -> bool:
    """An e-mail address with an underscore before its @, such as `first_last@example.org`."""
    if state.src[state.pos] != "_" or state.linkLevel > 0 or silent:
        return False
    before = state.pending[len(state.pending.rstrip(LOCAL_PART)) :]
    start = state.pos - len(before)
    found = UNDERSCORED.match(state.src, state.pos, state.posMax)
    if found is None or (start > 0 and state.src[start - 1] not in BEFORE_A_LINK):
        return False
    address = before + found[0]
    state.pending = state.pending[: len(state.pending) - len(before)]
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(f"mailto:{address}")}
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1)
    state.pos = found.end()
    return True


def _mentions(state: StateCore) -> None:
    """What may mention a person or an incident is put between tags; whether it does, each page says."""
    mark = str(state.env.get("docId", ""))
    if not mark:
        return
    for before, token in zip([None, *state.tokens], state.tokens, strict=False):
        is_heading = before is not None and before.type == "heading_open"
        if token.type == "inline" and not is_heading and ("@" in token.content or "#" in token.content):
            token.children = list(_with_mentions(token.children or [], mark))


def _with_mentions(found: Sequence[Token], mark: str) -> Iterator[Token]:
    depth, is_in_anchor = 0, False
    for is_text, run in groupby(found, lambda token: token.type in TEXT):
        here = list(run)
        if is_text and not depth and not is_in_anchor:
            yield from _marked(here, mark)
            continue
        for token in here:
            depth += token.nesting if token.type in ("link_open", "link_close") else 0
            if token.type == "html_inline" and (anchor := ANCHOR.match(token.content)):
                is_in_anchor = not anchor[1]
            yield token


def _marked(run: Sequence[Token], mark: str) -> Iterator[Token]:
    words = "".join(
        mentions.unescaped(token.content) if token.type == "text_special" else token.content for token in run
    )
    said = sorted(mentions.in_words(words), key=lambda mention: mention.start)
    if not said:
        yield from run
        return
    shown, at = "".join(token.content for token in run), 0
    for mention in said:
        yield _text(shown[at : mention.start])
        yield Token("mention_open", "span", 1, attrs={"class": f"{MENTION}{mark}"})
        yield _text(shown[mention.start : mention.end])
        yield Token("mention_close", "span", -1)
        at = mention.end
    yield _text(shown[at:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _as_github(state: StateCore) -> None:
    """Headings have anchors, struck text is `del`, and alignment no style, which our pages' policy bars."""
    seen: Counter[str] = Counter()
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            inside = state.tokens[index + 1].children or ()
            name = anchors.anchor("".join(each.content for each in inside if each.type in WORDS))
            token.attrSet("id", f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1
        style = str(token.attrs.pop("style", "")) if token.type in ("th_open", "td_open") else ""
        if style:
            token.attrSet("align", style.removeprefix("text-align:"))
        for inner in token.children or ():
            if inner.type in ("s_open", "s_close"):
                inner.tag = "del"


def _list_item_open(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    is_task = bool(token.meta) and "checked" in token.meta
    box = BOXES[bool(token.meta["checked"])] if is_task else ""
    return str(self.renderToken(tokens, index, options, env)) + box


def _raw_html(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return SHOWN_AS_TEXT.sub("&lt;", tokens[index].content)


def _footnote_caption(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return str(tokens[index].meta["id"] + 1)


def _footnote_anchor(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    name = self.rules["footnote_anchor_name"](tokens, index, options, env)
    again = f":{tokens[index].meta['subId']}" if tokens[index].meta["subId"] else ""
    return f' <a href="#fnref{name}{again}" class="footnote-backref" title="Back to the text">↩︎</a>'
