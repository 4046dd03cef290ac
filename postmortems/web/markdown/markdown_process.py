"""Renders Markdown in a child process with a deadline."""

from __future__ import annotations

import logging

from postmortems import limits
from postmortems.child_processes import Children, Late

log = logging.getLogger(__name__)

DEADLINE_S = float(limits.SHOWN_WITHIN_S)
# Two: one bomb must not stop all other pages for its second.
CHILDREN = 2
# In a question, between the text and the definitions from elsewhere in its document.
DEFINITIONS = "\0"


class Renderer:
    """Renders Markdown in children."""

    def __init__(self, children: int = CHILDREN, deadline_s: float = DEADLINE_S) -> None:
        self._children = Children("postmortems.web.markdown.markdown_child", children, deadline_s)

    def render(self, text: str) -> str | None:
        """The sanitised HTML; None where rendering fails or takes longer than the deadline."""
        try:
            html = self._children.ask(text.encode("utf-8", "replace"))
        except (Late, OSError) as error:
            log.warning(
                "a text of %d characters was not rendered in time (%s)", len(text), type(error).__name__
            )
            return None
        return None if html is None else html.decode("utf-8")

    def close(self) -> None:
        """End the children; the next text starts new ones."""
        self._children.close()
