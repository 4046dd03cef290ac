"""The title of an item's page: its text, where that is short enough to be one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from postmortems.document.markdown.items import item_blanks
from postmortems.document.markdown.references import References
from postmortems.followup.queries import Listed
from postmortems.incidents.models import ActionItem
from postmortems.web import render

LONGEST, CUT_AT = 240, 140
PARAGRAPH = re.compile(r"\s*<p>((?:(?!<p>|</p>).)*)</p>\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Title:
    """The heading; `is_whole`: it says all that the text does, else the `body` stands below."""

    html: Markup
    body: Markup
    is_whole: bool


def of(item: ActionItem, references: References | None) -> Title:
    """A text of one paragraph is the heading itself, with its links; of another it is the beginning."""
    text = item_blanks.told(item.text)
    body = render.as_html(text, references)
    paragraph = PARAGRAPH.fullmatch(body)
    if paragraph and len(text) <= LONGEST:
        return Title(Markup(paragraph[1]), body, is_whole=True)
    return Title(Markup.escape(Listed(item, "").line.said(CUT_AT)), body, is_whole=False)
