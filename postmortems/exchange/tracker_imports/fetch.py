"""Calls to a tracker while its reports are fetched: waits where it asks to, and says what a refusal means.

Everything here only reads, so a call that failed may be made again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from postmortems import clock
from postmortems.egress.client import Egress, Secret, Unreachable
from postmortems.egress.client import Refused as NotAllowed
from postmortems.errors import Refusal
from postmortems.trackers import wire
from postmortems.trackers.wire import Failed

Raw = dict[str, Any]
# Rows of a page, pages of a list, and how often a list is looked through.
PAGE, MOST_PAGES, MOST_LOOKS = 100, 100, 3
# A server that stumbles is asked again so often.
TRIES, BETWEEN_S = 3, 1.0
# What a token needs to read what is asked for here.
SCOPES = {
    "GitHub": "a fine-grained token needs `Issues: read` for the repository, a classic one `repo`",
    "GitLab": "it needs the scope `read_api`, and its owner at least the role Reporter",
    "Jira": "it needs `read:jira-work`, and its owner to browse the project",
    "PagerDuty": "it needs to read incidents; a read-only key will do",
}


@dataclass(slots=True)
class Patience:
    """How long all waits together may take, and what waits: a request has less time than a command.

    `most_s` is for all calls together; None for a command, which somebody can stop.
    """

    left_s: float
    wait: Callable[[float], None] = time.sleep
    most_s: float | None = None
    began: float = field(default_factory=time.monotonic)

    def check(self, name: str) -> None:
        """Raise `Refusal` where all calls together have taken longer than anybody waits for."""
        if self.most_s is not None and time.monotonic() - self.began > self.most_s:
            raise Refusal(
                f"{name} takes longer than {self.most_s:.0f} s for all of this: name a label or a query, or "
                "import with the command `import`"
            )

    def spend(self, seconds: float, told: str) -> None:
        """Wait. Raises `Refusal` where that is more than is left, with how long it would be."""
        if seconds > self.left_s:
            minutes = max(1, round(seconds / 60))
            raise Refusal(f"{told}; it asks to wait {minutes} min: import again then, what is in stays")
        self.left_s -= seconds
        self.wait(seconds)


@dataclass(frozen=True, slots=True)
class Fetch:
    """A tracker that is read: `name` for messages, `api` its address, and the header with the token."""

    name: str
    api: str
    egress: Egress
    patience: Patience
    secret: tuple[str, Secret]
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Any:
        """The JSON at a path below the API's address.

        Raises `Failed` where it is gone (`is_gone`), and `Refusal` for everything else that fails for good.
        """
        self.patience.check(self.name)
        for attempt in range(1, TRIES + 1):
            try:
                return wire.call(
                    self.name, self.egress, "GET", self.api + path, secret=self.secret, headers=self.headers
                )
            except Failed as failed:
                if failed.is_gone:
                    raise
                self._after(failed, attempt)
            except (NotAllowed, Unreachable) as broken:
                if attempt == TRIES or isinstance(broken, NotAllowed):
                    # A command is given by an operator, who is told what is private, too.
                    told = broken.detail if self.patience.most_s is None else str(broken)
                    raise Refusal(f"{self.name} cannot be reached: {told}") from None
                self.patience.spend(BETWEEN_S * attempt, f"{self.name} cannot be reached")
        raise Refusal(f"{self.name} does not answer; import again to go on from here")

    def _after(self, failed: Failed, attempt: int) -> None:
        """What a failure asks for: a wait, or to be told."""
        if failed.status == 401:
            raise Refusal(f"{self.name} does not take this token: it is wrong, or it has expired")
        if failed.is_final:
            why = f"; {SCOPES[self.name]}" if failed.status == 403 else ""
            raise Refusal(f"{failed.told}{why}")
        seconds = wire.asked_wait_s(failed, clock.now())
        if seconds is None and attempt == TRIES:
            raise Refusal(f"{failed.told}; import again to go on from here")
        self.patience.spend(BETWEEN_S * attempt if seconds is None else seconds, failed.told)


def rows(read: Callable[[int], list[Raw]], key: Callable[[Raw], object]) -> Iterator[Raw]:
    """The rows of a list of pages, each once; `read` gives a page by its number, from 1.

    Who deletes a row while a list is read moves one of the next page up to a page that was read already. So
    a list of several pages is looked through again until nothing new is found.
    """
    seen: set[object] = set()
    for _ in range(MOST_LOOKS):
        before, pages = len(seen), 0
        for page in range(1, MOST_PAGES + 1):
            found = read(page)
            pages += 1
            for row in found:
                if key(row) not in seen:
                    seen.add(key(row))
                    yield row
            if len(found) < PAGE:
                break
        if pages == 1 or len(seen) == before:
            return
