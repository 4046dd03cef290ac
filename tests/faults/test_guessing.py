"""Ten thousand guessed passwords from fifty addresses at four processes: few are tried, and owners get in."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from statistics import median
from time import monotonic
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from postmortems import clock
from postmortems.accounts import operations as accounts
from postmortems.accounts import queries, sign_in
from postmortems.accounts.models import User
from postmortems.accounts.sign_in_limits import MOST_OF_ACCOUNT, MOST_OF_ALL
from postmortems.actor import Actor
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from tests.faults.conftest import Figures
from tests.faults.serving import FORM_TOKEN, Answer, Group, Process, until
from tests.world import PASSWORD

pytestmark = pytest.mark.faults

TRIES, ACCOUNTS, ADDRESSES, SERVERS, CLIENTS = 10_000, 20, 50, 4, 8
OWNER, HOME = "owner0", "198.51.100.9"
WRONG = "a wrong password"


@dataclass
class Form:
    """The sign-in form of one server, as a browser behind the proxy fills it."""

    server: Process
    cookie: str
    token: str

    @classmethod
    def of(cls, server: Process) -> Form:
        page = server.send("GET", "/sign-in")
        token = FORM_TOKEN.search(page.body)
        assert token is not None
        return cls(server, page.headers["Set-Cookie"].partition(";")[0], token[1])

    def send(self, path: str, address: str, **fields: str) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address}
        form = urlencode({"csrf_token": self.token, **fields})
        return self.server.send("POST", path, form, headers | {"Cookie": self.cookie})

    def try_one(self, name: str, password: str, address: str) -> int:
        return self.send("/sign-in", address, name=name, password=password).status


@pytest.fixture
def forms(processes: Group) -> list[Form]:
    with db.transaction():
        # To hash one takes a moment on purpose.
        known = session().scalar(select(User.password_hash).where(User.name == "ada"))
        for number in range(ACCOUNTS):
            made = accounts.add_user(f"owner{number}", "author", actor=Actor.system("test"))
            made.password_hash = known
    servers = [processes.gunicorn(POSTMORTEMS_TRUSTED_PROXIES="1") for _ in range(SERVERS)]
    return [Form.of(server) for server in servers]


def test_guesses_are_limited_over_all_processes_and_owners_get_in(
    processes: Group, forms: list[Form], figures: Figures
) -> None:
    assert forms[0].try_one(OWNER, PASSWORD, HOME) == 303
    turn = count()

    def client(_: int) -> Counter[int]:
        told = Counter[int]()
        while (number := next(turn)) < TRIES:
            # Each account from each address, at each process in turn.
            name, address = f"owner{number % ACCOUNTS}", f"203.0.113.{number // ACCOUNTS % ADDRESSES}"
            told[forms[number % SERVERS].try_one(name, WRONG, address)] += 1
        return told

    began = monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        told = sum(pool.map(client, range(CLIENTS)), Counter[int]())
    took = monotonic() - began

    assert sum(told.values()) == TRIES
    assert set(told) <= {403, 429, 503}, told
    tried = failures()
    assert sum(tried.values()) == told[403] <= min(MOST_OF_ALL, ACCOUNTS * MOST_OF_ACCOUNT)
    # Whoever is signed in is known at home, and what others try from elsewhere counts for those alone.
    assert max(tried.values()) <= MOST_OF_ACCOUNT

    # Held up from elsewhere; let in at home, and anywhere by a link.
    assert forms[1].try_one("owner1", PASSWORD, "203.0.113.99") == 429
    assert forms[2].try_one(OWNER, PASSWORD, HOME) == 303
    with db.transaction():
        secret = sign_in.make_sign_in_link(queries.account("owner1"), clock.now(), actor=processes.world.ben)
    assert forms[3].send(f"/sign-in/link/{secret}", "203.0.113.99").status == 303
    figures(
        f"{TRIES:,} guesses of {ACCOUNTS} accounts from {ADDRESSES} addresses at {SERVERS} processes: "
        "tried of one account, at most; of all",
        f"≤ {MOST_OF_ACCOUNT}; ≤ {MOST_OF_ALL}",
        f"{max(tried.values())}; {told[403]}; in {took:.0f} s",
    )


def failures() -> dict[str, int]:
    """How often a password was tried, by account."""
    failed = select(Event.subject, func.count()).where(Event.verb == "user.sign_in_failed")
    with db.reading():
        return dict(session().execute(failed.group_by(Event.subject)).all())


def test_an_unknown_name_is_told_as_slowly_as_a_known_one(
    processes: Group, forms: list[Form], figures: Figures
) -> None:
    took: dict[str, list[float]] = {"owner": [], "nobody": []}
    until(lambda: forms[0].try_one("somebody", WRONG, "192.0.2.1") == 403)
    for number in range(ACCOUNTS):
        # In turns, so that what else the machine does meets both; each name once.
        for kind in sorted(took, reverse=bool(number % 2)):
            began = monotonic()
            status = forms[0].try_one(f"{kind}{number}", WRONG, f"192.0.2.{number + 2}")
            took[kind].append(monotonic() - began)
            assert status == 403
    known, unknown = (1000 * median(took[kind]) for kind in ("owner", "nobody"))
    figures(
        "a wrong password of an unknown name: half of them within",
        f"within a tenth of {known:.0f} ms",
        f"{unknown:.0f} ms",
    )
