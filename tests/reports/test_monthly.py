"""The report of a month: kept once and as it was, told and mailed once, in every form."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from postmortems import clock as the_clock
from postmortems import visibility
from postmortems.accounts import queries as accounts
from postmortems.accounts.models import User
from postmortems.audit.models import Event
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.document.model import Document, Item, Section
from postmortems.errors import Conflict, Invalid, NotAllowed, Unavailable
from postmortems.notify.delivery import Sender
from postmortems.notify.inbox.models import Notification
from postmortems.notify.mail import delivery
from postmortems.notify.models import Message
from postmortems.notify.monthly import operations
from postmortems.notify.people import operations as people
from postmortems.reports.monthly import contents, month, queries, stored_form
from postmortems.reports.monthly import operations as monthly
from postmortems.reports.monthly.models import KeptMonth
from postmortems.reports.monthly.month import Month
from tests.conftest import Clock
from tests.incidents.documents import save
from tests.notify.mail.sink import sink
from tests.runtimes import runtime_of
from tests.world import World, build

OCTOBER = Month(date(2026, 10, 1))
TODAY = date(2026, 11, 2)
READ = {
    "": "2026-10",
    "2026-10": "2026-10",
    " 2026-11 ": "2026-11",
    "1970-01": "1970-01",
}
REFUSED = {
    "2026-12": "has not begun",
    "9999-12": "has not begun",
    "2026-13": "is no month; write it as 2026-10",
    "2026-00": "is no month",
    "2026-1": "is no month",
    "October": "is no month",
    "²026-10": "is no month",
    "1969-12": "must not lie before 1970-01",
}


@pytest.fixture
def october(clock: Clock, world: World) -> World:
    """An incident with two fixes in October, one restricted, and November has begun."""
    in_october(clock)
    return world


def in_october(clock: Clock) -> None:
    clock.set(datetime(2026, 10, 12, 9, tzinfo=UTC))
    with db.transaction(), visibility.seen_by(visibility.EVERYTHING):
        # The world may have been made at any time: this one was there in October.
        session().execute(update(Event).values(at=clock.now()))
    items = (
        Item("Block it.", kind="process", status="open", due=date(2026, 10, 20)),
        Item("Tell it.", kind="process", status="open"),
    )
    for title, restricted in (("It went down", ()), ("A secret", ("ada",))):
        section = Section("Action items", items)
        save(
            Document(
                title, date=date(2026, 10, 10), severity="SEV1", sections=(section,), restricted=restricted
            )
        )
    clock.set(datetime(2026, 11, 1, 0, 5, tzinfo=UTC))


def tell(*, sends_mail: bool = True) -> int:
    return operations.tell_due(the_clock.now(), sends_mail=sends_mail)


def address_of(world: World, name: str) -> None:
    with db.transaction():
        people.set_address(name, f"{name}@example.org", actor=world.ben, sends_mail=True)
        people.confirm(accounts.account(name).id, f"{name}@example.org")


def asked(world: World, query: str = "", path: str = "", by: str = "cy") -> Any:
    return world.browser(by).get(f"/api/v1/reports/monthly{path}?{query}")


def values(told: Any) -> dict[str, Any]:
    return {figure["label"]: figure["value"] for figure in told["figures"]}


def in_outbox() -> int:
    with db.reading():
        return (
            session().scalar(
                select(func.count()).where(Message.channel == "mail", Message.about.like("notification:%"))
            )
            or 0
        )


@pytest.mark.parametrize("text, wanted", READ.items())
def test_a_month_is_read(text: str, wanted: str) -> None:
    assert month.read(text, TODAY).name == wanted


@pytest.mark.parametrize("text, why", REFUSED.items())
def test_what_is_no_month_is_refused_with_what_to_write(text: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        month.read(text, TODAY)

    [problem] = refused.value.problems
    assert problem.pointer == "/month"
    assert why in problem.detail


def test_months_follow_each_other_over_the_year() -> None:
    december = Month(date(2026, 12, 1))
    assert (december.next.name, december.last, december.next.before) == (
        "2027-01",
        date(2026, 12, 31),
        december,
    )
    assert [december.is_over(date(2026, 12, 31)), december.is_over(date(2027, 1, 1))] == [False, True]


def test_what_is_kept_is_read_back_as_it_was(october: World) -> None:
    with db.reading():
        report = contents.compiled(OCTOBER, contents.Scope(), the_clock.now())

    back = stored_form.read(OCTOBER, report.as_of, stored_form.written(report))

    assert (back.parts, back.headline) == (report.parts, report.headline)


def test_a_month_is_kept_once_without_what_is_restricted_and_stays(october: World, clock: Clock) -> None:
    assert tell() == 3
    before = asked(october).json
    clock.advance(hours=3)
    save(Document("Later", date=date(2026, 10, 11), severity="SEV1"))

    assert (tell(), asked(october).json) == (0, before)
    assert (before["month"], before["is_kept"], values(before)["Incidents"]) == ("2026-10", True, 1)
    assert (values(before)["Open"], values(before)["Overdue"]) == (2, 1)
    assert "stays as it was" in before["notes"][0]
    # A filter leads to what is so now, and whoever may see more is shown it.
    assert values(asked(october, "severity=SEV1").json)["Incidents"] == 2
    assert values(asked(october, "severity=SEV1", by="ada").json)["Incidents"] == 3
    assert asked(october, path="/months").json["months"][0]["month"] == "2026-10"


def test_both_databases_give_back_what_was_kept(any_database: str, clock: Clock) -> None:
    build()
    in_october(clock)
    with db.reading():
        report = contents.compiled(OCTOBER, contents.Scope(), the_clock.now())

    assert (tell(), tell()) == (3, 0)
    with db.reading():
        kept = queries.kept(OCTOBER)
        assert kept is not None
        assert kept.parts == report.parts


def test_of_two_that_keep_a_month_at_once_one_does(october: World, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = contents.compiled

    def meanwhile(*args: Any) -> contents.Monthly:
        monkeypatch.setattr(contents, "compiled", compiled)
        monthly.keep(OCTOBER, the_clock.now() - timedelta(minutes=1))
        return compiled(*args)

    monkeypatch.setattr(contents, "compiled", meanwhile)
    with db.transaction():
        row = monthly.keep(OCTOBER, the_clock.now())
    with db.reading():
        assert queries.kept_months() == [("2026-10", row.as_of)]
    assert row.as_of < the_clock.now()


def test_a_month_before_anything_was_here_is_not_kept(october: World, clock: Clock) -> None:
    clock.set(datetime(2026, 10, 31, 9, tzinfo=UTC))
    assert tell() == 0
    with db.reading():
        assert queries.kept_months() == []


def test_each_account_is_told_once_however_many_and_whoever_dies(
    october: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "BATCH", 10)
    with db.transaction():
        rows = [{"name": f"p{n}", "role": "viewer", "created_at": the_clock.now()} for n in range(35)]
        session().execute(insert(User), rows)
    tell_some, done = operations._tell_some, []

    def dying(row: KeptMonth, now: datetime, *, sends_mail: bool) -> int:
        done.append(row.month)
        if len(done) == 3:
            tell_some(row, now, sends_mail=sends_mail)
            raise RuntimeError("killed before it was kept")
        return tell_some(row, now, sends_mail=sends_mail)

    monkeypatch.setattr(operations, "_tell_some", dying)
    with pytest.raises(RuntimeError):
        tell()
    tell()

    with db.reading():
        told = session().scalars(select(Notification.user_id).where(Notification.kind == "monthly")).all()
    assert (len(told), len(set(told))) == (38, 38)


def test_it_is_mailed_to_who_wants_it_with_a_way_to_want_it_no_more(october: World) -> None:
    for name in ("ada", "cy"):
        address_of(october, name)
    with db.transaction():
        people.switch_off(accounts.account("cy").id, "monthly")
    tell()

    with sink() as taken:
        runtime = runtime_of(smtp_url=taken.url, mail_from="post@example.org", url="https://post.example.org")
        with Sender(runtime, "w", {"mail": (delivery.send, delivery.noted)}) as sender:
            while sender.send_due():
                sender.wait()
    letters = [one.message for one in taken.came if "Report of" in str(one.message["Subject"])]
    [letter] = letters
    assert letter["To"] == "ada@example.org"
    assert letter["Subject"] == "Report of October 2026: 2 opened, 0 closed, 1 overdue"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = letter.get_body(("plain",)).get_content()
    assert "- Incidents: 1" in text
    assert "/reports/monthly?month=2026-10" in text


def test_an_admin_has_it_mailed_and_nobody_gets_it_twice(october: World, clock: Clock) -> None:
    address_of(october, "ada")
    tell()
    address_of(october, "ben")
    first = in_outbox()

    def mail(whom: str) -> None:
        with db.transaction():
            operations.mail(OCTOBER, whom, actor=october.ben, sends_mail=True)
        tell()

    mail("all")
    assert in_outbox() == first
    for _ in range(2):
        mail("me")
    assert in_outbox() == first + 1


NOT_MAILED: dict[str, tuple[str, str, bool, type[Exception]]] = {
    "who is no admin": ("ada", "2026-10", True, NotAllowed),
    "without a mail server": ("ben", "2026-10", False, Unavailable),
    "before its end": ("ben", "2026-11", True, Conflict),
    "to nobody's address": ("ben", "2026-10", True, Conflict),
}


@pytest.mark.parametrize("name", NOT_MAILED)
def test_it_is_not_mailed(name: str, october: World) -> None:
    by, of, sends, wanted = NOT_MAILED[name]
    with pytest.raises(wanted), db.transaction():
        operations.mail(
            month.read(of, the_clock.now().date()), "me", actor=getattr(october, by), sends_mail=sends
        )
    with db.reading():
        assert queries.kept_months() == []


def test_page_and_files_say_the_same(october: World) -> None:
    tell()
    told = asked(october).json
    page = october.browser("ben").get("/reports/monthly").text
    markdown = asked(october, "format=markdown").text
    table = list(csv.reader(io.StringIO(asked(october, "format=csv&bom=1").text.removeprefix("\ufeff"))))

    for part in told["parts"]:
        assert f"<h2>{part['title']}</h2>" in page
        assert f"## {part['title']}" in markdown
        for figure in part["figures"]:
            value = "" if figure["value"] is None else str(figure["value"])
            assert [part["title"], "", figure["label"], value] in table
    assert "Report of October 2026" in page
    assert 'href="/reports/monthly?month=2026-09"' in page
    assert "sends no mail" in page
    assert "sends no mail" not in october.browser("cy").get("/reports/monthly").text
    assert october.browser("cy").get("/reports/monthly?month=2027-01").status_code == 422


def test_who_has_it_is_answered_briefly(october: World, clock: Clock) -> None:
    for path in ("monthly", "flow", "ageing"):
        browser = october.browser("cy")
        first = browser.get(f"/api/v1/reports/{path}")
        clock.advance(minutes=5)
        known = {"If-None-Match": first.headers["ETag"]}

        assert first.headers["ETag"].startswith('W/"')
        assert browser.get(f"/api/v1/reports/{path}", headers=known).status_code == 304
        assert browser.get(f"/api/v1/reports/{path}?format=csv", headers=known).status_code == 200
    save(
        Document(
            "New",
            date=date(2026, 10, 30),
            sections=(Section("Action items", (Item("So.", kind="process", status="open"),)),),
        )
    )
    assert browser.get("/api/v1/reports/ageing", headers=known).status_code == 200
