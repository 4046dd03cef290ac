"""Due items of a feed: the open ones of a person and their teams, or of one team.

Without those of restricted incidents: what is read here is kept by whoever runs the calendar.
"""

from __future__ import annotations

from postmortems import visibility
from postmortems.accounts import feed_addresses
from postmortems.accounts.feed_addresses import Reader
from postmortems.followup import queries, rules
from postmortems.followup.queries import Filters, Listed

# Nobody looks further ahead, and a calendar that asks every few minutes must cost little.
MOST = 500
UNCLOSED = ",".join(rules.UNCLOSED)


def of(reader: Reader) -> list[Listed]:
    """The soonest `MOST` items by due date, each once."""
    with visibility.seen_by(visibility.NOBODY):
        return _soonest(reader)


def _soonest(reader: Reader) -> list[Listed]:
    owners = [reader.team] if reader.team else [reader.user, *feed_addresses.teams_of(reader.user_id)]
    found: dict[int, Listed] = {}
    for owner in owners:
        page = queries.listing(Filters(owner=owner, status=UNCLOSED), limit=MOST, most=MOST)
        found |= {listed.item.id: listed for listed in page.rows}
    dated = [listed for listed in found.values() if listed.item.due is not None]
    return sorted(dated, key=lambda listed: (listed.item.due, listed.item.number))[:MOST]
