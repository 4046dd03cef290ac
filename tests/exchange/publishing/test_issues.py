"""Publishing to an issue of GitHub or GitLab: created once, kept in step, and never overwritten unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from postmortems.db import session as db
from postmortems.document.markdown import parser
from postmortems.document.model import Document, Entry, Item, Prose, Section
from postmortems.errors import Conflict, NotFound, Refusal
from postmortems.exchange.publishing import issue_body, outlets, publish
from postmortems.exchange.publishing.models import Publication
from postmortems.gate.enforcement import save_incident
from postmortems.incidents import queries
from tests.conftest import Clock
from tests.runtimes import LOCAL, VAULT
from tests.trackers.desk import TOKEN, Desk, desk
from tests.world import World

SOURCE = "https://pm.example/incidents/2024-03-01-disk-full"
REPORT = Document(
    title="Disk full",
    status="published",
    sections=(
        Section("Timeline", (Entry("10:00 UTC", "full"), Entry("10:30 UTC", "emptied"))),
        Section(
            "Action items", (Item("Buy one", owner="@ben", status="open"), Item("Watch it", status="done"))
        ),
    ),
)


@pytest.fixture(params=["github", "gitlab"])
def there(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk(request.param) as found:
        yield found


def begin(world: World, there: Desk, document: Document = REPORT) -> str:
    fields = {"name": "hub", "kind": there.service, "api": there.api, "place": there.place}
    with db.transaction():
        outlets.save({**fields, "access_token": TOKEN}, actor=world.ben, vault=VAULT)
        return save_incident.save(None, document, version=None, actor=world.ada).slug


def send(world: World, slug: str, **decided: bool) -> Publication:
    number = publish.publish(slug, "hub", actor=world.ada, runtime=LOCAL, **decided)
    with db.reading():
        return publish.one(number)


def edit(world: World, slug: str, **changed: Any) -> None:
    with db.transaction():
        incident = queries.by_slug(slug, world.ada)
        save_incident.save(slug, replace(REPORT, **changed), version=incident.version, actor=world.ada)


def test_an_issue_is_created_that_reads_as_the_report(world: World, there: Desk) -> None:
    row = send(world, begin(world, there))

    [issue] = there.rows.values()
    read = parser.parse(issue.body)
    assert issue.title == "Disk full"
    assert [(item.text, item.status) for item in read.items] == [("Buy one", "open"), ("Watch it", "done")]
    assert [entry.written for entry in read.entries] == ["10:00 UTC", "10:30 UTC"]
    assert (row.key, row.standing) == (str(issue.number), "current")


def test_it_is_brought_up_to_date_in_its_place(world: World, there: Desk) -> None:
    slug = begin(world, there)
    send(world, slug)

    edit(world, slug, title="Disk full of logs")
    again = send(world, slug)

    assert [issue.title for issue in there.rows.values()] == ["Disk full of logs"]
    assert again.standing == "current"
    assert there.posts() == 1


def writes(there: Desk) -> int:
    return sum(not call.startswith("GET") for call in there.calls)


def test_what_has_not_changed_is_not_written_again(world: World, there: Desk) -> None:
    slug = begin(world, there)
    send(world, slug)

    sent = [send(world, slug).standing, writes(there)]
    edit(world, slug, title="Disk full of logs")
    sent += [send(world, slug).standing, writes(there)]

    assert sent == ["current", 1, "current", 2]


def test_what_somebody_wrote_there_is_not_overwritten_unasked(world: World, there: Desk) -> None:
    slug = begin(world, there)
    send(world, slug)
    there.edit(1, body="Theirs.")

    with pytest.raises(Conflict, match="somebody changed the page of"):
        send(world, slug)
    assert there.rows[1].body == "Theirs."

    send(world, slug, overwrite=True)
    assert "Watch it" in there.rows[1].body


def test_a_comment_there_is_no_change_of_its_words(world: World, there: Desk) -> None:
    slug = begin(world, there)
    send(world, slug)
    there.rows[1].edits += 1

    assert send(world, slug).standing == "current"


def test_one_whose_answer_never_came_is_found_by_its_mark(world: World, there: Desk) -> None:
    slug = begin(world, there)
    there.add("Disk full", body="Another one of the same title.")
    there.answers, there.does_work = [(0, {}), (502, {})], True

    with pytest.raises(Refusal):
        send(world, slug)
    assert len(there.rows) == 2
    there.answers, there.does_work = [], False
    row = send(world, slug)

    assert (len(there.rows), row.key) == (2, "2")


@pytest.mark.parametrize("is_edited_here", [False, True])
def test_one_whose_answer_never_came_is_not_overwritten_where_somebody_wrote(
    world: World, there: Desk, is_edited_here: bool
) -> None:
    slug = begin(world, there)
    there.answers, there.does_work = [(0, {}), (502, {})], True
    with pytest.raises(Refusal):
        send(world, slug)
    there.answers, there.does_work = [], False
    if is_edited_here:
        edit(world, slug, title="Disk full of logs")
    else:
        theirs = there.edit(1, body=f"{there.rows[1].body}\n\nTheirs.").body
        with pytest.raises(Conflict, match="somebody changed the page of"):
            send(world, slug)
        assert there.rows[1].body == theirs

    row = send(world, slug, overwrite=not is_edited_here)

    assert (len(there.rows), row.key, row.standing) == (1, "1", "current")


def test_of_two_who_publish_at_once_one_does(
    world: World, there: Desk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug, calls = begin(world, there), publish._done

    def slow(*given: Any, **decided: bool) -> publish.Outcome:
        with pytest.raises(Conflict, match="look again in a minute"):
            send(world, slug)
        return calls(*given, **decided)

    monkeypatch.setattr(publish, "_done", slow)
    assert send(world, slug).standing == "current"
    monkeypatch.setattr(publish, "_done", calls)

    assert (send(world, slug).standing, len(there.rows)) == ("current", 1)


def test_a_try_that_died_is_followed_by_another(world: World, there: Desk, clock: Clock) -> None:
    """What a process that was killed had created is found, and is no second one."""
    slug = begin(world, there)
    there.answers, there.does_work = [(0, {}), (502, {})], True
    with pytest.raises(Refusal):
        send(world, slug)
    there.answers, there.does_work = [], False
    with db.transaction() as session:
        session.query(Publication).update({"trouble": publish.UNENDED})

    with pytest.raises(Conflict, match="look again in a minute"):
        send(world, slug)
    clock.advance(minutes=3)
    edit(world, slug, title="Disk full of logs")
    send(world, slug)

    assert [issue.title for issue in there.rows.values()] == ["Disk full of logs"]


def move(world: World, to: Desk) -> None:
    fields = {"name": "hub", "kind": to.service, "api": to.api, "place": to.place, "access_token": TOKEN}
    with db.transaction():
        (outlet,) = outlets.every()
        outlets.save(fields, actor=world.ben, vault=VAULT, outlet_id=outlet.id)


@pytest.mark.parametrize("has_theirs", [True, False])
def test_an_outlet_that_is_moved_writes_into_nobodys_issue(
    world: World, there: Desk, has_theirs: bool
) -> None:
    """What has the same number there is another issue: there is nothing to overwrite by a press."""
    slug = begin(world, there)
    send(world, slug)

    with desk(there.service) as other:
        if has_theirs:
            other.add("Theirs", body="Theirs.")
        move(world, other)
        row = send(world, slug)

        assert (row.key, row.standing) == (str(len(other.rows)), "current")
        assert [issue.title for issue in other.rows.values()] == ["Theirs", "Disk full"][not has_theirs :]


def test_an_outlet_that_has_another_address_goes_on(world: World, there: Desk) -> None:
    slug = begin(world, there)
    send(world, slug)

    with desk(there.service) as other:
        other.add("Disk full", body=there.rows[1].body)
        move(world, other)
        edit(world, slug, title="Disk full of logs")
        send(world, slug)

        assert [issue.title for issue in other.rows.values()] == ["Disk full of logs"]


def test_one_that_is_gone_is_created_anew_when_asked(world: World, there: Desk) -> None:
    slug = begin(world, there)
    send(world, slug)
    del there.rows[1]

    with pytest.raises(Conflict, match="is gone: publish it again"):
        send(world, slug)
    assert there.rows == {}

    send(world, slug, anew=True)
    assert len(there.rows) == 1


def test_what_is_restricted_is_never_published(world: World, there: Desk) -> None:
    slug = begin(world, there, replace(REPORT, restricted=("ada",)))

    with pytest.raises(NotFound, match="restricted"):
        send(world, slug)
    assert there.rows == {}


def test_a_report_longer_than_github_takes_is_refused_before_it_is_sent(world: World) -> None:
    long = replace(REPORT, sections=(Section("Summary", (Prose("words " * 12_000),)),))
    with desk("github") as there:
        slug = begin(world, there, long)

        with pytest.raises(Refusal, match="more than the 65,536 letters that GitHub takes"):
            send(world, slug)
        assert there.rows == {}


NAMED = {
    "a person": ("ask @ada", "ask @<!-- -->ada"),
    "a person in brackets": ("(@ada)", "(@<!-- -->ada)"),
    "an issue": ("see #12 and !7", "see #<!-- -->12 and !<!-- -->7"),
    "an address": ("ada@example.org", "ada@example.org"),
    "code": ("`@ada` and ``#12``", "`@ada` and ``#12``"),
    "an anchor": ("[there](#12)", "[there](#12)"),
    "a link": ("https://x.example/@ada/#12", "https://x.example/@ada/#12"),
    "a heading": ("#### 12 nodes", "#### 12 nodes"),
    "a picture": ("![a](b.png)", "![a](b.png)"),
    "a listing": ("```\n@ada #12\n```", "```\n@ada #12\n```"),
    "a picture of ours": (
        "![Load `x`](/attachments/5/x%20y.png)",
        "[Picture: Load `x`](https://pm.example/attachments/5/x%20y.png)",
    ),
    "a picture of ours without words": (
        "![](/attachments/5/x.png)",
        "[Picture: x.png](https://pm.example/attachments/5/x.png)",
    ),
    "a picture elsewhere": ("![a](https://x.example/b.png)", "![a](https://x.example/b.png)"),
    "a file of ours": ("[x](/attachments/5/x.png)", "[x](https://pm.example/attachments/5/x.png)"),
}


@pytest.mark.parametrize("text, shown", NAMED.values(), ids=NAMED.keys())
def test_nobody_is_called_and_nothing_is_linked_by_accident(text: str, shown: str) -> None:
    written = issue_body.written(Document(sections=(Section("Summary", (Prose(text),)),)), SOURCE)

    assert written.startswith(f"## Summary\n\n{shown}\n\nPublished from {SOURCE}")
    assert written.endswith(issue_body.mark(SOURCE))


def test_our_own_marks_are_not_shown() -> None:
    document = Document(sections=(Section("What we do", (Item("Buy one", id="AI-3", owner="ben"),)),))

    assert issue_body.written(document, SOURCE).startswith(
        "## What we do\n\n- [ ] Buy one\n  - Owner: ben\n\n"
    )
