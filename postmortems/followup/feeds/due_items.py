"""Due items of a feed: the open ones of a person and their teams, or of one team.

Without those of restricted incidents: what is read here is kept by whoever runs the calendar.
"""

from __future__ import annotations

from dataclasses import replace

from postmortems import visibility
from postmortems.accounts import feed_addresses
from postmortems.accounts.feed_addresses import Reader
from postmortems.followup import queries, rules
from postmortems.followup.queries import Filters, Listed

# Nobody looks further ahead, and a calendar that asks every few minutes must cost little.
MOST = 500
UNCLOSED = ",".join(rules.UNCLOSED)
EVERYTHING = Filters()


def of(reader: Reader, narrowed: Filters = EVERYTHING) -> list[Listed]:
    """The soonest `MOST` items that some more filters let through, by due date, each once."""
    with visibility.seen_by(visibility.NOBODY):
        return _soonest(reader, narrowed)


def _soonest(reader: Reader, narrowed: Filters) -> list[Listed]:
    owners = [] if reader.team else [reader.user, *feed_addresses.teams_of(reader.user_id)]
    # A team's has what its members do; one's own has what is one's own, or nobody's but the team's.
    whose = [replace(narrowed, owner=owner) for owner in owners] or [replace(narrowed, team=reader.team)]
    found: dict[int, Listed] = {}
    for filters in whose:
        asked = replace(filters, status=narrowed.status or UNCLOSED, sort="")
        page = queries.listing(asked, limit=MOST, most=MOST)
        found |= {listed.item.id: listed for listed in page.rows}
    dated = [listed for listed in found.values() if listed.item.due is not None]
    return sorted(dated, key=lambda listed: (listed.item.due, listed.item.number))[:MOST]
