"""Marks beside a part of a rendered report: how many comments it has, and the way to another one. Pure.

The rendered parts are kept and shown to everybody; where a mark goes, they have a comment of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

PLACE = re.compile(r"<!--part ([A-Za-z0-9-]{1,40})-->")
COUNT = Markup(
    '<a class="comment-mark has-comments" href="{address}#about-{part}">'
    '{count}<span class="quietly"> comment{plural}</span></a>'
)
# Without words, for they would stand between those of the report. Three hundred more stops on the way through
# a page help nobody either: below the report is a form that lists the parts.
NONE = Markup(
    '<a class="comment-mark" href="{address}/comments?part={part}#comment-form" tabindex="-1" '
    'title="Comment on this" aria-label="Comment on this"></a>'
)


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one incident's page; `counts` has the comments of each part that has some."""

    counts: Mapping[str, int]
    slug: str

    def of(self, part: str) -> Markup:
        """The mark of one part: to its comments, or where it has none, to the form for one."""
        count, address = self.counts.get(part, 0), f"/incidents/{quote(self.slug)}"
        if not count:
            return NONE.format(address=address, part=part)
        return COUNT.format(address=address, part=part, count=count, plural="" if count == 1 else "s")

    def put_into(self, html: Markup) -> Markup:
        """The rendered part with its marks."""
        return Markup(PLACE.sub(lambda found: self.of(found[1]), html))
