"""Markdown as sanitised HTML for pages.

Some texts of a few kB take a parser minutes, so it works in a child process that is given a second; what does
not come back in time is shown as the text it is. Rendered texts are kept by their hash.
"""

from __future__ import annotations

import atexit
import hashlib

from markupsafe import Markup, escape

from postmortems.document.parse_cache import Kept
from postmortems.web.markdown.markdown_process import DEFINITIONS, Renderer

LARGEST = 256 * 1024
# Of both texts, in each process: as much as a few hundred reports have.
KEPT = 8 * 1024 * 1024


_kept: Kept[str] = Kept(KEPT)
_renderer = Renderer()
atexit.register(_renderer.close)


def to_html(text: str | None, definitions: str = "", *, may_render: bool = True) -> Markup:
    """The text as sanitised HTML; as escaped text where it is too large or takes too long.

    `definitions` are lines of link and footnote definitions that stand elsewhere in its document.

    Without `may_render` only what was rendered before is HTML.
    """
    if not text or not text.strip():
        return Markup("")
    if len(text) > LARGEST:
        return _as_it_is(text)
    question = _question(text, definitions)
    key = hashlib.sha256(question.encode("utf-8", "surrogatepass")).digest()
    html = _kept.get(key)
    if html is None and not may_render:
        return _as_it_is(text)
    if html is None:
        rendered = _renderer.render(question)
        html = str(_as_it_is(text)) if rendered is None else rendered
        _kept.put(key, html, len(html))
    return Markup(html)


def _question(text: str, definitions: str) -> str:
    """What the child is asked; only a text with brackets can refer to a definition."""
    text = text.replace("\0", "\ufffd")
    has_use = "[" in text and len(definitions) <= LARGEST and definitions.strip()
    return f"{text}{DEFINITIONS}{definitions}" if has_use else text


def _as_it_is(text: str) -> Markup:
    return Markup('<pre class="plain">{}</pre>').format(escape(text))
