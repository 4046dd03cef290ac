"""The state of a running sync: the repository it holds, and its outcome so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from postmortems.actor import Actor
from postmortems.db import server_clock
from postmortems.exchange.git_sync import repositories
from postmortems.exchange.git_sync.models import Remote
from postmortems.incidents.models import Incident

SYNC = Actor.system("git")
MOST_REMARKS = 200


@dataclass(frozen=True, slots=True)
class Held:
    """A remote as it was when the sync took hold of it; `remote_id` 0 is one that is not kept yet."""

    remote_id: int
    url: str
    branch: str
    folder: str
    service: str
    timezone: str
    secret: str
    with_drafts: bool
    holder: str
    is_wanted: Callable[[str], bool]
    is_dry_run: bool = False

    @classmethod
    def of(cls, remote: Remote, holder: str, is_wanted: Callable[[str], bool], is_dry_run: bool) -> Held:
        return cls(
            remote.id or 0, remote.url, remote.branch, remote.folder, remote.service, remote.timezone,
            remote.secret, remote.with_drafts, holder, is_wanted, is_dry_run,
        )  # fmt: skip

    @property
    def shown(self) -> str:
        return f"{self.url}/{self.folder}" if self.folder else self.url

    def go_on(self) -> None:
        """Renew the hold in this unit of work. Raises `Conflict` where another took over."""
        if self.remote_id and not self.is_dry_run:
            repositories.hold(self.remote_id, self.holder, server_clock.now())


@dataclass(slots=True)
class Outcome:
    """What a sync did, and a line for each thing that somebody may want to know."""

    tell: Callable[[str], None]
    brought: int = 0
    written: int = 0
    conflicts: int = 0
    # Those in incidents that only some may see: the repository's page has other readers.
    unseen_conflicts: int = 0
    failed: int = 0
    commit: str = ""
    lines: list[str] = field(default_factory=list)

    def say(self, line: str, *, about: Incident | None = None) -> None:
        """Print a line; it is kept for the repository's page unless it is about what only some may see."""
        if about is None or not about.restricted:
            self.lines.append(line)
        self.tell(line)

    @property
    def seen_conflicts(self) -> int:
        """The conflicts that everybody may see."""
        return self.conflicts - self.unseen_conflicts

    def in_words(self, *, for_all: bool = False) -> str:
        """What came of it, for who runs the command, or `for_all` who see the repository's page."""
        conflicts = self.seen_conflicts if for_all else self.conflicts
        said = f"{self.brought} in, {self.written} out"
        if conflicts:
            said += f", {conflicts} in conflict"
        return said + (f", {self.failed} failed" if self.failed else "")

    def remarks(self) -> str:
        """What should be looked at, one a line."""
        kept = [line for line in self.lines if line.startswith(("conflict", "failed", "gone", "skipped"))]
        more = [f"and {len(kept) - MOST_REMARKS} more"] if len(kept) > MOST_REMARKS else []
        return "\n".join(kept[:MOST_REMARKS] + more)
