"""Rows of the bench for digests: processor time and memory for many people, in a process of their own.

`python -m tests.bench.digests PEOPLE` is that process; it prints both figures as JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time

from sqlalchemy import insert, select

from postmortems import clock, mail_addresses
from postmortems.accounts.models import User
from postmortems.accounts.teams.models import Team, TeamMember
from postmortems.config import Settings
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.incidents.models import ActionItem
from postmortems.notify.digests import operations
from postmortems.notify.digests.models import DigestSchedule
from postmortems.notify.mail import delivery, message
from postmortems.notify.mail.message import Envelope
from postmortems.notify.models import Message
from postmortems.notify.people.links import Links
from postmortems.notify.people.models import NotificationSettings
from postmortems.notify.retry_schedule import Lent, Outcome
from tests.bench.cases import Bench, Case, Maker
from tests.bench.commits import ROOT
from tests.incidents.documents import save
from tests.tables import create_all

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AT_ONCE = 10_000
CHILD = [sys.executable, "-m", "tests.bench.digests"]


def rows() -> dict[str, Maker]:
    """By number, what makes the cases."""
    return {"D1": _digests}


def _digests(bench: Bench) -> Iterator[Case]:
    people = bench.options.people
    child = [*CHILD, str(people)]
    told = json.loads(subprocess.run(child, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    teams, items = _teams(people), _items(people)
    work = f"digests for {people:,} people and {teams:,} teams of {items:,} items, told and written as mail"
    yield Case(f"{work}: processor", "≤ 60 s", unit="s", figures=((told["seconds"],), (), ()))
    yield Case(f"{work}: memory", "≤ 200 MB", unit="MB", figures=((told["mb"],), (), ()))


def _teams(people: int) -> int:
    return max(1, people // 20)


def _items(people: int) -> int:
    return people * 12


def _world(count: int) -> None:
    item = Item("Block what nobody tried", owner="x", due=date(2026, 3, 1))
    save(Document("It went down", sections=(Section("Action items", (item,)),)))
    people, teams = range(10, 10 + count), range(1, 1 + _teams(count))
    with db.transaction():
        model = dict(session().execute(select(ActionItem.__table__)).mappings().one())
        accounts = [{"id": n, "name": f"user-{n}", "role": "author", "created_at": NOW} for n in people]
        session().execute(insert(User), accounts)
        mail = [{"user_id": n, "address": f"u{n}@example.org", "confirmed_at": NOW} for n in people]
        session().execute(insert(NotificationSettings), mail)
        named = [{"id": n, "slug": f"team-{n}", "name": f"Team {n}", "name_key": f"team {n}"} for n in teams]
        session().execute(insert(Team), [{**one, "created_at": NOW} for one in named])
        members = [
            {"team_id": n % len(teams) + 1, "user_id": n, "is_lead": n < people.start + len(teams)}
            for n in people
        ]
        session().execute(insert(TeamMember), members)
    end = _items(count) + 2
    for start in range(2, end, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, end))
        with db.transaction():
            session().execute(insert(ActionItem), [_item(model, n, count) for n in numbers])


def _item(model: dict[str, object], number: int, people: int) -> dict[str, object]:
    owner = f"user-{10 + number % people}" if number % 7 else ""
    due = date(2026, 3, 1) + timedelta(days=number % 40 - 20)
    own = {"owner": owner, "owner_key": owner, "team": f"Team {number % _teams(people) + 1}", "due": due}
    return {**model, "id": number, "number": number, **own}


def _written() -> None:
    """Write every mail as its delivery does, without the server that takes it."""
    links = Links(Settings(secret_key="for the bench", database_url="sqlite:///elsewhere.db"))
    sender = mail_addresses.sender("pm@example.org")
    with db.reading():
        ids = list(session().scalars(select(Message.id).where(Message.channel == delivery.CHANNEL)))
    for number in ids:
        with db.reading():
            row = session().get_one(Message, number)
            lent = Lent(row.id, row.channel, row.receiver, row.about, row.payload, 0)
            ready = delivery.ready(lent, links, NOW)
        assert not isinstance(ready, Outcome)
        envelope = Envelope(sender, ready.to, lent.about, ready.made_at, ready.off_url, ready.settings_url)
        message.written(ready.notice, envelope)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, clock.frozen_at(NOW):
        create_all(db.connect(f"sqlite:///{Path(folder) / 'digests.db'}"))
        _world(int(sys.argv[1]))
        operations.tell_due(NOW, sends_mail=False)
        with db.transaction():
            for one in session().scalars(select(DigestSchedule)):
                one.due_at = NOW
        began = process_time()
        operations.tell_due(NOW, sends_mail=True)
        _written()
        seconds = process_time() - began
        db.disconnect()
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": round(seconds, 1), "mb": round(peak_mb)}))


if __name__ == "__main__":
    main()
