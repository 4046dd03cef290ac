"""What waits for somebody is found by indexes, however many items others have: the plans of Home's reads.

On SQLite; PostgreSQL reads a table of this size as a whole where that is the cheapest.
"""

from __future__ import annotations

from sqlalchemy import text

from postmortems.accounts.teams import operations as teams
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.web.home import needs
from tests.incidents.documents import SYSTEM
from tests.reports.test_count_queries import many
from tests.reports.test_plans import plans
from tests.world import World

MANY = 3000
# Of so many items some are hers, some her team's; the others somebody else's.
OWNERS = {"number % 500 = 1": "ada", "number % 500 = 2": "platform", "number % 500 > 2": "x"}


def test_what_needs_somebody_is_found_by_indexes(world: World) -> None:
    with db.transaction():
        teams.create("platform", "Platform", {"ada": True}, actor=SYSTEM)
        many(MANY)
        for where, name in OWNERS.items():
            said = f"UPDATE action_items SET owner = :name, owner_key = :name WHERE {where}"
            session().execute(text(said), {"name": name})
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")

    for plan in plans(lambda: needs.of(world.ada)):
        for table in ("incidents", "action_items", "affected"):
            assert f"SCAN {table}\n" not in f"{plan}\n", plan
