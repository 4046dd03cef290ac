"""GitHub's Markdown: CommonMark with tables, task lists, bare links, footnotes and alerts.

HTML in it stays what it is: `markdown_child.py` sanitises what comes from here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.gfm import gfm_plugin

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
