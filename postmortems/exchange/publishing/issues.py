"""Issues of GitHub and GitLab as outlets: an incident is one issue, which its mark finds again.

Neither has a condition on writing, so what somebody saves between our reading and our writing, which is
one call apart, is replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from postmortems import clock
from postmortems.egress.client import Egress
from postmortems.exchange.publishing import issue_body
from postmortems.exchange.publishing.kind import Draft, Kind, Page
from postmortems.trackers import github, gitlab, issue
from postmortems.trackers.issue import Issue
from postmortems.trackers.services import SERVICES, Service
from postmortems.trackers.wire import Failed, Host

# A creation whose answer never came is looked for among the issues of so many days.
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Tracker:
    """A tracker as an outlet; `longest` is how many letters a text may have there."""

    service: Service
    longest: int
    rewrite: Callable[[Host, str, str, str, Egress], Issue]

    def read(self, host: Host, key: str, egress: Egress) -> Page | None:
        try:
            return _page(self.service.read(host, key, egress))
        except Failed as failed:
            if failed.is_gone:
                return None
            raise

    def named(self, host: Host, draft: Draft, egress: Egress) -> Page | None:
        """The issue that has our mark: another one may have the same title."""
        since = clock.now() - LOOKED_BACK
        found = self.service.created(host, issue_body.mark(draft.source), since, egress)
        return _page(found) if found else None

    def create(self, host: Host, draft: Draft, egress: Egress) -> Page:
        self._check(draft)
        made = self.service.create(
            host, issue.Draft(draft.title, draft.body, issue_body.mark(draft.source)), egress
        )
        return _page(made)

    def update(self, host: Host, before: Page, draft: Draft, egress: Egress) -> Page:
        self._check(draft)
        return _page(self.rewrite(host, before.key, draft.title, draft.body, egress))

    def _check(self, draft: Draft) -> None:
        if len(draft.body) > self.longest:
            most = f"{self.longest:,} letters"
            raise Failed(
                f"the report has more than the {most} that {self.service.title} takes", is_final=True
            )

    def kind(self) -> Kind:
        its = self.service
        return Kind(
            its.name,
            f"{its.title} issues",
            its.api,
            its.place_help,
            its.place,
            issue_body.written,
            self.read,
            self.named,
            self.create,
            self.update,
        )


def _page(found: Issue) -> Page:
    return Page(found.key, found.title, found.body.replace("\r\n", "\n"), found.stamp, found.url)


GITHUB = Tracker(SERVICES["github"], 65_536, github.rewrite).kind()
GITLAB = Tracker(SERVICES["gitlab"], 1_048_576, gitlab.rewrite).kind()
