"""Picks: words that a field offers while somebody types, and what a new postmortem begins with.

All is read with the eyes of whoever types: a restricted incident lends its words to those alone it names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from postmortems import search_words, zone_tables
from postmortems.accounts.models import PERSON, User
from postmortems.db.session import session
from postmortems.incidents import queries
from postmortems.incidents.models import ActionItem, Incident

MOST = 12
# So far back one looks for words that incidents have used.
RECENT = 1_000
MOST_PEOPLE = 2_000
WORDS, MOST_WORDS = re.compile(r"[^\W_]+"), 10


@dataclass(frozen=True, slots=True)
class Pick:
    """What is put into the field, and what says more of it."""

    value: str
    label: str = ""


def matching(picks: Iterable[Pick], typed: str, most: int = MOST) -> list[Pick]:
    """Those that have what was typed in them: the word itself, what begins so, then all in their order."""
    wanted = search_words.fold(typed.strip().lstrip("@#"))
    found: list[tuple[int, int, Pick]] = []
    for place, pick in enumerate(picks):
        value = search_words.fold(pick.value.lstrip("@#"))
        if wanted not in value and wanted not in search_words.fold(pick.label):
            continue
        last = value.rpartition("/")[2]
        rank = (
            0 if value == wanted else 1 if value.startswith(wanted) else 2 if last.startswith(wanted) else 3
        )
        found.append((rank, place, pick))
    return [pick for _, _, pick in sorted(found, key=lambda one: one[:2])][:most]


def people() -> list[Pick]:
    """Who has an account, and who owns an item, as owners are written: `@ada`."""
    names = (
        select(User.name).where(User.is_active, User.kind == PERSON).order_by(User.name).limit(MOST_PEOPLE)
    )
    owners = select(ActionItem.owner).where(ActionItem.owner != "").group_by(ActionItem.owner)
    owning = session().scalars(owners.order_by(func.count().desc(), ActionItem.owner).limit(MOST_PEOPLE))
    known = {
        search_words.person(name): Pick(f"@{name}", "has an account") for name in session().scalars(names)
    }
    for name in owning:
        known.setdefault(search_words.person(name), Pick(name, "owns action items"))
    return list(known.values())


def accounts() -> list[Pick]:
    """Names of accounts, as a restricted incident names them."""
    names = session().scalars(
        select(User.name).where(User.is_active, User.kind == PERSON).order_by(User.name).limit(MOST_PEOPLE)
    )
    return [Pick(name) for name in names]


def tags() -> list[Pick]:
    """Tags of recent incidents, the most used first."""
    lists = session().scalars(select(Incident.tags).order_by(Incident.id.desc()).limit(RECENT))
    counted = Counter(tag for tags in lists for tag in tags)
    return [Pick(tag, f"{count} ×") for tag, count in counted.most_common()]


def zones() -> list[Pick]:
    """Zones that incidents have used, the most used first, then all others of the tz database."""
    used = select(Incident.timezone).where(Incident.timezone != "").group_by(Incident.timezone)
    names = list(session().scalars(used.order_by(func.count().desc(), Incident.timezone)))
    rest = sorted(name for name in zone_tables.available_timezones() if name not in set(names))
    return [*(Pick(name, "used before") for name in names), *(Pick(name) for name in rest)]


def incidents(typed: str) -> list[Pick]:
    """Incidents that have the words, newest first, by slug."""
    found = queries.listing(queries.Filters(q=typed.strip()), limit=MOST).rows
    return [Pick(row.slug, row.title) for row in found]


def mentioned_incidents(typed: str) -> list[Pick]:
    """Incidents with these words, or beginnings of them, in title or slug or text; all newest ones for none.

    Unlike in a search, what looks like an operator is words.
    """
    words = WORDS.findall(typed)[:MOST_WORDS]
    return incidents(" ".join(words)) if words or not typed.strip() else []


def defaults(author: str) -> dict[str, str]:
    """Zone and services of a new postmortem: those of the author's last one, else the zone most used of late.

    A zone that the tz database does not have is none of them: nothing could be read in it.
    Services of others are not put in: a wrong one that nobody notices would be worse than none.
    """
    own = select(Incident.timezone, Incident.services).where(Incident.created_by == author)
    last = session().execute(own.order_by(Incident.id.desc()).limit(1)).first() if author else None
    recent = select(Incident.timezone).order_by(Incident.id.desc()).limit(RECENT)
    zone = last.timezone if last and _is_zone(last.timezone) else _most_used(session().scalars(recent))
    services = last.services if last else []
    return {"timezone": zone, "services": ", ".join(name for name in services if name and "," not in name)}


def _most_used(words: Iterable[str]) -> str:
    counted = Counter(words).most_common()
    return next((word for word, _ in counted if _is_zone(word)), "")


def _is_zone(name: str) -> bool:
    return name in zone_tables.available_timezones()
