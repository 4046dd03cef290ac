"""Markdown as safe HTML, for pages.

Python-Markdown takes minutes for some inputs of 20 kB, so it works in a child process that is given a second;
what does not come back in time is shown as the text it is. Rendered texts are kept by their hash.
"""

from __future__ import annotations

import atexit
import hashlib

from markupsafe import Markup, escape

from postmortems.web.keeping import Kept
from postmortems.web.renderer import Renderer

LARGEST = 256 * 1024
KEPT = 32 * 1024 * 1024


_kept: Kept[str] = Kept(KEPT)
_renderer = Renderer()
atexit.register(_renderer.close)


def to_html(text: str | None, *, may_render: bool = True) -> Markup:
    """The text as sanitised HTML; as escaped text where it is too large or takes too long.

    Without `may_render` only what was rendered before is HTML.
    """
    if not text or not text.strip():
        return Markup("")
    if len(text) > LARGEST:
        return _as_it_is(text)
    key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    html = _kept.get(key)
    if html is None and not may_render:
        return _as_it_is(text)
    if html is None:
        rendered = _renderer.render(text)
        html = str(_as_it_is(text)) if rendered is None else rendered
        _kept.put(key, html, len(html))
    return Markup(html)


def _as_it_is(text: str) -> Markup:
    return Markup('<pre class="plain">{}</pre>').format(escape(text))
